"""What a system must do to be compared."""

import abc
from typing import Any

import numpy as np
from numpy.typing import NDArray

from db.logs import Logs
from train.protocol import Lists
from train.splits import Split


class System(abc.ABC):
    """Ranks items for an initiator (Task I) and participants for an initiator and an item (Task II).

    n lists of N candidates. A candidate's score is the same alone, in a list and in the list shuffled, and the same
    logs, split and seed give the same scores. ``mgbr-published`` alone breaks the first law, to show what that does.
    """

    name: str
    adaptation: str  # how it does the task that it was not made for; "" where it does both
    device: str = "cpu"  # where it learned; known after ``fit``

    @abc.abstractmethod
    def fit(self, logs: Logs, parts: Split, seed: int) -> None:
        """Learns from ``parts.training`` and all failed launches, and may tune on ``parts.validation``.

        ``logs`` hold no test group at all, so that none can be learned from by mistake.
        """

    @abc.abstractmethod
    def score(self, lists: Lists) -> NDArray[np.float32]:
        """Scores [n, N], finite, larger is better; the positions of users and items are those of the logs."""

    def settings(self) -> dict[str, Any]:
        """Every setting that its scores hang on, tuned ones included; complete after ``fit``."""
        return {}
