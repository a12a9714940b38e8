"""The trainer keeps the best weights, stops early, and resumes an interrupted training without a trace."""

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import torch
from small_shops import quick, random_shop
from torch import Tensor, nn

from db.errors import CancelledError
from train.evaluate.sampled_ranking import draw_candidate_lists
from train.evaluate.splits import split_groups
from train.fit import _fit_network
from train.learn.checkpoint import KEPT, remove_abandoned
from train.learn.fit_network import TrainedNetwork, fit_network
from train.learn.trainer import Plan, TrainerProgress, evaluation_steps, train
from train.nn.losses import backpropagate
from train.prepare.dataset import build_dataset
from train.progress import ProgressCallback, TrainingProgress, ignore_progress
from train.training_run import TrainingRun

ROOT = Path(__file__).resolve().parents[2]


class Line(nn.Module):
    """One weight vector, and dropout so that random numbers matter."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(4))
        self.dropout = nn.Dropout(0.5)

    def forward(self, x: Tensor) -> Tensor:
        """[n, 4] -> [n]."""
        return self.dropout(x) @ self.weight


@dataclass
class LineLearner:
    """Fits a line; ``qualities`` are what its evaluations find, or None to measure."""

    module: Line
    qualities: list[float] | None = None
    evaluated: int = 0
    seen: int = 0

    def steps(self) -> int:
        return 4

    def batches(self, epoch: int) -> Iterator[Tensor]:
        drawing = torch.Generator().manual_seed(epoch)
        for _ in range(self.steps()):
            yield torch.randn(8, 4, generator=drawing)

    def backward(self, batch: Tensor) -> dict[str, Tensor]:
        self.seen += 1
        target = batch @ torch.tensor([1.0, -2.0, 0.5, 0.0])
        return backpropagate({"square": (self.module(batch) - target).pow(2).mean()})

    def evaluate(self) -> dict[str, float]:
        self.evaluated += 1
        if self.qualities is not None:
            return {"quality": self.qualities[self.evaluated - 1]}
        return {"quality": -(float(self.module.weight.detach()[0] - 1) ** 2)}


def plan(epochs: int = 6, patience: int = 10, evaluations: int = 0) -> Plan:
    """One evaluation per epoch, or ``evaluations`` in all."""
    return Plan(epochs, evaluations or epochs, patience, rate=0.05, weight_decay=0.0)


def ignore(progress: TrainerProgress) -> None:
    """Does nothing."""


def fresh(qualities: list[float] | None = None) -> LineLearner:
    torch.manual_seed(1)
    return LineLearner(Line(), qualities)


def interrupt_after(steps: int) -> Callable[[TrainerProgress], None]:
    """A callback that interrupts the training after so many steps, as a kill would."""
    told = 0

    def report(progress: TrainerProgress) -> None:
        nonlocal told
        told += 1
        if told == steps:
            raise KeyboardInterrupt

    return report


def test_it_learns_and_reports_its_progress() -> None:
    reports: list[TrainerProgress] = []
    history = train(fresh(), plan(epochs=40, patience=40), reports.append)
    assert history[-1]["loss/square"] < 0.5 * history[0]["loss/square"]
    assert [progress.fraction for progress in reports] == sorted(
        progress.fraction for progress in reports
    )
    assert reports[-1].fraction == 1
    assert len(reports) == 160
    assert {progress.epoch for progress in reports} == set(range(1, 41))
    assert not reports[0].metrics
    assert "quality" in reports[-1].metrics


def test_it_stops_early_and_keeps_the_best_weights() -> None:
    learner = fresh([0.1, 0.5, 0.4, 0.3, 0.9])
    kept: list[Tensor] = []

    def report(progress: TrainerProgress) -> None:
        kept.append(learner.module.weight.detach().clone())

    history = train(learner, plan(patience=2), report)
    assert [entry["quality"] for entry in history] == [0.1, 0.5, 0.4, 0.3]
    assert (learner.module.weight == kept[7]).all()  # after the second epoch, of four steps each
    assert learner.seen == 16


def test_equalling_the_best_quality_is_no_improvement() -> None:
    history = train(fresh([0.5, 0.5, 0.5, 0.5]), plan(patience=2), ignore)
    assert len(history) == 3


def test_it_can_evaluate_several_times_per_epoch() -> None:
    history = train(fresh(), plan(epochs=2, evaluations=4), ignore)
    assert [entry["epoch"] for entry in history] == [0.5, 1.0, 1.5, 2.0]


@pytest.mark.parametrize("steps", [1, 4, 5, 11, 23])
def test_an_interrupted_training_ends_with_exactly_the_same_weights(
    steps: int, tmp_path: Path
) -> None:
    whole = fresh()
    expected = train(whole, plan(), ignore)
    checkpoint = tmp_path / "state.pt"
    with pytest.raises(KeyboardInterrupt):
        train(fresh(), plan(), interrupt_after(steps), checkpoint)
    resumed = fresh()
    history = train(resumed, plan(), ignore, checkpoint)
    assert history == expected
    assert (resumed.module.weight == whole.module.weight).all()
    assert resumed.seen == whole.seen - steps // 4 * 4  # finished steps are not repeated


def test_a_finished_training_is_not_repeated(tmp_path: Path) -> None:
    checkpoint = tmp_path / "done.pt"
    first, second = fresh(), fresh()
    train(first, plan(), ignore, checkpoint)
    train(second, plan(), ignore, checkpoint)
    assert second.seen == 0
    assert (first.module.weight == second.module.weight).all()


SHOP = random_shop()
SETTINGS = quick("epochs=3", "dropout=0.3", "evaluations=6", "patience=9")


def trained(
    report: ProgressCallback = ignore_progress, checkpoint: Path | None = None
) -> TrainedNetwork:
    run = TrainingRun(SETTINGS, device="cpu", report=report)
    split = split_groups(SHOP, SETTINGS, 0)
    lists = draw_candidate_lists(SHOP, split.validation, 0)
    return fit_network(build_dataset(SHOP, split, lists, run), run, checkpoint)


def test_an_interrupted_training_of_mamgbr_ends_with_exactly_the_same_weights(
    tmp_path: Path,
) -> None:
    whole = trained()
    steps = 0

    def cancel(progress: TrainingProgress) -> None:
        nonlocal steps
        steps += progress.stage == "epoch"
        if steps == 9:
            raise CancelledError("train.worker.cancelled")

    checkpoint = tmp_path / "run" / "state.pt"
    with pytest.raises(CancelledError, match="Cancelled"):
        trained(cancel, checkpoint)
    resumed = trained(checkpoint=checkpoint)
    assert resumed.history == whole.history
    for name, value in whole.network.state_dict().items():
        assert torch.equal(value, resumed.network.state_dict()[name]), name
    assert [path.name for path in checkpoint.parent.iterdir()] == ["state.pt"]


def test_mamgbr_lowers_its_loss() -> None:
    found = trained()
    losses = [entry["loss/items"] for entry in found.history]
    assert losses[-1] < losses[0]
    assert not found.network.training


@pytest.mark.parametrize("moved", [-1e8, 0, 1e8])  # seconds, by a clock that was set
def test_the_latest_checkpoints_stay_whatever_the_clock_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moved: float
) -> None:
    own, prepared = tmp_path / "own.pt", tmp_path / "prepared-1"
    prepared.mkdir()
    names = [f"{k}.pt" for k in range(KEPT)] + ["set-aside.damaged", own.name]
    for age, name in enumerate(names):
        (tmp_path / name).write_bytes(b"state")
        os.utime(tmp_path / name, (age, age))
    now = time.time() + moved
    monkeypatch.setattr(time, "time", lambda: now)
    remove_abandoned(tmp_path, own)
    assert {path.name for path in tmp_path.iterdir()} == {*names, "prepared-1"} - {"0.pt"}
    remove_abandoned(tmp_path / "none yet", own)


DAMAGE = {
    "cut off": lambda content: content[: len(content) // 2],
    "empty": lambda _: b"",
    "one bit": lambda content: content[:-300] + bytes([content[-300] ^ 1]) + content[-299:],
    "not a state": lambda _: hashlib.sha256(b"else").digest() + b"else",
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_checkpoint_is_set_aside_and_its_training_starts_anew(
    tmp_path: Path, damage: str
) -> None:
    seen: list[TrainingProgress] = []
    run = TrainingRun(SETTINGS, device="cpu", report=seen.append)
    checkpoint = tmp_path / "state.pt"
    split = split_groups(SHOP, SETTINGS, 0)
    dataset = build_dataset(SHOP, split, draw_candidate_lists(SHOP, split.validation, 0), run)
    whole = _fit_network(dataset, run, checkpoint)
    checkpoint.write_bytes(DAMAGE[damage](checkpoint.read_bytes()))
    seen.clear()
    again = _fit_network(dataset, run, checkpoint)
    assert again.history == whole.history
    assert [one.note for one in seen if one.note] == [
        f"The checkpoint is damaged and was set aside as {tmp_path / 'state.damaged'}: "
        "the training starts anew."
    ]
    assert {path.name for path in tmp_path.iterdir()} == {"state.pt", "state.damaged"}


def test_a_checkpoint_that_does_not_fit_on_the_disk_leaves_the_one_before(tmp_path: Path) -> None:
    script = """
