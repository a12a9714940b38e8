"""What a training says of itself while it runs; the app and the terminal draw it."""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Stage:
    """A moment of a training, evidence and export included."""

    stage: str  # evidence, epoch, evaluate, export or done
    message: str
    fraction: float  # of the whole training
    eta_seconds: float | None = None
    epoch: int = 0
    epochs: int = 0
    losses: dict[str, float] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)


Watch = Callable[[Stage], None]


def unwatched(stage: Stage) -> None:
    """Watches nothing."""
