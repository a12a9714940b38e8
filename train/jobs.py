"""The worker behind the app's Retrain page: takes queued trainings one after another."""

import dataclasses
import os
import time

from db.errors import StoreError
from db.jobs import Job, cancel_requested, claim, finish, report
from db.store import Store
from train.config import preset
from train.errors import CancelledError, TrainError
from train.run import run_fit
from train.stages import Stage

EVERY_SECONDS = 0.7  # between two looks at the job's row


def work(store: Store) -> int:
    """Runs queued jobs until there is none, or another worker has one; how many ran comes back."""
    ran = 0
    while (job := claim(store, os.getpid())) is not None:
        _run(store, job)
        ran += 1
    return ran


def _run(store: Store, job: Job) -> None:
    arguments = job.arguments
    told = 0.0

    def watch(stage: Stage) -> None:
        nonlocal told
        now = time.monotonic()
        if stage.stage == "epoch" and now - told < EVERY_SECONDS:
            return
        told = now
        if cancel_requested(store, job.id):
            raise CancelledError("Cancelled. The model that was serving still serves.")
        report(store, job.id, dataclasses.asdict(stage))

    try:
        if job.kind != "fit":
            raise TrainError(f"This worker knows no job of the kind {job.kind!r}, only 'fit'.")
        name = str(arguments.get("preset", "default"))
        fitted = run_fit(
            store,
            preset(name, arguments.get("set", ())),
            name,
            int(arguments.get("seed", 0)),
            str(arguments.get("device", "auto")),
            bool(arguments.get("promote", False)),
            watch,
        )
    except CancelledError as stopped:
        finish(store, job.id, "cancelled", str(stopped))
    except (TrainError, StoreError) as error:
        finish(store, job.id, "failed", str(error))
    except MemoryError:
        finish(
            store, job.id, "failed", "There was not enough memory. Use --set negatives=8, or less."
        )
    except BaseException as error:
        finish(store, job.id, "failed", f"It broke off: {type(error).__name__}: {error}")
        raise
    else:
        finish(store, job.id, "done", f"The model {fitted.version} is ready.")
