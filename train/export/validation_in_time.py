"""What a network that knows time reaches on the groups that closed since its cut, with intervals for the next weeks."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from db.logs import Task
from engine.evidence.timed.shop_events import ShopEvents
from engine.evidence.timed.timed_evidence import TimedEvidence
from train.evaluate.earlier_windows import ALL, Drift, drift_between_windows, widened
from train.evaluate.later_groups import sales_as_of_launch
from train.evaluate.sampled_ranking import CandidateLists
from train.evaluate.validation_weeks import (
    FIRST_TIMES,
    NOTHING_LATER,
    REPEATS,
    ValidationWeeks,
    knows_open_groups,
    weeks_of_initiators,
)
from train.export.validation_metrics import Metrics, compared
from train.learn.fit_network import TrainedNetwork
from train.prepare.dataset import Dataset
from train.prepare.snapshot import Snapshot, list_evidence


def validate_in_time(
    weeks: ValidationWeeks, dataset: Dataset, trained: TrainedNetwork
) -> tuple[Metrics, dict[str, Metrics]]:
    """The metrics of the weeks, each launch as of its own moment; and apart, repeats, others, and nothing known since.

    The intervals are those for the weeks to come: they allow for what windows of launches differ by.
    """
    logs = weeks.window.logs
    drift = drift_between_windows(weeks)
    metrics: Metrics = {}
    parts: dict[str, Metrics] = {}
    for task in trained.network.tasks():
        lists = weeks.lists[task]
        if not len(lists.group):
            continue
        alone = weeks.nothing_later(lists)
        snapshots = _snapshots(weeks, dataset, trained, lists)
        together = weeks_of_initiators(logs, lists.group)
        every = np.ones(len(lists.group), bool)
        asked = [(ALL, lists, dataset.seen, every)]
        asked.append((NOTHING_LATER, alone, without_later(weeks, dataset.seen), every))
        if task is Task.ITEMS:
            repeats = weeks.window.repeats(lists.group)
            if repeats.any() and not repeats.all():
                asked += [(REPEATS, lists, dataset.seen, repeats)]
                asked += [(FIRST_TIMES, lists, dataset.seen, ~repeats)]
        scored: dict[str, NDArray[np.float32]] = {}
        for part, drawn, seen, rows in asked:
            way = NOTHING_LATER if part == NOTHING_LATER else ALL
            if way not in scored:
                scored[way] = _scores(drawn, seen, snapshots, trained)
            sold = sales_as_of_launch(logs, drawn)
            found = compared(drawn.part(rows), scored[way][rows], sold[rows], together[rows])
            parts.setdefault(part, {}).update(_for_the_next_weeks(found, part, drift))
    metrics = parts.pop(ALL, {})
    return metrics, parts


def _for_the_next_weeks(metrics: Metrics, part: str, drift: Drift) -> Metrics:
    """The metrics with intervals that allow for the drift, where it is known."""
    return {
        metric: replace(
            one, estimate=widened(one.estimate, drift[part, metric]), drift=drift[part, metric]
        )
        if (part, metric) in drift
        else one
        for metric, one in metrics.items()
    }


def _snapshots(
    weeks: ValidationWeeks, dataset: Dataset, trained: TrainedNetwork, lists: CandidateLists
) -> NDArray[np.int64]:
    """The number of the views [n] that each list is asked with: of a launch before the cut, those of its block."""
    launched = weeks.window.logs.group_launched_at[lists.group]
    block = np.searchsorted(dataset.split.block_starts, launched, side="right") - 1
    before = weeks.launched_before(lists)
    return np.where(before, np.maximum(block, 0), trained.snapshot).astype(np.int64)


def without_later(weeks: ValidationWeeks, seen: Snapshot) -> Snapshot:
    """The snapshot as a store has it that gets no logs after the cut.

    Where groups enter the store once they have closed, it does not know of those that were open at the cut.
    """
    logs, cut, evidence = weeks.window.logs, weeks.window.start, seen.evidence
    assert isinstance(evidence, TimedEvidence)  # noqa: S101  the caller has checked
    if knows_open_groups(logs):
        return seen
    events = ShopEvents(logs.with_groups(~(logs.closed_at >= cut)), evidence.events.words.space)
    return replace(seen, evidence=replace(evidence, events=events))


def _scores(
    lists: CandidateLists,
    seen: Snapshot,
    snapshots: NDArray[np.int64],
    trained: TrainedNetwork,
) -> NDArray[np.float32]:
    """The scores [n, N] of the lists, each as of its moment and with its views."""
    scores = np.empty(lists.candidates.shape, np.float32)
    for snapshot in np.unique(snapshots):
        rows = snapshots == snapshot
        part = lists.part(rows)
        evidence = list_evidence(part, seen, trained.network.settings)
        scores[rows] = trained.network.score_lists(part, evidence, int(snapshot))
    return scores
