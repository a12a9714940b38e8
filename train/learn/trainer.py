"""The training loop: steps, evaluations, early stopping, checkpoints. It knows no model by name."""

import functools
import itertools
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from train.learn.checkpoint import Progress, TrainingState, read_checkpoint, write_checkpoint


class Learner(Protocol):
    """What the trainer needs of a model and its data."""

    @property
    def module(self) -> nn.Module:
        """The module that is trained."""

    def steps(self) -> int:
        """Steps per epoch."""

    def batches(self, epoch: int) -> Iterator[Any]:
        """The batches of an epoch; the same ones whenever it is asked again."""

    def backward(self, batch: Any) -> dict[str, Tensor]:
        """Sets the gradients of the weights, which have none; returns the weighted terms of the loss by name."""

    def evaluate(self) -> dict[str, float]:
        """Validation metrics by name; ``quality``, larger is better, decides which weights are kept."""


MAX_GRADIENT_NORM = 5.0
WARM_UP = 10  # one step in this many raises the learning rate


@dataclass(frozen=True)
class Plan:
    """How long and how fast to learn; ``patience`` is that of early stopping, in evenly spread evaluations."""

    epochs: int
    evaluations: int  # in all, evenly spread
    patience: int
    rate: float
    weight_decay: float
    early: int = 0  # more evaluations before the first of these, each at half the step of the next


@dataclass(frozen=True)
class TrainerProgress:
    """Where a training stands."""

    epoch: int  # from 1
    epochs: int
    fraction: float  # of all planned steps
    seconds_left: float
    losses: dict[str, float]  # exponential moving averages of the terms
    metrics: dict[str, float]  # of the latest evaluation, empty before the first


def train(
    learner: Learner,
    plan: Plan,
    report: Callable[[TrainerProgress], None],
    checkpoint: Path | None = None,
) -> list[dict[str, float]]:
    """Trains and leaves the best weights in ``learner.module``; returns the evaluations, oldest first.

    Stops early after ``plan.patience`` evaluations without a better quality. ``report`` is called after every step and
    may raise to stop the training. With a ``checkpoint`` file, an interrupted training resumes from its latest
    evaluation and ends with exactly the same weights.
    """
    module = learner.module
    steps = learner.steps()
    total = plan.epochs * steps
    weights = [w for w in module.parameters() if w.requires_grad]
    optimizer = torch.optim.AdamW(weights, lr=plan.rate, weight_decay=plan.weight_decay)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, functools.partial(_rate_share, total))
    state = TrainingState(module, optimizer, schedule, Progress(), _copy(module))
    if checkpoint is not None and checkpoint.exists():
        read_checkpoint(checkpoint, state)
    progress = state.progress
    due = evaluation_steps(plan, total)
    every = max(1, total // plan.evaluations)
    timer = _Timer(progress.step, total)
    losses, recent = _Mean(), _MovingAverage()
    while progress.step < total and progress.stale < plan.patience:
        epoch, done = divmod(progress.step, steps)
        for batch in itertools.islice(learner.batches(epoch), done, None):
            optimizer.zero_grad()
            terms = learner.backward(batch)
            nn.utils.clip_grad_norm_(weights, MAX_GRADIENT_NORM)
            optimizer.step()
            schedule.step()
            values = {name: float(term) for name, term in terms.items()}
            losses.add(values)
            recent.add(values)
            progress.step += 1
            if progress.step in due:
                if _evaluate(learner, progress, losses.values(), steps):
                    state.best_weights = _copy(module)
                elif progress.step >= every:
                    progress.stale += 1
                if checkpoint is not None:
                    write_checkpoint(checkpoint, state)
            report(_progress(progress, plan, steps, timer, recent.values()))
            if progress.step in due:
                losses = _Mean()
                if progress.stale >= plan.patience:
                    break
    module.load_state_dict(state.best_weights)
    return progress.history


def evaluation_steps(plan: Plan, total: int) -> set[int]:
    """The steps after which a training of ``total`` steps is evaluated.

    The early ones keep the best weights and never stop a training: a model that learns by heart is best within its
    first pass, and one that learns slowly may rank worse after a few steps than before them.
    """
    every = max(1, total // plan.evaluations)
    early = {every >> halvings for halvings in range(1, plan.early + 1)}
    return {*range(every, total, every), total} | early - {0}


def _rate_share(total: int, step: int) -> float:
    """The share of the peak learning rate at a step: linear warm-up, then cosine decay to nearly nothing."""
    warm = max(1, total // WARM_UP)
    if step < warm:
        return (step + 1) / warm
    return 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, total - warm))) + 1e-4


class _Mean:
    """The means of the terms of the loss since the last evaluation."""

    def __init__(self) -> None:
        self.total: dict[str, float] = {}
        self.steps = 0

    def add(self, terms: dict[str, float]) -> None:
        for name, term in terms.items():
            self.total[name] = self.total.get(name, 0.0) + term
        self.steps += 1

    def values(self) -> dict[str, float]:
        return {name: total / max(1, self.steps) for name, total in self.total.items()}


class _MovingAverage:
    """Exponential moving averages of the terms of the loss, without bias towards the first steps."""

    decay = 0.95

    def __init__(self) -> None:
        self.total: dict[str, float] = {}
        self.weight = 0.0

    def add(self, terms: dict[str, float]) -> None:
        for name, term in terms.items():
            self.total[name] = self.decay * self.total.get(name, 0.0) + term
        self.weight = self.decay * self.weight + 1

    def values(self) -> dict[str, float]:
        return {name: total / self.weight for name, total in self.total.items()}


class _Timer:
    """Estimates the seconds left from the duration of the steps so far."""

    def __init__(self, first: int, total: int) -> None:
        self.first, self.total, self.started = first, total, time.monotonic()

    def seconds_left(self, step: int) -> float:
        spent = time.monotonic() - self.started
        return (self.total - step) * spent / max(1, step - self.first)


def _progress(
    progress: Progress, plan: Plan, steps: int, timer: _Timer, losses: dict[str, float]
) -> TrainerProgress:
    return TrainerProgress(
        (progress.step - 1) // steps + 1,
        plan.epochs,
        progress.step / (plan.epochs * steps),
        timer.seconds_left(progress.step),
        losses,
        progress.history[-1] if progress.history else {},
    )


def _evaluate(learner: Learner, progress: Progress, losses: dict[str, float], steps: int) -> bool:
    """Adds an evaluation to the history; returns whether it is the best so far."""
    metrics = learner.evaluate()
    terms = {f"loss/{name}": value for name, value in losses.items()}
    progress.history.append({"epoch": progress.step / steps, **terms, **metrics})
    better = metrics["quality"] > progress.best  # never, where it is not a number
    if better:
        progress.best, progress.stale = metrics["quality"], 0
    return better


def _copy(module: nn.Module) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in module.state_dict().items()}
