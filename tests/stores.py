"""Stores for tests, each of its own, on SQLite and on a private PostgreSQL server."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from required import require
from sqlalchemy import create_engine, text

from db.migrate import HEAD
from db.schema import metadata
from db.store import Store


def _postgresql_folder() -> Path | None:
    """The folder of the newest installed server's programs, where Debian puts them."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: path.parent.name)
    return found[-1] if found else None


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """A private server; yields the temporary folder of its socket."""
    programs = _postgresql_folder()
    require("postgresql", installed=programs is not None)
    assert programs is not None
    folder = Path(tempfile.mkdtemp(prefix="mamgbr-pg-"))
    as_user = {}
    if os.geteuid() == 0:  # the server refuses to run as root
        import pwd  # not available on Windows

        account = pwd.getpwnam("postgres")
        os.chown(folder, account.pw_uid, account.pw_gid)
        as_user = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}

    def call(program: str, *arguments: str) -> None:
        subprocess.run(
            [programs / program, *arguments],
            check=True,
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **as_user,
        )

    data = str(folder / "data")
    call("initdb", "-D", data, "-U", "postgres", "--auth=trust", "--no-sync", "-E", "UTF8")
    options = f"-k {folder} -c listen_addresses='' -c fsync=off -c max_connections=40"
    call("pg_ctl", "-D", data, "-w", "-l", str(folder / "log"), "-o", options, "start")
    try:
        yield str(folder)
    finally:
        call("pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty migrated store to copy, because migrating one for each test would take most of the time."""
    path = tmp_path_factory.mktemp("template") / "store.db"
    Store.open(f"sqlite:///{path}").close()
    return path


@pytest.fixture(scope="session")
def postgresql_database(postgresql_server: str) -> str:
    """The URL of a migrated database."""
    url = f"postgresql://postgres@/postgres?host={postgresql_server}"
    Store.open(url).close()
    return url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty store, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        path = tmp_path / "store.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        return f"sqlite:///{path}"
    database: str = request.getfixturevalue("postgresql_database")
    engine = create_engine(database)
    with engine.begin() as connection:
        # Creating a database would take a second in each test.
        tables = ", ".join(metadata.tables)
        connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY"))  # our own names
        connection.execute(text("UPDATE alembic_version SET version_num = :head"), {"head": HEAD})
    engine.dispose()
    return database


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """An empty store, on each of the two databases."""
    opened = Store.open(url)
    yield opened
    opened.close()


@pytest.fixture
def sqlite_store(tmp_path: Path, sqlite_template: Path) -> Iterator[Store]:
    """An empty store on SQLite, for tests that do not depend on the database."""
    path = tmp_path / "store.db"
    shutil.copy(sqlite_template, path)
    opened = Store.open(f"sqlite:///{path}")
    yield opened
    opened.close()
