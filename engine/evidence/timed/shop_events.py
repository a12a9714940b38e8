"""The logs of a shop as events: who launched, joined and failed with what, and when it was known.

A launch counts from the moment at which the group was opened, whatever becomes of it: that a group is open is known. A
success, a failure and a join count from the moment at which they were known (``Logs.closed_at`` and ``joined_at``).
"""

import re
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from db.logs import FAILED, SUCCESSFUL, Logs
from engine.evidence.timed.attribute import Attribute
from engine.evidence.timed.cities import Cities
from engine.evidence.timed.event_counts import Histories
from engine.evidence.timed.pair_counts import PairCounts, SingleCounts
from engine.evidence.timed.prices import Prices
from engine.evidence.timed.ties import Ties
from engine.evidence.timed.words import Words, WordSpace, spoken_names

LEVEL_SEPARATORS = re.compile(r"\s*[/>›»]\s*")  # between the levels of a category


class ShopEvents:
    """The events of the logs, each kind counted when it is first asked for. Threads may share it."""

    def __init__(self, logs: Logs, space: WordSpace | None = None) -> None:
        """``space`` is what a model learned from the names of its items; None: what these logs teach."""
        self.logs = logs
        self._space = space
        self.users, self.items = len(logs.users), len(logs.items)
        closed = logs.closed_at
        self._launches = logs.group_initiator, logs.group_item, logs.group_launched_at
        self._successes, self._failures = (
            (logs.group_initiator[ended], logs.group_item[ended], closed[ended])
            for ended in (logs.group_status == status for status in (SUCCESSFUL, FAILED))
        )
        group = logs.join_group
        self._joins = logs.join_participant, logs.group_item[group], logs.joined_at
        self._hosts = logs.group_initiator[group]

    # Of single users and items.

    @cached_property
    def item_launches(self) -> SingleCounts:
        """Launches of each item."""
        return self._by_item(self._launches)

    @cached_property
    def item_first_launches(self) -> SingleCounts:
        """Launches of each item by people who had never launched it."""
        user, item, times = self._launches
        order = np.argsort(times.astype(np.int64), kind="stable")  # unknown times come first
        pair = user[order].astype(np.int64) * self.items + item[order]
        first = order[np.unique(pair, return_index=True)[1]]
        return self._by_item((user[first], item[first], times[first]))

    @cached_property
    def item_successes(self) -> SingleCounts:
        """Successful groups of each item."""
        return self._by_item(self._successes)

    @cached_property
    def item_failures(self) -> SingleCounts:
        """Failed groups of each item."""
        return self._by_item(self._failures)

    @cached_property
    def item_joins(self) -> SingleCounts:
        """Joins of each item's groups."""
        return self._by_item(self._joins)

    @cached_property
    def user_launches(self) -> SingleCounts:
        """Launches by each user."""
        return self._by_user(self._launches)

    @cached_property
    def user_successes(self) -> SingleCounts:
        """Successful groups of each user."""
        return self._by_user(self._successes)

    @cached_property
    def user_failures(self) -> SingleCounts:
        """Failed groups of each user."""
        return self._by_user(self._failures)

    @cached_property
    def user_joins(self) -> SingleCounts:
        """Joins by each user."""
        return self._by_user(self._joins)

    # Of users with items.

    @cached_property
    def launches(self) -> PairCounts:
        """Launches by user and item."""
        return self._by_user_and_item(self._launches)

    @cached_property
    def successes(self) -> PairCounts:
        """Successful groups by initiator and item."""
        return self._by_user_and_item(self._successes)

    @cached_property
    def failures(self) -> PairCounts:
        """Failed groups by initiator and item."""
        return self._by_user_and_item(self._failures)

    @cached_property
    def joins(self) -> PairCounts:
        """Joins by participant and item."""
        return self._by_user_and_item(self._joins)

    @cached_property
    def launches_by_item(self) -> PairCounts:
        """Launches by item and user."""
        return self._by_item_and_user(self._launches)

    @cached_property
    def joins_by_item(self) -> PairCounts:
        """Joins by item and participant."""
        return self._by_item_and_user(self._joins)

    @cached_property
    def successors(self) -> PairCounts:
        """Launches by the item that the same user had launched before and the item launched then."""
        user, item, times = self._launches
        order = np.lexsort((times, user))
        same = user[order][1:] == user[order][:-1]
        before, after = order[:-1][same], order[1:][same]
        return PairCounts(item[before], item[after], times[after], self.items + 1)

    @cached_property
    def launched(self) -> Histories:
        """The items that each user launched, the latest first."""
        user, item, times = self._launches
        return Histories(user, times, item)

    # Of users with users.

    @cached_property
    def participants(self) -> PairCounts:
        """Joins by initiator and participant."""
        return PairCounts(self._hosts, self._joins[0], self._joins[2], self.users + 1)

    @cached_property
    def hosts(self) -> PairCounts:
        """Joins by participant and initiator."""
        return PairCounts(self._joins[0], self._hosts, self._joins[2], self.users + 1)

    @cached_property
    def ties(self) -> Ties:
        """Whom each user met last."""
        return Ties(self.logs)

    @cached_property
    def cities(self) -> Cities:
        """Launches and joins by city."""
        return Cities(self.logs, self.category.attribute)

    # Of categories and brands.

    @cached_property
    def category(self) -> "AttributeEvents":
        """Events by the first level of the items' categories."""
        return AttributeEvents(
            self, Attribute.of([None if levels is None else levels[0] for levels in self._levels()])
        )

    @cached_property
    def subcategory(self) -> "AttributeEvents":
        """Events by the items' whole categories."""
        return AttributeEvents(
            self,
            Attribute.of(
                [None if levels is None else "/".join(levels) for levels in self._levels()]
            ),
        )

    @cached_property
    def brand(self) -> "AttributeEvents":
        """Events by the items' brands."""
        return AttributeEvents(self, Attribute.of(self._texts("brand")))

    @cached_property
    def category_brand(self) -> "AttributeEvents":
        """Events by category (first level) and brand, where both are known."""
        pairs = zip(self._levels(), self._texts("brand"), strict=True)
        return AttributeEvents(
            self,
            Attribute.of(
                [
                    None if levels is None or brand is None else f"{levels[0]}/{brand}"
                    for levels, brand in pairs
                ]
            ),
        )

    @cached_property
    def prices(self) -> Prices:
        """What items cost, and what the items cost that people launch."""
        return Prices(self.logs, self.category.attribute)

    def written(self, name: str, item: int) -> str | None:
        """An attribute of an item as the shop writes it; None where it is not known."""
        if name not in self.logs.items or item >= self.items:
            return None
        text = self.logs.items[name].iloc[item]
        return None if pd.isna(text) else str(text).strip() or None

    @cached_property
    def words(self) -> Words:
        """The names of the items as vectors."""
        names = spoken_names(list(self.logs.items.index), self._texts("name"))
        space = self._space
        if space is None:
            space = WordSpace.learned([names[item] for item in np.unique(self.logs.group_item)])
        return Words.of(names, space)

    def _levels(self) -> list[list[str] | None]:
        """The levels of each item's category, the widest first; None where it is not known."""
        return [
            None if text is None else LEVEL_SEPARATORS.split(text)
            for text in self._texts("category")
        ]

    def _texts(self, name: str) -> list[str | None]:
        """An attribute of each item as text; None where it is not known."""
        if name not in self.logs.items:
            return [None] * self.items
        texts = self.logs.items[name].tolist()
        return [None if pd.isna(text) else str(text).strip() or None for text in texts]

    def _by_item(self, events: "Events") -> SingleCounts:
        return SingleCounts(events[1], events[2], self.items + 1)

    def _by_user(self, events: "Events") -> SingleCounts:
        return SingleCounts(events[0], events[2], self.users + 1)

    def _by_user_and_item(self, events: "Events") -> PairCounts:
        return PairCounts(events[0], events[1], events[2], self.items + 1)

    def _by_item_and_user(self, events: "Events") -> PairCounts:
        return PairCounts(events[1], events[0], events[2], self.users + 1)

    def of_attribute(self, attribute: Attribute) -> dict[str, "Events"]:
        """Launches and joins of the items whose attribute is known, with its codes instead of the items."""
        found: dict[str, Events] = {}
        for name, (user, item, times) in (("launches", self._launches), ("joins", self._joins)):
            code = attribute.codes[item]
            known = code < attribute.size - 1
            found[name] = user[known], code[known], times[known]
        return found


