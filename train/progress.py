"""The progress of a training: its stages, the curves of its losses and metrics, and how a terminal shows them."""

import dataclasses
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import NoReturn, Self

from tqdm import tqdm

from db.jobs.queue import LearningCurves, Point

WAITING = "Waiting for another process that is writing to the store"
COMPARING = "Comparing with the serving version on later groups"
RECORDED = 0.98  # the share of a training that is behind it when its version is recorded


@dataclass(frozen=True)
class TrainingProgress:
    """A moment of a training, evidence and export included."""

    stage: str  # start, evidence, epoch, evaluate, export, waiting, compare or done
    message: str
    fraction: float  # of the whole training
    eta_seconds: float | None = None
    epoch: int = 0
    epochs: int = 0
    losses: dict[str, float] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    passed: float = 0.0  # epochs so far, the current one in part
    checkpoint: str = ""  # file name of the state from which the same training would resume
    note: str = ""  # what people have to know of it afterwards


ProgressCallback = Callable[[TrainingProgress], None]


def ignore_progress(stage: TrainingProgress) -> None:
    """Does nothing."""


MOST_POINTS = 160  # of the losses; beyond it every second one is dropped


class CurveRecorder:
    """Collects losses and metrics while a training runs."""

    def __init__(self) -> None:
        self.losses: list[Point] = []
        self.metrics: list[Point] = []
        self.spacing = 0.0  # epochs between two points of the losses

    def add(self, stage: TrainingProgress) -> bool:
        """Adds the stage's losses and metrics; returns whether its metrics are new.

        Losses closer to the last point than the spacing are skipped.
        """
        evaluated = bool(stage.metrics) and (
            not self.metrics or self.metrics[-1][0] != stage.metrics["epoch"]
        )
        if evaluated:
            self.metrics.append((stage.metrics["epoch"], stage.metrics))
        if stage.losses and not (self.losses and stage.passed - self.losses[-1][0] < self.spacing):
            self.losses.append((round(stage.passed, 4), dict(stage.losses)))
        if len(self.losses) > MOST_POINTS:
            self.losses = self.losses[::2]
            self.spacing = self.losses[-1][0] / MOST_POINTS * 2
        return evaluated

    def curves(self) -> LearningCurves:
        """What was collected so far, rounded; of the metrics those of ranked lists alone."""
        return LearningCurves(
            losses=tuple((epoch, _rounded(values)) for epoch, values in self.losses),
            metrics=tuple(
                (epoch, _rounded({name: values[name] for name in values if "@" in name}))
                for epoch, values in self.metrics
            ),
        )


def _rounded(values: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 5) for name, value in values.items()}


class Quiet:
    """Shows nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Ends the report."""

    def show(self, stage: TrainingProgress) -> None:
        """Shows the stage."""


class JsonLines(Quiet):
    """One JSON object a line."""

    def show(self, stage: TrainingProgress) -> None:
        """Prints the stage."""
        print(json.dumps(dataclasses.asdict(stage)), file=sys.stderr, flush=True)


class TerminalBar(Quiet):
    """A progress bar over the whole training, drawn once there is something to show."""

    def __init__(self) -> None:
        self.bar: tqdm[NoReturn] | None = None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Closes the bar."""
        if self.bar is not None:
            self.bar.close()

    def show(self, stage: TrainingProgress) -> None:
        """Moves the bar."""
        if self.bar is None:
            self.bar = tqdm(
                total=100,
                file=sys.stderr,
                bar_format="{desc}{percentage:3.0f}%|{bar}| {elapsed}{postfix}",
            )
        if stage.note:
            self.bar.write(stage.note, file=sys.stderr)
        self.bar.n = round(100 * stage.fraction, 1)
        self.bar.set_description(stage.message, refresh=False)
        shown = {name: f"{value:.3f}" for name, value in stage.losses.items()}
        if "quality" in stage.metrics:
            shown["quality"] = f"{stage.metrics['quality']:.4f}"
        self.bar.set_postfix(shown, refresh=False)
        self.bar.refresh()


def reporter(kind: str) -> Quiet:
    """``bar`` for people, ``json`` for programs, ``none``."""
    if kind == "bar":
        return TerminalBar()
    return JsonLines() if kind == "json" else Quiet()
