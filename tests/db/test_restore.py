"""A backup takes the place of the store whole or not at all, and the store before is kept."""

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from faults import BROKEN_DISK, FULL_DISK, KILL, every_fault
from sqlalchemy import create_engine, text

from db.command import main
from db.demo.generate import load_demo
from db.errors import InputError, StoreBusyError, StoreError
from db.file_lock import FileLock
from db.jobs.folder import jobs_root
from db.migrate import HEAD, backup, upgrade_schema
from db.restore import restore_store
from db.store import Store


@pytest.fixture
def copy(sqlite_store: Store, tmp_path: Path) -> Path:
    """A backup of a shop of 50 users, after which the store got a setting; nobody has it open."""
    load_demo(sqlite_store, users=50)
    assert sqlite_store.path is not None
    (tmp_path / "backups").mkdir()
    target = tmp_path / "backups/monday.db"
    backup(sqlite_store.path, target)
    with sqlite_store.write() as connection:
        connection.execute(text("INSERT INTO shop_settings VALUES ('later', '1', 0)"))
    sqlite_store.close()
    return target


@pytest.fixture
def path(copy: Path) -> Path:
    """The place of the store."""
    return copy.parents[1] / "store.db"


def later_rows(path: Path) -> int:
    """How many rows of the store came after the backup, which has 50 users."""
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("SELECT count(*) FROM users").fetchone() == (50,)
        return int(connection.execute("SELECT count(*) FROM shop_settings").fetchone()[0])


def restore(path: Path, copy: Path) -> Path | None:
    return restore_store(f"sqlite:///{path}", copy, 0.1)


def test_the_copy_is_in_the_place_and_the_store_before_beside_it(path: Path, copy: Path) -> None:
    kept = restore(path, copy)
    assert kept is not None
    assert (later_rows(path), later_rows(kept)) == (0, 1)
    assert kept.name.startswith("store.replaced-")
    Store.open(f"sqlite:///{path}").close()
    assert not [one for one in path.parent.iterdir() if one.name.endswith(("-wal", "-shm"))]
    assert not list(path.parent.glob(".*"))


def test_the_log_of_the_store_before_never_meets_the_copy(path: Path, copy: Path) -> None:
    with closing(sqlite3.connect(path)) as writing:
        writing.execute("INSERT INTO shop_settings VALUES ('in the log', '1', 0)")
        writing.commit()
        for name in (path.name, f"{path.name}-wal"):  # as a kill leaves them
            shutil.copyfile(path.with_name(name), path.with_name(f"left-{name}"))
    for name in (path.name, f"{path.name}-wal"):
        path.with_name(f"left-{name}").replace(path.with_name(name))
    kept = restore(path, copy)
    assert kept is not None
    assert (later_rows(path), later_rows(kept)) == (0, 2)


@pytest.mark.parametrize("before", [b"", b"dear diary, " * 1000])
def test_a_damaged_or_empty_store_is_replaced_and_kept_with_its_log(
    path: Path, copy: Path, before: bytes
) -> None:
    path.write_bytes(before)
    path.with_name("store.db-wal").write_bytes(b"the log")
    kept = restore(path, copy)
    assert kept is not None
    assert later_rows(path) == 0
    assert kept.read_bytes() == before
    if before:
        assert kept.with_name(f"{kept.name}-wal").read_bytes() == b"the log"


def test_a_lost_store_is_restored(path: Path, copy: Path) -> None:
    path.unlink()
    assert restore(path, copy) is None
    assert later_rows(path) == 0


def test_an_older_copy_is_brought_up_to_date(path: Path, tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/old.db")
    with engine.begin() as connection:
        upgrade_schema(connection, "0005")
    engine.dispose()
    restore(path, tmp_path / "old.db")
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(HEAD,)]
    with closing(sqlite3.connect(tmp_path / "old.db")) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == ("0005",)


