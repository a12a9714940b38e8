"""Tuning with the same effort for all: a few settings are tried one after another, and the best is kept."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

S = TypeVar("S")
T = TypeVar("T")


@dataclass(frozen=True)
class Choice(Generic[S, T]):
    """The best of the settings, what was learned with it, and the quality of every setting tried, in order."""

    setting: S
    learned: T
    tried: list[tuple[S, float]]


def best_of(
    grid: Sequence[S], learn: Callable[[S], T], quality: Callable[[T], float]
) -> Choice[S, T]:
    """Learns with each setting of ``grid`` and keeps the one with the largest ``quality``, the first of equals.

    No more than two learned things are held at a time. ``ValueError`` where the grid is empty.
    """
    if not grid:
        raise ValueError("The grid holds no setting. Name at least one.")
    best: tuple[S, T] | None = None
    tried: list[tuple[S, float]] = []
    for setting in grid:
        learned = learn(setting)
        found = quality(learned)
        if best is None or found > max(figure for _, figure in tried):
            best = (setting, learned)
        tried.append((setting, found))
    assert best is not None  # noqa: S101  the grid holds a setting
    return Choice(best[0], best[1], tried)
