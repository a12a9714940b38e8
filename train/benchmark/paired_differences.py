"""Paired differences: by how much MAMGBR leads another system over the very same lists, with an interval.

``leads.json`` of a benchmark is a JSON list with one object a line:

- ``over``: the other system, measured in the run ``key``; ``task`` and ``metric``;
- ``value``, ``low``, ``high``: MAMGBR's figure less the other's, and its 95 % bootstrap interval over ``lists`` lists;
- ``protocol``, ``seed``, ``test_groups``, ``data_version``: on what;
- ``of``: when either was measured, by its run.

Lists differ from each other far more than systems do, so the interval of a paired difference is much narrower than
those of the two figures. What each list of a run is worth is kept on disk for that; only runs whose lists were kept
on this machine can be compared again, and a lead that was computed before stays as long as both of its runs do.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from db.logs import Metric
from train.benchmark.results import Row, write_result
from train.evaluate.full_ranking import RankedAnswers, RankingQueries, metrics_per_answer
from train.evaluate.metrics import bootstrap_interval
from train.evaluate.sampled_ranking import CandidateLists, metrics_per_list

FOLDER = "lists"


@dataclass
class Worths:
    """``values`` by task and metric, a number for each of the task's n ranked lists; ``group`` [n] by task is the
    group that a list comes from.
    """

    values: dict[tuple[str, str], NDArray[np.float32]] = field(default_factory=dict)
    group: dict[str, NDArray[np.int64]] = field(default_factory=dict)

    def add_lists(self, lists: CandidateLists, scores: NDArray[np.floating]) -> None:
        """Those of sampled lists with ``scores`` [n, N]."""
        self._add(lists.task, metrics_per_list(lists, scores), lists.group)

    def add_answers(self, queries: RankingQueries, ranked: RankedAnswers) -> None:
        """Those of a full ranking."""
        self._add(queries.task, metrics_per_answer(queries, ranked), queries.group[ranked.query])

    def _add(
        self, task: str, worths: dict[Metric, NDArray[np.float64]], group: NDArray[np.int64]
    ) -> None:
        self.values |= {(task, metric.at): v.astype(np.float32) for metric, v in worths.items()}
        self.group[task] = group


def keep_worths(out: Path, key: str, worths: Worths) -> None:
    """Writes a run's, whole or not at all; ``TrainError`` where that cannot be."""
    arrays: dict[str, NDArray[Any]]
    arrays = {"/".join(name): values for name, values in worths.values.items()}
    arrays |= {f"{task}/group": group for task, group in worths.group.items()}
    content = io.BytesIO()
    np.savez_compressed(content, allow_pickle=False, **arrays)
    write_result(_place(out, key), content.getvalue())


def kept_worths(out: Path, key: str) -> Worths | None:
    """A run's, ``None`` where they were not kept, as for one that was measured elsewhere."""
    place = _place(out, key)
    if not place.exists():
        return None
    found = Worths()
    with np.load(place, allow_pickle=False) as arrays:
        for name in arrays.files:
            task, _, metric = name.partition("/")
            if metric == "group":
                found.group[task] = arrays[name]
            else:
                found.values[task, metric] = arrays[name]
    return found


def _place(out: Path, key: str) -> Path:
    return out / FOLDER / f"{key}.npz"


LEADING = "mamgbr"
ON_WHAT = ("protocol", "seed", "test_groups", "data_version")


def leads(rows: Sequence[Row], out: Path, known: Sequence[Row]) -> list[Row]:
    """The leads of the benchmark's ``rows``: those ``known`` that are still true, and those that ``out`` can tell."""
    runs = {row["key"]: row for row in rows}
    ours = {_on_what(row): row for row in runs.values() if row["system"] == LEADING}
    found: list[Row] = []
    for row in runs.values():
        leader = ours.get(_on_what(row))
        if leader is None or leader is row:
            continue
        moments = {one["key"]: one["measured_at"] for one in (leader, row)}
        still = [lead for lead in known if lead["key"] == row["key"] and lead["of"] == moments]
        found += still or _counted(leader, row, moments, out)
    return found


def _on_what(row: Row) -> tuple[object, ...]:
    return tuple(row[name] for name in ON_WHAT)


def _counted(leader: Row, other: Row, moments: Mapping[str, str], out: Path) -> list[Row]:
    """A lead a metric; none where the lists of a run were not kept, or are not the same."""
    kept = [kept_worths(out, run["key"]) for run in (leader, other)]
    ours, theirs = kept
    if ours is None or theirs is None:
        return []
    told = {"system": LEADING, "over": other["system"]} | {name: other[name] for name in ON_WHAT}
    return [
        {**told, **lead, "key": other["key"], "of": dict(moments)}
        for lead in differences(ours, theirs)
    ]


def differences(ours: Worths, theirs: Worths) -> list[Row]:
    """What ours are worth more by task and metric, with its interval; only of tasks whose lists are the same."""
    found = []
    for (task, metric), values in ours.values.items():
        groups, others = ours.group[task], theirs.values.get((task, metric))
        if not len(groups) or others is None or not np.array_equal(groups, theirs.group[task]):
            continue
        more = values.astype(np.float64) - others
        value, low, high = bootstrap_interval(more, groups)
        figure = {"value": value, "low": low, "high": high, "lists": len(more)}
        found.append({"task": task, "metric": metric, **figure})
    return found
