"""Counts as of each list's moment: best sellers of the last days, decayed popularity, decayed history and ties.

score = base + weight * further, both counted with one half-life (or number of days). Half-life and weight are chosen on
the validation weeks, once with nothing known after they begin and once with the evidence of the day, and serve where a
system is asked so. Logs without times count everything alike.
"""

import abc
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from db.logs import Logs, Task
from engine.benchmark.records import Way
from engine.evidence.timed.event_counts import EventCounts
from train.benchmark.systems.system import System
from train.benchmark.systems.timed_events import TimedEvents
from train.evaluate.metrics import mean_reciprocal_rank
from train.evaluate.sampled_ranking import CandidateLists, validation_lists
from train.evaluate.splits import Split

ALL_TIME = np.inf
SPANS = (7.0, 30.0, 90.0, 365.0, ALL_TIME)  # half-lives, or numbers of days
BLOCK = 512  # lists at a time: bounds the memory of their counts
VALIDATION_GROUPS = 2000  # at most

Terms = tuple[NDArray[np.float64], NDArray[np.float64]]  # base, further: [n, N, spans]


@dataclass(frozen=True)
class Counted:
    """What was chosen: a half-life or number of days, and the weight of the further term."""

    days: float = ALL_TIME
    weight: float = 0.0

    def of(self, terms: Terms, spans: Sequence[float]) -> NDArray[np.float32]:
        """The scores [n, N]."""
        base, further = (term[..., spans.index(self.days)] for term in terms)
        return (base + self.weight * further).astype(np.float32)


class TimedCounting(System):
    """A system that counts as of each list's moment and chooses among ``SPANS`` and its ``weights``."""

    updatable = timed = True
    adaptation = ""
    weights: ClassVar[Sequence[float]] = (0.0,)
    spans: Sequence[float] = SPANS

    def __init__(self) -> None:
        self.chosen: dict[tuple[Task, Way], Counted] = {}
        self.way = Way.CUT

    @abc.abstractmethod
    def count(self, events: TimedEvents) -> None:
        """Takes these events and no others from now on."""

    @abc.abstractmethod
    def terms(self, lists: CandidateLists, at: NDArray[np.datetime64]) -> Terms:
        """The terms of a few lists as of ``at`` [n]."""

    def fit(self, logs: Logs, split: Split, seed: int) -> None:
        """Counts and chooses; without times, of the groups but validation and only the weight."""
        timed = split.cut is not None
        self.events = TimedEvents.of(logs, None if timed else split.visible_groups(logs))
        self.spans = SPANS if timed else (ALL_TIME,)
        self.count(self.events)
        self.known, self.way = self.events.last, Way.CUT
        # Lists without a moment are asked as the validation groups are: without knowing them.
        self.moment = self.known if split.cut is None else split.cut
        for task, lists in validation_lists(logs, split, VALIDATION_GROUPS, seed).items():
            launched = logs.group_launched_at[lists.group]
            for way in Way:
                at = launched if timed and way is Way.DAY else np.full(len(launched), self.moment)
                self.chosen[task, way] = self._choose(replace(lists, at=at))

    def update(self, logs: Logs) -> None:
        """Counts again; what was chosen stays, that for the evidence of the day where the logs reach further."""
        self.events = TimedEvents.of(logs)
        self.count(self.events)
        self.way = Way.DAY if self.events.last > self.known else Way.CUT
        self.moment = self.events.last

    def score(self, lists: CandidateLists) -> NDArray[np.float32]:
        """The counts as chosen; a list without a moment is asked as of the end of the logs."""
        chosen = self.chosen[lists.task, self.way]
        scores = np.empty(lists.candidates.shape, np.float32)
        for start in range(0, len(scores), BLOCK):
            block = slice(start, start + BLOCK)
            scores[block] = chosen.of(self._terms(lists.part(block)), self.spans)
        return scores

    def settings(self) -> dict[str, Any]:
        """What was chosen by task and way; no days where everything counts alike."""
        return {
            f"{task}/{way}": {
                "days": None if np.isinf(one.days) else one.days,
                "weight": one.weight,
            }
            for (task, way), one in self.chosen.items()
        }

    def _terms(self, lists: CandidateLists) -> Terms:
        at = np.full(len(lists.initiator), self.moment) if lists.at is None else lists.at
        return self.terms(lists, at)

    def _choose(self, lists: CandidateLists) -> Counted:
        """The setting with the best mean reciprocal rank, the first of equal ones; all time first."""
        settings = [Counted(days, weight) for days in self.spans[::-1] for weight in self.weights]
        if not len(lists.initiator):
            return settings[0]
        starts = range(0, len(lists.initiator), BLOCK)
        blocks = [self._terms(lists.part(slice(start, start + BLOCK))) for start in starts]
        base, further = zip(*blocks, strict=True)
        terms = np.concatenate(base), np.concatenate(further)
        return max(settings, key=lambda one: mean_reciprocal_rank(one.of(terms, self.spans)))


class BestSellers(TimedCounting):
    """Task I: successful launches of the item in the last days. Task II: the candidate's joins in the last days."""

    name = "best-sellers"

    def count(self, events: TimedEvents) -> None:
        """Of items and of participants."""
        self.sold = EventCounts(events.item, events.filled_at, (ALL_TIME,))
        self.joins = EventCounts(events.participant, events.joined_at, (ALL_TIME,))

    def terms(self, lists: CandidateLists, at: NDArray[np.datetime64]) -> Terms:
        """The counts of as many days as each of the spans."""
        counts = self.sold if lists.item is None else self.joins
        now = counts.at(lists.candidates, at[:, None]).count
        found = [now - self._before(counts, lists, at, days) for days in self.spans]
        base = np.stack(found, 2).astype(np.float64)
        return base, np.zeros_like(base)

    def _before(
        self, counts: EventCounts, lists: CandidateLists, at: NDArray[np.datetime64], days: float
    ) -> NDArray[np.float32]:
        if np.isinf(days):
            return np.zeros(lists.candidates.shape, np.float32)
        begin = at - np.timedelta64(int(days), "D")
        return counts.at(lists.candidates, begin[:, None]).count


class DecayedPopularity(TimedCounting):
    """Task I: successful launches of the item, Task II: the candidate's joins; older ones weigh less."""

    name = "decayed-popularity"

    def count(self, events: TimedEvents) -> None:
        """Of items and of participants."""
        self.sold = EventCounts(events.item, events.filled_at, tuple(self.spans))
        self.joins = EventCounts(events.participant, events.joined_at, tuple(self.spans))

    def terms(self, lists: CandidateLists, at: NDArray[np.datetime64]) -> Terms:
        """The decayed count alone."""
        counts = self.sold if lists.item is None else self.joins
        base = counts.at(lists.candidates, at[:, None]).decayed.astype(np.float64)
        return base, np.zeros_like(base)
