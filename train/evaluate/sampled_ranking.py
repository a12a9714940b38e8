"""Sampled ranking: one relevant candidate among 10 and among 100, the others negatives.

The candidates are drawn once by seed, uniformly as in the paper or by popularity, and every system scores the same
lists. The 1:9 list is the head of the 1:99 list.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from db.logs import Logs, Metric, Task
from train.evaluate.metrics import MetricEstimate, estimate, ndcg, rank_range, reciprocal_rank
from train.evaluate.negative_sampling import negative_items, negative_participants

LIST_SIZES = (10, 100)


@dataclass(frozen=True)
class CandidateLists:
    """n candidate lists of one task; column 0 of ``candidates`` [n, N] is relevant.

    ``item`` is None in Task I. ``group`` [n] is the group that a list comes from, which clusters the lists for
    confidence intervals.
    """

    task: Task
    initiator: NDArray[np.int64]
    item: NDArray[np.int64] | None
    candidates: NDArray[np.int64]
    group: NDArray[np.int64]

    def part(self, rows: slice | NDArray[np.bool_]) -> "CandidateLists":
        """Only these lists."""
        item = None if self.item is None else self.item[rows]
        return CandidateLists(
            self.task, self.initiator[rows], item, self.candidates[rows], self.group[rows]
        )


def draw_candidate_lists(
    logs: Logs,
    groups: NDArray[np.int64],
    seed: int,
    weights: Mapping[Task, NDArray[np.floating]] | None = None,
) -> dict[Task, CandidateLists]:
    """The 1:99 lists of these successful groups: one of items a group, one of participants a join.

    Negatives are items that the initiator launched in no split, and users outside the group. They are drawn uniformly,
    or in proportion to the ``weights`` of items [I] and of users [U].
    """
    weights = weights or {}
    rng = np.random.default_rng(seed)
    negatives = max(LIST_SIZES) - 1
    initiator = logs.group_initiator[groups].astype(np.int64)
    others = negative_items(logs, initiator, negatives, rng, weight=weights.get(Task.ITEMS))
    items = CandidateLists(
        Task.ITEMS, initiator, None, np.column_stack([logs.group_item[groups], others]), groups
    )
    joins = np.flatnonzero(np.isin(logs.join_group, groups))
    group = logs.join_group[joins].astype(np.int64)
    weight = weights.get(Task.PARTICIPANTS)
    others = negative_participants(logs, group, negatives, rng, weight=weight)
    participants = CandidateLists(
        Task.PARTICIPANTS,
        logs.group_initiator[group].astype(np.int64),
        logs.group_item[group].astype(np.int64),
        np.column_stack([logs.join_participant[joins], others]),
        group,
    )
    return {Task.ITEMS: items, Task.PARTICIPANTS: participants}


def metrics_per_list(
    lists: CandidateLists, scores: NDArray[np.floating]
) -> dict[Metric, NDArray[np.float64]]:
    """MRR and NDCG at 10 and 100 of each list, [n] by metric; MRR@10 is that of the 1:9 list."""
    found = {}
    for size in LIST_SIZES:
        first, last = rank_range(scores[:, :size])
        for name, values in (("mrr", reciprocal_rank), ("ndcg", ndcg)):
            found[Metric(lists.task, name, size)] = values(first, last, size)
    return found


def sampled_metrics(
    lists: CandidateLists, scores: NDArray[np.floating], seed: int = 0
) -> dict[Metric, MetricEstimate]:
    """MRR and NDCG at 10 and 100 of the lists with ``scores`` [n, N], with confidence intervals."""
    return {
        metric: estimate(values, lists.group, seed)
        for metric, values in metrics_per_list(lists, scores).items()
    }
