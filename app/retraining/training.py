"""Trainings started from the app: a row in the queue and a detached worker process, never a
thread of the server.


The log of the trainings: the lines of one of them, read from the end of the worker's output.
"""

import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

import psutil
import streamlit as st

from app.auth.permissions import operators_only
from db.jobs import queue as jobs
from db.read_logs import data_version
from db.settings import settings
from db.store import Store

WAITING, WORKING = "queued", "running"
CHECKPOINTS = ".training"  # under the models, where a training keeps its state
LATEST = 20  # jobs that the pages show


@dataclass
class Worker:
    """The worker process that this server started last, if any."""

    process: subprocess.Popen[bytes] | None = None
    lock: Lock = field(default_factory=Lock)

    def alive(self) -> bool:
        """Whether it still runs; asking also buries it when it has ended, so that it leaves no
        zombie.
        """
        return self.process is not None and self.process.poll() is None


@st.cache_resource
def _worker() -> Worker:
    return Worker()


def log_file() -> Path:
    """Where the workers' output goes; ``app.retraining.training`` finds the lines of one training."""
    return settings().models / "training.log"


def _launch() -> subprocess.Popen[bytes]:
    """Starts the worker so that it outlives the tab and the server."""
    log_file().parent.mkdir(parents=True, exist_ok=True)
    turn_over(log_file())
    command = [sys.executable, "-m", "train", "work"]
    with log_file().open("ab") as log:
        if sys.platform == "win32":
            flags = subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP
            return subprocess.Popen(  # noqa: S603 - a fixed command
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, creationflags=flags
            )
        return subprocess.Popen(  # noqa: S603 - a fixed command
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )


def ensure_worker() -> None:
    """Starts a worker unless the one that this server started still runs; a second one does no
    harm.
    """
    worker = _worker()
    with worker.lock:
        if not worker.alive():
            worker.process = _launch()


@operators_only
def start(
    store: Store, preset: str, promote: bool, changes: Sequence[str] = (), seed: int = 0
) -> int:
    """Queues a training and sees that somebody works on the queue.

    Args:
        store: Where the queue is.
        preset: "demo", "default" or "paper".
        promote: Whether the new version serves as soon as it is ready, unless it is worse.
        changes: Settings that differ from the preset, ``name=value`` each.
        seed: Of all that is drawn at random.

    Returns:
        The job's number.

    """
    arguments = {"preset": preset, "promote": promote, "set": list(changes), "seed": seed}
    number = jobs.enqueue(store, "fit", arguments)
    ensure_worker()
    return number


@operators_only
def again(store: Store, job: jobs.Job) -> int:
    """Queues the same training once more; where its checkpoint is there, it goes on from it."""
    number = jobs.enqueue(store, job.kind, job.arguments)
    ensure_worker()
    return number


def resumable(store: Store, job: jobs.Job) -> bool:
    """Whether the same training would go on where ``job`` was cut off, not begin anew."""
    name = (job.progress or {}).get("checkpoint")
    if not name or job.progress.get("data_version") != data_version(store):
        return False
    return (settings().models / CHECKPOINTS / str(name)).is_file()


def looked_after(store: Store) -> list[jobs.Job]:
    """The latest jobs, newest first, after marking those whose process died.

    A job that waits while nobody works gets a worker: the server may have been restarted meanwhile.
    A worker that ended with an error is not started again and again; ``stuck`` tells.
    """
    latest = jobs.jobs(store, LATEST)
    # Marking takes the write lock, so a page that only looks does not wait behind a large import.
    if any(job.state == WORKING and not psutil.pid_exists(job.pid or 0) for job in latest):
        jobs.recover(store)
        latest = jobs.jobs(store, LATEST)
    states = {job.state for job in latest}
    if WAITING in states and WORKING not in states and not stuck(latest):
        ensure_worker()
    return latest


def stuck(latest: list[jobs.Job]) -> bool:
    """Whether a job waits and the worker that should have taken it ended with an error."""
    process = _worker().process
    failed = process is not None and process.poll() not in (None, 0)
    states = {job.state for job in latest}
    return failed and WAITING in states and WORKING not in states


@operators_only
def retry() -> None:
    """Starts the worker anew after ``stuck``."""
    ensure_worker()


@operators_only
def cancel(store: Store, number: int) -> None:
    """Takes a waiting training off the queue, or asks the running one to stop."""
    jobs.request_cancel(store, number)


def active(latest: list[jobs.Job]) -> jobs.Job | None:
    """The running job, else the one that has waited longest, else ``None``."""
    order = queue(latest)
    return order[0] if order else None


def queue(latest: list[jobs.Job]) -> list[jobs.Job]:
    """Jobs in the order in which they have their turn: the running one, then the waiting."""
    running = [job for job in latest if job.state == WORKING]
    waiting = [job for job in latest if job.state == WAITING]
    return running + waiting[::-1]


def seconds_left(job: jobs.Job, latest: list[jobs.Job]) -> float | None:
    """How long a running job will still take; ``None`` where nothing tells.

    By its own pace once it learns, before that by the last training with the same settings.
    """
    eta = (job.progress or {}).get("eta_seconds")
    if eta is not None:
        return float(eta)
    for one in latest:
        if one.state == "done" and one.arguments == job.arguments and one.started_at is not None:
            took = (one.finished_at or 0) - one.started_at
            left = took - (time.time() - (job.started_at or 0))
            return left if left > 0 else None
    return None


TAIL = 128 * 1024  # bytes from the end that are looked through
LINES = 200
LARGEST = 4 * 1024 * 1024  # beyond it a new file is begun
OWN = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d training (\d+): ")


def lines_of(path: Path, number: int) -> list[str]:
    """The last lines that the worker wrote about training ``number``, and what followed each, such as a trace."""
    try:
        with path.open("rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - TAIL))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return []
    found, ours = [], False
    for line in text.splitlines():
        begins = OWN.match(line)
        if begins is not None:
            ours = int(begins[1]) == number
        if ours:
            found.append(line.replace(f" training {number}:", "", 1))
    return found[-LINES:]


def turn_over(path: Path) -> None:
    """Begins a new file where this one has grown large; the one before is kept beside it."""
    try:
        if path.stat().st_size > LARGEST:
            path.replace(path.with_suffix(".before.log"))
    except OSError:
        return  # not there yet, or held open by a worker on Windows: it grows a while longer
