"""The logs as arrays, and the types of what is asked of them: tasks, queries and metrics.

Users and items are referred to by position: row ``k`` of ``users`` is user ``k``. Positions follow
the order in which the store first saw an entity: an import appends and never renumbers.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import pandas as pd
from numpy.typing import NDArray

SUCCESSFUL, FAILED, OPEN = 0, 1, 2
# An initiator has *launched* an item by a group of these; an item whose launches all failed may be tried again.
LAUNCHED = (SUCCESSFUL, OPEN)
# People who shared a group of these are in each other's *circle*, as declared friends are. Whether an open group fills
# is not known yet, so it is no evidence and makes no circle.
SHARED = (SUCCESSFUL,)


class Task(StrEnum):
    """Task I ranks items for an initiator, Task II participants for an initiator and an item."""

    ITEMS = "items"
    PARTICIPANTS = "participants"


@dataclass(frozen=True)
class Query:
    """What candidates are ranked for: the positions of an initiator and, in Task II, of an item."""

    initiator: int
    item: int | None = None

    @property
    def task(self) -> Task:
        """The task of this query."""
        return Task.ITEMS if self.item is None else Task.PARTICIPANTS


@dataclass(frozen=True)
class Metric:
    """A ranking metric of a task: ``name`` at a cut-off ``k``, or over the whole list where there is none."""

    task: Task
    name: str  # mrr, ndcg, recall, coverage, popularity
    k: int | None = None

    @classmethod
    def parse(cls, text: str) -> "Metric":
        """The metric of ``items/mrr@10``, as manifests and results write it; ValueError where it is none."""
        task, _, at = text.partition("/")
        name, _, k = at.partition("@")
        if not name:
            raise ValueError(f"{text!r} is not a metric: write task/name@k")
        return cls(Task(task), name, int(k) if k else None)

    @property
    def at(self) -> str:
        """Without the task: ``mrr@10``."""
        return self.name if self.k is None else f"{self.name}@{self.k}"

    def __str__(self) -> str:
        """As manifests and results write it: ``items/mrr@10``."""
        return f"{self.task}/{self.at}"


@dataclass(frozen=True)
class Logs:
    """Users, items, groups, joins and friendships: G groups, M joins and F friendships.

    ``users`` and ``items`` are indexed by the shop's own id (unique strings), with the attributes as
    columns: ``name`` for both; ``category``, ``price``, ``group_price`` and ``min_participants`` for
    items. Unknown values are missing, never guessed.
    """

    users: pd.DataFrame
    items: pd.DataFrame
    group_initiator: NDArray[np.int32]  # [G] positions in users
    group_item: NDArray[np.int32]  # [G] positions in items
    group_status: NDArray[np.int8]  # [G] SUCCESSFUL, FAILED or OPEN
    group_launched_at: NDArray[np.datetime64]  # [G] datetime64[s], NaT if unknown
    join_group: NDArray[np.int32]  # [M] positions in the groups, ascending
    join_participant: NDArray[np.int32]  # [M] positions in users
    friendships: NDArray[np.int32]  # [F, 2] positions in users, each pair once
    # Identifies the data: changes with every import and undo, the same for the same content of the store.
    version: str

    def with_groups(self, kept: NDArray[np.bool_]) -> "Logs":
        """The logs with only the groups where ``kept`` [G] is true; users and items keep their positions."""
        place = np.cumsum(kept) - 1
        joins = kept[self.join_group]
        return replace(
            self,
            group_initiator=self.group_initiator[kept],
            group_item=self.group_item[kept],
            group_status=self.group_status[kept],
            group_launched_at=self.group_launched_at[kept],
            join_group=place[self.join_group[joins]].astype(np.int32),
            join_participant=self.join_participant[joins],
        )


UNKNOWN_TIME = np.iinfo(np.int64).min  # the integer behind NaT
