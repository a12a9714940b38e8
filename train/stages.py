"""What a training says of itself while it runs; the app and the terminal draw it."""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Stage:
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


Watch = Callable[[Stage], None]


def unwatched(stage: Stage) -> None:
    """Watches nothing."""
