"""What a system must do to be compared."""

import abc
from typing import Any

import numpy as np
from numpy.typing import NDArray

from db.errors import NotUpdatableError
from db.logs import Logs, Task
from train.evaluate.sampled_ranking import CandidateLists
from train.prepare.splits import Split

PAIRS = 200_000  # scored at once where a system has no quicker way to score everyone


class System(abc.ABC):
    """Ranks items for an initiator (Task I) and participants for an initiator and an item (Task II).

    n lists of N candidates. A candidate's score is the same alone, in a list and in the list shuffled, and the same
    logs, split and seed give the same scores. ``mgbr-published`` alone breaks the first law, to show what that does.
    """

    name: str
    adaptation: str  # how it does the task that it was not made for; "" where it does both
    device: str = "cpu"  # where it learned; known after ``fit``
    updatable: bool = False  # whether ``update`` is possible

    @abc.abstractmethod
    def fit(self, logs: Logs, parts: Split, seed: int) -> None:
        """Learns from ``parts.training`` and all failed launches, and may tune on ``parts.validation``.

        ``logs`` hold no test group at all, so that none can be learned from by mistake.
        """

    @abc.abstractmethod
    def score(self, lists: CandidateLists) -> NDArray[np.float32]:
        """Scores [n, N], finite, larger is better; the positions of users and items are those of the logs."""

    def score_everyone(
        self, initiator: NDArray[np.int64], item: NDArray[np.int64] | None, size: int
    ) -> NDArray[np.float32]:
        """Scores [n, size] of all items (Task I, ``item`` is None) or all users (Task II); those of ``score``.

        The caller bounds n. This way through lists takes a bounded number of pairs at a time; a system overrides it
        where everybody at once is cheaper.
        """
        task = Task.ITEMS if item is None else Task.PARTICIPANTS
        queries = len(initiator)
        scores = np.empty((queries, size), np.float32)
        width = max(1, PAIRS // max(1, queries))
        for start in range(0, size, width):
            some = np.arange(start, min(start + width, size))
            candidates = np.tile(some, (queries, 1))
            lists = CandidateLists(task, initiator, item, candidates, np.arange(queries))
            scores[:, some] = self.score(lists)
        return scores

    def update(self, logs: Logs) -> None:
        """From now on scores with these ``logs`` in place of those it learned from, without learning anything.

        Users and items keep their positions. ``NotUpdatableError`` where the system has no such way.
        """
        raise NotUpdatableError(
            f"{self.name} takes in new logs only by learning from them. Leave it out of --systems."
        )

    def settings(self) -> dict[str, Any]:
        """Every setting that its scores hang on, tuned ones included; complete after ``fit``."""
        return {}
