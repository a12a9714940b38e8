"""What was known when, for systems that count as of a moment: successes and joins with their times."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from db.logs import SUCCESSFUL, Logs

UNKNOWN_CATEGORY = 0
BEGINNING = np.datetime64("1970-01-02T00:00:00", "s")  # later than whatever has no time
SECOND = np.timedelta64(1, "s")


@dataclass(frozen=True)
class TimedEvents:
    """The successful groups with participants [G] and their joins [M]; each join with its group's initiator and item.

    The launches [L] are those of all groups, whatever became of them, and known from the moment of the launch.
    ``category`` [I+1] numbers the items' categories from 1 on; 0 where the shop says none. ``users`` and ``items`` are
    how many there are with the cold-start row, which has no events.
    """

    users: int
    items: int
    category: NDArray[np.int64]
    initiator: NDArray[np.int64]
    item: NDArray[np.int64]
    filled_at: NDArray[np.datetime64]
    participant: NDArray[np.int64]
    join_initiator: NDArray[np.int64]
    join_item: NDArray[np.int64]
    joined_at: NDArray[np.datetime64]
    launcher: NDArray[np.int64]
    launched: NDArray[np.int64]
    launched_at: NDArray[np.datetime64]
    last: np.datetime64  # everything was known before it

    @classmethod
    def of(cls, logs: Logs, visible: NDArray[np.bool_] | None = None) -> "TimedEvents":
        """The events of the logs, or only of the groups that are true in ``visible`` [G]."""
        seen = np.ones(len(logs.group_item), bool) if visible is None else visible
        joined = np.bincount(logs.join_group, minlength=len(logs.group_item)) > 0
        counted = seen & joined & (logs.group_status == SUCCESSFUL)
        joins = counted[logs.join_group]
        of_join = logs.join_group[joins]
        known = logs.last_event
        initiator, item = (
            column.astype(np.int64) for column in (logs.group_initiator, logs.group_item)
        )
        return cls(
            users=len(logs.users) + 1,
            items=len(logs.items) + 1,
            category=_categories(logs.items),
            initiator=initiator[counted],
            item=item[counted],
            filled_at=logs.closed_at[counted],
            participant=logs.join_participant[joins].astype(np.int64),
            join_initiator=initiator[of_join],
            join_item=item[of_join],
            joined_at=logs.joined_at[joins],
            launcher=initiator[seen],
            launched=item[seen],
            launched_at=logs.group_launched_at[seen],
            last=BEGINNING if np.isnat(known) else known + SECOND,
        )


def _categories(items: pd.DataFrame) -> NDArray[np.int64]:
    codes = np.full(len(items) + 1, UNKNOWN_CATEGORY, np.int64)
    if "category" in items:
        codes[:-1] = pd.factorize(items["category"])[0] + 1
    return codes
