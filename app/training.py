"""Trainings started from the app: a row in the queue and a detached worker process, never a
thread of the server.
"""

import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

import psutil
import streamlit as st

from app.access import operators_only
from db import jobs
from db.settings import settings
from db.store import Store

WAITING, WORKING = "queued", "running"
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
    """Where the worker's own output goes; worth reading only when a training failed without a
    sentence.
    """
    return settings().models / "training.log"


def _launch() -> subprocess.Popen[bytes]:
    """Starts the worker so that it outlives the tab and the server."""
    log_file().parent.mkdir(parents=True, exist_ok=True)
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
def start(store: Store, preset: str, promote: bool) -> int:
    """Queues a training and sees that somebody works on the queue.

    Args:
        store: Where the queue is.
        preset: "demo", "default" or "paper".
        promote: Whether the new version serves as soon as it is ready.

    Returns:
        The job's number.

    """
    number = jobs.enqueue(store, "fit", {"preset": preset, "promote": promote})
    ensure_worker()
    return number


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
    running = [job for job in latest if job.state == WORKING]
    waiting = [job for job in latest if job.state == WAITING]
    return running[0] if running else waiting[-1] if waiting else None
