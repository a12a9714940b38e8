"""Brings a store to the schema of this code, after a backup, in one transaction."""

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from db.atomic import atomic_path
from db.errors import StoreError
from db.schema import metadata

HEAD = "0004"  # the newest file in db/migrations/versions; a test compares


def revision(connection: Connection) -> str | None:
    """The store's revision, None where there is none yet."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def migrate(writer: Engine, place: str, path: Path | None) -> None:
    """Create the tables or bring them up to date; ``path`` is the SQLite file, None on a server.

    Safe against a second process that opens the same new store: the revision is read again under
    the write lock. Raises StoreError where the store belongs to newer code or to another program.
    """
    with writer.connect() as connection:
        if revision(connection) == HEAD:
            return
    with writer.begin() as connection:
        now = revision(connection)
        if now == HEAD:
            return
        if now is None:
            _refuse_foreign_tables(connection, place, path)
        elif now > HEAD:
            raise StoreError(
                f"The store {place} was made by a newer version of this program (schema {now}, "
                f"this code knows {HEAD}). Update the program, or point MAMGBR_DB elsewhere."
            )
        elif path is not None:
            backup(path, path.with_name(f"{path.stem}.before-{HEAD}{path.suffix}"))
        upgrade(connection, HEAD)


def upgrade(connection: Connection, target: str) -> None:
    """Run the migrations up to revision ``target`` inside the connection's transaction."""
    # Imported here because most openings of a store have nothing to migrate, and Alembic takes a
    # while to load.
    from alembic import command
    from alembic.config import Config

    config = Config()
    folder = Path(__file__).parent / "migrations"
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, target)


def backup(path: Path, target: Path) -> None:
    """Copy the SQLite file while others may use it; ``target`` is complete or not there at all."""
    try:
        with (
            atomic_path(target) as part,
            closing(sqlite3.connect(path)) as source,
            closing(sqlite3.connect(part)) as copy,
        ):
            source.backup(copy)
    except (sqlite3.Error, OSError) as error:
        raise StoreError(
            f"The backup of {path} to {target} failed: {error}. "
            "Check the folder and the free space."
        ) from error


def _refuse_foreign_tables(connection: Connection, place: str, path: Path | None) -> None:
    found = set(inspect(connection).get_table_names())
    # A file of SQLite belongs to one program; on a server only a clash of names matters.
    foreign = found if path is not None else found & set(metadata.tables)
    if foreign:
        names = ", ".join(sorted(foreign)[:5])
        raise StoreError(
            f"The store {place} holds tables of another program ({names}). "
            "Point MAMGBR_DB at a new file or database."
        )
