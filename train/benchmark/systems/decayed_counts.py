"""The counts that anybody can make: own history, ties, own category and popularity, older events weighing less."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from engine.evidence.timed.event_counts import EventCounts
from train.benchmark.systems.timed_counting import Terms, TimedCounting
from train.benchmark.systems.timed_events import UNKNOWN_CATEGORY, TimedEvents
from train.evaluate.sampled_ranking import CandidateLists

# Popularity only orders what history and ties leave equal.
POPULARITY, JOINS = 1e-4, 1e-3


class DecayedCounts(TimedCounting):
    """Task I: the initiator's launches of the item, then its popularity, and the weighted events of their category.

    Task II: the candidate's joins of the initiator's groups and of the item, then all of their joins, and the weighted
    events of the item's category. A person's events of a category are launches and joins.
    """

    name = "decayed-counts"
    weights: ClassVar[Sequence[float]] = (0.0, 0.01, 0.1)

    def count(self, events: TimedEvents) -> None:
        """By item, pair, category and person."""
        spans, items, users = tuple(self.spans), events.items, events.users
        self.items, self.users, self.category = items, users, events.category
        self.kinds = int(events.category.max()) + 1

        def counts(keys: NDArray[np.int64], times: NDArray[np.datetime64]) -> EventCounts:
            return EventCounts(keys, times, spans)

        filled, joined = events.filled_at, events.joined_at
        self.sold = counts(events.item, filled)
        self.own = counts(events.initiator * items + events.item, filled)
        self.joins = counts(events.participant, joined)
        self.pair = counts(events.join_initiator * users + events.participant, joined)
        self.of_item = counts(events.join_item * users + events.participant, joined)
        person = np.concatenate([events.initiator, events.participant])
        kind = self.category[np.concatenate([events.item, events.join_item])]
        said = kind != UNKNOWN_CATEGORY
        times = np.concatenate([filled, joined])
        self.kind = counts(person[said] * self.kinds + kind[said], times[said])

    def terms(self, lists: CandidateLists, at: NDArray[np.datetime64]) -> Terms:
        """History or ties with popularity; the category."""
        now, candidates = at[:, None], lists.candidates
        initiator = lists.initiator[:, None]

        def decayed(counts: EventCounts, keys: NDArray[np.int64]) -> NDArray[np.float64]:
            return counts.at(keys, now).decayed.astype(np.float64)

        if lists.item is None:
            base = decayed(self.own, initiator * self.items + candidates)
            base += POPULARITY * decayed(self.sold, candidates)
            return base, decayed(self.kind, initiator * self.kinds + self.category[candidates])
        item = lists.item[:, None]
        base = decayed(self.pair, initiator * self.users + candidates)
        base += decayed(self.of_item, item * self.users + candidates)
        base += JOINS * decayed(self.joins, candidates)
        return base, decayed(self.kind, candidates * self.kinds + self.category[item])


class DecayedLaunches(DecayedCounts):
    """The same, but launches count from their launch, whatever becomes of the group: an open one is known already."""

    name = "decayed-launches"

    def count(self, events: TimedEvents) -> None:
        """As ``DecayedCounts``, with launches in the place of successes."""
        launches: dict[str, Any] = {
            "initiator": events.launcher,
            "item": events.launched,
            "filled_at": events.launched_at,
        }
        super().count(replace(events, **launches))
