"""The worker behind the Retrain page: what it leaves of a training that ended, failed or crashed."""

import errno
import itertools
import os
import threading
from pathlib import Path

import pytest
from stand_in_training import figures, fitted, training
from stand_in_training import store as store  # a fixture

from db.jobs import queue as jobs
from db.jobs.queue import LearningCurves, TrainingTask
from db.messages import Message
from db.models import registry
from db.store import Store
from train import fit
from train.fit import FittedModel
from train.progress import MOST_POINTS, CurveRecorder, TrainingProgress
from train.training_run import TrainingRun
from train.worker import Watcher, work


def test_a_job_leaves_its_curves_its_version_and_what_it_would_resume_from(
    store: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = {"epoch": 0.5, "items/mrr@10": 0.4, "quality": 0.2}
    stages = [
        TrainingProgress("start", "Reading the logs", 0.0, checkpoint="abc.pt"),
        TrainingProgress("epoch", "Learning", 0.3, 9.0, 1, 2, {"items": 2.0}, {}, 0.1),
        TrainingProgress("epoch", "Learning", 0.5, 5.0, 1, 2, {"items": 1.5}, found, 0.5),
    ]
    registry.promote(store, fitted(store, "v1", figures(0.5, 0.4)).version)
    monkeypatch.setattr("train.worker.train_from_store", training(figures(0.3, 0.4), stages))
    number = jobs.enqueue(store, TrainingTask(preset="demo", promote=True))
    assert work(store) == 1
    job = jobs.find_job(store, number)
    assert job.outcome is not None
    assert job.state == "done"
    assert "worse than v1 in items/mrr@10" in str(job.outcome.message)
    assert (job.outcome.version, job.outcome.worse) == ("v2", ("items/mrr@10",))
    assert not job.outcome.promoted
    assert registry.serving_name(store) == "v1"
    assert job.progress.curves == LearningCurves(
        losses=((0.1, {"items": 2.0}), (0.5, {"items": 1.5})),
        metrics=((0.5, {"items/mrr@10": 0.4}),),
    )
    assert job.progress.checkpoint == "abc.pt"
    log = "\n".join(job.folder.log_lines())
    assert "Reading the logs" in log
    assert "after 0.50 epochs: items/mrr@10 0.4000" in log
    assert f"training {number}: Reading the logs" in capsys.readouterr().out


def test_two_workers_at_once_run_each_training_once_and_one_at_a_time(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = [jobs.enqueue(store, TrainingTask(preset="demo")) for _ in range(4)]
    running: list[int] = []
    most: list[int] = []

    def train_from_store(store: Store, run: TrainingRun) -> FittedModel:
        watcher = run.report
        assert isinstance(watcher, Watcher)
        running.append(watcher.job.id)
        most.append(sum(one.state == "running" for one in jobs.latest_jobs(store)))
        return FittedModel(f"v{watcher.job.id}", Path("v"), {}, [])

    monkeypatch.setattr("train.worker.train_from_store", train_from_store)
    workers = [threading.Thread(target=work, args=(store,)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(running) == numbers
    assert set(most) == {1}


def test_an_unforeseen_error_is_named_its_trace_is_in_no_log_that_pages_show_and_the_next_training_runs(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fake_fit(*_: object) -> FittedModel:
        raise RuntimeError("no such kernel")

    monkeypatch.setattr(fit, "fit", fake_fit)
    number = jobs.enqueue(store, TrainingTask(preset="demo"))
    jobs.enqueue(store, TrainingTask(preset="demo"))
    assert work(store) == 2
    job = jobs.find_job(store, number)
    assert job.outcome is not None
    text = str(job.outcome.message)
    assert text.startswith("Training failed: RuntimeError: no such kernel")
    assert str(job.folder.trace) in text
    assert "Traceback (most recent call last):" in job.folder.trace.read_text()
    assert "Traceback" not in "\n".join(job.folder.log_lines())


def test_what_native_code_writes_before_a_crash_is_in_the_log_of_its_training(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fake_fit(*_: object) -> FittedModel:
        os.write(2, b"terminate called without an active exception\n")
        raise MemoryError

    monkeypatch.setattr(fit, "fit", fake_fit)
    number = jobs.enqueue(store, TrainingTask(preset="demo"))
    work(store)
    job = jobs.find_job(store, number)
    assert "terminate called without an active exception" in job.folder.log_lines()
    assert job.outcome is not None
    assert job.outcome.message == Message("train.worker.out_of_memory")


def test_a_full_disk_ends_a_job_with_what_to_do(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(fit, "fit", full)
    monkeypatch.setattr("db.jobs.folder.write_atomically", full)
    number = jobs.enqueue(store, TrainingTask(preset="demo"))
    assert work(store) == 1
    job = jobs.find_job(store, number)
    assert job.outcome is not None
    assert job.state == "failed"
    assert "could not be written" in str(job.outcome.message)
    assert "No space left on device. Free some space" in str(job.outcome.message)


def test_long_curves_are_thinned_and_keep_their_ends() -> None:
    recorder = CurveRecorder()
    for step in range(1, 20_001):
        recorder.add(
            TrainingProgress("epoch", "", 0.0, losses={"items": 1 / step}, passed=step / 1000)
        )
    losses = recorder.curves().losses
    assert MOST_POINTS / 3 < len(losses) <= MOST_POINTS
    assert losses[0][0] == 0.001
    assert losses[-1][0] > 19.5
    spacing = [later[0] - sooner[0] for sooner, later in itertools.pairwise(losses)]
    assert max(spacing) < 6 * min(spacing)
