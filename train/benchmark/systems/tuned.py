"""Choosing among a few settings on validation groups, and saying what was tried."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from train.evaluate.metrics import ndcg, rank_range, reciprocal_rank

Setting = dict[str, Any]
T = TypeVar("T")


@dataclass(frozen=True)
class Tuned(Generic[T]):
    """What came of the best setting, and every setting that was tried with its ``quality``."""

    found: T
    chosen: Setting
    tried: list[Setting]


def tuned(settings: Sequence[Setting], attempt: Callable[[Setting], tuple[float, T]]) -> Tuned[T]:
    """Attempts the settings one after another; the best quality wins, the earlier of equals.

    ``attempt`` gives a setting's quality and what came of it; only the best of these is held on to.
    """
    best: tuple[float, T, Setting] | None = None
    tried: list[Setting] = []
    for setting in settings:
        reached, found = attempt(setting)
        tried.append({**setting, "quality": round(reached, 4)})
        if best is None or reached > best[0]:
            best = (reached, found, setting)
    if best is None:
        raise ValueError("No setting to try was given.")
    return Tuned(best[1], best[2], tried)


def quality(scores: NDArray[np.floating]) -> float:
    """The mean of MRR and NDCG over lists [n, N] whose first candidate is right; 0 where there is no list."""
    if not len(scores):
        return 0.0
    first, last = rank_range(scores)
    width = scores.shape[1]
    measured = (measure(first, last, width).mean() for measure in (reciprocal_rank, ndcg))
    return float(np.mean(list(measured)))


def lessened(count: int, effort: float) -> int:
    """The ``effort`` share of a count, and at least one."""
    return max(1, round(count * effort))
