"""The worker behind the app's Retrain page: takes queued trainings one after another."""

import dataclasses
import datetime
import os
import time
from typing import Any

from db.errors import CancelledError, StoreError, TrainError
from db.jobs.queue import Finished, Job, cancel_requested, claim, finish, report
from db.read_logs import data_version
from db.store import Store
from engine.model_settings import preset
from train.fit import FittedModel, promote_unless_worse, train_from_store
from train.progress import Course, TrainingProgress

EVERY_SECONDS = 0.7  # between two looks at the job's row


def work(store: Store) -> int:
    """Runs queued jobs until there is none, or another worker has one; how many ran comes back."""
    ran = 0
    while (job := claim(store, os.getpid())) is not None:
        _say(job, "begins")
        _run(store, job)
        ran += 1
    return ran


class Watcher:
    """Tells the job's row and the log how a training goes on, and stops it when somebody asks for that."""

    def __init__(self, store: Store, job: Job) -> None:
        self.store, self.job = store, job
        self.course = Course()
        # Kept when the worker dies: by what the same training would be found and resumed.
        self.lasting: dict[str, Any] = {"data_version": data_version(store)}
        self.told = 0.0
        self.stage = ""

    def __call__(self, stage: TrainingProgress) -> None:
        """Takes note of a stage; raises CancelledError where somebody asked for it."""
        evaluations = len(self.course.figures)
        self.course.add(stage)
        evaluated = len(self.course.figures) > evaluations
        if stage.checkpoint:
            self.lasting["checkpoint"] = stage.checkpoint
        now = time.monotonic()
        if stage.stage == "epoch" and not evaluated and now - self.told < EVERY_SECONDS:
            return
        self.told = now
        self._log(stage, evaluated)
        if cancel_requested(self.store, self.job.id):
            raise CancelledError("Cancelled. The model that was serving still serves.")
        self._report(dataclasses.asdict(stage))

    def keep(self, **values: Any) -> None:
        """Adds to what the row says of the job for good."""
        self.lasting |= values
        self._report({"stage": "done", "fraction": 1.0})

    def _report(self, said: dict[str, Any]) -> None:
        report(self.store, self.job.id, said | self.lasting | {"course": self.course.as_dict()})

    def _log(self, stage: TrainingProgress, evaluated: bool) -> None:
        if stage.stage != self.stage or stage.stage == "evidence":
            _say(self.job, stage.message)
        self.stage = stage.stage
        if evaluated:
            at, figures = self.course.figures[-1]
            said = "  ".join(
                f"{name} {value:.4f}" for name, value in figures.items() if "@" in name
            )
            _say(self.job, f"after {at:.2f} epochs: {said}")


def _run(store: Store, job: Job) -> None:
    try:
        watch = Watcher(store, job)
        if job.kind != "fit":
            raise TrainError(f"This worker knows no job of the kind {job.kind!r}, only 'fit'.")
        name = str(job.arguments.get("preset", "default"))
        fitted = train_from_store(
            store,
            preset(name, job.arguments.get("set", ())),
            name,
            int(job.arguments.get("seed", 0)),
            str(job.arguments.get("device", "auto")),
            False,
            watch,
        )
        message = _ended(store, job, fitted, watch)
    except CancelledError as stopped:
        _finish(store, job, "cancelled", str(stopped))
    except (TrainError, StoreError) as error:
        _finish(store, job, "failed", str(error))
    except MemoryError:
        _finish(
            store,
            job,
            "failed",
            "There was not enough memory. Lower the number of negatives, or of groups a step.",
        )
    except BaseException as error:
        _finish(store, job, "failed", f"It broke off: {type(error).__name__}: {error}")
        raise
    else:
        _finish(store, job, "done", message)


def _ended(store: Store, job: Job, fitted: FittedModel, watch: Watcher) -> str:
    """Promotes where that was asked for and the version is no worse; the closing sentence comes back."""
    watch.keep(version=fitted.version, metrics=fitted.metrics)
    if not job.arguments.get("promote", False):
        return f"The model {fitted.version} is ready."
    serving, lost = promote_unless_worse(store, fitted)
    if serving is None:
        watch.keep(promoted=True)
        return f"The model {fitted.version} is ready and serves."
    watch.keep(worse=[str(one.metric) for one in lost])
    figures = ", ".join(str(one.metric) for one in lost)
    return (
        f"The model {fitted.version} is ready. It does not serve: it is worse than "
        f"{serving.version} in {figures}."
    )


def _finish(store: Store, job: Job, state: Finished, message: str) -> None:
    _say(job, f"{state}: {message}")
    finish(store, job.id, state, message)


def _say(job: Job, sentence: str) -> None:
    """A line of the log, which the app shows by the job's number."""
    now = datetime.datetime.now().astimezone()
    print(f"{now:%Y-%m-%d %H:%M:%S} training {job.id}: {sentence}", flush=True)
