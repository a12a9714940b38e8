"""Paired differences: how much higher MAMGBR scores than another system on the same lists, with an interval.

The metric's value of each list of a run is kept on disk for that, under ``lists/`` beside ``results.json``. Only runs
whose values were kept on this machine can be compared again; a difference that was computed before is kept until one of
its runs is measured again.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from db.logs import Metric, Task
from engine.benchmark.comparison import OURS, Comparison, Run
from engine.benchmark.records import PairedDifference, write_result
from train.evaluate.full_ranking import RankedAnswers, RankingQueries, metrics_per_answer
from train.evaluate.metrics import MetricEstimate, estimate
from train.evaluate.sampled_ranking import CandidateLists, metrics_per_list

FOLDER = "lists"


@dataclass
class ListValues:
    """Each metric's value for each of its task's n ranked lists; ``group`` [n] is the group that a list comes from."""

    values: dict[Metric, NDArray[np.float32]] = field(default_factory=dict)
    group: dict[Task, NDArray[np.int64]] = field(default_factory=dict)

    def add_lists(self, lists: CandidateLists, scores: NDArray[np.floating]) -> None:
        """Adds the values of sampled lists with ``scores`` [n, N]."""
        self._add(lists.task, metrics_per_list(lists, scores), lists.group)

    def add_answers(self, queries: RankingQueries, ranked: RankedAnswers) -> None:
        """Adds the values of the right answers of a full ranking."""
        self._add(queries.task, metrics_per_answer(queries, ranked), queries.group[ranked.query])

    def _add(
        self, task: Task, values: dict[Metric, NDArray[np.float64]], group: NDArray[np.int64]
    ) -> None:
        self.values |= {metric: found.astype(np.float32) for metric, found in values.items()}
        self.group[task] = group


def write_list_values(out: Path, key: str, found: ListValues) -> None:
    """Writes the values of the run ``key``; raises TrainError where that fails."""
    arrays: dict[str, NDArray[Any]]
    arrays = {str(metric): values for metric, values in found.values.items()}
    arrays |= {f"{task}/group": group for task, group in found.group.items()}
    content = io.BytesIO()
    np.savez_compressed(content, allow_pickle=False, **arrays)
    write_result(_path(out, key), content.getvalue())


def read_list_values(out: Path, key: str) -> ListValues | None:
    """The values of the run ``key``, None where they were not kept, as for a run on another machine."""
    path = _path(out, key)
    if not path.exists():
        return None
    found = ListValues()
    with np.load(path, allow_pickle=False) as arrays:
        for name in arrays.files:
            task, _, at = name.partition("/")
            if at == "group":
                found.group[Task(task)] = arrays[name]
            else:
                found.values[Metric.parse(name)] = arrays[name]
    return found


def _path(out: Path, key: str) -> Path:
    return out / FOLDER / f"{key}.npz"


def paired_differences(
    compared: Sequence[Comparison], out: Path, known: Sequence[PairedDifference]
) -> list[PairedDifference]:
    """The differences of MAMGBR to every other run on the same lists: the ``known`` ones that still hold, else anew."""
    found: list[PairedDifference] = []
    for comparison in compared:
        for seed in comparison.seeds:
            ours = next((run for run in comparison.latest(seed) if run.system == OURS), None)
            if ours is None:
                continue
            for other in comparison.with_seed(seed):
                if other is ours:
                    continue
                measured_at = {run.key: run.measured_at for run in (ours, other)}
                still = [one for one in known if one.key == other.key and one.of == measured_at]
                found += still or _compare(ours, other, out)
    return found


def _compare(ours: Run, other: Run, out: Path) -> list[PairedDifference]:
    """A difference for each metric; none where a run's values were not kept, or where the lists differ."""
    our_values, other_values = (read_list_values(out, run.key) for run in (ours, other))
    if our_values is None or other_values is None:
        return []
    future: dict[str, Any] = {"cut": other.cut, "way": other.way} if other.way else {}
    return [
        PairedDifference(
            system=ours.system,
            over=other.system,
            protocol=other.protocol,
            seed=other.seed,
            test_groups=other.test_groups,
            data_version=other.data_version,
            task=metric.task,
            metric=metric,
            value=difference.value,
            low=difference.low,
            high=difference.high,
            lists=difference.lists,
            key=other.key,
            of={run.key: run.measured_at for run in (ours, other)},
            **future,
        )
        for metric, difference in mean_differences(our_values, other_values).items()
    ]


def mean_differences(ours: ListValues, theirs: ListValues) -> dict[Metric, MetricEstimate]:
    """Ours less theirs by metric; only of tasks whose lists come from the same groups."""
    found = {}
    for metric, values in ours.values.items():
        groups, others = ours.group[metric.task], theirs.values.get(metric)
        if not len(groups) or others is None:
            continue
        if not np.array_equal(groups, theirs.group[metric.task]):
            continue
        more = values.astype(np.float64) - others
        found[metric] = estimate(more, groups)
    return found
