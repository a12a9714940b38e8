"""Validation groups with the candidates that their chances are calibrated on.

A calibration needs the sum of exp(score) over all candidates, and the leading ones as people are shown them. A uniform
sample usually misses both: a few candidates near the initiator, and the most popular, hold most of the sum. So those
are all scored, and each of the others that are drawn stands for many.
"""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from db.logs import Logs, Task
from engine.candidates import Question, group_members, is_repeat, launched_items
from engine.evidence.graphs import Graphs
from train.evaluate.sampled_ranking import CandidateLists
from train.evaluate.splits import Split
from train.random_keys import Purpose, generator

MAX_GROUPS = 3000
MAX_NEAR, POPULAR, OTHERS = (
    800,
    200,
    400,
)  # candidates per group; a shop with no more is scored whole
MAX_WHOLE = MAX_NEAR + POPULAR + OTHERS


@dataclass(frozen=True)
class CalibrationSample:
    """The lists of one task; ``weight`` [n, 1+M] is the number of candidates that each one stands for.

    Column 0 is the relevant answer. All rows are as long as the longest; padding has weight 0.
    """

    lists: CandidateLists
    weight: NDArray[np.float64]


def draw_calibration_sample(
    logs: Logs, split: Split, graphs: Graphs, task: Task, question: Question, seed: int
) -> CalibrationSample:
    """At most ``MAX_GROUPS`` validation groups, drawn by a key of their own, with all that may be recommended there.

    ``graphs`` are those of the validation snapshot. Task I asks ``question``: for something new, groups that repeat a
    launch and items that the initiator has launched are left out. Task II leaves out the initiator and the group's
    other participants; the answer is one of the participants, drawn at random.
    """
    rng = generator(
        Purpose.CALIBRATION, seed, list(Task).index(task), list(Question).index(question)
    )
    visible = split.visible_groups(logs)
    groups = split.validation
    if task is Task.ITEMS and question is Question.NEW:
        groups = groups[~is_repeat(logs, groups, visible)]
    groups = np.sort(rng.permutation(groups)[:MAX_GROUPS])
    initiator = logs.group_initiator[groups].astype(np.int64)
    item = logs.group_item[groups].astype(np.int64)
    if task is Task.ITEMS:
        answer, size = item, len(logs.items)
        left_out = sp.csr_matrix((len(groups), size), dtype=bool)
        if question is Question.NEW:
            left_out = launched_items(logs.with_groups(visible))[initiator]
        near = graphs.history[initiator] + graphs.circle_history[initiator]
        count = graphs.item_counts[:size, 0]
    else:
        answer, size = _one_participant(logs, groups, rng), len(logs.users)
        left_out = group_members(logs)[groups]
        circle = graphs.circle[initiator]
        near = circle + circle @ graphs.circle
        count = graphs.user_counts[:size, 2]
    popular = np.argsort(-count, kind="stable")[:POPULAR]
    rows = []
    for row in range(len(groups)):
        never = np.union1d(left_out[row].indices, answer[row])
        rows.append(_draw(size, near[row].indices, popular, never, rng))
    longest = max((len(chosen) for chosen, _ in rows), default=0)
    candidates = np.repeat(answer[:, None], 1 + longest, 1)
    weight = np.zeros(candidates.shape)
    weight[:, 0] = 1
    for row, (chosen, stands_for) in enumerate(rows):
        candidates[row, 1 : 1 + len(chosen)] = chosen
        weight[row, 1 : 1 + len(chosen)] = stands_for
    items = None if task is Task.ITEMS else item
    return CalibrationSample(CandidateLists(task, initiator, items, candidates, groups), weight)


def _one_participant(
    logs: Logs, groups: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.int64]:
    start = np.searchsorted(logs.join_group, groups)
    size = np.searchsorted(logs.join_group, groups, side="right") - start
    chosen = start + (rng.random(len(groups)) * size).astype(np.int64)
    return logs.join_participant[chosen].astype(np.int64)


def _draw(
    size: int,
    near: NDArray[np.integer],
    popular: NDArray[np.integer],
    left_out: NDArray[np.integer],
    rng: np.random.Generator,
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Candidates below ``size`` without those ``left_out``, and how many each stands for."""
    if size <= MAX_WHOLE:
        everybody = np.setdiff1d(np.arange(size), left_out)
        return everybody, np.ones(len(everybody))
    near = near[near < size]  # the last position is the cold-start row
    near = np.setdiff1d(near, np.union1d(left_out, popular))
    close = near if len(near) <= MAX_NEAR else rng.choice(near, MAX_NEAR, replace=False)
    leading = np.setdiff1d(popular, left_out)
    taken = np.union1d(np.union1d(near, popular), left_out)
    others = np.setdiff1d(rng.integers(0, size, OTHERS), taken)
    rest = size - len(taken)
    parts = (
        (close, len(near) / max(len(close), 1)),
        (leading, 1.0),
        (others, rest / max(len(others), 1)),
    )
    return (
        np.concatenate([chosen for chosen, _ in parts]),
        np.concatenate([np.full(len(chosen), stands_for) for chosen, stands_for in parts]),
    )
