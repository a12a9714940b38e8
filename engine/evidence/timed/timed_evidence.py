"""The evidence of a shop with launch times: what was known of a candidate at the moment of each query.

Chosen candidates and everybody have the same numbers: the former are looked up one by one, the latter read row by row.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from db.logs import Task
from engine.evidence.describes_candidates import Moments, Positions
from engine.evidence.graphs import Graphs
from engine.evidence.sparse_products import Candidates, select_cells
from engine.evidence.timed.attribute_columns import attribute_columns
from engine.evidence.timed.columns import EVERY, FEW, FIRST, TIMED_COLUMNS
from engine.evidence.timed.seasons import season
from engine.evidence.timed.shop_events import ShopEvents
from engine.evidence.timed.values import (
    Columns,
    Floats,
    log_age,
    of_family,
    share_of,
    shares_of,
    trend,
)
from engine.evidence.timed.words import HISTORY

BLOCK = 256  # queries at a time: bounds the memory of the tallies


@dataclass(frozen=True)
class TimedEvidence:
    """The events of the logs, asked as of ``moment`` where a query brings none of its own.

    ``graphs`` are those of what was known at the ``moment``: they hold what reasons say, and friendships.
    ``smooth_taste`` [I+1, m] makes the role vectors. ``columns`` are the names of the columns of each task: of a model
    from before some of them were invented, those that it knows.
    """

    events: ShopEvents
    moment: np.datetime64
    graphs: Graphs
    smooth_taste: Floats
    columns: Mapping[Task, tuple[str, ...]] = field(default_factory=lambda: TIMED_COLUMNS)

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
        queries, names = len(initiators), self.columns[task]
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
            "item_season": season(events.item_launches, c, at),
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
            **attribute_columns(events, u, c, at, launches, my_launches),
            **events.prices.columns(u, c, at),
            **events.words.columns(events.launched.latest(u, at, HISTORY), c),
            **events.ties.launch_columns(events.launches, u, c, at),
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
            **events.ties.tie_columns(u, c, at),
            **events.cities.participant_columns(u, i, c, at),
        }
        for name, values in (("category", events.category), ("subcategory", events.subcategory)):
            value = values.attribute.codes[i]
            joined = values.joins_by_value.at(value, c, at)
            launched = values.launches_by_value.at(value, c, at)
            found |= of_family(f"joined_{name}", joined, EVERY)
            found[f"joined_{name}_share"] = share_of(joined, joins, "90d")
            found |= of_family(f"launched_{name}", launched, FEW)
        return found

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


def _blocks(size: int, block: int) -> Iterator[slice]:
    for start in range(0, size, block):
        yield slice(start, start + block)


def day_of(moment: np.datetime64) -> np.datetime64:
    """The first second of the moment's day."""
    return np.datetime64(moment.astype("datetime64[D]"), "s")


def moment_after(last: np.datetime64) -> np.datetime64:
    """The first moment at which everything up to the ``last`` event is known."""
    return last + np.timedelta64(1, "s")
