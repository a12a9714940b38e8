"""Migrates a store to the schema of this code, after a backup, in one transaction."""

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from db.atomic import atomic_path
from db.errors import StoreError
from db.integrity import damage_of
from db.lost_store import refuse_beside_models
from db.messages import Term, os_error
from db.schema import metadata
from db.settings import settings

HEAD = "0011"  # the newest revision in db/migrations/versions, as a test checks


def schema_revision(connection: Connection) -> str | None:
    """The store's revision, None before the first migration, empty where its table holds none."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return "" if found is None else str(found)


def refuse_revision(found: str, place: str) -> None:
    """Raises StoreError for a revision that this code can neither read nor migrate."""
    if found.isdecimal() and len(found) == len(HEAD) and found > HEAD:
        raise StoreError("db.store.newer", place=place, found=found, known=HEAD)
    if found not in {f"{number:04}" for number in range(1, int(HEAD) + 1)}:
        raise StoreError("db.store.unknown_revision", place=place, found=(found,))


def _refuse_encoding(connection: Connection, place: str) -> None:
    encoding = connection.exec_driver_sql("SHOW server_encoding").scalar()
    if encoding != "UTF8":
        raise StoreError("db.store.encoding", place=place, encoding=str(encoding))


def migrate(
    writer: Engine, reader: Engine, place: str, path: Path | None, had_content: bool
) -> None:
    """Create the tables or bring them up to date; ``path`` is the SQLite file, None on a server.

    ``had_content`` says whether the file was there, and not empty, before anybody connected to it.

    A store that is up to date is only read, so opening it does not wait for a running import.

    Safe if a second process opens the same new store: the revision is read again under the write
    lock. Raises StoreError if the store belongs to newer code or to another program, or keeps text in an encoding that
    lacks signs.
    """
    with reader.connect() as connection:
        if path is None:
            _refuse_encoding(connection, place)
        if schema_revision(connection) == HEAD:
            return
    with writer.begin() as connection:
        now = schema_revision(connection)
        if now == HEAD:
            return
        if now is None:
            _refuse_tables_of_others(connection, place, path)
            if path is not None and had_content:
                refuse_beside_models(path, settings().models)
        else:
            refuse_revision(now, place)
        if now is not None and path is not None:
            backup(path, path.with_name(f"{path.stem}.before-{HEAD}{path.suffix}"))
        upgrade_schema(connection, HEAD)


def upgrade_schema(connection: Connection, target: str) -> None:
    """Run the migrations up to revision ``target`` inside the connection's transaction."""
    # Imported here because Alembic takes a while to load and most stores need no migration.
    from alembic import command
    from alembic.config import Config

    config = Config()
    folder = Path(__file__).parent / "migrations"
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, target)


def backup(path: Path, target: Path) -> None:
    """Copy the SQLite file, which may be in use, and check the copy; ``target`` is whole or as it was.

    Raises StoreError if the copy fails or is damaged.
    """
    try:
        with (
            atomic_path(target) as part,
            closing(sqlite3.connect(path)) as source,
            closing(sqlite3.connect(part)) as copy,
        ):
            source.backup(copy)
            if said := damage_of(copy):
                raise StoreError(
                    "db.store.backup_damaged", path=str(path), target=str(target), said=said
                )
    except (sqlite3.Error, OSError) as error:
        reason = os_error(error) if isinstance(error, OSError) else Term("system", str(error))
        raise StoreError(
            "db.store.backup_failed", path=str(path), target=str(target), reason=reason
        ) from error


def _refuse_tables_of_others(connection: Connection, place: str, path: Path | None) -> None:
    found = set(inspect(connection).get_table_names())
    # A SQLite file belongs to one program; on a server only a clash of names matters.
    others = found if path is not None else found & set(metadata.tables)
    if others:
        names = ", ".join(sorted(others)[:5])
        raise StoreError("db.store.other_tables", place=place, names=names)
