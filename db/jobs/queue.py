"""The queue and the history of trainings: the table ``jobs``, of which one row runs at a time.

Only the transitions of a job are written to the table. What it says while it runs, and whether its process lives, is in
its folder (`db.jobs.folder`), so a job whose process died, or which was cancelled while an import holds the write lock,
is shown as ended at once; the next claim writes it down.
"""

import shutil
import time
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import Field, ValidationError
from sqlalchemy import Connection, Row, insert, select, update

from db.errors import InputError, StoreBusyError
from db.file_lock import FileLock
from db.jobs.folder import JobFolder, JobKind, JobModel, Model, job_folder, job_folders
from db.messages import Message
from db.schema import jobs as table
from db.store import Store

End = Literal["done", "failed", "cancelled"]
Point = tuple[float, dict[str, float]]  # epochs so far, and values by name


class TrainingTask(JobModel):
    """What to train; the rows of the table ``jobs`` keep it under these names."""

    preset: str = "default"
    promote: bool = False  # the new version serves once it is ready, unless it is worse
    changes: tuple[str, ...] = Field(
        default=(), validation_alias="set", serialization_alias="set"
    )  # settings that differ, ``name=value`` each
    seed: int = 0
    device: str = "auto"


class LearningCurves(JobModel):
    """Losses and metrics over the epochs, few enough to be kept."""

    losses: tuple[Point, ...] = ()
    metrics: tuple[Point, ...] = Field(
        default=(), validation_alias="figures", serialization_alias="figures"
    )


class TrainingStatus(JobModel):
    """How far a training is."""

    stage: str = "start"  # start, evidence, epoch, evaluate, export, waiting, compare or done
    fraction: float = 0.0  # of the whole training
    eta_seconds: float | None = None
    epoch: int = 0
    epochs: int = 0
    checkpoint: str = ""  # file name of the state from which the same training would resume
    data_version: str = ""  # of the logs it learns from
    curves: LearningCurves = Field(
        default=LearningCurves(), validation_alias="course", serialization_alias="course"
    )


class TrainingOutcome(JobModel):
    """How a training ended."""

    state: End
    message: Message
    version: str = ""  # of the new model
    metrics: dict[str, dict[str, float]] = Field(default_factory=dict)
    promoted: bool = False
    worse: tuple[str, ...] = ()  # metrics in which it is worse than the serving version
    later_groups: int = 0  # on which that was found; 0: by the validation figures of both


TRAINING = JobKind("training", TrainingTask, TrainingStatus, TrainingOutcome)
TrainingFolder = JobFolder[TrainingTask, TrainingStatus, TrainingOutcome]


State = Literal["queued", "running", "done", "failed", "cancelled"]
KIND = "fit"  # the only kind of job that the table holds
KEPT_FOLDERS = 50  # of the latest trainings; the rows of older ones stay, their logs go
_CANCEL_SECONDS = 1.0  # how long a cancel waits for the write lock


@dataclass(frozen=True)
class Job:
    """A training, queued, running or ended; times are seconds since 1970, UTC."""

    id: int
    task: TrainingTask | None  # None where another version queued something this one cannot do
    state: State
    progress: TrainingStatus
    outcome: TrainingOutcome | None  # None until it has ended
    folder: TrainingFolder
    created_at: int
    started_at: int | None
    finished_at: int | None

    @property
    def cancel_requested(self) -> bool:
        """Whether somebody asked it to stop."""
        return self.folder.cancel_requested()


@dataclass(frozen=True)
class ClaimedJob:
    """A job that this process runs for as long as it holds the lock."""

    job: Job
    lock: FileLock

    def finish(
        self, store: Store, outcome: TrainingOutcome, progress: TrainingStatus | None = None
    ) -> None:
        """Records the end of the job, with its last progress, and lets go of it.

        The folder gets the outcome first, so that it is not lost if the process is killed while it waits for the store.
        """
        self.job.folder.end(outcome)
        with store.write() as connection:
            _end(connection, self.job, outcome, progress)
        self.lock.release()


def enqueue(store: Store, task: TrainingTask) -> int:
    """Queues a training and returns its number."""
    values = {
        "kind": KIND,
        "arguments": task.model_dump(mode="json", by_alias=True),
        "state": "queued",
        "progress": {},
        "created_at": int(time.time()),
    }
    with store.write() as connection:
        number = connection.execute(insert(table).values(values).returning(table.c.id)).scalar_one()
        # A restored backup gives numbers out again.
        shutil.rmtree(job_folder(TRAINING, store, number).path, ignore_errors=True)
        return number