def spoil(copy: Path, how: str) -> None:
    if how == "damaged":
        with copy.open("r+b") as file:
            file.seek(copy.stat().st_size // 2 // 4096 * 4096)
            file.write(bytes(4096))
    elif how == "cut":
        with copy.open("r+b") as file:
            file.truncate(copy.stat().st_size // 2)
    elif how == "text":
        copy.write_text("initiator,item\n" * 1000)
    elif how == "empty":
        copy.write_bytes(b"")
    elif how == "gone":
        copy.unlink()
    else:
        with closing(sqlite3.connect(copy)) as connection:
            connection.executescript(how)


@pytest.mark.parametrize(
    ("how", "sentence"),
    [
        ("damaged", r"monday\.db is damaged .* and was not restored"),
        ("cut", r"monday\.db is damaged .* and was not restored"),
        ("text", r"monday\.db is damaged .* and was not restored"),
        ("empty", "is not a store of this program"),
        ("gone", "There is no file"),
        ("UPDATE alembic_version SET version_num = '9999'", r"newer version .*9999"),
        ("UPDATE alembic_version SET version_num = ''", "says that its schema is ''"),
        ("DROP TABLE alembic_version", "is not a store of this program"),
        ("PRAGMA foreign_keys = OFF; DELETE FROM imports", "refer to imports that are not there"),
    ],
)
def test_what_is_no_whole_store_is_not_restored(
    path: Path, copy: Path, how: str, sentence: str
) -> None:
    spoil(copy, how)
    with pytest.raises(StoreError, match=sentence):
        restore(path, copy)
    assert later_rows(path) == 1
    assert not list(path.parent.glob("*replaced*"))
    assert not list(path.parent.glob(".*"))


def test_the_store_itself_is_no_copy(path: Path) -> None:
    with pytest.raises(InputError, match="is the store itself"):
        restore(path, path)


@pytest.mark.parametrize("writing", [True, False])
def test_a_store_that_somebody_has_open_is_not_replaced_under_them(
    path: Path, copy: Path, writing: bool
) -> None:
    with (
        closing(Store.open(f"sqlite:///{path}")) as other,
        other.write() if writing else other.read() as connection,
    ):
        connection.execute(text("SELECT count(*) FROM users"))
        with pytest.raises(StoreBusyError, match=r"is open in another process.* Stop the app"):
            restore(path, copy)
    assert later_rows(path) == 1


def test_nothing_is_restored_while_a_job_is_under_way(path: Path, copy: Path) -> None:
    store = Store.open(f"sqlite:///{path}")
    folder = jobs_root(store) / "training/7"
    store.close()
    folder.mkdir(parents=True)
    lock = FileLock.exclusive(folder / "lock", create=True)
    assert lock is not None
    with pytest.raises(InputError, match=r"A training, an import .* is under way"):
        restore(path, copy)
    lock.release()
    assert restore(path, copy) is not None


def test_a_server_has_programs_of_its_own(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MAMGBR_DB", "postgresql://u@h/d")
    assert main(["restore", "x.db"]) == 2
    assert "For PostgreSQL use pg_restore or psql." in capsys.readouterr().err


def test_the_command_says_where_the_store_before_is(
    path: Path,
    copy: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("MAMGBR_DB", f"sqlite:///{path}")
    assert main(["restore", str(copy)]) == 0
    (kept,) = path.parent.glob("store.replaced-*")
    assert f"The store before is kept as {kept}." in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.parametrize("effect", [KILL, FULL_DISK, BROKEN_DISK])
@pytest.mark.parametrize("call", ["rename", "fsync", "fdatasync", "link", "unlink", "ftruncate"])
def test_a_fault_at_any_call_leaves_the_store_or_the_copy_whole(
    path: Path, copy: Path, call: str, effect: str
) -> None:
    whole = path.read_bytes()

    def fresh() -> None:
        for one in path.parent.glob("*store*"):
            if one.is_file():
                one.unlink()
        path.write_bytes(whole)

    outcomes = set()
    for nth, ending in every_fault(call, effect, fresh, restore, path, copy):
        assert ending.killed or ending.error is None or ending.error[0] == "StoreError", (
            nth,
            ending,
        )
        rows = later_rows(path)
        outcomes.add(rows)
        if ending.succeeded:
            assert rows == 0, nth
        kept = list(path.parent.glob("store.replaced-*.db"))
        assert rows or any(later_rows(one) == 1 for one in kept), nth
        restore(path, copy)  # the next try succeeds, and nothing is left of this one
        assert later_rows(path) == 0
        assert not list(path.parent.glob(".store*"))
    assert os.path.exists(path)
