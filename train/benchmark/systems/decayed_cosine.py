"""Item-item cosine in time: recent meetings of items in somebody's history count more, and so do recent histories."""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from engine.evidence.timed.event_counts import EventCounts, Histories
from train.benchmark.systems.timed_counting import Terms, TimedCounting
from train.benchmark.systems.timed_events import TimedEvents
from train.evaluate.sampled_ranking import CandidateLists

LATEST = 20  # events of a history: with whole ones, whoever launches daily meets everything
LISTS = 32  # at a time: bounds the memory of their pairs


class DecayedCosine(TimedCounting):
    """cos(i, j) = meetings of i and j / sqrt(events of i * events of j), all decayed; events are launches and joins.

    Two items meet when somebody has an event of one among the 20 before an event of the other. Task I: the item's
    launches, and the cosines between it and the initiator's latest 20 events, each weighing less the older it is.
    """

    name = "decayed-cosine"
    adaptation = (
        "Task II: the candidate's joins, and the cosines between their latest events and the item."
    )
    weights: ClassVar[Sequence[float]] = (0.0, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)

    def count(self, events: TimedEvents) -> None:
        """By item, person and pair of items; the history of each person."""
        spans = tuple(self.spans)
        person = np.concatenate([events.initiator, events.participant])
        item = np.concatenate([events.item, events.join_item])
        times = np.concatenate([events.filled_at, events.joined_at])
        self.items = events.items
        self.sold = EventCounts(events.item, events.filled_at, spans)
        self.joins = EventCounts(events.participant, events.joined_at, spans)
        self.of_item = EventCounts(item, times, spans)
        self.histories = Histories(person, times, item)
        self.met = EventCounts(*_meetings(person, item, times, self.items), spans)

    def terms(self, lists: CandidateLists, at: NDArray[np.datetime64]) -> Terms:
        """log(1 + count) and log(1 + 20 x) of the summed cosines x, as in the cosine without time."""
        counts = self.sold if lists.item is None else self.joins
        base = np.log1p(counts.at(lists.candidates, at[:, None]).decayed.astype(np.float64))
        blocks = [slice(start, start + LISTS) for start in range(0, max(1, len(at)), LISTS)]
        near = np.concatenate([self._near(lists.part(rows), at[rows]) for rows in blocks])
        return base, np.log1p(20 * near)

    def _near(self, lists: CandidateLists, at: NDArray[np.datetime64]) -> NDArray[np.float64]:
        """The cosines between each candidate's item and the latest events of a history, summed, [n, N, spans]."""
        shape = lists.candidates.shape
        if lists.item is None:
            item, person = lists.candidates, np.broadcast_to(lists.initiator[:, None], shape)
        else:
            item, person = np.broadcast_to(lists.item[:, None], shape), lists.candidates
        moments = np.broadcast_to(at[:, None], shape)
        people, row = np.unique(
            np.stack([person.ravel(), moments.ravel().astype(np.int64)]),
            axis=1,
            return_inverse=True,
        )
        asked_at = people[1].astype("datetime64[s]")
        latest = self.histories.latest(people[0], asked_at, LATEST)
        ages = np.where(latest.real, latest.age, 0)[..., None]
        weight = np.where(latest.real[..., None], np.exp2(-ages / np.array(self.spans)), 0)
        theirs = self._rarity(latest.values, asked_at[:, None]) * weight
        row = row.reshape(shape)
        other, there = latest.values[row], latest.real[row]  # [n, N, L]
        when = moments[..., None]
        pairs = _pair(item[..., None], other, self.items)
        met = self.met.at(np.where(there, pairs, -1), when).decayed.astype(np.float64)
        same = (item[..., None] == other)[..., None]
        # An item is as near to itself as can be: its cosine is 1.
        mine = self._rarity(item, moments)[..., None, :]
        near = np.where(same, weight[row], met * mine * theirs[row])
        return np.asarray(near.sum(2))

    def _rarity(
        self, items: NDArray[np.int64], moments: NDArray[np.datetime64]
    ) -> NDArray[np.float64]:
        """1 / sqrt(events), 0 without any."""
        events = self.of_item.at(items, moments).decayed.astype(np.float64)
        return np.where(events > 0, 1 / np.sqrt(np.maximum(events, 1e-12)), 0)


def _pair(one: NDArray[np.int64], other: NDArray[np.int64], items: int) -> NDArray[np.int64]:
    return np.minimum(one, other) * np.int64(items) + np.maximum(one, other)


def _meetings(
    person: NDArray[np.int64],
    item: NDArray[np.int64],
    times: NDArray[np.datetime64],
    items: int,
) -> tuple[NDArray[np.int64], NDArray[np.datetime64]]:
    """The pairs of different items, as keys, that an event and one of the 20 before it in a history make, and when."""
    order = np.lexsort((times.astype(np.int64), person))
    person, item, times = person[order], item[order], times[order]
    keys, when = [np.zeros(0, np.int64)], [times[:0]]
    for back in range(1, LATEST + 1):
        later = np.flatnonzero((person[back:] == person[:-back]) & (item[back:] != item[:-back]))
        keys.append(_pair(item[later], item[later + back], items))
        when.append(times[later + back])
    return np.concatenate(keys), np.concatenate(when)
