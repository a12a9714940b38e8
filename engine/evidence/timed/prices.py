"""What items cost, and how far that is from what a user launches: over all, and in the item's category."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from db.logs import Logs
from engine.evidence.describes_candidates import Moments, Positions
from engine.evidence.sparse_products import Candidates
from engine.evidence.timed.attribute import Attribute
from engine.evidence.timed.event_counts import Histories, LatestEvents
from engine.evidence.timed.pair_counts import PairMeans
from engine.evidence.timed.values import Columns, Floats

HISTORY = 30  # latest launches that a price is compared with
HALF_LIFE = 90.0  # days, of the weight of a launch
UNKNOWN = 0.0


class Prices:
    """Prices and discounts by item [I+1], NaN where they are not known, and what was launched at which price.

    ``log_price`` is the natural logarithm of the group price, or of the price where that is not known; ``discount``
    the share of the price that a group saves, between -1 and 1.
    """

    def __init__(self, logs: Logs, category: Attribute) -> None:
        frame = logs.items
        nothing = pd.Series(np.nan, frame.index)
        group_price, price = (
            pd.to_numeric(frame.get(name, nothing)).where(lambda known: known > 0)
            for name in ("group_price", "price")
        )
        self.log_price = _with_cold_start(np.log(group_price.fillna(price)))
        self.discount = _with_cold_start((1 - group_price / price).clip(-1, 1))
        self.category = category
        user, item, times = logs.group_initiator, logs.group_item, logs.group_launched_at
        self._launched = Histories(user, times, item)
        paid, code = self.log_price[item], category.codes[item]
        known = ~np.isnan(paid) & (code < category.size - 1)
        events = user[known], code[known], times[known]
        self._in_category = PairMeans(*events, category.size, paid[known], HALF_LIFE)

    def columns(self, u: Positions, c: Candidates, at: Moments) -> Columns:
        """Prices and discounts of items beside those of the initiator's launches, each [B, K] or [1, K]."""
        latest = self._launched.latest(u, at, HISTORY)
        price, discount = _of(self.log_price, c), _of(self.discount, c)
        above = price - weighted_mean(self.log_price, latest)[:, None]
        above_category = self.above_category(u, c, at)
        found = {
            "price": price,
            "price_gap": np.abs(above),
            "price_above": above,
            "category_price_gap": np.abs(above_category),
            "category_price_above": above_category,
            "discount": discount,
            "discount_above": discount - weighted_mean(self.discount, latest)[:, None],
        }
        return {name: np.nan_to_num(values, nan=UNKNOWN) for name, values in found.items()}

    def gaps(self, u: Positions, c: Candidates, at: Moments) -> Floats:
        """How far the log of each price is from that of the initiator's latest launches, [B, K]; NaN if unknown."""
        usual = weighted_mean(self.log_price, self._launched.latest(u, at, HISTORY))
        return np.abs(_of(self.log_price, c) - usual[:, None])

    def above_category(self, u: Positions, c: Candidates, at: Moments) -> Floats:
        """How much the log of each price is above that of the initiator's launches in the category; NaN if unknown."""
        usual = self._in_category.at(u, self.category.of_items(c), at)
        return _of(self.log_price, c) - (usual if c is not None else usual[:, self.category.codes])


def weighted_mean(values: Floats, latest: LatestEvents) -> Floats:
    """The mean [B] of the known ``values`` [N] of the latest events, recent ones weighing more; NaN where none is."""
    found = np.where(latest.real, values[latest.values], np.nan)
    weight = np.where(np.isnan(found), 0, latest.weights(HALF_LIFE))
    total = weight.sum(1)
    mean = (np.nan_to_num(found) * weight).sum(1) / np.where(total > 0, total, 1)
    return np.where(total > 0, mean, np.nan).astype(np.float32)


def _of(values: Floats, c: Candidates) -> Floats:
    """The values of candidates [B, K], or of every one [1, I+1]."""
    return values[None] if c is None else values[c]


def _with_cold_start(values: pd.Series) -> NDArray[np.float32]:
    return np.append(values.to_numpy(np.float64), np.nan).astype(np.float32)
