"""Reasons: the facts that carry a candidate's score, in words.

A fact is worth what the score loses when the evidence columns that hold it are replaced by their average over all
candidates. A fact that does not raise the score is no reason, however true it is.
"""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from db.logs import Query, Task
from engine.evidence.columns import ITEM_EVIDENCE, PARTICIPANT_EVIDENCE
from engine.evidence.describes_candidates import DescribesCandidates
from engine.evidence.timed.columns import family_of
from engine.evidence.timed.timed_evidence import TimedEvidence
from engine.explain.facts import Fact, Positions, item_facts, participant_facts
from engine.explain.timed_facts import (
    TIMED_FACT_FAMILIES,
    timed_item_facts,
    timed_participant_facts,
)
from engine.results import Reason
from engine.scorer import ScoredQuery

MAX_REASONS = 3  # of a candidate
MIN_LOSS = 0.01  # a smaller loss of the score makes no reason
BLOCK = 1024  # candidates at a time: bounds the memory of long lists

# A kind whose count may be 1 has a second sentence for that, under the kind with "_one" appended.
SENTENCES = {
    "new_here": "New since the model was trained",
    # an item for an initiator
    "joined_by_circle": "{people} people in the initiator's circle joined this item",
    "joined_by_circle_one": "One person in the initiator's circle joined this item",
    "launched_by_circle": "{people} people in the initiator's circle launched this item",
    "launched_by_circle_one": "One person in the initiator's circle launched this item",
    "launched_before": "Launched this item {times} times before",
    "launched_before_one": "Launched this item before",
    "joined_before": "Joined groups for this item {times} times",
    "joined_before_one": "Joined a group for this item before",
    "failed_before": "Launched this item {times} times without success",
    "failed_before_one": "Launched this item once without success",
    "popular": "Launched {times} times in the shop, {filled}% successful",
    "popular_one": "Launched once in the shop, {filled}% successful",
    "goes_with_launched": "Goes with {item}, which the initiator launched: {people} others chose both",
    "goes_with_joined": "Goes with {item}, which the initiator joined: {people} others chose both",
    "goes_with_tried": "Goes with {item}, which the initiator launched without success: "
    "{people} others chose both",
    "goes_with_circle": "Goes with {item}, chosen by {circle} of the initiator's circle: "
    "{people} people chose both",
    # a participant for an initiator and an item
    "joined_initiators_groups": "Joined {groups} of the initiator's groups",
    "joined_initiators_groups_one": "Joined one of the initiator's groups",
    "initiator_joined_theirs": "The initiator joined {groups} of their groups",
    "initiator_joined_theirs_one": "The initiator joined one of their groups",
    "friend": "A declared friend of the initiator",
    "joined_item": "Joined groups for this item {times} times",
    "joined_item_one": "Joined a group for this item before",
    "launched_item": "Launched this item {times} times",
    "launched_item_one": "Launched this item before",
    "failed_item": "Launched this item {times} times without success",
    "failed_item_one": "Launched this item once without success",
    "circle_chose": "{people} people in their circle chose this item",
    "circle_chose_one": "One person in their circle chose this item",
    "common_circle": "{people} people are in both their circle and the initiator's",
    "common_circle_one": "One person is in both their circle and the initiator's",
    "shared_items": "Chose {items} of the same items as the initiator",
    "shared_items_one": "Chose one of the same items as the initiator",
    "active": "Joined {groups} groups so far",
    "active_one": "Joined one group so far",
    "near_launched": "Launched {item}: {people} others chose both it and this item",
    "near_joined": "Joined {item}: {people} others chose both it and this item",
    "near_tried": "Launched {item} without success: {people} others chose both it and this item",
    # as of a moment
    "launched_last": "Launched this item {times} times, last on {day}",
    "launched_last_one": "Launched this item on {day}",
    "joined_last": "Joined groups for this item {times} times, last on {day}",
    "joined_last_one": "Joined a group for this item on {day}",
    "own_category": "From {value}, which the initiator has launched {times} times",
    "own_category_one": "From {value}, which the initiator has launched once",
    "own_brand": "By {value}, a brand that the initiator has launched {times} times",
    "own_brand_one": "By {value}, a brand that the initiator has launched once",
    "follows": "Launched {times} times right after {item}, the initiator's last launch",
    "follows_one": "Launched once right after {item}, the initiator's last launch",
    "usual_price": "Costs about as much as what the initiator launches",
    "category_price": "Costs about as much as what the initiator launches in this category",
    "discount": "{percent}% cheaper in a group",
    "like_launched": "Its name is like that of {item}, which the initiator launched",
    "launched_by_ties": "{people} people from the initiator's latest groups launched this item",
    "launched_by_ties_one": "One person from the initiator's latest groups launched this item",
    "launched_by_city": "{times} launches of it from the initiator's city in the last 30 days",
    "launched_by_city_one": "One launch of it from the initiator's city in the last 30 days",
    "rising": "On the rise: {week} launches in the last 7 days, {before} in the 7 days before",
    "in_season": "In season: {times} launches in the same 30 days of last year",
    "launched_lately": "{times} launches in the shop in the last 30 days",
    "launched_lately_one": "One launch in the shop in the last 30 days",
    "first_lately": "{people} people launched it for the first time in the last 30 days",
    "first_lately_one": "One person launched it for the first time in the last 30 days",
    "new_item": "New in the shop: first launched on {day}",
    "not_launched_yet": "Nobody has launched it yet",
    "joined_initiators_last": "Joined {groups} of the initiator's groups, last on {day}",
    "joined_initiators_last_one": "Joined one of the initiator's groups, on {day}",
    "initiator_joined_last": "The initiator joined {groups} of their groups, last on {day}",
    "initiator_joined_last_one": "The initiator joined one of their groups, on {day}",
    "joined_category": "Joined {groups} groups for {category}",
    "joined_category_one": "Joined one group for {category}",
    "met_by_ties": "Shared groups with {people} people from the initiator's latest groups",
    "met_by_ties_one": "Shared a group with one person from the initiator's latest groups",
    "same_city": "From the initiator's city",
    "active_lately": "Joined {groups} groups in the last 30 days",
    "active_lately_one": "Joined one group in the last 30 days",
}