def claim(store: Store) -> ClaimedJob | None:
    """Gives the oldest queued job to this process; None while another job runs, or without one.

    Jobs whose process is gone, and queued ones that were cancelled, are recorded as ended first.
    """
    with store.write() as connection:
        jobs = [_from_row(store, row) for row in _rows(connection, "running", "queued")]
        for job in jobs:
            if job.outcome is not None:
                _end(connection, job, job.outcome)
        waiting = [job for job in jobs if job.state == "queued"]
        if not waiting or any(job.state == "running" for job in jobs):
            return None
        lock = waiting[0].folder.lock()
        if lock is None:
            return None
        started = {"state": "running", "started_at": int(time.time())}
        connection.execute(update(table).where(table.c.id == waiting[0].id).values(started))
        claimed = _job(store, connection, waiting[0].id)
    for folder in job_folders(TRAINING, store)[:-KEPT_FOLDERS]:
        folder.remove()
    return ClaimedJob(claimed, lock)


def note_trained(
    connection: Connection, id: int, version: str, metrics: dict[str, dict[str, float]]
) -> None:
    """Keeps that a training has its model, in the transaction that records the model.

    It is how the training ended if its process ends before it says more, or could not record the model itself.
    """
    outcome = TrainingOutcome(
        state="done",
        message=Message("db.jobs.trained", {"version": version}),
        version=version,
        metrics=metrics,
    )
    values = {"outcome": outcome.model_dump(mode="json", by_alias=True)}
    of_job = update(table).where(table.c.id == id)
    connection.execute(of_job.where(table.c.state == "running").values(values))
    ended = values | {"state": "done", "message": str(outcome.message)}
    connection.execute(of_job.where(table.c.state == "failed").values(ended))


def find_job(store: Store, id: int) -> Job:
    """The job with this number; raises InputError where there is none."""
    with store.read() as connection:
        return _job(store, connection, id)


def latest_jobs(store: Store, limit: int = 50) -> list[Job]:
    """The latest jobs, the newest first."""
    with store.read() as connection:
        rows = connection.execute(select(table).order_by(table.c.id.desc()).limit(limit)).all()
    return [_from_row(store, row) for row in rows]


def request_cancel(store: Store, id: int) -> None:
    """Asks a running job to stop, or takes a queued one off the queue; does nothing once it has ended.

    Does not wait for the store's write lock: the request is a file in the job's folder.
    """
    job = find_job(store, id)
    if job.state not in ("queued", "running"):
        return
    job.folder.request_cancel()
    if job.state == "queued":
        try:
            with closing(Store(store.url, _CANCEL_SECONDS)) as hasty, hasty.write() as connection:
                now = _job(store, connection, id)
                if now.outcome is not None:
                    _end(connection, now, now.outcome)
        except StoreBusyError:
            return  # the file is enough, and the next claim records the end


def _rows(connection: Connection, *states: State) -> list[Row[Any]]:
    query = select(table).where(table.c.state.in_(states)).order_by(table.c.id)
    return list(connection.execute(query))


def _job(store: Store, connection: Connection, id: int) -> Job:
    row = connection.execute(select(table).where(table.c.id == id)).first()
    if row is None:
        raise InputError("db.jobs.unknown", id=id)
    return _from_row(store, row)


def _end(
    connection: Connection,
    job: Job,
    outcome: TrainingOutcome,
    progress: TrainingStatus | None = None,
) -> None:
    last = progress or job.folder.progress() or job.progress
    connection.execute(
        update(table)
        .where(table.c.id == job.id)
        .values(
            state=outcome.state,
            message=str(outcome.message),
            progress=last.model_dump(mode="json", by_alias=True),
            outcome=outcome.model_dump(mode="json", by_alias=True),
            finished_at=int(time.time()),
        )
    )


def _from_row(store: Store, row: Row[Any]) -> Job:
    folder = job_folder(TRAINING, store, row.id)
    progress = _stored(TrainingStatus, row.progress) or TrainingStatus()
    outcome = _stored(TrainingOutcome, row.outcome)
    if row.state == "running":
        # What is kept while it runs is that it has its model.
        outcome = None if folder.alive() else _end_of_lost(folder.outcome(), outcome)
        progress = folder.progress() or progress
    elif row.state == "queued" and folder.cancel_requested():
        outcome = WITHDRAWN
    return Job(
        id=row.id,
        task=_stored(TrainingTask, row.arguments) if row.kind == KIND else None,
        state=row.state if outcome is None else outcome.state,
        progress=progress,
        outcome=outcome,
        folder=folder,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )


def _end_of_lost(said: TrainingOutcome | None, kept: TrainingOutcome | None) -> TrainingOutcome:
    """How a training ended whose process is gone: as it said, but for a model that was recorded only later."""
    if said is not None and (kept is None or said.state == "done"):
        return said
    return kept or LOST


def _stored(model: type[Model], value: Any) -> Model | None:
    """The model that a column holds; None where it holds none that this version knows."""
    try:
        return model.model_validate(value)
    except ValidationError:
        return None


LOST = TrainingOutcome(state="failed", message=Message("db.jobs.lost"))
WITHDRAWN = TrainingOutcome(state="cancelled", message=Message("db.jobs.withdrawn"))
