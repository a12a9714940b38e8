"""The figures that a model version brings: read from its metrics, written for people."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

TASKS = ("items", "participants")
MAIN = "MRR@10"  # what two versions are compared by, averaged over the tasks


@dataclass(frozen=True)
class Measure:
    """One figure of one task with its 95 % interval, where there is one."""

    task: str
    name: str
    value: float
    low: float | None = None
    high: float | None = None


def measures(metrics: Mapping[str, Any]) -> list[Measure]:
    """All figures of ``{task: {name: {"value", "low", "high"}}}``, in the order in which they
    stand.

    What is no such figure is left out: a version may bring more than the page shows.
    """
    return [
        measure
        for task in TASKS
        if isinstance(metrics.get(task), Mapping)
        for measure in _of_task(task, metrics[task])
    ]


def _of_task(task: str, figures: Mapping[str, Any]) -> Iterator[Measure]:
    for name, figure in figures.items():
        if isinstance(figure, Mapping) and isinstance(figure.get("value"), int | float):
            yield Measure(task, name, figure["value"], figure.get("low"), figure.get("high"))
        elif isinstance(figure, int | float):
            yield Measure(task, name, figure)


def main_figure(metrics: Mapping[str, Any]) -> float | None:
    """The one number that two versions are compared by: MRR@10, averaged over the tasks."""
    values = [measure.value for measure in measures(metrics) if measure.name == MAIN]
    return sum(values) / len(values) if values else None
