"""The training loop: steps, evaluations, early stopping, checkpoints. It knows no model by name."""

import functools
import itertools
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from train.learn.checkpoint import read_checkpoint, write_checkpoint


class Learner(Protocol):
    """What the trainer needs of a model and its data."""

    @property
    def module(self) -> nn.Module:
        """What is trained."""

    def steps(self) -> int:
        """Steps of an epoch."""

    def batches(self, epoch: int) -> Iterator[Any]:
        """The batches of an epoch, the same ones whenever it is asked again."""

    def backward(self, batch: Any) -> dict[str, Tensor]:
        """Leaves the gradients of the loss with the weights, which have none; its weighted terms by name."""

    def evaluate(self) -> dict[str, float]:
        """Validation figures; ``quality``, larger is better, decides."""


LARGEST_GRADIENT = 5.0
WARM_SHARE = 10  # one step in so many raises the rate


@dataclass(frozen=True)
class Plan:
    """How long and how fast to learn."""

    epochs: int
    evaluations: int  # in all, evenly spread
    patience: int
    rate: float
    weight_decay: float


@dataclass(frozen=True)
class TrainerProgress:
    """Where training stands, for whoever watches."""

    epoch: int  # from 1
    epochs: int
    fraction: float  # of all planned steps
    seconds_left: float
    losses: dict[str, float]
    metrics: dict[str, float]  # of the latest evaluation, empty before the first


@dataclass
class Progress:
    """What a checkpoint carries beside the weights."""

    step: int = 0
    best: float = float("-inf")
    stale: int = 0
    history: list[dict[str, float]] = field(default_factory=list)


def train(
    learner: Learner,
    plan: Plan,
    watch: Callable[[TrainerProgress], None],
    checkpoint: Path | None = None,
) -> list[dict[str, float]]:
    """Trains and leaves the best weights in ``learner.module``; the evaluations come back, oldest first.

    ``watch`` is called many times an epoch and may raise to stop. With a ``checkpoint`` file, a training that was
    cut off goes on from its latest evaluation and ends with the very same weights.
    """
    module = learner.module
    steps = learner.steps()
    total = plan.epochs * steps
    weights = [w for w in module.parameters() if w.requires_grad]
    optimizer = torch.optim.AdamW(weights, lr=plan.rate, weight_decay=plan.weight_decay)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, functools.partial(_pace_of, total))
    progress = Progress()
    best_weights = _copy(module)
    if checkpoint is not None and checkpoint.exists():
        best_weights = read_checkpoint(checkpoint, module, optimizer, schedule, progress)
    every = max(1, total // plan.evaluations)
    pace = _Pace(progress.step, total)
    sums, recent = _Sums(), _Recent()
    while progress.step < total and progress.stale < plan.patience:
        epoch, done = divmod(progress.step, steps)
        for batch in itertools.islice(learner.batches(epoch), done, None):
            optimizer.zero_grad()
            terms = learner.backward(batch)
            nn.utils.clip_grad_norm_(weights, LARGEST_GRADIENT)
            optimizer.step()
            schedule.step()
            told = {name: float(term) for name, term in terms.items()}
            sums.add(told)
            recent.add(told)
            progress.step += 1
            if progress.step % every == 0 or progress.step == total:
                _evaluate(learner, progress, sums.means(), steps)
                if progress.stale == 0:
                    best_weights = _copy(module)
                if checkpoint is not None:
                    write_checkpoint(
                        checkpoint, module, optimizer, schedule, progress, best_weights
                    )
            watch(_moment(progress, plan, steps, pace, recent.means()))
            if progress.step % every == 0:
                sums = _Sums()
                if progress.stale >= plan.patience:
                    break
    module.load_state_dict(best_weights)
    return progress.history


def _pace_of(total: int, step: int) -> float:
    """The share of the peak rate at a step: up in a straight line, then down along a cosine to nearly nothing."""
    warm = max(1, total // WARM_SHARE)
    if step < warm:
        return (step + 1) / warm
    return 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, total - warm))) + 1e-4


class _Sums:
    """Means of the loss's terms since the last evaluation."""

    def __init__(self) -> None:
        self.total: dict[str, float] = {}
        self.steps = 0

    def add(self, terms: dict[str, float]) -> None:
        for name, term in terms.items():
            self.total[name] = self.total.get(name, 0.0) + term
        self.steps += 1

    def means(self) -> dict[str, float]:
        return {name: value / max(1, self.steps) for name, value in self.total.items()}


class _Recent:
    """Means of the loss's terms over the latest steps, each step counting a little less than the next."""

    fading = 0.95

    def __init__(self) -> None:
        self.total: dict[str, float] = {}
        self.weight = 0.0

    def add(self, terms: dict[str, float]) -> None:
        for name, term in terms.items():
            self.total[name] = self.fading * self.total.get(name, 0.0) + term
        self.weight = self.fading * self.weight + 1

    def means(self) -> dict[str, float]:
        return {name: value / self.weight for name, value in self.total.items()}


class _Pace:
    """How long the rest will take, from how long the steps so far took."""

    def __init__(self, first: int, total: int) -> None:
        self.first, self.total, self.started = first, total, time.monotonic()

    def seconds_left(self, step: int) -> float:
        spent = time.monotonic() - self.started
        return (self.total - step) * spent / max(1, step - self.first)


def _moment(
    progress: Progress, plan: Plan, steps: int, pace: _Pace, losses: dict[str, float]
) -> TrainerProgress:
    return TrainerProgress(
        (progress.step - 1) // steps + 1,
        plan.epochs,
        progress.step / (plan.epochs * steps),
        pace.seconds_left(progress.step),
        losses,
        progress.history[-1] if progress.history else {},
    )


def _evaluate(learner: Learner, progress: Progress, losses: dict[str, float], steps: int) -> None:
    found = learner.evaluate()
    quality = found["quality"]
    progress.stale = 0 if quality > progress.best else progress.stale + 1
    progress.best = max(progress.best, quality)
    told = {f"loss/{name}": value for name, value in losses.items()}
    progress.history.append({"epoch": progress.step / steps, **told, **found})


def _copy(module: nn.Module) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in module.state_dict().items()}
