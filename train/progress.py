"""How a training reports on stderr: a bar for people, JSON lines for programs."""

import dataclasses
import json
import sys
from types import TracebackType
from typing import NoReturn, Self

from tqdm import tqdm

from train.stages import Stage


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

    def show(self, stage: Stage) -> None:
        """Takes note of where the training stands."""


class JsonLines(Quiet):
    """One JSON object a line."""

    def show(self, stage: Stage) -> None:
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

    def show(self, stage: Stage) -> None:
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
