"""Sweeps of a setting: which trainings belong to one sweep. Pure functions of records."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from db.logs import Metric, Task
from engine.benchmark.records import Estimate, SweepRecord


@dataclass(frozen=True)
class SweepPoint:
    """One value of a swept setting: the estimate of each metric, and what its training took."""

    setting: str
    estimates: Mapping[Metric, Estimate]
    seconds: float
    peak_mib: int
    code_version: str
    command: str


@dataclass(frozen=True)
class MeasuredSweep:
    """A setting at several values, all else alike; values in ascending order where they are numbers."""

    param: str
    preset: str
    seed: int
    data_version: str
    training_groups: int
    validation_groups: int
    measured_at: datetime  # of the latest value
    settings: Mapping[str, Any]  # all but the swept ones
    points: tuple[SweepPoint, ...]

    @property
    def metrics(self) -> list[Metric]:
        """Every metric that was measured at any value."""
        return list(dict.fromkeys(metric for point in self.points for metric in point.estimates))

    def series(self, task: Task, at: str) -> list[tuple[str, Estimate]]:
        """Value and estimate of a task's metric, given without its task ("mrr@10"), where it was measured."""
        return [
            (point.setting, estimate)
            for point in self.points
            for metric, estimate in point.estimates.items()
            if (metric.task, metric.at) == (task, at) and estimate.value is not None
        ]


def sweeps_of(records: Iterable[SweepRecord]) -> list[MeasuredSweep]:
    """One sweep for each setting, preset, seed, state of the logs and choice of the other settings."""
    found: dict[tuple[object, ...], list[SweepRecord]] = {}
    for record in records:
        others = tuple(sorted((name, repr(one)) for name, one in other_settings(record).items()))
        alike = (record.param, record.preset, record.seed, record.data_version, others)
        found.setdefault(alike, []).append(record)
    return [
        MeasuredSweep(
            rows[0].param,
            rows[0].preset,
            rows[0].seed,
            rows[0].data_version,
            rows[0].training_groups,
            rows[0].validation_groups,
            max(row.measured_at for row in rows),
            other_settings(rows[0]),
            tuple(_points(rows)),
        )
        for rows in found.values()
    ]


def other_settings(record: SweepRecord) -> dict[str, Any]:
    """All settings of a record but the swept ones, by name."""
    swept = record.param.split("+")
    return {name: value for name, value in record.settings.items() if name not in swept}


def _points(records: Iterable[SweepRecord]) -> list[SweepPoint]:
    by_setting: dict[str, list[SweepRecord]] = {}
    for record in records:
        by_setting.setdefault(record.setting, []).append(record)
    points = [_point(rows) for rows in by_setting.values()]
    numbers = [as_number(point.setting) for point in points]
    if None in numbers:
        return points
    return sorted(points, key=lambda point: as_number(point.setting) or 0.0)


def _point(records: Sequence[SweepRecord]) -> SweepPoint:
    first = records[0]
    estimates = {record.metric: record.estimate for record in records}
    return SweepPoint(
        first.setting, estimates, first.seconds, first.peak_mib, first.code_version, first.command
    )


def as_number(setting: str) -> float | None:
    """The value of a setting, None where it is a word."""
    try:
        return float(setting)
    except ValueError:
        return None
