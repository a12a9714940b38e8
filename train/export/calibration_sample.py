"""Validation groups with the candidates that their chances are calibrated on.

A calibration needs the sum of exp(score) over all candidates, and the leading ones as people are shown them. A uniform
sample usually misses both: the people and items near the initiator, those who have met the item, and the most popular
hold most of the sum and lead the lists. So these strata are scored, and each of the others that are drawn stands for
many.

Who is *listed*, that is, counts as somebody who may be shown, is decided by the strata alone and in the same way for
the answer as for everybody else. Otherwise an answer that hardly stands out looks as if it led the list, as long as
none of the many above it happens to be drawn.
"""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from db.logs import Logs, Task
from engine.candidates import contains, group_members, is_repeat, launched_items
from engine.evidence.graphs import Graphs
from train.evaluate.sampled_ranking import CandidateLists
from train.evaluate.splits import Split
from train.export.served_candidates import on_sale_at, present_at
from train.random_keys import Purpose, generator

# Candidates per group: of each stratum near it, the leading ones, and of all others.
MAX_NEAR, POPULAR, OTHERS = 500, 200, 400
MAX_WHOLE = 1400  # a shop with no more is scored whole


@dataclass(frozen=True)
class CalibrationSample:
    """The lists of one task; ``weight`` [n, 1+M] is the number of candidates that each one stands for.

    ``listed`` [n, 1+M] marks the candidates that may be shown, ``had`` [n, 1+M] those that could be had at the list's
    moment. Column 0 is the relevant answer. All rows are as long as the longest; padding has weight 0, and so have
    those who, or what, came to the shop after the moment.
    """

    lists: CandidateLists
    weight: NDArray[np.float64]
    listed: NDArray[np.bool_]
    had: NDArray[np.bool_]

    def of_something_new(self, logs: Logs, visible: NDArray[np.bool_]) -> "CalibrationSample":
        """The sample of Task I where something new is asked for, by what the ``visible`` [G] groups launched already.

        Without groups that repeat a launch; launched items have weight 0.
        """
        rows = ~is_repeat(logs, self.lists.group, visible)
        lists = self.lists.part(rows)
        initiators = np.repeat(lists.initiator, lists.candidates.shape[1])
        launched = contains(
            launched_items(logs.with_groups(visible)), initiators, lists.candidates.ravel()
        ).reshape(lists.candidates.shape)
        return CalibrationSample(
            lists,
            np.where(launched, 0, self.weight[rows]),
            self.listed[rows] & ~launched,
            self.had[rows],
        )


def draw_calibration_sample(
    logs: Logs, split: Split, graphs: Graphs, task: Task, most: int, seed: int
) -> CalibrationSample:
    """At most ``most`` validation groups, drawn by a key of their own, with all that may be recommended there.

    ``graphs`` are those of the validation snapshot. Task I is asked for anything. Task II leaves out the initiator and
    the group's other participants; the answer is one of the participants, drawn at random.
    """
    rng = generator(Purpose.CALIBRATION, seed, list(Task).index(task))
    groups = np.sort(rng.permutation(split.validation)[:most])
    initiator = logs.group_initiator[groups].astype(np.int64)
    item = logs.group_item[groups].astype(np.int64)
    if task is Task.ITEMS:
        answer, size = item, len(logs.items)
        left_out = sp.csr_matrix((len(groups), size), dtype=bool)
        strata = [graphs.history[initiator] + graphs.circle_history[initiator]]
        count = graphs.item_counts[:size, 0]
    else:
        answer, size = _one_participant(logs, groups, rng), len(logs.users)
        left_out = group_members(logs)[groups]
        circle = graphs.circle[initiator]
        strata = [circle + circle @ graphs.circle, graphs.history_by_item[item]]
        count = graphs.user_counts[:size, 2]
    popular = np.argsort(-count, kind="stable")[:POPULAR]
    rows = []
    for row in range(len(groups)):
        never = np.setdiff1d(left_out[row].indices, answer[row])
        near = [stratum[row].indices for stratum in strata]
        rows.append(_draw(size, [popular, *near], never, int(answer[row]), rng))
    longest = max((len(drawn.candidates) for drawn in rows), default=0)
    candidates = np.repeat(answer[:, None], 1 + longest, 1)
    weight, listed = np.zeros(candidates.shape), np.zeros(candidates.shape, bool)
    weight[:, 0] = 1
    for row, drawn in enumerate(rows):
        filled = slice(1, 1 + len(drawn.candidates))
        candidates[row, filled] = drawn.candidates
        weight[row, filled] = drawn.weight
        listed[row, filled] = drawn.listed
        listed[row, 0] = drawn.answer_listed
    items = None if task is Task.ITEMS else item
    at = logs.group_launched_at[groups] if len(split.block_starts) else None
    lists = CandidateLists(task, initiator, items, candidates, groups, at)
    had = np.ones(candidates.shape, bool)
    if at is not None:
        weight *= present_at(logs, lists)
        had = on_sale_at(logs, lists)
    return CalibrationSample(lists, weight, listed & had, had)


def _one_participant(
    logs: Logs, groups: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.int64]:
    start = np.searchsorted(logs.join_group, groups)
    size = np.searchsorted(logs.join_group, groups, side="right") - start
    chosen = start + (rng.random(len(groups)) * size).astype(np.int64)
    return logs.join_participant[chosen].astype(np.int64)


@dataclass(frozen=True)
class _Drawn:
    """Candidates besides the answer [M], how many each stands for, whether it is listed; and whether the answer is."""

    candidates: NDArray[np.int64]
    weight: NDArray[np.float64]
    listed: NDArray[np.bool_]
    answer_listed: bool


def _draw(
    size: int,
    strata: list[NDArray[np.integer]],
    left_out: NDArray[np.integer],
    answer: int,
    rng: np.random.Generator,
) -> _Drawn:
    """Candidates below ``size`` without those ``left_out``; the ``answer`` is drawn like everybody else."""
    if size <= MAX_WHOLE:
        everybody = np.setdiff1d(np.arange(size), np.append(left_out, answer))
        return _Drawn(everybody, np.ones(len(everybody)), np.ones(len(everybody), bool), True)
    taken, answer_listed = left_out, False
    parts: list[tuple[NDArray[np.int64], float, bool]] = []
    for stratum in strata:
        members = np.setdiff1d(stratum[stratum < size], taken)  # the last position is cold start
        taken = np.union1d(taken, members)
        few = len(members) <= MAX_NEAR
        chosen = members if few else rng.choice(members, MAX_NEAR, replace=False)
        answer_listed |= bool((chosen == answer).any())
        chosen, stand_for = chosen[chosen != answer], (members != answer).sum()
        parts.append((chosen, stand_for / max(len(chosen), 1), True))
    taken = np.union1d(taken, [answer])
    others = np.setdiff1d(rng.integers(0, size, OTHERS), taken)
    parts.append((others, (size - len(taken)) / max(len(others), 1), False))
    return _Drawn(
        np.concatenate([chosen for chosen, _, _ in parts]).astype(np.int64),
        np.concatenate([np.full(len(chosen), weight) for chosen, weight, _ in parts]),
        np.concatenate([np.full(len(chosen), listed) for chosen, _, listed in parts]),
        answer_listed,
    )
