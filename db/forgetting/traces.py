"""The traces of a person beside the rows of the store: in its file and log, in jobs' folders, in copies."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Connection

from db.file_lock import is_locked
from db.forgetting.texts import Words
from db.store import Store


def jobs_under_way(root: Path) -> bool:
    """Whether a process works on a job of this store: it may have read the person already."""
    return any(is_locked(lock) for lock in root.glob("*/*/lock"))


def remove_ended_imports(root: Path) -> None:
    """Remove what imports have left: copies of files, refused rows, outcomes and logs."""
    for folder in root.glob("import/*"):
        if not is_locked(folder / "lock"):
            shutil.rmtree(folder, ignore_errors=True)


def remove_files_with(root: Path, words: Words) -> None:
    """Remove the files of other jobs that name the person."""
    for path in root.rglob("*"):
        if path.is_file() and words.in_bytes(path.read_bytes()):
            path.unlink()


def remove_old_uploads(store: Store) -> None:
    """Remove the uploads of versions that kept them elsewhere."""
    if store.path is not None:
        shutil.rmtree(store.path.resolve().with_suffix(".imports"), ignore_errors=True)


@contextmanager
def overwriting(connection: Connection) -> Iterator[None]:
    """While the block runs, SQLite overwrites with zeros what it deletes."""
    if connection.dialect.name != "sqlite":
        yield
        return
    connection.exec_driver_sql("PRAGMA secure_delete = ON")
    try:
        yield
    finally:
        connection.exec_driver_sql("PRAGMA secure_delete = OFF")


def backups_beside(store: Store) -> list[str]:
    """The copies that the store made of itself before migrations."""
    if store.path is None:
        return []
    pattern = f"{store.path.stem}.before-*{store.path.suffix}"
    return sorted(path.name for path in store.path.parent.glob(pattern))


def rewrite_file(store: Store, seconds: float) -> None:
    """Write the SQLite file anew without what was deleted; sqlite3.Error where it is busy or the disk is full."""
    if store.path is None:
        return
    with closing(sqlite3.connect(store.path, timeout=seconds, isolation_level=None)) as connection:
        connection.execute("VACUUM")


def empty_log(store: Store, seconds: float) -> bool:
    """Move SQLite's write-ahead log into the file; False while somebody still reads what it was before."""
    if store.path is None:
        return True
    with closing(sqlite3.connect(store.path, timeout=seconds, isolation_level=None)) as connection:
        try:
            busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.OperationalError:
            return False
        return not busy
