"""What people of the same city launch and join, where the shop knows the cities of its users."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from db.logs import Logs
from engine.evidence.describes_candidates import Moments, Positions
from engine.evidence.sparse_products import Candidates
from engine.evidence.timed.attribute import Attribute
from engine.evidence.timed.event_counts import Tally
from engine.evidence.timed.pair_counts import PairCounts
from engine.evidence.timed.values import Columns, of_family, share_of

KEPT = ("30d", "365d")
SHARE = "365d"


class Cities:
    """Launches by the city of their initiator, and joins by that of their participant; nothing of unknown cities."""

    def __init__(self, logs: Logs, category: Attribute) -> None:
        names: list[str | float | None] = [None] * len(logs.users)
        if "city" in logs.users:
            names = logs.users["city"].tolist()
        self.of_users = Attribute.of([_city(name) for name in names])
        self.category = category
        user, item, times = logs.group_initiator, logs.group_item, logs.group_launched_at
        city, code = self.of_users.codes[user], category.codes[item]
        known = city < self.of_users.size - 1
        self.launches = PairCounts(city[known], item[known], times[known], len(logs.items) + 1)
        known &= code < category.size - 1
        self._in_category = PairCounts(city[known], code[known], times[known], category.size)
        city, item = self.of_users.codes[logs.join_participant], logs.group_item[logs.join_group]
        known = city < self.of_users.size - 1
        self._joins = PairCounts(
            item[known], city[known], logs.joined_at[known], self.of_users.size
        )

    def item_columns(
        self, u: Positions, c: Candidates, at: Moments, launches: Tally, in_category: Tally
    ) -> Columns:
        """Launches [B, K] by the initiators' city, and their share in ``launches`` and ``in_category`` by everybody."""
        city, category = self.of_users.codes[u], self.category
        of_item = self.launches.at(city, c, at)
        found = self._in_category.at(city, category.of_items(c), at)
        of_category = category.spread(found, c)
        return {
            **of_family("city_launches", of_item, KEPT),
            "city_launch_share": share_of(of_item, launches, SHARE),
            **of_family("city_category_launches", of_category, KEPT),
            "city_category_share": share_of(of_category, in_category, SHARE),
        }

    def participant_columns(
        self, u: Positions, i: Positions, c: Candidates, at: Moments
    ) -> Columns:
        """Whether candidates [B, K] are of the initiator's city, and joins of the item by people of theirs."""
        joins = self.of_users.spread(self._joins.at(i, self.of_users.of_items(c), at), c)
        return {
            "same_city": self.same(u, c).astype(np.float32),
            **of_family("city_joins", joins, KEPT),
        }

    def same(self, u: Positions, c: Candidates) -> NDArray[np.bool_]:
        """Whether candidates [B, K] are of the initiators' city."""
        codes = self.of_users.codes
        city = codes[None] if c is None else codes[c]
        return (city == codes[u][:, None]) & (city < self.of_users.size - 1)


def _city(name: str | float | None) -> str | None:
    return None if pd.isna(name) else str(name).strip() or None