_WITH_HISTORY = (
    "goes_with_launches",
    "goes_with_failures",
    "goes_with_joins",
    "goes_with_history",
    "goes_with_share",
    "goes_with_rare",
    "taste",
    "leaning",
)
_ITEM_COLUMNS = {
    "joined_by_circle": ("circle_joins",),
    "launched_by_circle": ("circle_launches",),
    "launched_before": ("launched_before",),
    "joined_before": ("joined_before",),
    "failed_before": ("failed_before",),
    "popular": ("item_launches", "item_failures", "item_joins"),
    "goes_with_launched": _WITH_HISTORY,
    "goes_with_joined": _WITH_HISTORY,
    "goes_with_tried": _WITH_HISTORY,
    "goes_with_circle": ("goes_with_circle", "circle_taste"),
}
_NEAR_ITEM = ("goes_with_launches", "goes_with_failures", "goes_with_joins", "taste", "leaning")
_PARTICIPANT_COLUMNS = {
    "joined_initiators_groups": ("invited_by_initiator",),
    "initiator_joined_theirs": ("invited_initiator",),
    "friend": ("friend",),
    "joined_item": ("joined_before",),
    "launched_item": ("launched_before",),
    "failed_item": ("failed_before",),
    "circle_chose": ("circle_has_item", "goes_with_circle", "circle_taste"),
    "common_circle": ("near_in_circles",),
    "shared_items": ("shared_items", "same_taste", "same_leaning"),
    "active": ("participant_joins",),
    "near_launched": _NEAR_ITEM,
    "near_joined": _NEAR_ITEM,
    "near_tried": _NEAR_ITEM,
}


def _column_indices(
    columns: dict[str, tuple[str, ...]], order: Sequence[str]
) -> dict[str, NDArray[np.int64]]:
    return {kind: np.array([order.index(n) for n in names]) for kind, names in columns.items()}


