"""Grid search: a peer's settings are tried one after another on validation groups, and the best is kept."""

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from train.evaluate.metrics import ndcg, rank_range, reciprocal_rank

Setting = TypeVar("Setting")  # a dataclass, or a dict of a library's keyword arguments
Fitted = TypeVar("Fitted")


@dataclass(frozen=True)
class Tuned(Generic[Setting, Fitted]):
    """What the best setting gave, that setting, and every setting that was tried with its quality."""

    best: Fitted
    setting: Setting
    tried: list[tuple[Setting, float]]

    def report(self, scope: str) -> dict[str, Any]:
        """What was chosen and tried for the tasks of ``scope``, as the results keep it."""
        tried = [
            _as_dict(setting) | {"quality": round(quality, 4)} for setting, quality in self.tried
        ]
        return {f"{scope}/chosen": _as_dict(self.setting), f"{scope}/tried": tried}


def tune(
    grid: Sequence[Setting], attempt: Callable[[Setting], tuple[float, Fitted]]
) -> Tuned[Setting, Fitted]:
    """Tries the settings in turn; the best quality wins, the earlier of equal ones.

    ``attempt`` returns a setting's quality and what came of it; only the best of these is kept in memory.
    """
    best: tuple[float, Fitted, Setting] | None = None
    tried: list[tuple[Setting, float]] = []
    for setting in grid:
        quality, fitted = attempt(setting)
        tried.append((setting, quality))
        if best is None or quality > best[0]:
            best = (quality, fitted, setting)
    if best is None:
        raise ValueError("The grid is empty.")
    return Tuned(best[1], best[2], tried)


def mean_mrr_ndcg(scores: NDArray[np.floating]) -> float:
    """The mean of MRR and NDCG over lists [n, N] with the right answer in column 0; 0 where there is no list."""
    if not len(scores):
        return 0.0
    first, last = rank_range(scores)
    width = scores.shape[1]
    return float(np.mean([metric(first, last, width).mean() for metric in (reciprocal_rank, ndcg)]))


def share_of(count: int, effort: float) -> int:
    """The ``effort`` share of a count, at least 1."""
    return max(1, round(count * effort))


def _as_dict(setting: Any) -> dict[str, Any]:
    return dataclasses.asdict(setting) if dataclasses.is_dataclass(setting) else dict(setting)  # type: ignore[arg-type]
