"""Whom a score is held against for its probability: everybody near the initiator, and a sample of all others.

A probability takes the sum of exp(score) over all candidates. Few of them hold most of it, and they are near the
initiator: a uniform sample misses them as a rule, and the sum comes out too small. So they are scored one and all,
and each of the others that are drawn stands for many.
"""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from db.logs import OPEN, SUCCESSFUL, Logs, Task
from engine.evidence.graphs import Graphs
from train.evaluate.sampled_ranking import CandidateLists
from train.prepare.splits import Split, spread_sample

CASES = 800  # groups, at most
NEAR, OTHERS = 1000, 1000  # candidates of a group; a shop with no more of them is scored whole


@dataclass(frozen=True)
class CalibrationSample:
    """The lists of one task; ``weight`` [n, 1+M] says how many candidates each one stands for.

    Rows are as long as the longest: what only fills a row stands for nobody and has the weight 0.
    """

    lists: CandidateLists
    weight: NDArray[np.float64]


def calibration_sample_of(
    logs: Logs, parts: Split, graphs: Graphs, task: Task, seed: int
) -> CalibrationSample:
    """At most ``CASES`` validation groups, each with its first right answer in column 0.

    ``graphs`` are those of the world that validation sees. Left out are the items that she launched in any split, or
    the group's other members and the initiator herself, as they are never recommended.
    """
    rng = np.random.default_rng(seed + 1)
    groups = spread_sample(parts.validation, CASES)
    initiator = logs.group_initiator[groups].astype(np.int64)
    item = logs.group_item[groups].astype(np.int64)
    if task == "items":
        right, size, known = item, len(logs.items), _launched(logs, initiator)
        near = graphs.history[initiator] + graphs.circle_history[initiator]
    else:
        right = logs.join_participant[np.searchsorted(logs.join_group, groups)].astype(np.int64)
        size, known = len(logs.users), _members(logs, groups)
        circle = graphs.circle[initiator]
        near = circle + circle @ graphs.circle
    rows = []
    for row in range(len(groups)):
        left_out = np.union1d(known[row].indices, right[row])
        rows.append(_drawn(size, near[row].indices, left_out, rng))
    longest = max((len(chosen) for chosen, _ in rows), default=0)
    candidates = np.repeat(right[:, None], 1 + longest, 1)
    weight = np.zeros(candidates.shape)
    weight[:, 0] = 1
    for row, (chosen, stands_for) in enumerate(rows):
        candidates[row, 1 : 1 + len(chosen)] = chosen
        weight[row, 1 : 1 + len(chosen)] = stands_for
    asked = None if task == "items" else item
    return CalibrationSample(CandidateLists(task, initiator, asked, candidates, groups), weight)


def _drawn(
    size: int,
    near: NDArray[np.integer],
    left_out: NDArray[np.integer],
    rng: np.random.Generator,
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Candidates out of ``size`` without those ``left_out``, and how many each stands for."""
    if size <= NEAR + OTHERS:
        every = np.setdiff1d(np.arange(size), left_out)
        return every, np.ones(len(every))
    near = np.setdiff1d(near[near < size], left_out)  # the last position is the newcomer's
    close = near if len(near) <= NEAR else rng.choice(near, NEAR, replace=False)
    others = np.setdiff1d(rng.integers(0, size, OTHERS), np.union1d(near, left_out))
    rest = size - len(near) - len(left_out)
    weight = np.repeat(
        [len(near) / max(len(close), 1), rest / max(len(others), 1)], [len(close), len(others)]
    )
    return np.concatenate([close, others]), weight


def _launched(logs: Logs, initiator: NDArray[np.int64]) -> sp.csr_matrix:
    """The items of each initiator's successful and open groups, [n, I]."""
    counted = np.isin(logs.group_status, (SUCCESSFUL, OPEN))
    pairs = (logs.group_initiator[counted], logs.group_item[counted])
    shape = (len(logs.users), len(logs.items))
    return sp.csr_matrix((np.ones(counted.sum(), bool), pairs), shape)[initiator]


def _members(logs: Logs, groups: NDArray[np.int64]) -> sp.csr_matrix:
    """Everybody in each of the groups, whoever started it among them, [n, U]."""
    started = np.arange(len(logs.group_item))
    pairs = (
        np.concatenate([logs.join_group, started]),
        np.concatenate([logs.join_participant, logs.group_initiator]),
    )
    shape = (len(started), len(logs.users))
    return sp.csr_matrix((np.ones(len(pairs[0]), bool), pairs), shape)[groups]