# The evidence columns that hold a kind of fact, by task and kind.
FACT_COLUMNS = {
    Task.ITEMS: _column_indices(_ITEM_COLUMNS, ITEM_EVIDENCE),
    Task.PARTICIPANTS: _column_indices(_PARTICIPANT_COLUMNS, PARTICIPANT_EVIDENCE),
}


def fact_columns(evidence: DescribesCandidates, task: Task) -> dict[str, NDArray[np.int64]]:
    """The columns of the evidence that hold each kind of fact."""
    if not isinstance(evidence, TimedEvidence):
        return FACT_COLUMNS[task]
    families = [family_of(name) for name in evidence.columns[task]]
    return {
        kind: np.flatnonzero(np.isin(families, names))
        for kind, names in TIMED_FACT_FAMILIES[task].items()
    }


NameItems = Callable[[Iterable[int]], dict[int, str]]  # names of items by their positions


def find_reasons(
    scored: ScoredQuery, candidates: Positions, name_items: NameItems
) -> list[list[Reason]]:
    """The reasons of each of ``candidates`` [K], at most three, the strongest first.

    A candidate that came after the training and has no other reason gets the reason that it is new. Other candidates
    have no reasons in a model without evidence.
    """
    found: list[list[Fact]] = []
    for start in range(0, len(candidates), BLOCK):
        found += _strongest_facts(scored, candidates[start : start + BLOCK])
    names = name_items({fact.item for facts in found for fact in facts if fact.item is not None})
    return [
        [reason("new_here", {})]
        if candidate >= scored.scorer.trained and not facts
        else [_in_words(fact, names) for fact in facts]
        for candidate, facts in zip(candidates.tolist(), found, strict=True)
    ]


def reason(kind: str, values: dict[str, int | float | str]) -> Reason:
    """The reason of this kind with its blanks filled."""
    return Reason(kind, values, SENTENCES[kind].format(**values))


def _in_words(fact: Fact, names: dict[int, str]) -> Reason:
    values: dict[str, int | float | str] = {**fact.counts, **fact.words}
    if fact.item is not None:
        values["item"] = names[fact.item]
    one = f"{fact.kind}_one"
    counted = next(iter(fact.counts.values()), 0)
    return reason(one if counted == 1 and one in SENTENCES else fact.kind, values)


def _strongest_facts(scored: ScoredQuery, candidates: Positions) -> list[list[Fact]]:
    """The facts that raise each candidate's score, the strongest first."""
    evidence, query = scored.scorer.evidence, scored.query
    if evidence is None:
        return [[] for _ in candidates]
    facts = _facts(evidence, query, candidates)
    strongest = []
    for listed, losses in zip(facts, _losses(scored, candidates, facts), strict=True):
        order = sorted(range(len(listed)), key=lambda k: -losses[k])
        strongest.append([listed[k] for k in order if losses[k] > MIN_LOSS][:MAX_REASONS])
    return strongest


def _facts(evidence: DescribesCandidates, query: Query, candidates: Positions) -> list[list[Fact]]:
    """What past groups say of each candidate."""
    u, i = query.initiator, query.item
    if isinstance(evidence, TimedEvidence):
        if i is None:
            return timed_item_facts(evidence, u, candidates)
        return timed_participant_facts(evidence, u, i, candidates)
    if i is None:
        return item_facts(evidence.graphs, u, candidates)
    return participant_facts(evidence.graphs, u, i, candidates)


def _losses(
    scored: ScoredQuery, candidates: Positions, facts: list[list[Fact]]
) -> list[list[float]]:
    """What the score of each candidate loses without each of its facts."""
    assert scored.scorer.evidence is not None  # noqa: S101  facts are of evidence
    columns = fact_columns(scored.scorer.evidence, scored.query.task)
    average = scored.average_evidence
    owner = np.repeat(np.arange(len(candidates)), [len(listed) for listed in facts])
    changed = scored.evidence[candidates[owner]]  # a copy, [facts, E]
    for row, fact in enumerate(fact for listed in facts for fact in listed):
        changed[row, columns[fact.kind]] = average[columns[fact.kind]]
    without = scored.scorer.score(scored.query, candidates[owner], changed)
    losses = iter((scored.scores[candidates[owner]] - without).tolist())
    return [[next(losses) for _ in listed] for listed in facts]
