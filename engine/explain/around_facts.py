"""Facts about what is around an initiator: whom they met last, who is of their city, and items with like names."""

import numpy as np

from engine.evidence.describes_candidates import Moments
from engine.evidence.timed.timed_evidence import TimedEvidence
from engine.evidence.timed.words import HISTORY
from engine.explain.facts import Fact, Positions

MONTH = np.timedelta64(30, "D")
ALIKE = 0.6  # cosine of two names that are said to be alike


def like_launched(evidence: TimedEvidence, u: Positions, items: Positions) -> list[Fact | None]:
    """The latest launch of another item whose name is most like that of each item [K], where one is like it."""
    latest = evidence.events.launched.latest(u, np.array([evidence.moment]), HISTORY)
    launched = latest.values[latest.real]
    if not len(launched):
        return [None] * len(items)
    likeness = evidence.events.words.likeness(items, launched)
    likeness[items[:, None] == launched] = 0
    best = likeness.argmax(1)
    return [
        Fact("like_launched", {}, int(launched[best[k]])) if likeness[k, best[k]] >= ALIKE else None
        for k in range(len(items))
    ]


def launched_around(evidence: TimedEvidence, initiator: int, items: Positions) -> list[list[Fact]]:
    """Who around the initiator launched each of ``items`` [K]."""
    events, cities = evidence.events, evidence.events.cities
    people, at = _met_last(evidence, initiator)
    u = np.array([initiator])
    launched = events.launches.at(people, np.tile(items, (len(people), 1)), at).count > 0
    city = cities.of_users.codes[u]
    now, before = (
        cities.launches.at(city, items[None], np.array([moment]))[0].count
        for moment in (evidence.moment, evidence.moment - MONTH)
    )
    month = np.asarray(now - before)
    return [
        _counted("launched_by_ties", "people", by_ties)
        + _counted("launched_by_city", "times", by_city)
        for by_ties, by_city in zip(launched.sum(0).tolist(), month.tolist(), strict=True)
    ]


def met_around(
    evidence: TimedEvidence, initiator: int, participants: Positions
) -> list[list[Fact]]:
    """How each of ``participants`` [K] is tied to the people around the initiator."""
    people, at = _met_last(evidence, initiator)
    met = evidence.events.ties.met(people, np.tile(participants, (len(people), 1)), at).count > 0
    cities = evidence.events.cities
    same = cities.same(np.array([initiator]), participants[None])[0]
    return [
        _counted("met_by_ties", "people", ties) + ([Fact("same_city", {})] if neighbour else [])
        for ties, neighbour in zip(met.sum(0).tolist(), same.tolist(), strict=True)
    ]


def _met_last(evidence: TimedEvidence, initiator: int) -> tuple[Positions, Moments]:
    """The people whom the initiator met last, and the moment of the evidence for each."""
    at = np.array([evidence.moment])
    people, weight = evidence.events.ties.people(np.array([initiator]), at)
    found = people[weight > 0]
    return found, np.repeat(at, len(found))


def _counted(kind: str, name: str, count: float) -> list[Fact]:
    return [Fact(kind, {name: int(count)})] if count else []
