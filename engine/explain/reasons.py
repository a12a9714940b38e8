"""Reasons: the facts that carry a candidate's score, in words.

A fact counts as much as the score falls when the evidence that holds it is replaced by the average
candidate's. A fact that does not lift the score is no reason, however true it is.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.evidence.columns import ITEM_EVIDENCE, PARTICIPANT_EVIDENCE
from engine.explain.facts import Fact, Positions, item_facts, participant_facts
from engine.results import Reason
from engine.scorer import Everyone, Scorer

MOST = 3  # reasons of a candidate
NOTICEABLE = 0.01  # a loss of the score below this is none
BLOCK = 1024  # candidates at once: bounds the memory of long lists

# A kind whose count may be one has a sentence for that, too, under the kind with "_one" at its end.
SENTENCES = {
    "new_here": "New since the model was trained",
    # an item for an initiator
    "joined_by_circle": "{people} people of her circle joined this item",
    "joined_by_circle_one": "One person of her circle joined this item",
    "launched_by_circle": "{people} people of her circle launched this item",
    "launched_by_circle_one": "One person of her circle launched this item",
    "launched_before": "She launched this item {times} times",
    "launched_before_one": "She launched this item before",
    "joined_before": "She joined this item {times} times",
    "joined_before_one": "She joined this item before",
    "failed_before": "She tried {times} times to launch this item",
    "failed_before_one": "She tried to launch this item before",
    "popular": "Launched {times} times, {filled} % filled",
    "popular_one": "Launched once, {filled} % filled",
    "goes_with_launched": "Goes with {item}, which she launched: {people} others chose both",
    "goes_with_joined": "Goes with {item}, which she joined: {people} others chose both",
    "goes_with_tried": "Goes with {item}, which she tried to launch: {people} others chose both",
    "goes_with_circle": "Goes with {item}, chosen by {circle} of her circle: "
    "{people} people chose both",
    # a participant for an initiator and an item
    "joined_hers": "Joined {groups} groups of hers before",
    "joined_hers_one": "Joined a group of hers before",
    "joined_theirs": "The initiator joined {groups} groups of theirs",
    "joined_theirs_one": "The initiator joined a group of theirs",
    "friend": "A declared friend of the initiator",
    "joined_item": "Joined this item {times} times",
    "joined_item_one": "Joined this item before",
    "launched_item": "Launched this item {times} times",
    "launched_item_one": "Launched this item before",
    "failed_item": "Tried {times} times to launch this item",
    "failed_item_one": "Tried to launch this item before",
    "circle_chose": "{people} people of their circle chose this item",
    "circle_chose_one": "One person of their circle chose this item",
    "common_circle": "{people} people are in both their circle and the initiator's",
    "common_circle_one": "One person is in both their circle and the initiator's",
    "shared_items": "Shares {items} items with the initiator",
    "shared_items_one": "Shares one item with the initiator",
    "active": "Joined {groups} groups so far",
    "active_one": "Joined one group so far",
    "near_launched": "Launched {item}: {people} others chose it and this item",
    "near_joined": "Joined {item}: {people} others chose it and this item",
    "near_tried": "Tried to launch {item}: {people} others chose it and this item",
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
    "joined_hers": ("invited_by_initiator",),
    "joined_theirs": ("invited_initiator",),
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


def _places(
    columns: dict[str, tuple[str, ...]], order: Sequence[str]
) -> dict[str, NDArray[np.int64]]:
    return {kind: np.array([order.index(n) for n in names]) for kind, names in columns.items()}


ITEM_PLACES = _places(_ITEM_COLUMNS, ITEM_EVIDENCE)
PARTICIPANT_PLACES = _places(_PARTICIPANT_COLUMNS, PARTICIPANT_EVIDENCE)

NameItems = Callable[[Iterable[int]], dict[int, str]]  # names of items by their positions


@dataclass(frozen=True)
class Query:
    """For whom, and in Task II for what, candidates were scored."""

    scorer: Scorer
    initiator: int
    item: int | None
    everyone: Everyone


def reasons_for(query: Query, candidates: Positions, name_items: NameItems) -> list[list[Reason]]:
    """The reasons of each of ``candidates`` [K], at most three, the strongest first.

    A newcomer of whom no fact counts has one, that it is new. A model without evidence gives none for the others.
    """
    found: list[list[tuple[Fact, float]]] = []
    for start in range(0, len(candidates), BLOCK):
        found += _strongest(query, candidates[start : start + BLOCK])
    names = name_items({fact.item for facts in found for fact, _ in facts if fact.item is not None})
    trained = query.scorer.trained
    return [
        [sentence("new_here", {})]
        if candidate >= trained and not facts
        else [_worded(fact, names) for fact, _ in facts]
        for candidate, facts in zip(candidates.tolist(), found, strict=True)
    ]


def sentence(kind: str, values: dict[str, int | float | str]) -> Reason:
    """The reason of this kind with its blanks filled."""
    return Reason(kind, values, SENTENCES[kind].format(**values))


def _worded(fact: Fact, names: dict[int, str]) -> Reason:
    values: dict[str, int | float | str] = dict(fact.counts)
    if fact.item is not None:
        values["item"] = names[fact.item]
    one = f"{fact.kind}_one"
    counted = next(iter(fact.counts.values()), 0)
    return sentence(one if counted == 1 and one in SENTENCES else fact.kind, values)


def _strongest(query: Query, candidates: Positions) -> list[list[tuple[Fact, float]]]:
    """The facts that lift each candidate's score, with how much, the strongest first."""
    evidence = query.scorer.evidence
    if evidence is None:
        return [[] for _ in candidates]
    if query.item is None:
        facts = item_facts(evidence.graphs, query.initiator, candidates)
    else:
        facts = participant_facts(evidence.graphs, query.initiator, query.item, candidates)
    losses = _losses(query, candidates, facts)
    return [
        sorted(
            (pair for pair in zip(listed, lost, strict=True) if pair[1] > NOTICEABLE),
            key=lambda pair: -pair[1],
        )[:MOST]
        for listed, lost in zip(facts, losses, strict=True)
    ]


def _losses(query: Query, candidates: Positions, facts: list[list[Fact]]) -> list[list[float]]:
    """What the score of each candidate loses without each of its facts."""
    places = ITEM_PLACES if query.item is None else PARTICIPANT_PLACES
    everyone = query.everyone
    average = everyone.evidence[: query.scorer.known].mean(0)
    owner = np.repeat(np.arange(len(candidates)), [len(listed) for listed in facts])
    changed = everyone.evidence[candidates[owner]]  # a copy, [facts, E]
    for row, fact in enumerate(fact for listed in facts for fact in listed):
        changed[row, places[fact.kind]] = average[places[fact.kind]]
    without = query.scorer.scores(query.initiator, query.item, candidates[owner], changed)
    lost = (everyone.scores[candidates[owner]] - without).tolist()
    remaining = iter(lost)
    return [[next(remaining) for _ in listed] for listed in facts]
