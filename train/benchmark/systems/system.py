"""The interface of every system that is compared, and the quality on validation groups that systems are tuned by."""

import abc
from typing import Any

import numpy as np
from numpy.typing import NDArray

from db.errors import NotUpdatableError
from db.logs import Logs, Task
from train.evaluate.metrics import ndcg, rank_range, reciprocal_rank
from train.evaluate.sampled_ranking import CandidateLists
from train.evaluate.splits import Split

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
    # Whether ``score`` answers each list as of its own moment, whatever the logs hold that comes after.
    timed: bool = False

    @abc.abstractmethod
    def fit(self, logs: Logs, split: Split, seed: int) -> None:
        """Learns from ``split.training`` and all failed launches; may tune on ``split.validation``.

        ``logs`` hold no test group.
        """

    @abc.abstractmethod
    def score(self, lists: CandidateLists) -> NDArray[np.float32]:
        """Finite scores [n, N], larger is better; positions of users and items are those of the logs.

        Where the lists have moments, a ``timed`` system counts only what happened strictly before each.
        """

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
