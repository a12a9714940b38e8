"""Examples of a shop with launch times: each launch as of its own moment, and as of a moment some days ahead of it.

Nothing later than that moment describes it, so no folds are needed: what a period is described by is all that came
before. Items that nobody had launched yet are candidates like others, or being new would give an answer away.

At its own moment alone, a model learns that what was launched an hour ago is launched again, and is lost when it is
asked about the coming weeks; asked ahead alone, it never learns that. Both sorts together cost nothing at the launch.
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

DAY = 86_400  # seconds
SLICE = np.timedelta64(30, "D")  # moments that share their candidates
FEWEST = 2  # candidates that a list needs


def timed_triples(
    logs: Logs, split: Split, negatives: int, days_ahead: int, rng: np.random.Generator
) -> tuple[Examples, NDArray[np.datetime64]]:
    """Triples of the training groups and the moment at which each is asked; without evidence.

    One as of its launch for each group and, unless ``days_ahead`` is 0, one as of a moment drawn evenly from as many
    days before it. Negatives are drawn for each.
    """
    launched = logs.group_launched_at[split.training]
    drawn, at = _triples_as_of(logs, split, launched, negatives, rng)
    if not days_ahead:
        return drawn, at
    before = np.floor(rng.random(len(launched)) * days_ahead * DAY).astype("timedelta64[s]")
    # No role vectors are of before the first block, and later ones would know too much.
    earlier = np.maximum(launched - before, split.block_starts[0])
    ahead, earlier = _triples_as_of(logs, split, earlier, negatives, rng)
    return Examples.concatenate([drawn, ahead]), np.concatenate([at, earlier])


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


def _triples_as_of(
    logs: Logs,
    split: Split,
    at: NDArray[np.datetime64],
    negatives: int,
    rng: np.random.Generator,
) -> tuple[Examples, NDArray[np.datetime64]]:
    """A triple for each training group [n] asked as of the moment ``at`` [n], and these moments, in their order.

    Negative items were launched in the year before the moment or are in the ``WINDOW`` after it, and before the cut.
    Participants, the right one too, launched or joined something in the year before. Asked for something new, Task I
    does not learn from launches of what the initiator had launched before.
    """
    active = _Activity(logs, split.visible_groups(logs))
    order = np.argsort(at, kind="stable")
    slices = ((at[order] - at[order[0]]) // SLICE).astype(np.int64)
    parts, kept = [], []
    for number in np.unique(slices):
        chosen = order[slices == number]
        start, end = at[chosen[0]], at[chosen[-1]]
        shelf = active.items_between(start - YEAR, end + WINDOW)
        people = active.people_between(start - YEAR, start)
        if min(shelf.sum(), people.sum()) < FEWEST:
            continue
        groups = split.training[chosen]
        parts.append(_slice(logs, groups, shelf, people, negatives, split.question, rng))
        kept.append(chosen)
    order = np.concatenate(kept) if kept else order[:0]
    drawn = Examples.concatenate(parts)
    if split.question is Question.NEW:
        drawn.known[:, 0] &= _first_launches(logs)[split.training[order]]
    block = np.searchsorted(split.block_starts, at[order], side="right") - 1
    drawn = replace(drawn, snapshot=block.astype(np.int64))
    usable = np.flatnonzero(drawn.known.any(1))
    return drawn.part(usable), at[order[usable]]


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
