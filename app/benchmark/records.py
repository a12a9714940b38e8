"""The benchmark's files as records: runs of ``results.json``, leads, the paper's figures, and sweeps.

``train/benchmark/results.py`` says what a row holds. What is read here is what the pages show; other fields are let be.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

WHOLE = "all"  # a run's figures over all its lists, as opposed to one of PARTS
PARTS = ("cold", "warm", "hidden", "before", "shown")


class Damaged(Exception):  # noqa: N818
    """A file of results that cannot be read; ``entry`` counts from 1 and is ``None`` where it is no JSON list."""

    def __init__(self, path: Path, entry: int | None) -> None:
        super().__init__(f"{path} holds no benchmark results (entry {entry}).")
        self.path, self.entry = path, entry


class Figure(BaseModel):
    """One figure of merit with its 95 % interval over ``lists`` lists; ``None`` where nothing was measured."""

    model_config = ConfigDict(frozen=True)
    value: float | None
    low: float | None = None
    high: float | None = None
    lists: int = 0


class _Row(Figure):
    """One line of ``results.json`` or ``sweep-*.json``: a figure and the run that it belongs to."""

    key: str
    task: Literal["items", "participants"]
    metric: str
    seed: int
    training_groups: int
    data_version: str
    measured_at: datetime
    seconds: float
    peak_mib: float
    device: str
    command: str = ""

    def figure(self) -> Figure:
        """The figure alone."""
        return Figure(value=self.value, low=self.low, high=self.high, lists=self.lists)


class _SystemRow(_Row):
    system: str
    protocol: str
    test_groups: int
    seconds_scoring: float
    seconds_updating: float | None = None
    adaptation: str = ""
    cold: Figure | None = None
    warm: Figure | None = None
    hidden: Figure | None = None
    before: Figure | None = None
    shown: Figure | None = None


class Lead(BaseModel):
    """By how much our model leads ``over`` another system on the very same lists, with its 95 % interval."""

    model_config = ConfigDict(frozen=True)
    over: str
    protocol: str
    seed: int
    data_version: str
    test_groups: int
    task: Literal["items", "participants"]
    metric: str
    value: float
    low: float
    high: float


class _SweepRow(_Row):
    param: str
    setting: str
    preset: str
    settings: dict[str, Any]


class Printed(BaseModel):
    """A figure that the paper prints; ``impossible`` where no ranking can give it together with its neighbour."""

    model_config = ConfigDict(frozen=True)
    system: str
    task: Literal["items", "participants"]
    metric: str
    value: float
    impossible: bool


@dataclass(frozen=True)
class Cost:
    """What a run took, in a process of its own: seconds, MiB at the peak, "cpu" or "cuda"."""

    learning: float
    scoring: float
    updating: float | None  # taking in the logs of newcomers, where the protocol has any
    peak_mib: float
    device: str


@dataclass(frozen=True)
class Run:
    """One system measured once; figures by task, metric and part (``WHOLE`` or one of ``PARTS``)."""

    system: str
    protocol: str
    seed: int
    data_version: str
    training_groups: int
    test_groups: int
    measured_at: datetime
    cost: Cost
    adaptation: str  # how it was brought to do its second task; "" where it does both
    command: str  # what a person types to measure it again
    figures: dict[tuple[str, str, str], Figure]


@dataclass(frozen=True)
class Point:
    """One value of a swept setting, with its figures by task and metric."""

    setting: str
    figures: dict[tuple[str, str], Figure]


@dataclass(frozen=True)
class Sweep:
    """A setting at several values, all else alike; values in ascending order where they are numbers."""

    param: str
    preset: str
    seed: int
    data_version: str
    training_groups: int
    measured_at: datetime  # the last of its values
    settings: dict[str, Any]  # all but the swept ones
    points: tuple[Point, ...]


_Kind = TypeVar("_Kind", bound=BaseModel)


def _rows(path: Path, kind: type[_Kind]) -> list[_Kind]:
    """The lines of a file; none where there is no file, ``Damaged`` where it holds something else."""
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise Damaged(path, None) from error
    try:
        return TypeAdapter(list[kind]).validate_json(text)  # type: ignore[valid-type]
    except ValidationError as error:
        place = error.errors()[0]["loc"]
        raise Damaged(path, int(place[0]) + 1 if place else None) from error


def read_runs(folder: Path) -> list[Run]:
    """The runs of ``results.json`` in the order in which they were measured; ``Damaged`` where it cannot be read."""
    runs = []
    for _, group in groupby(_rows(folder / "results.json", _SystemRow), lambda row: row.key):
        rows = list(group)
        first = rows[0]
        figures: dict[tuple[str, str, str], Figure] = {}
        for row in rows:
            figures[row.task, row.metric, WHOLE] = row.figure()
            for part in PARTS:
                figure = getattr(row, part)
                if figure is not None:
                    figures[row.task, row.metric, part] = figure
        cost = Cost(
            first.seconds,
            first.seconds_scoring,
            first.seconds_updating,
            first.peak_mib,
            first.device,
        )
        runs.append(
            Run(
                first.system,
                first.protocol,
                first.seed,
                first.data_version,
                first.training_groups,
                first.test_groups,
                first.measured_at,
                cost,
                first.adaptation,
                first.command,
                figures,
            )
        )
    return runs


def read_paper(folder: Path) -> list[Printed]:
    """The paper's figures; none where there is no ``paper.json``, ``Damaged`` where it cannot be read."""
    return _rows(folder / "paper.json", Printed)


def read_leads(folder: Path) -> list[Lead]:
    """What ``leads.json`` holds; none where there is no such file, ``Damaged`` where it cannot be read."""
    return _rows(folder / "leads.json", Lead)


def read_sweeps(path: Path) -> list[Sweep]:
    """The sweeps of one ``sweep-*.json``, one for each preset, seed, state of the logs and choice of the rest."""
    found: dict[tuple[Any, ...], list[_SweepRow]] = {}
    for row in _rows(path, _SweepRow):
        alike = (row.param, row.preset, row.seed, row.data_version, tuple(_others(row).items()))
        found.setdefault(alike, []).append(row)
    return [
        Sweep(
            param,
            name,
            seed,
            data,
            rows[0].training_groups,
            max(row.measured_at for row in rows),
            _others(rows[0]),
            tuple(_points(rows)),
        )
        for (param, name, seed, data, _), rows in found.items()
    ]


def _others(row: _SweepRow) -> dict[str, Any]:
    """All settings of a row but the swept ones, by name."""
    swept = row.param.split("+")
    return {name: value for name, value in sorted(row.settings.items()) if name not in swept}


def _points(rows: Iterable[_SweepRow]) -> list[Point]:
    settings: dict[str, dict[tuple[str, str], Figure]] = {}
    for row in rows:
        settings.setdefault(row.setting, {})[row.task, row.metric] = row.figure()
    points = [Point(setting, figures) for setting, figures in settings.items()]
    numbers = [as_number(point.setting) for point in points]
    if None in numbers:
        return points
    return sorted(points, key=lambda point: as_number(point.setting) or 0.0)


def as_number(setting: str) -> float | None:
    """The value of a setting, ``None`` where it is a word."""
    try:
        return float(setting)
    except ValueError:
        return None
