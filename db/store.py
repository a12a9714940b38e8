"""Opens the store and its connections: one writer at a time, and readers that see one snapshot."""

import contextlib
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    ColumnElement,
    Connection,
    Delete,
    Engine,
    Select,
    Update,
    bindparam,
    create_engine,
    event,
    text,
)
from sqlalchemy.exc import ArgumentError, DBAPIError

from db.errors import StoreBusyError, StoreError, explain_driver_error
from db.interrupts import LateInterrupts
from db.lost_store import has_content
from db.messages import os_error
from db.migrate import migrate
from db.scratch import sqlite_place_if_full
from db.settings import settings
from db.store_url import parse_store_url, secrets_of, shown_url

BUSY_SECONDS = 60.0  # how long a writer waits for another: longer than a large import writes
VALUES_PER_STATEMENT = 5_000  # in one IN (...), well below SQLite's limit on bound values
PATIENT_SECONDS = 1.0  # how often a patient writer reports that it waits
_CACHE_KIB = 131_072  # the most that one SQLite connection caches
_SWITCH_PAUSE = 0.01  # seconds between two tries to switch a new file to its write-ahead log
_WRITER_LOCK = 0x4D414D47  # the advisory lock that writers take on PostgreSQL


class Store:
    """A store with the schema of this code; threads may share it."""

    def __init__(self, url: URL, busy_seconds: float) -> None:
        self.url = url
        self.path = (
            Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None
        )
        self.place = str(self.path) if self.path else shown_url(url)
        build = _sqlite_engine if self.path else _postgresql_engine
        self._writer = build(url, busy_seconds, read_only=False)
        self._reader = build(url, busy_seconds, read_only=True)
        self._busy_seconds = busy_seconds
        self._on_wait: Callable[[], None] | None = None

    @classmethod
    def open(cls, url: str | None = None, busy_seconds: float = BUSY_SECONDS) -> "Store":
        """The store at ``url`` (default: the setting), created or migrated if needed.

        Raises StoreError for a wrong URL, a folder, a file that is not a database, a locked
        database, a locked one that has to be migrated, a full disk, a schema newer than this code, or a file that was
        lost.
        """
        parsed = parse_store_url(url if url is not None else settings().db)
        try:
            store = cls(parsed, busy_seconds)
        except (ArgumentError, TypeError, ValueError) as error:  # parameters that nothing knows
            raise StoreError("db.store.bad_url", url=(shown_url(parsed),)) from error
        if store.path is not None:
            _prepare_folder(store.path)
        had_content = store.path is not None and has_content(store.path)
        try:
            with store._explained():
                migrate(store._writer, store._reader, store.place, store.path, had_content)
        except StoreError:
            store.close()
            raise
        except (TypeError, ValueError) as error:  # of a driver that is told what it does not know
            store.close()
            raise StoreError("db.store.bad_url", url=(store.place,)) from error
        store._remove_left_traces()
        return store

    def _remove_left_traces(self) -> None:
        """Complete what a killed process has begun; where somebody is in the way, the next opening tries again."""
        begun = text("SELECT 1 FROM shop_settings WHERE name = 'forgetting'")
        with self.read() as connection:
            if connection.execute(begun).first() is None:
                return
        from db.forget import remove_left_traces  # it needs a store

        with contextlib.suppress(StoreError, OSError):
            remove_left_traces(self)

    @property
    def busy_seconds(self) -> float:
        """How long a writer waits for another."""
        return self._busy_seconds

    def patient(self, on_wait: Callable[[], None]) -> "Store":
        """The same store, opened anew, for writers that wait for the write lock as long as it takes.

        ``on_wait`` is called about once a second while they wait; an exception in it ends the wait.
        """
        store = Store(self.url, min(self._busy_seconds, PATIENT_SECONDS))
        store._on_wait = on_wait
        return store

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction under the write lock: committed at the end, rolled back on any error.

        Raises StoreBusyError where another process holds the lock for too long.
        """
        committing = False
        with self._explained():
            try:
                with LateInterrupts() as interrupts, ExitStack() as transaction:
                    yield self._begin(transaction)
                    committing = True
                    interrupts.hold()
            except DBAPIError:
                if committing and self.path is not None:
                    self._overwrite_failed_commit()
                raise

    def _overwrite_failed_commit(self) -> None:
        """Write over what a commit left in SQLite's write-ahead log when it could not be synced.

        SQLite takes such a commit back, but its pages are in the log, and the next to open the file would find them.
        """
        with contextlib.suppress(DBAPIError), self._writer.begin() as connection:
            connection.exec_driver_sql("PRAGMA user_version = 0")  # writes a page, changes nothing

    def _begin(self, transaction: ExitStack) -> Connection:
        while True:
            try:
                return transaction.enter_context(self._writer.begin())
            except DBAPIError as error:
                busy = isinstance(self._explain(error), StoreBusyError)
                if self._on_wait is None or not busy:
                    raise
            self._on_wait()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees one snapshot of the store and cannot write.

        Raises StoreError if the database refuses.
        """
        with self._explained(), self._reader.begin() as connection:
            yield connection

    def close(self) -> None:
        """Close the pooled connections."""
        self._writer.dispose()
        self._reader.dispose()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            raise self._explain(error) from error

    def _explain(self, error: DBAPIError) -> StoreError:
        found = explain_driver_error(error, self.place, secrets_of(self.url))
        full = self.path is not None and found.message.key == "db.store.disk_full"
        if full and (folder := sqlite_place_if_full(self.place)):
            values = dict(found.message.values) | {"folder": folder}
            return StoreError("db.store.scratch_full", **values)
        return found


