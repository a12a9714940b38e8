"""How a training reports on stderr: a bar for people, JSON lines for programs.

How a training went so far: its losses and its figures over the epochs, few enough to keep in a row of the store.


What a training says of itself while it runs; the app and the terminal draw it.
"""

import dataclasses
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, NoReturn, Self

from tqdm import tqdm


@dataclass(frozen=True)
class TrainingProgress:
    """A moment of a training, evidence and export included."""

    stage: str  # start, evidence, epoch, evaluate, export or done
    message: str
    fraction: float  # of the whole training
    eta_seconds: float | None = None
    epoch: int = 0
    epochs: int = 0
    losses: dict[str, float] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    passed: float = 0.0  # epochs so far, with the part of the one that runs
    checkpoint: str = ""  # file name of the state that the same training would go on from


ProgressCallback = Callable[[TrainingProgress], None]


def ignore_progress(stage: TrainingProgress) -> None:
    """Watches nothing."""


MOST = 160  # points of the losses; beyond it every second one goes


class Course:
    """Collects what a training says of itself."""

    def __init__(self) -> None:
        self.losses: list[tuple[float, dict[str, float]]] = []
        self.figures: list[tuple[float, dict[str, float]]] = []
        self.apart = 0.0  # epochs between two points

    def add(self, stage: TrainingProgress) -> None:
        """Takes note of a stage; what is nearer to the last point than the others are is left out."""
        if stage.metrics and (not self.figures or self.figures[-1][0] != stage.metrics["epoch"]):
            self.figures.append((stage.metrics["epoch"], stage.metrics))
        if not stage.losses or (self.losses and stage.passed - self.losses[-1][0] < self.apart):
            return
        self.losses.append((round(stage.passed, 4), dict(stage.losses)))
        if len(self.losses) > MOST:
            self.losses = self.losses[::2]
            self.apart = self.losses[-1][0] / MOST * 2

    def as_dict(self) -> dict[str, Any]:
        """``{"losses": [[epochs, {loss: value}], ...], "figures": [[epochs, {figure: value}], ...]}``, rounded."""
        return {
            "losses": [[at, _rounded(said)] for at, said in self.losses],
            "figures": [
                [at, _rounded({name: said[name] for name in said if "@" in name})]
                for at, said in self.figures
            ],
        }


def _rounded(said: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 5) for name, value in said.items()}


class Quiet:
    """Says nothing."""

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
        """Takes note of where the training stands."""


class JsonLines(Quiet):
    """One JSON object a line."""

    def show(self, stage: TrainingProgress) -> None:
        """Prints the stage."""
        print(json.dumps(dataclasses.asdict(stage)), file=sys.stderr, flush=True)


class TerminalBar(Quiet):
    """A progress bar over the whole training, drawn when there is something to show."""

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
        self.bar.n = round(100 * stage.fraction, 1)
        self.bar.set_description(stage.message, refresh=False)
        told = {name: f"{value:.3f}" for name, value in stage.losses.items()}
        if "quality" in stage.metrics:
            told["quality"] = f"{stage.metrics['quality']:.4f}"
        self.bar.set_postfix(told, refresh=False)
        self.bar.refresh()


def reporter(kind: str) -> Quiet:
    """``bar`` for people, ``json`` for programs, ``none``."""
    if kind == "bar":
        return TerminalBar()
    return JsonLines() if kind == "json" else Quiet()
