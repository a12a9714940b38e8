"""The sampled protocols: one right answer against 9 and against 99, drawn uniformly as in the paper or by popularity.

Candidates are drawn once, by seed, and every system scores the same ones. The 1:9 list is the head of the 1:99 one.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from db.logs import Logs
from train.evaluate.metrics import bootstrap_interval, ndcg, rank_range, reciprocal_rank
from train.evaluate.negative_sampling import negative_items, negative_participants

WIDTHS = (10, 100)


@dataclass(frozen=True)
class CandidateLists:
    """Candidate lists of one task: column 0 of ``candidates`` [n, 100] is right.

    ``item`` is None in Task I. ``group`` [n] is the group that a list comes from, for intervals.
    """

    task: str
    initiator: NDArray[np.int64]
    item: NDArray[np.int64] | None
    candidates: NDArray[np.int64]
    group: NDArray[np.int64]

    def part(self, rows: slice | NDArray[np.bool_]) -> "CandidateLists":
        """Some of the lists."""
        item = None if self.item is None else self.item[rows]
        return CandidateLists(
            self.task, self.initiator[rows], item, self.candidates[rows], self.group[rows]
        )


Figures = dict[str, dict[str, float]]


def draw_candidate_lists(
    logs: Logs,
    groups: NDArray[np.int64],
    seed: int,
    weights: Mapping[str, NDArray[np.floating]] | None = None,
) -> dict[str, CandidateLists]:
    """The lists of these successful groups: items that the initiator never launched, users outside the group.

    They are drawn uniformly, or by task in proportion to ``weights``: of items [I] and of participants [U].
    """
    weights = weights or {}
    rng = np.random.default_rng(seed)
    others = max(WIDTHS) - 1
    initiator = logs.group_initiator[groups].astype(np.int64)
    wrong = negative_items(logs, initiator, others, rng, weight=weights.get("items"))
    items = CandidateLists(
        "items", initiator, None, np.column_stack([logs.group_item[groups], wrong]), groups
    )
    joins = np.flatnonzero(np.isin(logs.join_group, groups))
    group = logs.join_group[joins].astype(np.int64)
    outside = negative_participants(logs, group, others, rng, weight=weights.get("participants"))
    participants = CandidateLists(
        "participants",
        logs.group_initiator[group].astype(np.int64),
        logs.group_item[group].astype(np.int64),
        np.column_stack([logs.join_participant[joins], outside]),
        group,
    )
    return {"items": items, "participants": participants}


def metrics_per_list(
    lists: CandidateLists, scores: NDArray[np.floating]
) -> dict[str, NDArray[np.float64]]:
    """What each list [n] is worth by the four sampled metrics, by name, e.g. ``mrr@10``."""
    found = {}
    for width in WIDTHS:
        first, last = rank_range(scores[:, :width])
        for name, measure in (("mrr", reciprocal_rank), ("ndcg", ndcg)):
            found[f"{name}@{width}"] = measure(first, last, width)
    return found


def sampled_metrics(lists: CandidateLists, scores: NDArray[np.floating], seed: int = 0) -> Figures:
    """The four sampled figures of one task with their intervals, by name, e.g. ``items/mrr@10``."""
    found: Figures = {}
    for metric, values in metrics_per_list(lists, scores).items():
        value, low, high = bootstrap_interval(values, lists.group, seed)
        found[f"{lists.task}/{metric}"] = {"value": value, "low": low, "high": high}
    return found
