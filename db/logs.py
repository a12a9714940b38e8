"""The logs as arrays: what training and serving read from the store, in one snapshot.

Positions, not ids, are used throughout: row ``k`` of ``users`` is user ``k``. Positions follow the
order in which the store first saw an entity, so they only ever grow: an import appends and never
renumbers.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

SUCCESSFUL, FAILED, OPEN = 0, 1, 2


@dataclass(frozen=True)
class Logs:
    """Users, items, groups, joins and friendships; G groups and M joins.

    ``users`` and ``items`` are indexed by the shop's own id (strings, unique) and carry the known
    attributes as columns: ``name`` for both; ``category``, ``price``, ``group_price``,
    ``min_participants`` for items. Unknown values are missing, never guessed.
    """

    users: pd.DataFrame
    items: pd.DataFrame
    group_initiator: NDArray[np.int32]  # [G] positions in users
    group_item: NDArray[np.int32]  # [G] positions in items
    group_status: NDArray[np.int8]  # [G] SUCCESSFUL, FAILED or OPEN
    group_launched_at: NDArray[np.datetime64]  # [G] datetime64[s], NaT where the logs do not say
    join_group: NDArray[np.int32]  # [M] positions in the groups, ascending
    join_participant: NDArray[np.int32]  # [M] positions in users
    friendships: NDArray[np.int32]  # [F, 2] positions in users, each pair once
    # Names the data: changes with every import and undo, equal for equal contents of the store.
    version: str

    def with_groups(self, kept: NDArray[np.bool_]) -> "Logs":
        """The logs of the groups where ``kept`` [G] is true; users and items keep their positions."""
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
