"""A fault at any call of a migration leaves the store as it was or migrated, and the next opening completes it."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from faults import FULL_DISK, KILL, every_fault
from sqlalchemy import create_engine, text

from db.migrate import HEAD, upgrade_schema
from db.store import Store

OLD = "0009"


def open_store(path: Path) -> str:
    """The task: the revision of the store that it opened."""
    with closing(Store.open(f"sqlite:///{path}")) as store, store.read() as connection:
        return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar())


def revision(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("SELECT version FROM models").fetchall() == [("v1",)]
        return str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "old/store.db"
    path.parent.mkdir()
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        upgrade_schema(connection, OLD)
        connection.execute(
            text(
                "INSERT INTO models (version, preset, data_version, metrics, created_at) "
                "VALUES ('v1', 'demo', 'abc', '{}', 7)"
            )
        )
    engine.dispose()
    return path


@pytest.mark.slow
@pytest.mark.parametrize("effect", [KILL, FULL_DISK])
@pytest.mark.parametrize("call", ["rename", "fsync", "fdatasync", "ftruncate", "unlink"])
def test_a_fault_at_any_call_of_a_migration_leaves_a_store_that_opens(
    old: Path, tmp_path: Path, call: str, effect: str
) -> None:
    path = tmp_path / "shop/store.db"

    def fresh() -> None:
        shutil.rmtree(path.parent, ignore_errors=True)
        path.parent.mkdir()
        shutil.copy(old, path)

    for nth, ending in every_fault(call, effect, fresh, open_store, path):
        assert ending.killed or ending.error is None or ending.error[0] == "StoreError", ending
        assert revision(path) in ((HEAD,) if ending.succeeded else (OLD, HEAD)), nth
        assert open_store(path) == HEAD
        backup = path.with_name(f"store.before-{HEAD}.db")
        assert revision(backup) == OLD, nth
