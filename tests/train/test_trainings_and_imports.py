"""A training and an import share the store: who waits for whom, and what a kill leaves while they wait."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from stand_in_training import Import, figures, training, write_stand_in
from stand_in_training import store as store  # a fixture

from db.jobs import queue as jobs
from db.jobs.queue import TrainingTask
from db.logs import Logs
from db.messages import Message
from db.models import registry
from db.store import Store
from train import fit
from train.fit import FittedModel, promote_unless_worse
from train.progress import TrainingProgress
from train.training_run import TrainingRun
from train.worker import Watcher, work

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("moment", ["claim", "record", "promote", "end"])
def test_a_training_waits_for_an_import_that_writes_for_longer_than_the_store_waits(
    store: Store, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    number = jobs.enqueue(store, TrainingTask(preset="demo", promote=True))
    other = Import(store)
    stages: list[str] = []
    report = Watcher.__call__

    def reported(watcher: Watcher, progress: TrainingProgress) -> None:
        report(watcher, progress)
        stages.append(jobs.find_job(store, number).progress.stage)
        if progress.stage == "waiting":
            other.done.set()

    def fake_fit(logs: Logs, run: TrainingRun, models: Path, into: Store) -> FittedModel:
        fitted = write_stand_in(logs, run, models, into, "v1")
        if moment == "record":
            other.start()
        return fitted

    def promoted(patient: Store, model: FittedModel) -> object:
        if moment == "promote":
            other.start()
        done = promote_unless_worse(patient, model)
        if moment == "end":
            other.start()
        return done

    monkeypatch.setattr(Watcher, "__call__", reported)
    monkeypatch.setattr(fit, "fit", fake_fit)
    monkeypatch.setattr("train.worker.promote_unless_worse", promoted)
    monkeypatch.setattr("train.worker._wait_to_claim", other.done.set)
    if moment == "claim":
        other.start()
    assert work(Store(store.url, busy_seconds=0.01)) == 1
    other.thread.join()
    job = jobs.find_job(store, number)
    assert (job.state, job.progress.stage) == ("done", "done")
    assert registry.serving_name(store) == "v1"
    assert ("waiting" in stages) == (moment != "claim")


def test_progress_and_cancelling_need_no_write_lock(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = jobs.enqueue(store, TrainingTask(preset="demo"))
    other = Import(store)

    def fake_fit(logs: Logs, run: TrainingRun, models: Path, _: Store) -> FittedModel:
        other.start()
        run.report(TrainingProgress("epoch", "Learning", 0.4, epoch=1, epochs=2))
        assert jobs.find_job(store, number).progress.epoch == 1
        jobs.request_cancel(store, number)
        other.done.set()
        run.report(TrainingProgress("evaluate", "Evaluating", 0.5))
        raise AssertionError("it goes on although it was cancelled")

    monkeypatch.setattr(fit, "fit", fake_fit)
    work(store)
    other.thread.join()
    job = jobs.find_job(store, number)
    assert job.state == "cancelled"
    assert job.outcome is not None
    assert job.outcome.message == Message("train.worker.cancelled")


WORKER = """
import sys
import time
import train.fit
from db.store import Store
from stand_in_training import write_stand_in
from train.progress import TrainingProgress
from train.worker import work
def fit(logs, run, models, store):
    if sys.argv[1] != "claimed":
        run.report(TrainingProgress("start", "Reading the logs", 0.0, checkpoint="abc.pt"))
    print("here", flush=True)
    sys.stdin.readline()
    return write_stand_in(logs, run, models, store, "v1")
train.fit.fit = fit
work(Store.open(busy_seconds=0.05))
"""


@pytest.mark.parametrize("phase", ["claimed", "running", "recording"])
def test_a_training_killed_in_any_phase_frees_the_queue_and_a_model_that_it_had_is_recorded(
    store: Store, monkeypatch: pytest.MonkeyPatch, phase: str
) -> None:
    monkeypatch.setenv("MAMGBR_DB", f"sqlite:///{store.path}")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    killed = jobs.enqueue(store, TrainingTask(preset="demo"))
    following = jobs.enqueue(store, TrainingTask(preset="demo"))
    other = Import(store)
    with subprocess.Popen(
        [sys.executable, "-c", WORKER, phase],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        while process.stdout.readline() != b"here\n":
            assert process.poll() is None
        if phase == "recording":
            other.start()
            process.stdin.write(b"\n")
            process.stdin.flush()
            while jobs.find_job(store, killed).progress.stage != "waiting":
                assert process.poll() is None
                time.sleep(0.02)
        assert jobs.find_job(store, killed).state == "running"
        process.kill()
        process.wait()
    job = jobs.find_job(store, killed)
    assert job.outcome is not None
    assert (job.state, job.outcome.message) == ("failed", Message("db.jobs.lost"))
    assert bool(job.progress.checkpoint) == (phase != "claimed")
    other.done.set()
    monkeypatch.setattr("train.worker.train_from_store", training(figures(0.3, 0.4), []))
    assert work(store) == 1
    had_its_model = phase == "recording"
    ended = ["done", "done" if had_its_model else "failed"]
    assert [one.state for one in jobs.latest_jobs(store)] == ended
    assert jobs.latest_jobs(store)[0].id == following
    ready = [version.version for version in registry.versions(store)]
    assert ready == ["v2", *(["v1"] if had_its_model else [])]
