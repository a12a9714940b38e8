"""The worker behind the Retrain page: what it leaves of a training, and what it does not promote."""

import errno
import itertools
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from db.jobs import queue as jobs
from db.models import registry
from db.store import Store
from train import fit
from train.fit import FittedModel, promote_unless_worse
from train.progress import MOST, Course, TrainingProgress
from train.worker import work

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

    def train_from_store(store: Store, *rest: object) -> FittedModel:
        watch = rest[-1]
        for stage in stages:
            watch(stage)  # type: ignore[operator]
        return fitted(store, "v2", metrics)

    return train_from_store


def test_a_version_that_is_worse_in_one_task_is_not_promoted_by_itself(store: Store) -> None:
    first = fitted(store, "v1", figures(0.5, 0.4))
    assert promote_unless_worse(store, first) == (None, [])
    worse = fitted(store, "v2", figures(0.9, 0.3))
    serving, lost = promote_unless_worse(store, worse)
    assert serving is not None
    assert (serving.version, [str(one.metric) for one in lost]) == ("v1", ["participants/mrr@10"])
    assert registry.serving_name(store) == "v1"
    assert promote_unless_worse(store, fitted(store, "v3", figures(0.5, 0.395))) == (None, [])
    assert registry.serving_name(store) == "v3"


def test_a_job_leaves_its_course_its_version_and_what_it_would_resume_from(
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
    number = jobs.enqueue(store, "fit", {"preset": "demo", "promote": True})
    assert work(store) == 1
    job = jobs.job(store, number)
    assert job.state == "done"
    assert "worse than v1 in items/mrr@10" in job.message
    assert registry.serving_name(store) == "v1"
    assert job.progress["course"] == {
        "losses": [[0.1, {"items": 2.0}], [0.5, {"items": 1.5}]],
        "figures": [[0.5, {"items/mrr@10": 0.4}]],
    }
    assert job.progress["checkpoint"] == "abc.pt"
    assert (job.progress["version"], job.progress["worse"]) == ("v2", ["items/mrr@10"])
    log = capsys.readouterr().out
    assert f"training {number}: Reading the logs" in log
    assert f"training {number}: after 0.50 epochs: items/mrr@10 0.4000" in log


def test_a_full_disk_ends_a_job_in_a_sentence(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(fit, "fit", full)
    number = jobs.enqueue(store, "fit", {"preset": "demo"})
    assert work(store) == 1
    job = jobs.job(store, number)
    assert job.state == "failed"
    assert "could not be written" in job.message
    assert "No space left on device. Free some space" in job.message


def test_a_checkpoint_that_does_not_fit_on_the_disk_leaves_the_one_before(tmp_path: Path) -> None:
    script = """
import resource, signal, sys
from pathlib import Path
import torch
from train.learn.checkpoint import write_checkpoint
from train.learn.trainer import Progress
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
path = Path(sys.argv[1])
small, large = torch.nn.Linear(2, 2), torch.nn.Linear(300, 300)
def write(module):
    optimizer = torch.optim.AdamW(module.parameters())
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1.0)
    write_checkpoint(path, module, optimizer, schedule, Progress(), module.state_dict())
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
write(small)
try:
    write(large)
except OSError as error:
    print(error.strerror)
"""
    path = tmp_path / "state.pt"
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)], cwd=ROOT, capture_output=True, text=True
    )
    assert done.stdout.strip() == "File too large", done.stderr
    assert [file.name for file in tmp_path.iterdir()] == ["state.pt"]
    assert path.stat().st_size < 100_000


def test_a_long_course_is_thinned_and_keeps_its_ends() -> None:
    course = Course()
    for step in range(1, 20_001):
        course.add(
            TrainingProgress("epoch", "", 0.0, losses={"items": 1 / step}, passed=step / 1000)
        )
    told = course.as_dict()["losses"]
    assert MOST / 3 < len(told) <= MOST
    assert told[0][0] == 0.001
    assert told[-1][0] > 19.5
    apart = [later[0] - sooner[0] for sooner, later in itertools.pairwise(told)]
    assert max(apart) < 6 * min(apart)