import resource, signal, sys
from pathlib import Path
import torch
from train.learn.checkpoint import Progress, TrainingState, write_checkpoint
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
path = Path(sys.argv[1])
small, large = torch.nn.Linear(2, 2), torch.nn.Linear(300, 300)
def write(module):
    optimizer = torch.optim.AdamW(module.parameters())
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1.0)
    state = TrainingState(module, optimizer, schedule, Progress(), module.state_dict())
    write_checkpoint(path, state)
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


def test_a_training_is_evaluated_early_at_halves_of_the_first_even_step() -> None:
    found = evaluation_steps(replace(plan(epochs=4), early=3), 64)
    assert sorted(found) == [2, 4, 8, 16, 32, 48, 64]
    assert sorted(evaluation_steps(replace(plan(epochs=4), early=9), 8)) == [1, 2, 4, 6, 8]
    assert sorted(evaluation_steps(plan(epochs=3), 10)) == [3, 6, 9, 10]


def test_early_evaluations_keep_the_best_weights_and_stop_nothing() -> None:
    learner = fresh([0.3, 0.9, *[0.5] * 20])
    kept: list[Tensor] = []

    def report(progress: TrainerProgress) -> None:
        kept.append(learner.module.weight.detach().clone())

    history = train(learner, replace(plan(patience=2), early=2), report)
    assert [entry["epoch"] for entry in history] == [0.25, 0.5, 1, 2]
    assert (learner.module.weight == kept[1]).all()


def test_a_quality_that_is_no_number_is_never_the_best() -> None:
    learner = fresh([0.5, float("nan"), 0.4, 0.4])
    kept: list[Tensor] = []

    def report(progress: TrainerProgress) -> None:
        kept.append(learner.module.weight.detach().clone())

    train(learner, plan(epochs=4), report)
    assert (learner.module.weight == kept[3]).all()
