"""The figures that a model version brings: read from its metrics, written for people.

What figures of merit are called.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.text import t

TASKS = ("items", "participants")
MAIN = "MRR@10"  # what two versions are compared by, averaged over the tasks


@dataclass(frozen=True)
class MetricValue:
    """One figure of one task with its 95 % interval and what a list sorted by sales reaches, where these are known."""

    task: str
    name: str  # as people write it: "MRR@10"
    value: float
    low: float | None = None
    high: float | None = None
    sales: float | None = None


def metric_values(metrics: Mapping[str, Any]) -> list[MetricValue]:
    """All figures of ``{"items/mrr@10": {"value", "low", "high"}, ...}``, as they stand.

    What is no such figure is left out: a version may bring more than the page shows.
    """
    found = []
    for key, figure in metrics.items():
        task, _, name = key.partition("/")
        if task in TASKS and name and isinstance(figure, Mapping) and "value" in figure:
            found.append(
                MetricValue(
                    task,
                    name.upper(),
                    figure["value"],
                    figure.get("low"),
                    figure.get("high"),
                    figure.get("popularity"),
                )
            )
    return found


def mean_mrr(metrics: Mapping[str, Any]) -> float | None:
    """The one number that two versions are compared by: MRR@10, averaged over the tasks."""
    values = [measure.value for measure in metric_values(metrics) if measure.name == MAIN]
    return sum(values) / len(values) if values else None


def metric_label(key: str) -> str:
    """A figure as people write it, in the page's language: ``items/mrr@10`` as "Items MRR@10"."""
    task, _, name = key.partition("/")
    return f"{t(f'figure.{task}')} {name.upper()}"
