"""Puts a copy of a store in the place of the store, which is kept beside it.

The copy is checked before anything is touched, and takes the place by one rename: a kill leaves the store as it was or
the whole copy. Nobody else may have the store open, because they would go on with the file that was replaced.
"""

import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import create_engine

from db.atomic import sync
from db.errors import InputError, StoreBusyError, StoreError
from db.file_lock import FileLock
from db.forget import LOCK
from db.forgetting.traces import jobs_under_way
from db.integrity import damage_of, rows_without_parents
from db.jobs.folder import jobs_root
from db.messages import Term, os_error
from db.migrate import HEAD, refuse_revision, schema_revision, upgrade_schema
from db.store import Store
from db.store_url import parse_store_url

IN_USE_SECONDS = 5.0  # how long others may take to let go of the store
_PAUSE = 0.05
_PART = ".restoring"
_LOGS = (
    "-wal",
    "-shm",
    "-journal",
)  # of SQLite, which belong to one file and must not meet another
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_DAMAGED = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)


def restore_store(url: str, copy: Path, seconds: float = IN_USE_SECONDS) -> Path | None:
    """Put ``copy`` in the place of the store at ``url``; returns where the store before is kept, if there was one.

    Raises InputError for a copy that is none or for a server, StoreBusyError where the store is in use, StoreError
    where the disk does not take it; the store is as it was then.
    """
    parsed = parse_store_url(url)
    if parsed.get_backend_name() != "sqlite":
        raise InputError("db.restore.of_a_server")
    path = Path(str(parsed.database)).resolve()
    if not copy.is_file():
        raise InputError("db.restore.no_file", path=str(copy))
    if path.exists() and copy.samefile(path):
        raise InputError("db.restore.onto_itself", path=str(copy))
    root = jobs_root(Store(parsed, seconds))
    lock = FileLock.exclusive(root / LOCK, create=True)
    if lock is None or jobs_under_way(root):
        raise InputError("db.restore.jobs_under_way")
    try:
        return _restore(path, copy, seconds)
    except OSError as error:
        raise _failed(path, copy, os_error(error)) from error
    except sqlite3.Error as error:
        raise _failed(path, copy, Term("system", str(error))) from error
    finally:
        lock.release()


def _restore(path: Path, copy: Path, seconds: float) -> Path | None:
    part = path.with_name(f".{path.name}{_PART}")
    try:
        _remove(part)  # left by a kill
        _checked_copy(copy, part)
        sync(part)
        with _alone_with(path, seconds):
            kept = _keep(path)
            part.replace(path)
            sync(path.parent)
        return kept
    finally:
        _remove(part)


def _remove(part: Path) -> None:
    for suffix in ("", *_LOGS):
        part.with_name(part.name + suffix).unlink(missing_ok=True)


def _checked_copy(copy: Path, part: Path) -> None:
    """Copies the file, what is in its log included, and checks what was copied; raises InputError where it is none."""
    log = copy.with_name(f"{copy.name}-wal")
    alone = not log.exists() or not log.stat().st_size
    # Without a log, nothing is written beside the copy, which may lie where nothing can be.
    source = f"{copy.resolve().as_uri()}?{'immutable=1' if alone else 'mode=rw'}"
    try:
        with (
            closing(sqlite3.connect(source, uri=True)) as reading,
            closing(sqlite3.connect(part)) as writing,
        ):
            reading.backup(writing)
            writing.execute("PRAGMA journal_mode = DELETE")
            _refuse_damage(writing, copy)
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF in _DAMAGED:
            raise InputError("db.restore.damaged", path=str(copy), said=str(error)) from error
        raise
    _bring_up_to_date(part, copy)


def _refuse_damage(connection: sqlite3.Connection, copy: Path) -> None:
    said = damage_of(connection)
    for (table, parent), count in rows_without_parents(connection).items() if not said else ():
        said = f"{count} rows of {table} refer to {parent} that are not there"
    if said:
        raise InputError("db.restore.damaged", path=str(copy), said=said)


def _bring_up_to_date(part: Path, copy: Path) -> None:
    """Migrates the copy, so that whoever opens the store next finds what this code knows."""
    engine = create_engine(f"sqlite:///{part}")
    try:
        with engine.begin() as connection:
            found = schema_revision(connection)
            if found is None:
                raise InputError("db.restore.no_store", path=str(copy))
            refuse_revision(found, str(copy))
            if found != HEAD:
                upgrade_schema(connection, HEAD)
    finally:
        engine.dispose()


@contextmanager
def _alone_with(path: Path, seconds: float) -> Iterator[None]:
    """Holds the store for this process alone, without a log beside it; a damaged one cannot be held.

    Raises StoreBusyError where somebody else has it open for longer than ``seconds``.
    """
    if not path.exists():
        yield
        return
    with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as connection:
        last_try = time.monotonic() + seconds
        while not _is_held(connection):
            if time.monotonic() > last_try:
                raise StoreBusyError("db.restore.in_use", place=str(path))
            time.sleep(_PAUSE)
        if os.name == "nt":  # an open file cannot be replaced there
            connection.close()
        yield


def _is_held(connection: sqlite3.Connection) -> bool:
    """Whether the store is held now; the log's content moves into the file, which only works without others."""
    try:
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.DatabaseError as error:
        code = error.sqlite_errorcode & 0xFF
        if code in _BUSY:
            return False
        if code not in _DAMAGED:
            raise
    return True


def _keep(path: Path) -> Path | None:
    """A second name for the store as it is; logs that are beside it still, of a damaged one, move to that name."""
    logs = [path.with_name(path.name + suffix) for suffix in _LOGS]
    there = [one for one in (path, *logs) if one.exists()]
    if not there:
        return None
    kept = _free_name(path)
    if path.exists():
        try:
            os.link(path, kept)
        except OSError:  # a file system without links
            shutil.copyfile(path, kept)
            sync(kept)
    for log in logs:
        if log.exists():
            log.replace(kept.with_name(kept.name + log.name.removeprefix(path.name)))
    return kept


def _free_name(path: Path) -> Path:
    stamp = f"{path.stem}.replaced-{time.strftime('%Y%m%d-%H%M%S')}"
    names = (f"{stamp}{f'-{number}' if number else ''}{path.suffix}" for number in range(1_000))
    return next(found for name in names if not (found := path.with_name(name)).exists())


def _failed(path: Path, copy: Path, reason: Term) -> StoreError:
    return StoreError("db.restore.failed", path=str(copy), place=str(path), reason=reason)
