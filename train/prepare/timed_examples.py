"""Examples of a shop with launch times: each launch as of its own moment, among what was on the shelf then.

Nothing later than the launch describes it, so no folds are needed: what a period is described by is all that came
before. Items that nobody had launched yet are candidates like others, or being new would give an answer away.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from db.logs import LAUNCHED, Logs
from engine.candidates import Question
from engine.evidence.describes_candidates import DescribesCandidates
from train.evaluate.negative_sampling import negative_items, negative_participants
from train.evaluate.splits import WINDOW, YEAR, Split
from train.prepare.examples import Examples

SLICE = np.timedelta64(30, "D")  # launches that share their candidates
FEWEST = 2  # candidates that a list needs


def timed_triples(
    logs: Logs, split: Split, negatives: int, rng: np.random.Generator
) -> tuple[Examples, NDArray[np.datetime64]]:
    """A triple for each training group and the moment of its launch; without evidence.

    Negative items were launched in the year before the launch or are in the ``WINDOW`` after it, and before the cut.
    Participants, the right one too, launched or joined something in the year before. Asked for something new, Task I
    does not learn from launches of what the initiator had launched before.
    """
    launched = logs.group_launched_at
    active = _Activity(logs, split.visible_groups(logs))
    order = split.training[np.argsort(launched[split.training], kind="stable")]
    slices = ((launched[order] - launched[order[0]]) // SLICE).astype(np.int64)
    parts, kept = [], []
    for number in np.unique(slices):
        groups = order[slices == number]
        start = launched[groups[0]]
        shelf = active.items_between(start - YEAR, launched[groups[-1]] + WINDOW)
        people = active.people_between(start - YEAR, start)
        if min(shelf.sum(), people.sum()) < FEWEST:
            continue
        parts.append(_slice(logs, groups, shelf, people, negatives, split.question, rng))
        kept.append(groups)
    groups = np.concatenate(kept) if kept else order[:0]
    drawn = Examples.concatenate(parts)
    if split.question is Question.NEW:
        drawn.known[:, 0] &= _first_launches(logs)[groups]
    block = np.searchsorted(split.block_starts, launched[groups], side="right") - 1
    drawn = replace(drawn, snapshot=block.astype(np.int64))
    usable = np.flatnonzero(drawn.known.any(1))
    return drawn.part(usable), launched[groups[usable]]


def add_timed_evidence(
    examples: Examples, at: NDArray[np.datetime64], evidence: DescribesCandidates, swaps: int
) -> Examples:
    """The examples with the evidence of each as of its moment ``at`` [n]; ``swaps`` is T of ``Examples``."""
    u, items, people = examples.initiator, examples.items, examples.participants
    swapped = evidence.participants(
        np.repeat(u, swaps),
        items[:, 1 : 1 + swaps].ravel(),
        np.repeat(people[:, :1], swaps, 0),
        np.repeat(at, swaps),
    )
    return replace(
        examples,
        item_evidence=evidence.items(u, items, at),
        participant_evidence=evidence.participants(u, items[:, 0], people, at),
        swapped_evidence=swapped.reshape(len(u), swaps, swapped.shape[2]),
    )


class _Activity:
    """Which items were launched, and which people launched or joined, between two moments."""

    def __init__(self, logs: Logs, visible: NDArray[np.bool_]) -> None:
        self._items, self._users = len(logs.items), len(logs.users)
        self._groups, joined = visible, visible[logs.join_group]
        self._item_of, self._initiator = logs.group_item, logs.group_initiator
        self._launched = np.where(visible, logs.group_launched_at, np.datetime64("NaT"))
        self._joined = np.where(
            joined, logs.group_launched_at[logs.join_group], np.datetime64("NaT")
        )
        self._participant = logs.join_participant

    def items_between(self, first: np.datetime64, last: np.datetime64) -> NDArray[np.bool_]:
        """The items [I] launched in [first, last)."""
        found = np.zeros(self._items, bool)
        found[self._item_of[(self._launched >= first) & (self._launched < last)]] = True
        return found

    def people_between(self, first: np.datetime64, last: np.datetime64) -> NDArray[np.bool_]:
        """The users [U] who launched, or joined a group launched, in [first, last)."""
        found = np.zeros(self._users, bool)
        found[self._initiator[(self._launched >= first) & (self._launched < last)]] = True
        found[self._participant[(self._joined >= first) & (self._joined < last)]] = True
        return found


def _slice(
    logs: Logs,
    groups: NDArray[np.int64],
    shelf: NDArray[np.bool_],
    people: NDArray[np.bool_],
    negatives: int,
    question: Question,
    rng: np.random.Generator,
) -> Examples:
    """The triples of groups that share a shelf [I] and the active people [U]."""
    start = np.searchsorted(logs.join_group, groups)
    size = np.searchsorted(logs.join_group, groups, side="right") - start
    participant = logs.join_participant[start + (rng.random(len(groups)) * size).astype(np.int64)]
    initiator = logs.group_initiator[groups].astype(np.int64)
    item = logs.group_item[groups].astype(np.int64)
    left_out = None if question is Question.NEW else item
    other_items = negative_items(logs, initiator, negatives, rng, shelf, positive=left_out)
    other_people = negative_participants(logs, groups, negatives, rng, people)
    known = np.column_stack([other_items.complete, people[participant] & other_people.complete])
    nothing = np.empty((len(groups), 0, 0), np.float32)
    return Examples(
        initiator,
        np.column_stack([item, other_items.drawn]),
        np.column_stack([participant, other_people.drawn]).astype(np.int64),
        nothing,
        nothing,
        nothing,
        np.zeros(len(groups), np.int64),
        known,
    )


def _first_launches(logs: Logs) -> NDArray[np.bool_]:
    """The groups [G] before which their initiator had not launched their item, successful or open."""
    pair = logs.group_initiator.astype(np.int64) * len(logs.items) + logs.group_item
    counted = np.isin(logs.group_status, LAUNCHED)
    order = np.lexsort((logs.group_launched_at, ~counted, pair))
    _, first = np.unique(pair[order], return_index=True)
    earliest = np.repeat(
        logs.group_launched_at[order[first]], np.diff(np.append(first, len(order)))
    )
    found = np.zeros(len(pair), bool)
    found[order] = ~(logs.group_launched_at[order] > earliest)
    return found
