"""The worker behind the Retrain page: what it leaves of a training, and what it does not promote."""

import errno
import itertools
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from db.jobs import queue as jobs
from db.jobs.queue import LearningCurves, TrainingTask
from db.logs import Logs
from db.messages import Message
from db.models import registry
from db.models.later_comparison import (
    AskedGroups,
    LaterComparison,
    PairedMetric,
    write_comparison,
)
from db.store import Store
from train import fit
from train.fit import FittedModel, promote_unless_worse
from train.progress import MOST_POINTS, CurveRecorder, TrainingProgress
from train.training_run import TrainingRun
from train.worker import Watcher, work

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("MAMGBR_MODELS", str(tmp_path / "models"))
    (tmp_path / "models").mkdir()
    return Store.open(f"sqlite:///{tmp_path / 'shop.db'}")


def figures(items: float, participants: float) -> dict[str, dict[str, float]]:
    return {
        f"{task}/mrr@10": {"value": value, "low": value - 0.01, "high": value + 0.01}
        for task, value in (("items", items), ("participants", participants))
    }


def fitted(store: Store, name: str, metrics: dict[str, dict[str, float]]) -> FittedModel:
    registry.record_ready(store, name, "demo", "abc", dict(metrics))
    return FittedModel(name, Path(name), metrics, [])


def training(
    metrics: dict[str, dict[str, float]], stages: list[TrainingProgress]
) -> Callable[..., FittedModel]:
    """Stands for a training that goes through these stages and ends with these figures."""

    def train_from_store(store: Store, run: TrainingRun) -> FittedModel:
        for stage in stages:
            run.report(stage)
        return fitted(store, "v2", metrics)

    return train_from_store


def test_a_version_that_is_worse_in_one_task_is_not_promoted_by_itself(store: Store) -> None:
    first = fitted(store, "v1", figures(0.5, 0.4))
    assert promote_unless_worse(store, first) == (None, None)
    worse = fitted(store, "v2", figures(0.9, 0.3))
    serving, lost = promote_unless_worse(store, worse)
    assert serving is not None
    assert lost is not None
    assert serving.version == "v1"
    assert [str(one.metric) for one in lost.metrics] == ["participants/mrr@10"]
    assert lost.later is None
    assert registry.serving_name(store) == "v1"
    assert promote_unless_worse(store, fitted(store, "v3", figures(0.5, 0.395))) == (None, None)
    assert registry.serving_name(store) == "v3"


def compared(
    tmp_path: Path, change: float, impossible: Message | None = None, metric: str = "items/mrr@100"
) -> None:
    """v2 beside v1 on later groups, by so much better; or why they were not compared."""
    figures = PairedMetric(0.5 + change, 0.5, change, change - 0.01, change + 0.01, 80)
    found = LaterComparison("v2", "v1", "abc", impossible=impossible)
    if impossible is None:
        asked = AskedGroups(80, "2025-05-01T00:00:00", "2025-06-30T20:00:00")
        found = replace(found, asked=asked, metrics={metric: figures})
    (tmp_path / "models" / "v2").mkdir()
    write_comparison(tmp_path / "models", found)


def test_on_later_groups_a_version_is_worse_whatever_its_validation_says(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry.promote(store, fitted(store, "v1", figures(0.5, 0.4)).version)
    compared(tmp_path, -0.05)
    monkeypatch.setattr("train.worker.train_from_store", training(figures(0.9, 0.9), []))
    number = jobs.enqueue(store, TrainingTask(preset="demo", promote=True))
    assert work(store) == 1
    outcome = jobs.find_job(store, number).outcome
    assert outcome is not None
    assert (outcome.worse, outcome.later_groups) == (("items/mrr@100",), 80)
    assert "on the same 80 later groups it ranks worse than v1 in items/mrr@100" in str(
        outcome.message
    )
    assert registry.serving_name(store) == "v1"


def test_on_later_groups_a_version_serves_whatever_its_validation_says(
    store: Store, tmp_path: Path
) -> None:
    promote_unless_worse(store, fitted(store, "v1", figures(0.5, 0.4)))
    compared(tmp_path, 0.05)
    assert promote_unless_worse(store, fitted(store, "v2", figures(0.3, 0.3))) == (None, None)


def test_the_heads_of_the_lists_decide_nothing(store: Store, tmp_path: Path) -> None:
    promote_unless_worse(store, fitted(store, "v1", figures(0.5, 0.4)))
    compared(tmp_path, -0.05, metric="items/mrr@10")
    assert promote_unless_worse(store, fitted(store, "v2", figures(0.3, 0.3))) == (None, None)


def test_without_a_comparison_on_later_groups_the_validation_decides(
    store: Store, tmp_path: Path
) -> None:
    promote_unless_worse(store, fitted(store, "v1", figures(0.5, 0.4)))
    compared(tmp_path, 0.0, Message("train.compare.no_times"))
    serving, lost = promote_unless_worse(store, fitted(store, "v2", figures(0.3, 0.4)))
    assert serving is not None
    assert lost is not None
    assert lost.later is None


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


class Import:
    """Holds the store's write lock, as a large import does, until ``done`` is set."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.done = threading.Event()
        self.thread = threading.Thread(target=self._write)
        self.writing = threading.Event()

    def start(self) -> None:
        self.thread.start()
        self.writing.wait()

    def _write(self) -> None:
        with self.store.write():
            self.writing.set()
            self.done.wait()


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

    def fake_fit(*_: object) -> FittedModel:
        if moment == "record":
            other.start()
        return FittedModel("v1", Path("v1"), figures(0.5, 0.4), [])

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

    def fake_fit(logs: Logs, run: TrainingRun, models: Path) -> FittedModel:
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
from pathlib import Path
import train.fit
from db.store import Store
from train.fit import FittedModel
from train.progress import TrainingProgress
from train.worker import work
def fit(logs, run, models):
    if sys.argv[1] != "claimed":
        run.report(TrainingProgress("start", "Reading the logs", 0.0, checkpoint="abc.pt"))
    print("here", flush=True)
    sys.stdin.readline()
    return FittedModel("v1", models / "v1", {}, [])
train.fit.fit = fit
work(Store.open(busy_seconds=0.05))
"""


@pytest.mark.parametrize("phase", ["claimed", "running", "recording"])
def test_a_training_killed_in_any_phase_has_failed_and_the_next_one_runs(
    store: Store, monkeypatch: pytest.MonkeyPatch, phase: str
) -> None:
    monkeypatch.setenv("MAMGBR_DB", f"sqlite:///{store.path}")
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
        assert jobs.find_job(store, killed).state == "running"
        process.kill()
        process.wait()
    job = jobs.find_job(store, killed)
    assert job.outcome is not None
    assert (job.state, job.outcome.message) == ("failed", Message("db.jobs.lost"))
    assert job.progress.checkpoint == ("" if phase == "claimed" else "abc.pt")
    other.done.set()
    monkeypatch.setattr("train.worker.train_from_store", training(figures(0.3, 0.4), []))
    assert work(store) == 1
    assert [one.state for one in jobs.latest_jobs(store)] == ["done", "failed"]
    assert jobs.latest_jobs(store)[0].id == following
    assert [version.version for version in registry.versions(store)] == ["v2"]


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


def test_an_unforeseen_error_is_named_its_trace_is_logged_and_the_next_training_runs(
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
    assert str(job.folder.log) in text
    assert "Traceback (most recent call last):" in "\n".join(job.folder.log_lines())


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
