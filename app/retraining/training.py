"""Trainings started from the app: a row in the queue, and a detached worker process that runs what is queued."""

import subprocess
import time
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

import streamlit as st

from app.auth.permissions import operators_only
from db.errors import UserFacingError
from db.jobs import queue as jobs
from db.jobs.folder import start_detached
from db.jobs.queue import TrainingTask
from db.read_logs import data_version
from db.settings import settings
from db.store import Store
from engine.bundle.unrecorded import CHECKPOINTS, record_left

QUEUED, RUNNING = "queued", "running"
SHOWN_JOBS = 20
HASTY_SECONDS = 1.0  # how long a page waits for another writer
LARGEST_LOG = 4 * 1024 * 1024  # bytes; beyond it a new file is begun


@dataclass
class Worker:
    """The worker process that this server started last, if any."""

    process: subprocess.Popen[bytes] | None = None
    lock: Lock = field(default_factory=Lock)

    def alive(self) -> bool:
        """Whether it still runs."""
        return self.process is not None and self.process.poll() is None


@st.cache_resource
def _worker() -> Worker:
    return Worker()


def log_file() -> Path:
    """Where the output of all workers goes; each training also has a log of its own."""
    return settings().models / "training.log"


def ensure_worker() -> None:
    """Starts a worker unless the one that this server started still runs; a second one does no harm."""
    worker = _worker()
    with worker.lock:
        if not worker.alive():
            log_file().parent.mkdir(parents=True, exist_ok=True)
            rotate_log(log_file())
            worker.process = start_detached(["train", "work"], log_file())


@operators_only
def start(
    store: Store, preset: str, promote: bool, changes: Sequence[str] = (), seed: int = 0
) -> int:
    """Queues a training, makes sure that a worker runs, and returns the job's number.

    Args:
        store: Where the queue is.
        preset: "demo", "default" or "paper".
        promote: Whether the new version serves as soon as it is ready, unless it is worse.
        changes: Settings that differ from the preset, ``name=value`` each.
        seed: Of all that is drawn at random.

    """
    task = TrainingTask(preset=preset, promote=promote, changes=tuple(changes), seed=seed)
    return _enqueue(store, task)


@operators_only
def start_again(store: Store, task: TrainingTask) -> int:
    """Queues the same training once more; it resumes from its checkpoint if that still exists."""
    return _enqueue(store, task)


def _enqueue(store: Store, task: TrainingTask) -> int:
    number = jobs.enqueue(store, task)
    ensure_worker()
    return number


def is_resumable(store: Store, job: jobs.Job) -> bool:
    """Whether the same training would resume where ``job`` was interrupted, rather than start anew."""
    name, data = job.progress.checkpoint, job.progress.data_version
    if not name or data != data_version(store):
        return False
    return (settings().models / CHECKPOINTS / name).is_file()


def recent_jobs(store: Store) -> list[jobs.Job]:
    """The latest jobs, newest first.

    Records the models of trainings whose process ended before it could; where the store is busy, the next look tries
    again. Starts a worker if a job waits and none runs, as after a restart of the server. A worker that ended with an
    error is not started again and again; see ``is_stuck``.
    """
    with suppress(UserFacingError), closing(Store(store.url, HASTY_SECONDS)) as hasty:
        record_left(hasty, settings().models)
    recent = jobs.latest_jobs(store, SHOWN_JOBS)
    states = {job.state for job in recent}
    if QUEUED in states and RUNNING not in states and not is_stuck(recent):
        ensure_worker()
    return recent


def is_stuck(recent: list[jobs.Job]) -> bool:
    """Whether a job waits and the worker that should have taken it ended with an error."""
    process = _worker().process
    failed = process is not None and process.poll() not in (None, 0)
    states = {job.state for job in recent}
    return failed and QUEUED in states and RUNNING not in states


@operators_only
def restart_worker() -> None:
    """Starts the worker again after ``is_stuck``."""
    ensure_worker()


@operators_only
def cancel(store: Store, number: int) -> None:
    """Takes a queued training off the queue, or asks the running one to stop."""
    jobs.request_cancel(store, number)


def next_job(recent: list[jobs.Job]) -> jobs.Job | None:
    """The running job, otherwise the one that has waited longest; None without either."""
    order = job_queue(recent)
    return order[0] if order else None


def job_queue(recent: list[jobs.Job]) -> list[jobs.Job]:
    """The running job, then the queued ones in the order in which they will run."""
    running = [job for job in recent if job.state == RUNNING]
    waiting = [job for job in recent if job.state == QUEUED]
    return running + waiting[::-1]


def seconds_left(job: jobs.Job, recent: list[jobs.Job]) -> float | None:
    """How long a running job will still take; None while unknown.

    Judged by its own pace once it learns, before that by the last training with the same settings.
    """
    if job.progress.eta_seconds is not None:
        return job.progress.eta_seconds
    for earlier in recent:
        if earlier.state == "done" and earlier.task == job.task and earlier.started_at is not None:
            took = (earlier.finished_at or 0) - earlier.started_at
            passed = time.time() - (job.started_at or 0)
            # A clock that was moved meanwhile tells nothing.
            return took - passed if 0 <= passed < took else None
    return None


def rotate_log(path: Path) -> None:
    """Sets a log that has grown large aside; the one set aside before is replaced."""
    try:
        if path.stat().st_size > LARGEST_LOG:
            path.replace(path.with_suffix(".before.log"))
    except OSError:
        return  # missing, or held open by a worker on Windows: it grows for a while longer
