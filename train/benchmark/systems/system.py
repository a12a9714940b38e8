"""The interface of every system that is compared, and the grid search for their settings on validation groups."""

import abc
import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from db.errors import NotUpdatableError
from db.logs import Logs, Task
from train.evaluate.metrics import ndcg, rank_range, reciprocal_rank
from train.evaluate.sampled_ranking import CandidateLists
from train.prepare.splits import Split

PAIRS = 200_000  # pairs scored at a time where a system has no faster way to score everyone


class System(abc.ABC):
    """Ranks items for an initiator (Task I) and participants for an initiator and an item (Task II).

    A candidate has the same score alone, in a list and in the shuffled list, and the same logs, split and seed give the
    same scores. ``mgbr-published`` alone breaks the first rule, to show what that does.
    """

    name: str
    adaptation: str  # how it does the task that it was not made for; "" where it does both
    device: str = "cpu"  # where it was trained; known after ``fit``
    updatable: bool = False  # whether ``update`` is supported

    @abc.abstractmethod
    def fit(self, logs: Logs, split: Split, seed: int) -> None:
        """Learns from ``split.training`` and all failed launches; may tune on ``split.validation``.

        ``logs`` hold no test group.
        """

    @abc.abstractmethod
    def score(self, lists: CandidateLists) -> NDArray[np.float32]:
        """Finite scores [n, N], larger is better; positions of users and items are those of the logs."""

    def score_everyone(
        self, initiator: NDArray[np.int64], item: NDArray[np.int64] | None, size: int
    ) -> NDArray[np.float32]:
        """The scores of ``score`` for all items (Task I, ``item`` is None) or all users (Task II), [n, size].

        The caller bounds n. This default scores ``PAIRS`` pairs at a time; systems override it where scoring everyone
        at once is cheaper.
        """
        task = Task.ITEMS if item is None else Task.PARTICIPANTS
        queries = len(initiator)
        scores = np.empty((queries, size), np.float32)
        width = max(1, PAIRS // max(1, queries))
        for start in range(0, size, width):
            block = np.arange(start, min(start + width, size))
            candidates = np.tile(block, (queries, 1))
            lists = CandidateLists(task, initiator, item, candidates, np.arange(queries))
            scores[:, block] = self.score(lists)
        return scores

    def update(self, logs: Logs) -> None:
        """Scores with these ``logs`` from now on, without training; users and items keep their positions.

        Raises NotUpdatableError where the system cannot do that.
        """
        raise NotUpdatableError("train.benchmark.not_updatable", system=self.name)

    def settings(self) -> dict[str, Any]:
        """Every setting that the scores depend on, tuned ones included; complete after ``fit``."""
        return {}


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
