"""Sampled ranking: one relevant candidate among 10 and among 100, the others negatives.

The candidates are drawn once by seed, uniformly as in the paper or by popularity, and every system scores the same
lists. The 1:9 list is the head of the 1:99 list.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from db.logs import Logs, Metric, Task
from engine.candidates import Question, is_repeat
from train.evaluate.metrics import MetricEstimate, estimate, ndcg, rank_range, reciprocal_rank
from train.evaluate.negative_sampling import negative_items, negative_participants
from train.evaluate.splits import YEAR, Split, spread_sample
from train.random_keys import Purpose, generator

LIST_SIZES = (10, 100)
NEGATIVES = max(LIST_SIZES) - 1


@dataclass(frozen=True)
class CandidateLists:
    """n candidate lists of one task; column 0 of ``candidates`` [n, N] is relevant.

    ``item`` is None in Task I. ``group`` [n] is the group that a list comes from, which clusters the lists for
    confidence intervals. ``at`` [n] are the moments as of which the lists are asked: what happened strictly before
    counts. None: everything that a system knows counts.
    """

    task: Task
    initiator: NDArray[np.int64]
    item: NDArray[np.int64] | None
    candidates: NDArray[np.int64]
    group: NDArray[np.int64]
    at: NDArray[np.datetime64] | None = None

    def part(self, rows: slice | NDArray[np.bool_]) -> "CandidateLists":
        """Only these lists."""
        item = None if self.item is None else self.item[rows]
        at = None if self.at is None else self.at[rows]
        return CandidateLists(
            self.task, self.initiator[rows], item, self.candidates[rows], self.group[rows], at
        )


@dataclass(frozen=True)
class Moment:
    """What is known when held-out groups are asked about: the groups that are true in ``known`` [G].

    ``cut`` is the moment itself, None where groups are held out at random. Then everybody and everything is a
    candidate; with a moment, the items that were launched in the year before it or later (what is on the shelf then),
    and the people who launched or joined in the year before it.
    """

    known: NDArray[np.bool_]
    cut: np.datetime64 | None = None

    def on_the_shelf(self, logs: Logs) -> NDArray[np.bool_]:
        """The items [I] that are candidates."""
        if self.cut is None:
            return np.ones(len(logs.items), bool)
        launched = np.zeros(len(logs.items), bool)
        launched[logs.group_item[logs.group_launched_at >= self.cut - YEAR]] = True
        return launched

    def active_people(self, logs: Logs) -> NDArray[np.bool_]:
        """The users [U] who are candidates."""
        if self.cut is None:
            return np.ones(len(logs.users), bool)
        recent = self.known & (logs.group_launched_at >= self.cut - YEAR)
        active = np.zeros(len(logs.users), bool)
        active[logs.group_initiator[recent]] = True
        active[logs.join_participant[recent[logs.join_group]]] = True
        return active


def validation_lists(logs: Logs, split: Split, most: int, seed: int) -> dict[Task, CandidateLists]:
    """The lists of at most ``most`` validation groups; with blocks in time each as of its own launch."""
    groups = spread_sample(split.validation, most)
    moment = Moment(split.visible_groups(logs), split.cut)
    drawn = draw_candidate_lists(
        logs, groups, seed, moment, split.question, purpose=Purpose.VALIDATION
    )
    if not len(split.block_starts):
        return drawn
    return {
        task: replace(lists, at=logs.group_launched_at[lists.group])
        for task, lists in drawn.items()
    }


def draw_candidate_lists(
    logs: Logs,
    groups: NDArray[np.int64],
    seed: int,
    moment: Moment | None = None,
    question: Question = Question.NEW,
    weights: Mapping[Task, NDArray[np.floating]] | None = None,
    purpose: Purpose = Purpose.TEST,
) -> dict[Task, CandidateLists]:
    """The 1:99 lists of these successful groups: one of items a group, one of participants a join.

    Asked for something new, a group whose initiator has launched the item already at the ``moment`` (None: nothing is
    known) has no list of items, and negatives are items that the initiator launched in no split; asked for anything,
    negatives are all other items. A group without any other candidate has no list either. Participants are drawn from
    outside the group. Negatives are drawn uniformly, or in proportion to the ``weights`` of items [I] and of users [U];
    the same seed and ``purpose`` give the same lists.
    """
    moment = moment or Moment(np.zeros(len(logs.group_item), bool))
    rng = generator(Purpose.CANDIDATES, seed, purpose.value)
    weights = weights or {}
    return {
        Task.ITEMS: _item_lists(logs, groups, rng, moment, question, weights.get(Task.ITEMS)),
        Task.PARTICIPANTS: _participant_lists(
            logs, groups, rng, moment, weights.get(Task.PARTICIPANTS)
        ),
    }


def _item_lists(
    logs: Logs,
    groups: NDArray[np.int64],
    rng: np.random.Generator,
    moment: Moment,
    question: Question,
    weight: NDArray[np.floating] | None,
) -> CandidateLists:
    if question is Question.NEW:
        groups = groups[~is_repeat(logs, groups, moment.known)]
    initiator, item = (
        column[groups].astype(np.int64) for column in (logs.group_initiator, logs.group_item)
    )
    left_out = None if question is Question.NEW else item
    shelf = moment.on_the_shelf(logs)
    others = negative_items(logs, initiator, NEGATIVES, rng, shelf, weight, left_out)
    candidates = np.column_stack([item, others.drawn])
    return CandidateLists(Task.ITEMS, initiator, None, candidates, groups).part(others.complete)


def _participant_lists(
    logs: Logs,
    groups: NDArray[np.int64],
    rng: np.random.Generator,
    moment: Moment,
    weight: NDArray[np.floating] | None,
) -> CandidateLists:
    active = moment.active_people(logs)
    joins = np.flatnonzero(np.isin(logs.join_group, groups) & active[logs.join_participant])
    group = logs.join_group[joins].astype(np.int64)
    others = negative_participants(logs, group, NEGATIVES, rng, active, weight)
    lists = CandidateLists(
        Task.PARTICIPANTS,
        logs.group_initiator[group].astype(np.int64),
        logs.group_item[group].astype(np.int64),
        np.column_stack([logs.join_participant[joins], others.drawn]),
        group,
    )
    return lists.part(others.complete)


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
    lists: CandidateLists,
    scores: NDArray[np.floating],
    seed: int = 0,
    clusters: NDArray[np.int64] | None = None,
) -> dict[Metric, MetricEstimate]:
    """MRR and NDCG at 10 and 100 of the lists with ``scores`` [n, N], with confidence intervals.

    Lists with the same number in ``clusters`` [n] go together, or those of the same group.
    """
    together = lists.group if clusters is None else clusters
    return {
        metric: estimate(values, together, seed)
        for metric, values in metrics_per_list(lists, scores).items()
    }
