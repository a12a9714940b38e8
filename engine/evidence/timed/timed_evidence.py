"""The evidence of a shop with launch times: what was known of a candidate at the moment of each query.

Chosen candidates and everybody have the same numbers: the former are looked up one by one, the latter read row by row.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from db.logs import Task
from engine.evidence.graphs import Graphs
from engine.evidence.sparse_products import select_cells
from engine.evidence.timed.columns import EVERY, FEW, FIRST, TIMED_COLUMNS
from engine.evidence.timed.event_counts import LatestEvents, Tally
from engine.evidence.timed.shop_events import (
    AttributeEvents,
    Candidates,
    Moments,
    Positions,
    ShopEvents,
)
from engine.evidence.timed.values import (
    Columns,
    Floats,
    log_age,
    of_family,
    share_of,
    shares_of,
    trend,
)

BLOCK = 256  # queries at a time: bounds the memory of the tallies
HISTORY = 30  # latest launches that a price is compared with
PRICE_HALF_LIFE = 90.0  # days
UNKNOWN_PRICE = 0.0


@dataclass(frozen=True)
class TimedEvidence:
    """The events of the logs, asked as of ``moment`` where a query brings none of its own.

    ``graphs`` are those of what was known at the ``moment``: they hold what reasons say, and friendships.
    ``smooth_taste`` [I+1, m] makes the role vectors.
    """

    events: ShopEvents
    moment: np.datetime64
    graphs: Graphs
    smooth_taste: Floats

    @property
    def columns(self) -> Mapping[Task, tuple[str, ...]]:
        """The names of the columns of each task."""
        return TIMED_COLUMNS

    def as_of(self, moment: np.datetime64) -> "TimedEvidence":
        """The same events asked as of another moment."""
        return replace(self, moment=moment)

    def items(
        self, initiators: Positions, candidates: Candidates, at: Moments | None = None
    ) -> Floats:
        """Evidence [B, K, E1] for initiators [B] and items [B, K] (None: all I+1), each as of ``at`` [B]."""
        return self._table(Task.ITEMS, initiators, None, candidates, at)

    def participants(
        self,
        initiators: Positions,
        items: Positions,
        candidates: Candidates,
        at: Moments | None = None,
    ) -> Floats:
        """Evidence [B, K, E2] for (initiator, item) [B] and users [B, K] (None: all U+1), each as of ``at`` [B]."""
        return self._table(Task.PARTICIPANTS, initiators, items, candidates, at)

    def initiators(self, item: int) -> Floats:
        """Evidence [U+1, E1] of an item for every initiator; row u equals ``items`` of u and the item."""
        everybody = np.arange(self.events.users + 1)
        return self.items(everybody, np.full((len(everybody), 1), item))[:, 0]

    def _table(
        self,
        task: Task,
        initiators: Positions,
        items: Positions | None,
        candidates: Candidates,
        at: Moments | None,
    ) -> Floats:
        queries, names = len(initiators), TIMED_COLUMNS[task]
        moments = np.full(queries, self.moment) if at is None else at
        if candidates is None:
            size = (self.events.items if items is None else self.events.users) + 1
            # Laid out by column because it is filled by column.
            table = np.empty((queries, len(names), size), np.float32).transpose(0, 2, 1)
        else:
            table = np.empty((*candidates.shape, len(names)), np.float32)
        for block in _blocks(queries, 1 if candidates is None else BLOCK):
            chosen = None if candidates is None else candidates[block]
            if items is None:
                found = self._of_items(initiators[block], chosen, moments[block])
            else:
                found = self._of_participants(
                    initiators[block], items[block], chosen, moments[block]
                )
            for column, name in enumerate(names):
                table[block, :, column] = found[name]
        return table

    def _of_items(self, u: Positions, c: Candidates, at: Moments) -> Columns:
        """The columns of Task I by name, each [B, K] or [B, 1]."""
        events, me = self.events, u[:, None]
        launches, mine = events.item_launches.at(c, at), events.launches.at(u, c, at)
        my_launches = events.user_launches.at(me, at)
        return {
            **of_family("item_launches", launches, (*EVERY, "since_first")),
            "item_trend": trend(launches),
            **of_family("item_first_launches", events.item_first_launches.at(c, at), FIRST),
            **of_family("item_successes", events.item_successes.at(c, at), FEW),
            **of_family("item_failures", events.item_failures.at(c, at), FEW),
            **of_family("item_joins", events.item_joins.at(c, at), ("count", *FEW)),
            **of_family("initiator_launches", my_launches, (*EVERY, "since_first")),
            **of_family("initiator_failures", events.user_failures.at(me, at), FEW),
            **of_family("initiator_joins", events.user_joins.at(me, at), FEW),
            **of_family("own_launches", mine, (*EVERY, "since_first")),
            "own_launch_share_count": mine.count / (my_launches.count + 1),
            **shares_of("own_launch_share", mine, my_launches),
            "own_recency": log_age(mine.since_last) - log_age(my_launches.since_last),
            **of_family("own_successes", events.successes.at(u, c, at), FEW),
            **of_family("own_failures", events.failures.at(u, c, at), FEW),
            **of_family("own_joins", events.joins.at(u, c, at), EVERY),
            **self._following(u, c, at),
            **self._own_attribute("category", events.category, u, c, at, my_launches),
            **self._own_attribute("subcategory", events.subcategory, u, c, at, my_launches),
            **self._own_brand(u, c, at, my_launches),
            **self._prices(u, c, at),
        }

    def _of_participants(self, u: Positions, i: Positions, c: Candidates, at: Moments) -> Columns:
        """The columns of Task II by name, each [B, K] or [B, 1]."""
        events, me, it = self.events, u[:, None], i[:, None]
        joins, invited = events.user_joins.at(c, at), events.participants.at(u, c, at)
        joined_item, successes = events.joins_by_item.at(i, c, at), events.user_successes.at(me, at)
        found = {
            **of_family("participant_joins", joins, (*EVERY, "since_first")),
            "participant_trend": trend(joins),
            **of_family("participant_launches", events.user_launches.at(c, at), EVERY),
            **of_family("item_launches", events.item_launches.at(it, at), FEW),
            **of_family("item_joins", events.item_joins.at(it, at), FEW),
            **of_family("initiator_launches", events.user_launches.at(me, at), FEW),
            **of_family("initiator_successes", successes, FEW),
            **of_family("initiator_joins", events.user_joins.at(me, at), FEW),
            **of_family("joined_item", joined_item, EVERY),
            **shares_of("joined_item_share", joined_item, events.item_successes.at(it, at)),
            **of_family("launched_item", events.launches_by_item.at(i, c, at), EVERY),
            **of_family("joined_initiator", invited, (*EVERY, "since_first")),
            **shares_of("joined_initiator_share", invited, successes),
            **shares_of("share_of_joins", invited, joins),
            **of_family("initiator_joined", events.hosts.at(u, c, at), EVERY),
            "friend": select_cells(self.graphs.befriended[u], c),
        }
        for name, values in (("category", events.category), ("subcategory", events.subcategory)):
            value = values.attribute.codes[i]
            joined = values.joins_by_value.at(value, c, at)
            launched = values.launches_by_value.at(value, c, at)
            found |= of_family(f"joined_{name}", joined, EVERY)
            found[f"joined_{name}_share"] = share_of(joined, joins, "90d")
            found |= of_family(f"launched_{name}", launched, FEW)
        return found

    def _own_attribute(
        self,
        name: str,
        values: AttributeEvents,
        u: Positions,
        c: Candidates,
        at: Moments,
        my_launches: Tally,
    ) -> Columns:
        """What the shop and the initiator did with the items of the same category."""
        attribute = values.attribute
        codes = attribute.of_items(c)
        everybody, launches, joins = (
            attribute.spread(tally, c)
            for tally in (
                values.all_launches.at(codes, at),
                values.launches.at(u, codes, at),
                values.joins.at(u, codes, at),
            )
        )
        return {
            **of_family(f"{name}_launches", everybody, EVERY),
            **of_family(f"own_{name}_launches", launches, EVERY),
            f"own_{name}_share": share_of(launches, my_launches, "90d"),
            **of_family(f"own_{name}_joins", joins, FEW),
        }

    def _own_brand(self, u: Positions, c: Candidates, at: Moments, my_launches: Tally) -> Columns:
        brand = self.events.brand
        launches = brand.attribute.spread(brand.launches.at(u, brand.attribute.of_items(c), at), c)
        return {
            **of_family("own_brand_launches", launches, FEW),
            "own_brand_share": share_of(launches, my_launches, "365d"),
        }

    def _following(self, u: Positions, c: Candidates, at: Moments) -> Columns:
        """How often the item was launched next by whoever had launched the initiator's last items."""
        latest = self.events.launched.latest(u, at, 2)
        found = {}
        for place, name in enumerate(("followed_last", "followed_second_last")):
            before = np.where(latest.real[:, place], latest.values[:, place], self.events.items)
            next_ones = self.events.successors.at(before, c, at)
            every = self.events.item_launches.at(before[:, None], at)
            found[name] = share_of(next_ones, every, "365d")
        return found

    def _prices(self, u: Positions, c: Candidates, at: Moments) -> Columns:
        """The log of the price, and how far it lies from the prices of the initiator's latest launches."""
        prices = self.events.log_price
        price = prices[None] if c is None else prices[c]
        return {
            "price": np.nan_to_num(price, nan=UNKNOWN_PRICE),
            "price_gap": np.nan_to_num(self.price_gaps(u, c, at), nan=UNKNOWN_PRICE),
        }

    def price_gaps(self, u: Positions, c: Candidates, at: Moments) -> Floats:
        """How far the log of each price is from that of the initiator's latest launches, [B, K]; NaN if unknown."""
        prices = self.events.log_price
        usual = _weighted_mean(prices, self.events.launched.latest(u, at, HISTORY))
        price = prices[None] if c is None else prices[c]
        return np.abs(price - usual[:, None])


def _weighted_mean(values: Floats, latest: LatestEvents) -> Floats:
    """The mean [B] of the known ``values`` [N] of the latest events, recent ones weighing more; NaN where none is."""
    found = np.where(latest.real, values[latest.values], np.nan)
    weight = np.where(np.isnan(found), 0, latest.weights(PRICE_HALF_LIFE))
    total = weight.sum(1)
    mean = (np.nan_to_num(found) * weight).sum(1) / np.where(total > 0, total, 1)
    return np.where(total > 0, mean, np.nan).astype(np.float32)


def _blocks(size: int, block: int) -> Iterator[slice]:
    for start in range(0, size, block):
        yield slice(start, start + block)


def day_of(moment: np.datetime64) -> np.datetime64:
    """The first second of the moment's day."""
    return np.datetime64(moment.astype("datetime64[D]"), "s")


def moment_after(last: np.datetime64) -> np.datetime64:
    """The first moment at which everything up to the ``last`` event is known."""
    return last + np.timedelta64(1, "s")