def _prepare_folder(path: Path) -> None:
    if path.is_dir():
        raise StoreError("db.store.is_folder", path=str(path))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            "db.store.no_folder", path=str(path.parent), reason=os_error(error)
        ) from error


def _sqlite_engine(url: URL, busy_seconds: float, read_only: bool) -> Engine:
    # The driver does not begin a transaction before a SELECT and so loses updates: begin them here.
    engine = create_engine(url, connect_args={"timeout": busy_seconds, "isolation_level": None})

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA foreign_keys = ON")
        if read_only:
            connection.execute("PRAGMA query_only = ON")
        else:
            _write_ahead(connection, busy_seconds)
        # Imports and counts touch many pages of many indexes: the default of 2 MB is too small.
        connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine


def _write_ahead(connection: sqlite3.Connection, busy_seconds: float) -> None:
    """Switch a SQLite file to its write-ahead log, retrying for up to ``busy_seconds``.

    The driver's own wait does not cover this step: if several processes switch the same new file,
    SQLite refuses all but one immediately.
    """
    last_try = time.monotonic() + busy_seconds
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY  # with all its variants
            if not busy or time.monotonic() > last_try:
                raise
        time.sleep(_SWITCH_PAUSE)


def _postgresql_engine(url: URL, busy_seconds: float, read_only: bool) -> Engine:
    as_text = {"client_encoding": "utf8"}  # whatever the database keeps
    if read_only:
        return create_engine(
            url,
            pool_pre_ping=True,
            connect_args=as_text,
            execution_options={"isolation_level": "REPEATABLE READ", "postgresql_readonly": True},
        )
    engine = create_engine(url, pool_pre_ping=True, connect_args=as_text)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # Writers queue as on SQLite, so what a writer reads cannot change before it commits.
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{int(busy_seconds * 1000)}ms'")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITER_LOCK})")

    return engine


def is_in(column: ColumnElement[Any]) -> ColumnElement[bool]:
    """``column IN (...)``, with the values that ``execute_in_chunks`` is given."""
    return column.in_(bindparam("chunk", expanding=True))


def execute_in_chunks(
    connection: Connection, statement: Select[Any] | Update | Delete, values: Sequence[Any]
) -> list[Any]:
    """Execute a statement with ``is_in`` conditions for VALUES_PER_STATEMENT values at a time.

    Returns the rows of all chunks, none for an update or a deletion. Ordering, grouping and limits hold within a
    chunk only.
    """
    rows: list[Any] = []
    for start in range(0, len(values), VALUES_PER_STATEMENT):
        chunk = values[start : start + VALUES_PER_STATEMENT]
        result = connection.execute(statement, {"chunk": chunk})
        if result.returns_rows:
            rows += result
    return rows
