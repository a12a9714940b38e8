"""A store opens without waiting for anybody, or not at all with a sentence that says what to do and no password."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from db.command import main
from db.errors import InputError, StoreError
from db.forget import _LEFT
from db.forgetting.people import write_setting
from db.settings import settings
from db.store import Store
from db.store_url import without_password

ROOT = Path(__file__).resolve().parents[2]
WRITER = """
import sys
from sqlalchemy import text
from db.store import Store
from db.store_url import parse_store_url

with Store(parse_store_url(sys.argv[1]), 60).write() as connection:  # opening would remove traces
    connection.execute(text("INSERT INTO shop_settings (name, value, set_at) VALUES ('x', '1', 0)"))
    print("writing", flush=True)
    sys.stdin.read()
"""


@contextmanager
def somebody_writes(url: str) -> Iterator[None]:
    """Another process holds the write lock, in the middle of its transaction."""
    command = [sys.executable, "-c", WRITER, url]
    with subprocess.Popen(
        command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "writing\n"
        try:
            yield
        finally:
            writer.kill()


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails the test where anybody asks for the write lock of a store that is up to date."""

    def refused(*_: object) -> None:
        pytest.fail("the write lock was asked for")

    monkeypatch.setattr("db.store._write_ahead", refused)


def test_nobody_who_reads_waits_for_a_writer(
    url: str, store: Store, waits: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MAMGBR_DB", url)
    (tmp_path / "a.csv").write_text("initiator,item,participants\nann,milk,bea\n")
    commands = [["stats"], ["imports"], ["timezone"], ["import", "--dry-run", f"{tmp_path}/a.csv"]]
    with somebody_writes(url):
        for command in commands:
            assert main(command) == 0
        with closing(Store.open(url)) as opened, opened.read() as connection:
            assert connection.execute(text("SELECT count(*) FROM users")).scalar() == 0


def test_traces_that_are_left_do_not_keep_anybody_waiting(url: str, store: Store) -> None:
    with store.write() as connection:
        write_setting(connection, _LEFT, {"rewritten": False, "models": "nowhere"})
    with somebody_writes(url):
        Store.open(url).close()
        with store.read() as connection:
            begun = text("SELECT 1 FROM shop_settings WHERE name = 'forgetting'")
            assert connection.execute(begun).first() is not None  # the next opening completes it


@pytest.mark.parametrize("given", ["0", "-1", "1e3", "abc", "", "1.5", "9" * 30])
@pytest.mark.parametrize("variable", ["MAMGBR_THREADS", "MAMGBR_UPLOAD_MB", "MAMGBR_KEEP_VERSIONS"])
def test_a_setting_that_is_no_such_number_is_named_with_its_value(
    monkeypatch: pytest.MonkeyPatch, variable: str, given: str
) -> None:
    monkeypatch.setenv(variable, given)
    with pytest.raises(InputError, match=f"^{variable} is '{given}', and has to be a whole number"):
        settings()


def test_a_command_with_a_wrong_setting_ends_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MAMGBR_THREADS", "two")
    assert main(["stats"]) == 2
    assert capsys.readouterr().err.startswith("error: MAMGBR_THREADS is 'two', and has to be")


@pytest.mark.postgres
@pytest.mark.parametrize("driver", ["postgresql+psycopg2", "postgres", "postgresql+asyncpg"])
def test_a_url_for_another_driver_simply_works(postgresql_database: str, driver: str) -> None:
    url = postgresql_database.replace("postgresql", driver, 1)
    with closing(Store.open(url)) as store, store.read() as connection:
        assert connection.execute(text("SELECT 1")).scalar() == 1
        assert store.place.startswith("postgresql://")


def test_a_url_for_another_sqlite_driver_simply_works(tmp_path: Path) -> None:
    Store.open(f"sqlite+aiosqlite:///{tmp_path}/store.db").close()
    assert (tmp_path / "store.db").exists()


SECRET = "s3cr:t@/x"  # noqa: S105


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql//ann:{SECRET}@host/db",
        f"postgresql://ann:{SECRET}@host:port/db",
        f"ann:{SECRET}@host",
        f"mysql://ann:{SECRET}@host/db",
        "postgresql://ann:s3cr%3At%40%2Fx@/none?host={tmp}",
        "postgresql://ann@/none?host={tmp}&password=s3cr%3At%40%2Fx",
        "postgresql://ann@/none?host={tmp}&password=s3cr%3At%40%2Fx&colour=red",
        "postgresql://ann:s3cr%3At%40%2Fx@/none?host={tmp}&connect_timeout=soon",
        "postgresql://ann:s3cr%3At%40%2Fx@/none?host={tmp}&plugin=none",
        "sqlite:///{tmp}/store.db?timeout=soon&password=s3cr%3At%40%2Fx",
    ],
)
def test_no_error_shows_a_password(tmp_path: Path, url: str) -> None:
    with pytest.raises(StoreError) as refused:
        Store.open(url.format(tmp=tmp_path))
    error: BaseException | None = refused.value
    while error is not None:
        assert "s3cr" not in str(error)
        error = error.__cause__


