"""The worker process behind the Retrain page: it runs the queued trainings one after another."""

import contextlib
import datetime
import os
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from db.errors import CancelledError, TrainError, UserFacingError
from db.jobs.queue import ClaimedJob, Job, TrainingOutcome, TrainingStatus, TrainingTask, claim
from db.messages import Message
from db.read_logs import data_version
from db.settings import settings
from db.store import Store
from engine.bundle.unrecorded import record_left
from engine.presets import preset
from train.fit import FittedModel, promote_unless_worse, train_from_store
from train.progress import RECORDED, WAITING, CurveRecorder, TrainingProgress
from train.training_run import TrainingRun

SECONDS_BETWEEN_REPORTS = 0.7
TOO_LATE_TO_CANCEL = ("waiting", "compare", "done")  # the new version is being recorded


def work(store: Store) -> int:
    """Runs queued jobs until there is none, or another worker has one; returns how many it ran.

    Waits for the store's write lock as long as it takes.
    """
    ran = 0
    with closing(store.patient(_wait_to_claim)) as patient:
        record_left(patient, settings().models)
        while (claimed := claim(patient)) is not None:
            _run(store, claimed)
            ran += 1
    return ran


class Watcher:
    """Reports how a training goes on, in the folder and the log of its job, and stops it on request."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.recorder = CurveRecorder()
        self.progress = TrainingStatus()  # the last one, but for waits
        self.stage = ""
        self.reported = 0.0

    def __call__(self, stage: TrainingProgress) -> None:
        """Reports a stage; raises CancelledError where somebody asked for that."""
        evaluated = self.recorder.add(stage)
        now = time.monotonic()
        if (
            stage.stage == "epoch"
            and not evaluated
            and now - self.reported < SECONDS_BETWEEN_REPORTS
        ):
            return
        self.reported = now
        if stage.stage != self.stage or stage.stage == "evidence":
            _log(self.job, stage.message)
        self.stage = stage.stage
        if stage.note:
            _log(self.job, stage.note)
        if evaluated:
            epoch, metrics = self.recorder.metrics[-1]
            values = [f"{name} {value:.4f}" for name, value in metrics.items() if "@" in name]
            _log(self.job, f"after {epoch:.2f} epochs: {'  '.join(values)}")
        if stage.stage not in TOO_LATE_TO_CANCEL and self.job.folder.cancel_requested():
            raise CancelledError("train.worker.cancelled")
        status = TrainingStatus(
            stage=stage.stage,
            fraction=stage.fraction,
            eta_seconds=stage.eta_seconds,
            epoch=stage.epoch,
            epochs=stage.epochs,
            # A later training with the same settings and logs is found by these two and resumed.
            checkpoint=stage.checkpoint or self.progress.checkpoint,
            data_version=self.progress.data_version,
            curves=self.recorder.curves(),
        )
        self.job.folder.report(status)
        if stage.stage != "waiting":
            self.progress = status

    def wait(self) -> None:
        """Reports that another process is writing to the store."""
        self(TrainingProgress("waiting", WAITING, RECORDED))


def _run(store: Store, claimed: ClaimedJob) -> None:
    job = claimed.job
    _log(job, "starts")
    with _stderr_to(job.folder.log):
        watcher = Watcher(job)
        with closing(store.patient(watcher.wait)) as patient:
            try:
                outcome = _train(store, patient, job.task, watcher)
            except CancelledError as cancelled:
                outcome = TrainingOutcome(state="cancelled", message=cancelled.message)
            except UserFacingError as error:
                outcome = TrainingOutcome(state="failed", message=error.message)
            except MemoryError:
                message = Message("train.worker.out_of_memory")
                outcome = TrainingOutcome(state="failed", message=message)
            except BaseException as error:
                outcome = TrainingOutcome(state="failed", message=_failed(job, error))
                if not isinstance(error, Exception):
                    claimed.finish(patient, outcome, watcher.progress)
                    raise
            _log(job, f"{outcome.state}: {outcome.message}")
            claimed.finish(patient, outcome, watcher.progress)


def _train(
    store: Store, patient: Store, task: TrainingTask | None, watcher: Watcher
) -> TrainingOutcome:
    if task is None:
        raise TrainError("train.worker.unknown_job", id=watcher.job.id)
    watcher.progress = TrainingStatus(data_version=data_version(store))
    run = TrainingRun(
        preset(task.preset, task.changes),
        task.preset,
        task.seed,
        task.device,
        watcher,
        job=watcher.job.id,
    )
    fitted = train_from_store(store, run)
    if not task.promote:
        return _done("train.worker.ready", fitted)
    try:
        serving, lost = promote_unless_worse(patient, fitted)
    except Exception as error:  # the model is ready, whatever comes after
        return _not_promoted(watcher.job, fitted, error)
    if serving is None or lost is None:
        return _done("train.worker.serves", fitted, promoted=True)
    worse = tuple(str(one.metric) for one in lost.metrics)
    if lost.later is None or lost.later.asked is None:
        return _done("train.worker.worse", fitted, serving=serving.version, worse=worse)
    asked = lost.later.asked.count
    return _done("train.worker.worse_later", fitted, False, serving.version, worse, asked)


def _done(
    key: str,
    fitted: FittedModel,
    promoted: bool = False,
    serving: str = "",
    worse: tuple[str, ...] = (),
    later_groups: int = 0,
) -> TrainingOutcome:
    values: dict[str, str | int] = {"version": fitted.version}
    if worse:
        values |= {"serving": serving, "metrics": ", ".join(worse)}
    if later_groups:
        values["groups"] = later_groups
    message = Message(key, dict(values))
    return TrainingOutcome(
        state="done",
        message=message,
        version=fitted.version,
        metrics=fitted.metrics,
        promoted=promoted,
        worse=worse,
        later_groups=later_groups,
    )


def _not_promoted(job: Job, fitted: FittedModel, error: Exception) -> TrainingOutcome:
    reason: str | Message
    if isinstance(error, UserFacingError):
        reason = error.message
    else:
        reason = "{error} (Log: {log})".format(**job.folder.unforeseen(error))
    message = Message("train.worker.not_promoted", {"version": fitted.version, "reason": reason})
    return _done("train.worker.ready", fitted).model_copy(update={"message": message})


def _failed(job: Job, error: BaseException) -> Message:
    """The message for an error that nobody foresaw."""
    return Message("train.worker.failed", job.folder.unforeseen(error))


@contextlib.contextmanager
def _stderr_to(log: Path) -> Iterator[None]:
    """Appends to ``log`` what is written to stderr, by native libraries too; a terminal keeps it."""
    with contextlib.ExitStack() as stack:
        if not sys.stderr.isatty():
            with contextlib.suppress(OSError):
                file = stack.enter_context(log.open("ab"))
                saved = os.dup(2)
                stack.callback(os.close, saved)
                os.dup2(file.fileno(), 2)
                stack.callback(os.dup2, saved, 2)
        yield


def _wait_to_claim() -> None:
    _print(f"the next training: {WAITING}")


def _log(job: Job, text: str) -> None:
    """Writes a line to the job's log and to the worker's output."""
    job.folder.write_log(text)
    _print(f"training {job.id}: {text}")


def _print(text: str) -> None:
    now = datetime.datetime.now().astimezone()
    with contextlib.suppress(OSError):  # a full disk must not end a training
        print(f"{now:%Y-%m-%d %H:%M:%S} {text}", flush=True)
