"""The candidates that a calibration is fitted on: everybody near the initiator, and a weighted sample of the others.

A probability needs the sum of exp(score) over all candidates. A few candidates near the initiator hold most of it; a
uniform sample usually misses them and makes the sum too small. So they are all scored, and each of the others that are
drawn stands for many.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from db.logs import Logs, Task
from engine.candidates import group_members, launched_items
from engine.evidence.graphs import Graphs
from train.evaluate.sampled_ranking import CandidateLists
from train.prepare.splits import Split, spread_sample

MAX_GROUPS = 800
MAX_NEAR, OTHERS = 1000, 1000  # candidates per group; a shop with no more of them is scored whole


@dataclass(frozen=True)
class CalibrationSample:
    """The lists of one task; ``weight`` [n, 1+M] is the number of candidates that each one stands for.

    All rows are as long as the longest; padding has weight 0.
    """

    lists: CandidateLists
    weight: NDArray[np.float64]


def draw_calibration_sample(
    logs: Logs, split: Split, graphs: Graphs, task: Task, seed: int
) -> CalibrationSample:
    """At most ``MAX_GROUPS`` validation groups, each with its first positive in column 0.

    ``graphs`` are those of the validation snapshot. Left out is what is never recommended: the items that the initiator
    launched in any split, or the initiator and the group's other participants.
    """
    rng = np.random.default_rng(seed + 1)
    groups = spread_sample(split.validation, MAX_GROUPS)
    initiator = logs.group_initiator[groups].astype(np.int64)
    item = logs.group_item[groups].astype(np.int64)
    if task == Task.ITEMS:
        positive, size, known = item, len(logs.items), launched_items(logs)[initiator]
        near = graphs.history[initiator] + graphs.circle_history[initiator]
    else:
        positive = logs.join_participant[np.searchsorted(logs.join_group, groups)].astype(np.int64)
        size, known = len(logs.users), group_members(logs)[groups]
        circle = graphs.circle[initiator]
        near = circle + circle @ graphs.circle
    rows = []
    for row in range(len(groups)):
        left_out = np.union1d(known[row].indices, positive[row])
        rows.append(_draw(size, near[row].indices, left_out, rng))
    longest = max((len(chosen) for chosen, _ in rows), default=0)
    candidates = np.repeat(positive[:, None], 1 + longest, 1)
    weight = np.zeros(candidates.shape)
    weight[:, 0] = 1
    for row, (chosen, stands_for) in enumerate(rows):
        candidates[row, 1 : 1 + len(chosen)] = chosen
        weight[row, 1 : 1 + len(chosen)] = stands_for
    items = None if task == Task.ITEMS else item
    return CalibrationSample(CandidateLists(task, initiator, items, candidates, groups), weight)


def _draw(
    size: int,
    near: NDArray[np.integer],
    left_out: NDArray[np.integer],
    rng: np.random.Generator,
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Candidates below ``size`` without those ``left_out``, and how many each stands for."""
    if size <= MAX_NEAR + OTHERS:
        everybody = np.setdiff1d(np.arange(size), left_out)
        return everybody, np.ones(len(everybody))
    near = np.setdiff1d(near[near < size], left_out)  # the last position is the cold-start row
    close = near if len(near) <= MAX_NEAR else rng.choice(near, MAX_NEAR, replace=False)
    others = np.setdiff1d(rng.integers(0, size, OTHERS), np.union1d(near, left_out))
    rest = size - len(near) - len(left_out)
    weight = np.repeat(
        [len(near) / max(len(close), 1), rest / max(len(others), 1)], [len(close), len(others)]
    )
    return np.concatenate([close, others]), weight