def test_what_is_no_url_is_shown_without_what_may_be_a_password() -> None:
    assert without_password("postgresql//u:p/q@h/d") == "postgresql//***@h/d"
    assert without_password("host=h password=p user=u") == "host=h password=*** user=u"
    assert without_password("store.db") == "store.db"


@pytest.mark.postgres
@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
def test_a_database_that_lacks_signs_is_refused_when_it_is_opened(
    postgresql_server: str, encoding: str
) -> None:
    server = create_engine(f"postgresql://postgres@/postgres?host={postgresql_server}")
    with server.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(
            f"CREATE DATABASE in_{encoding} ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C' "
            "TEMPLATE template0"
        )
    server.dispose()
    with pytest.raises(StoreError, match=f"keeps its text in {encoding}.* ENCODING 'UTF8'"):
        Store.open(f"postgresql://postgres@/in_{encoding.lower()}?host={postgresql_server}")


@pytest.mark.parametrize("revision", ["", "x", "0", "1", "00011", "ae1027a6acf", None])
def test_a_schema_that_no_version_made_is_a_sentence(
    url: str, store: Store, revision: str | None
) -> None:
    with store.write() as connection:
        if revision is None:
            connection.execute(text("DELETE FROM alembic_version"))
        else:
            connection.execute(text("UPDATE alembic_version SET version_num = :r"), {"r": revision})
    try:
        with pytest.raises(StoreError, match=r"says that its schema is .*Restore a backup"):
            Store.open(url)
    finally:
        with store.write() as connection:  # the database is one for all tests
            connection.execute(text("DELETE FROM alembic_version"))
            connection.execute(text("INSERT INTO alembic_version VALUES ('0011')"))


@pytest.fixture
def models_beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model beside the place of the store."""
    folder = tmp_path / "models"
    (folder / "v1").mkdir(parents=True)
    (folder / "v1/manifest.json").write_text("{}")
    monkeypatch.setenv("MAMGBR_MODELS", str(folder))
    return folder


@pytest.mark.usefixtures("models_beside")
@pytest.mark.parametrize("cut", [True, False])
def test_a_store_that_was_lost_beside_models_is_no_new_shop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], cut: bool
) -> None:
    path = tmp_path / "store.db"
    if cut:
        path.write_bytes(b"")
    monkeypatch.setenv("MAMGBR_DB", f"sqlite:///{path}")
    assert main(["demo", "--if-empty"]) == 1  # as `make app` calls it
    said = capsys.readouterr().err
    assert "such as v1, so this is no new shop. Put the file back or restore a backup" in said
    assert path.exists() == cut
    assert not cut or path.stat().st_size == 0


@pytest.mark.usefixtures("models_beside")
def test_a_store_without_tables_beside_models_is_no_new_shop(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "store.db")) as connection:
        connection.execute("PRAGMA user_version = 1")
        connection.commit()
    with pytest.raises(StoreError, match="this is no new shop"):
        Store.open(f"sqlite:///{tmp_path}/store.db")


def test_a_new_store_away_from_the_models_of_another_shop_just_works(
    tmp_path: Path, models_beside: Path
) -> None:
    Store.open(f"sqlite:///{tmp_path}/elsewhere/store.db").close()
    (models_beside / "v1/manifest.json").unlink()
    Store.open(f"sqlite:///{tmp_path}/store.db").close()
