"""A store opens or fails with a sentence; writers queue, readers see one snapshot."""

import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, event, func, insert, inspect, select, text, update

import db.migrations
from db.demo.generate import load_demo
from db.errors import StoreError
from db.importing.history import import_history
from db.importing.pipeline import import_files
from db.migrate import HEAD, schema_revision, upgrade_schema
from db.models import registry
from db.read_logs import data_version
from db.schema import jobs, metadata
from db.store import Store


def test_a_migrated_store_has_exactly_the_tables_of_the_schema(store: Store) -> None:
    with store.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_head_is_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(db.migrations.__file__).parent))
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


def test_a_new_store_creates_its_folder_and_needs_no_backup(tmp_path: Path) -> None:
    Store.open(f"sqlite:///{tmp_path}/a/b/store.db").close()
    assert sorted(path.name for path in (tmp_path / "a/b").iterdir()) == ["store.db"]


def test_an_older_store_is_backed_up_and_migrated(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        upgrade_schema(connection, "0001")
        connection.execute(
            text(
                "INSERT INTO imports (batch, file, kind, format, sha256, accepted, rejected, "
                "created_at, last_user, last_item, last_group) "
                "VALUES ('b', 'kept.csv', 'groups', 'csv', 'x', 1, 0, 0, 0, 0, 0)"
            )
        )
    engine.dispose()
    store = Store.open(f"sqlite:///{path}")
    with store.read() as connection:
        assert schema_revision(connection) == HEAD
        assert inspect(connection).has_table("jobs")
    assert [entry.file for entry in import_history(store)] == ["kept.csv"]
    backup = sqlite3.connect(tmp_path / f"store.before-{HEAD}.db")
    assert backup.execute("SELECT version_num FROM alembic_version").fetchall() == [("0001",)]
    assert backup.execute("SELECT file FROM imports").fetchall() == [("kept.csv",)]
    backup.close()
    store.close()


def test_promotions_survive_the_migration_that_lets_versions_be_pruned(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        upgrade_schema(connection, "0002")
        connection.execute(
            text(
                "INSERT INTO models (version, preset, data_version, metrics, created_at) "
                "VALUES ('v1', 'demo', 'abc', '{}', 7)"
            )
        )
        connection.execute(
            text("INSERT INTO model_aliases (alias, version, set_at) VALUES ('serving', 'v1', 8)")
        )
    engine.dispose()
    store = Store.open(f"sqlite:///{path}")
    serving = registry.serving(store)
    assert serving is not None
    assert (serving.version, serving.created_at, serving.pinned) == ("v1", 7, False)
    store.close()


def test_opening_a_store_does_not_wait_for_a_running_import(url: str, store: Store) -> None:
    with store.write():
        Store.open(url, busy_seconds=0.01).close()


def test_a_newer_store_is_left_alone(url: str, store: Store) -> None:
    with store.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match=r"newer version .*9999.* Update the program"):
        Store.open(url)


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("sqlite:///{tmp}", "is a folder. Name a file in it"),
        ("sqlite:///{tmp}/text.db", "is not an SQLite database"),
        ("sqlite:///{tmp}/other.db", "tables of another program .recipes."),
        ("sqlite:///{tmp}/text.db/store.db", "cannot be created: "),
        ("sqlite://", "does not name a file"),
        ("mysql://u@h/d", "cannot be a mysql database"),
        ("store.db", "is not the URL of a store"),
        ("postgresql://nobody@/none?host={tmp}", "cannot be reached"),
    ],
)
def test_what_is_not_a_store_is_refused_with_a_sentence(
    tmp_path: Path, url: str, sentence: str
) -> None:
    (tmp_path / "text.db").write_text("dear diary, " * 100)
    with sqlite3.connect(tmp_path / "other.db") as other:
        other.execute("CREATE TABLE recipes (name TEXT)")
    other.close()
    with pytest.raises(StoreError, match=sentence):
        Store.open(url.format(tmp=tmp_path))


def test_a_locked_store_is_refused_with_a_sentence(sqlite_store: Store) -> None:
    impatient = Store.open(str(sqlite_store.url), busy_seconds=0.01)
    with (
        sqlite_store.write(),
        pytest.raises(StoreError, match="in use by another process"),
        impatient.write(),
    ):
        pass
    impatient.close()


def test_a_full_disk_ends_in_a_sentence_and_an_unchanged_store(sqlite_store: Store) -> None:
    def limit(connection: sqlite3.Connection, _record: object) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages + 20}")

    before = data_version(sqlite_store)
    sqlite_store.close()  # so that the next connection has the limit
    event.listen(Engine, "connect", limit)
    try:
        with pytest.raises(StoreError, match=r"the disk is full\. Free some space"):
            load_demo(sqlite_store, users=200)
    finally:
        event.remove(Engine, "connect", limit)
    assert data_version(sqlite_store) == before
    assert import_history(sqlite_store) == []


def test_a_reader_cannot_write(store: Store) -> None:
    with pytest.raises(StoreError), store.read() as connection:
        connection.execute(text("DELETE FROM jobs"))


def test_a_reader_sees_one_snapshot_while_a_writer_commits(store: Store, tmp_path: Path) -> None:
    load_demo(store, users=50)
    (tmp_path / "more.csv").write_text("initiator,item,participants\nu1,p1,u2\n")
    with store.read() as connection:
        before = connection.execute(text("SELECT count(*) FROM users")).scalar()
        import_files(store, [tmp_path / "more.csv"])
        assert connection.execute(text("SELECT count(*) FROM users")).scalar() == before
    with store.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM users")).scalar() > before


def test_writers_that_read_and_then_write_lose_no_update(store: Store) -> None:
    with store.write() as connection:
        row = {"kind": "count", "arguments": {}, "state": "queued", "progress": {}, "created_at": 0}
        connection.execute(insert(jobs).values(row))

    def add() -> None:
        for _ in range(10):
            with store.write() as connection:
                now = connection.execute(select(jobs.c.created_at)).scalar_one()
                connection.execute(update(jobs).values(created_at=now + 1))

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as connection:
        assert connection.execute(select(jobs.c.created_at)).scalar_one() == 40


def test_a_failed_transaction_leaves_nothing(store: Store) -> None:
    def fail_halfway() -> None:
        with store.write() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = 'x'"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_halfway()
    with store.read() as connection:
        assert schema_revision(connection) == HEAD


def test_many_threads_may_open_the_same_new_store_at_once(tmp_path: Path) -> None:
    def open_together(url: str, start: threading.Barrier) -> str:
        start.wait()
        try:
            Store.open(url).close()
        except StoreError as error:
            return str(error)
        return ""

    refusals: list[str] = []
    with ThreadPoolExecutor(8) as racers:
        for attempt in range(12):  # a step that does not wait fails in one race of a few
            url, start = f"sqlite:///{tmp_path}/{attempt}.db", threading.Barrier(8)
            opened = [racers.submit(open_together, url, start) for _ in range(8)]
            refusals += [race.result() for race in opened]
    assert refusals == [""] * 96


def test_many_processes_may_open_the_same_new_store_at_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/store.db"
    code = f"from db.store import Store; Store.open({url!r})"
    racers = [
        subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE) for _ in range(4)
    ]
    assert [racer.communicate()[1] for racer in racers] == [b""] * 4
    store = Store.open(url)
    with store.read() as connection:
        assert connection.execute(select(func.count()).select_from(jobs)).scalar() == 0
    store.close()