# Users [N], items or codes [N], and times [N].
Events = tuple[NDArray[np.integer], NDArray[np.integer], NDArray[np.datetime64]]


class AttributeEvents:
    """Launches and joins by the value that the items have of an attribute."""

    def __init__(self, events: ShopEvents, attribute: Attribute) -> None:
        self.attribute = attribute
        of = events.of_attribute(attribute)
        self._launches, self._joins = of["launches"], of["joins"]
        self._users = events.users + 1

    @cached_property
    def all_launches(self) -> SingleCounts:
        """Launches by value."""
        return SingleCounts(self._launches[1], self._launches[2], self.attribute.size)

    @cached_property
    def launches(self) -> PairCounts:
        """Launches by user and value."""
        return PairCounts(*self._launches, self.attribute.size)

    @cached_property
    def joins(self) -> PairCounts:
        """Joins by participant and value."""
        return PairCounts(*self._joins, self.attribute.size)

    @cached_property
    def launches_by_value(self) -> PairCounts:
        """Launches by value and user."""
        user, code, times = self._launches
        return PairCounts(code, user, times, self._users)

    @cached_property
    def joins_by_value(self) -> PairCounts:
        """Joins by value and participant."""
        user, code, times = self._joins
        return PairCounts(code, user, times, self._users)
