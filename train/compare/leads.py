"""By how much MAMGBR leads another system over the very same lists, with the interval of the difference.

``leads.json`` of a benchmark is a JSON list with one object a line:

- ``over``: the other system, measured in the run ``key``; ``task`` and ``metric``;
- ``value``, ``low``, ``high``: MAMGBR's figure less the other's, and its 95 % bootstrap interval over ``lists`` lists;
- ``protocol``, ``seed``, ``test_groups``, ``data_version``: on what;
- ``of``: when either was measured, by its run.

Only runs whose lists were kept on this machine (see ``train.compare.worths``) can be compared anew; a lead that was
worked out before stays as long as both of its runs do.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from train.compare.results import Row
from train.compare.worths import Worths, kept_worths
from train.evaluate.metrics import interval

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
        value, low, high = interval(more, groups)
        figure = {"value": value, "low": low, "high": high, "lists": len(more)}
        found.append({"task": task, "metric": metric, **figure})
    return found
