"""Jobs that run in processes of their own: a queue, one running at a time.

Whether a process that we once knew still runs.
"""

import time
from dataclasses import dataclass
from typing import Any, Literal

import psutil
from sqlalchemy import Connection, Row, insert, select, update

from db.errors import InputError
from db.schema import jobs as table
from db.store import Store

LOST = (
    "Its process ended without a word: it was killed, the machine was restarted, or memory ran out. "
    "Look at its log, then start it again."
)
NEVER_BEGAN = "Cancelled before it began."

Finished = Literal["done", "failed", "cancelled"]


@dataclass(frozen=True)
class Job:
    """One job as its row stands; times are seconds since 1970, UTC."""

    id: int
    kind: str
    arguments: dict[str, Any]
    state: str  # queued, running, done, failed or cancelled
    progress: dict[str, Any]
    message: str
    cancel_requested: bool
    pid: int | None
    created_at: int
    started_at: int | None
    finished_at: int | None


def enqueue(store: Store, kind: str, arguments: dict[str, Any]) -> int:
    """Queue a job; its id comes back."""
    values = {
        "kind": kind,
        "arguments": arguments,
        "state": "queued",
        "progress": {},
        "created_at": int(time.time()),
    }
    with store.write() as connection:
        return connection.execute(insert(table).values(values).returning(table.c.id)).scalar_one()


def claim(store: Store, pid: int) -> Job | None:
    """Give the oldest queued job to the process ``pid``; None while another runs, or without one.

    A running job whose process died does not stand in the way: it is marked as failed first.
    """
    with store.write() as connection:
        _recover(connection)
        running = connection.execute(
            select(table.c.id).where(table.c.state == "running").limit(1)
        ).first()
        queued = connection.execute(
            select(table.c.id).where(table.c.state == "queued").order_by(table.c.id).limit(1)
        ).scalar()
        if running is not None or queued is None:
            return None
        connection.execute(
            update(table)
            .where(table.c.id == queued)
            .values(
                state="running",
                pid=pid,
                process_started=_process_start(pid),
                started_at=int(time.time()),
            )
        )
        return _job(connection, queued)


def job(store: Store, id: int) -> Job:
    """The job with this id; raises InputError where there is none."""
    with store.read() as connection:
        return _job(connection, id)


def jobs(store: Store, limit: int = 50) -> list[Job]:
    """The latest jobs, the newest first."""
    with store.read() as connection:
        rows = connection.execute(select(table).order_by(table.c.id.desc()).limit(limit))
        return [_from_row(row) for row in rows]


def report(store: Store, id: int, progress: dict[str, Any]) -> None:
    """Replace what the job says about how far it is."""
    with store.write() as connection:
        _change(connection, id, progress=progress)


def request_cancel(store: Store, id: int) -> None:
    """Ask a running job to stop, or take a queued one off the queue."""
    with store.write() as connection:
        now = _job(connection, id)
        if now.state == "queued":
            _end(connection, id, "cancelled", NEVER_BEGAN)
        elif now.state == "running":
            _change(connection, id, cancel_requested=True)


def cancel_requested(store: Store, id: int) -> bool:
    """Whether someone asked the job to stop."""
    return job(store, id).cancel_requested


def finish(store: Store, id: int, state: Finished, message: str) -> None:
    """End a job."""
    with store.write() as connection:
        _job(connection, id)
        _end(connection, id, state, message)


def recover(store: Store) -> list[int]:
    """Mark running jobs whose process is gone as failed; their ids come back."""
    with store.write() as connection:
        return _recover(connection)


def _recover(connection: Connection) -> list[int]:
    running = connection.execute(
        select(table.c.id, table.c.pid, table.c.process_started).where(table.c.state == "running")
    ).all()
    lost = [row.id for row in running if not alive(row.pid, row.process_started)]
    for id in lost:
        _end(connection, id, "failed", LOST)
    return lost


def _end(connection: Connection, id: int, state: Finished, message: str) -> None:
    _change(connection, id, state=state, message=message, finished_at=int(time.time()))


def _change(connection: Connection, id: int, **values: Any) -> None:
    connection.execute(update(table).where(table.c.id == id).values(**values))


def _job(connection: Connection, id: int) -> Job:
    row = connection.execute(select(table).where(table.c.id == id)).first()
    if row is None:
        raise InputError(f"There is no job {id}.")
    return _from_row(row)


def _from_row(row: Row[Any]) -> Job:
    return Job(**{name: row._mapping[name] for name in Job.__dataclass_fields__})


def _process_start(pid: int) -> float:
    try:
        return started_at(pid)
    except psutil.NoSuchProcess as error:
        raise InputError(f"No process {pid} runs that could take the job.") from error


_CLOCK_SLACK = 1.0  # seconds by which two readings of one process's start may differ


def started_at(pid: int) -> float:
    """When the process began, in seconds since 1970; psutil.NoSuchProcess where there is none."""
    return psutil.Process(pid).create_time()


def alive(pid: int, started: float) -> bool:
    """Whether the very process still runs: the system gives the pid of a dead one out again."""
    try:
        process = psutil.Process(pid)
        same = abs(process.create_time() - started) < _CLOCK_SLACK
        return same and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
