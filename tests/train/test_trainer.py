"""The trainer: best weights win, it stops when nothing gets better, and a cut leaves no trace."""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from small_shops import quick, random_shop
from torch import Tensor, nn

from db.errors import CancelledError
from train.evaluate.sampled_ranking import draw_candidate_lists
from train.learn.checkpoint import FORGOTTEN_AFTER, remove_abandoned
from train.learn.fit_network import TrainedNetwork, fit_network
from train.learn.trainer import Plan, TrainerProgress, train
from train.nn.losses import backpropagate
from train.prepare.dataset import build_dataset
from train.prepare.splits import split_groups
from train.progress import TrainingProgress


class Line(nn.Module):
    """One weight, and dropout, so that random numbers matter."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(4))
        self.dropout = nn.Dropout(0.5)

    def forward(self, x: Tensor) -> Tensor:
        """[n, 4] -> [n]."""
        return self.dropout(x) @ self.weight


@dataclass
class LineLearner:
    """Fits a line; ``figures`` says what its evaluations find, or None to measure."""

    module: Line
    figures: list[float] | None = None
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
        wanted = batch @ torch.tensor([1.0, -2.0, 0.5, 0.0])
        return backpropagate({"square": (self.module(batch) - wanted).pow(2).mean()})

    def evaluate(self) -> dict[str, float]:
        self.evaluated += 1
        if self.figures is not None:
            return {"quality": self.figures[self.evaluated - 1]}
        return {"quality": -(float(self.module.weight.detach()[0] - 1) ** 2)}


def plan(epochs: int = 6, patience: int = 10, evaluations: int = 0) -> Plan:
    """One evaluation a pass, unless so many in all are asked for."""
    return Plan(epochs, evaluations or epochs, patience, rate=0.05, weight_decay=0.0)


def ignore(moment: TrainerProgress) -> None:
    """Watches nothing."""


def fresh(figures: list[float] | None = None) -> LineLearner:
    torch.manual_seed(1)
    return LineLearner(Line(), figures)


def cut_after(steps: int) -> Callable[[TrainerProgress], None]:
    """A watcher that breaks the training off, as a kill would, after so many steps."""
    told = 0

    def watch(moment: TrainerProgress) -> None:
        nonlocal told
        told += 1
        if told == steps:
            raise KeyboardInterrupt

    return watch


def test_it_learns_and_tells_how_far_it_is() -> None:
    moments: list[TrainerProgress] = []
    history = train(fresh(), plan(epochs=40, patience=40), moments.append)
    assert history[-1]["loss/square"] < 0.5 * history[0]["loss/square"]
    assert [moment.fraction for moment in moments] == sorted(moment.fraction for moment in moments)
    assert moments[-1].fraction == 1
    assert len(moments) == 160
    assert {moment.epoch for moment in moments} == set(range(1, 41))
    assert not moments[0].metrics
    assert "quality" in moments[-1].metrics


def test_it_stops_when_nothing_gets_better_and_keeps_the_best() -> None:
    learner = fresh([0.1, 0.5, 0.4, 0.3, 0.9])
    kept: list[Tensor] = []

    def watch(moment: TrainerProgress) -> None:
        kept.append(learner.module.weight.detach().clone())

    history = train(learner, plan(patience=2), watch)
    assert [entry["quality"] for entry in history] == [0.1, 0.5, 0.4, 0.3]
    assert (learner.module.weight == kept[7]).all()  # after the second pass, of four steps each
    assert learner.seen == 16


def test_a_figure_that_only_equals_the_best_is_no_better() -> None:
    history = train(fresh([0.5, 0.5, 0.5, 0.5]), plan(patience=2), ignore)
    assert len(history) == 3


def test_it_may_look_several_times_an_epoch() -> None:
    history = train(fresh(), plan(epochs=2, evaluations=4), ignore)
    assert [entry["epoch"] for entry in history] == [0.5, 1.0, 1.5, 2.0]


@pytest.mark.parametrize("steps", [1, 4, 5, 11, 23])
def test_a_training_that_was_cut_ends_with_the_very_same_weights(
    steps: int, tmp_path: Path
) -> None:
    whole = fresh()
    expected = train(whole, plan(), ignore)
    checkpoint = tmp_path / "cut.pt"
    with pytest.raises(KeyboardInterrupt):
        train(fresh(), plan(), cut_after(steps), checkpoint)
    resumed = fresh()
    history = train(resumed, plan(), ignore, checkpoint)
    assert history == expected
    assert (resumed.module.weight == whole.module.weight).all()
    assert resumed.seen == whole.seen - steps // 4 * 4  # what was done is not done again


def test_a_finished_training_is_not_run_again(tmp_path: Path) -> None:
    checkpoint = tmp_path / "done.pt"
    first, second = fresh(), fresh()
    train(first, plan(), ignore, checkpoint)
    train(second, plan(), ignore, checkpoint)
    assert second.seen == 0
    assert (first.module.weight == second.module.weight).all()


SHOP = random_shop()
SETTINGS = quick("epochs=3", "dropout=0.3", "evaluations=6", "patience=9")


def learned(
    watch: Callable[[TrainingProgress], None], checkpoint: Path | None = None
) -> TrainedNetwork:
    parts = split_groups(SHOP, SETTINGS, 0)
    lists = draw_candidate_lists(SHOP, parts.validation, 0)
    prepared = build_dataset(SHOP, SETTINGS, parts, lists, 0, watch)
    return fit_network(prepared, SETTINGS, 0, "cpu", watch, checkpoint)


def test_mamgbr_that_was_cut_ends_with_the_very_same_weights(tmp_path: Path) -> None:
    whole = learned(lambda stage: None)
    told = 0

    def cancel(stage: TrainingProgress) -> None:
        nonlocal told
        told += stage.stage == "epoch"
        if told == 9:
            raise CancelledError("That is enough.")

    checkpoint = tmp_path / "run" / "cut.pt"
    with pytest.raises(CancelledError, match="is enough"):
        learned(cancel, checkpoint)
    resumed = learned(lambda stage: None, checkpoint)
    assert resumed.history == whole.history
    for name, value in whole.network.state_dict().items():
        assert torch.equal(value, resumed.network.state_dict()[name]), name
    assert [path.name for path in checkpoint.parent.iterdir()] == ["cut.pt"]


def test_mamgbr_learns_what_the_crowds_like() -> None:
    trained = learned(lambda stage: None)
    losses = [entry["loss/items"] for entry in trained.history]
    assert losses[-1] < losses[0]
    assert not trained.network.training


def test_checkpoints_that_nobody_went_on_from_are_forgotten(tmp_path: Path) -> None:
    long_ago = time.time() - FORGOTTEN_AFTER - 60
    own, abandoned, half = (tmp_path / name for name in ("own.pt", "abandoned.pt", "half.part"))
    prepared, recent = tmp_path / "prepared-1", tmp_path / "recent.pt"
    prepared.mkdir()
    for path in (own, abandoned, half, recent):
        path.write_bytes(b"state")
    for path in (own, abandoned, half, prepared):
        os.utime(path, (long_ago, long_ago))
    remove_abandoned(tmp_path, own)
    assert {path.name for path in tmp_path.iterdir()} == {"own.pt", "prepared-1", "recent.pt"}
    remove_abandoned(tmp_path / "none yet", own)
