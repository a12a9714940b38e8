"""How good a model version is, read from its manifest: its ranking metrics and how reliable its probabilities are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any, Literal

from app.text import t
from db.logs import Metric, Task
from engine.bundle.manifest import Calibration

TASKS = tuple(Task)
MAIN = tuple(Metric(task, "mrr", 10) for task in TASKS)  # what the tables of versions show


@dataclass(frozen=True)
class MetricValue:
    """A metric's value with its 95 % confidence interval and what a list sorted by sales reaches, where known."""

    metric: Metric
    value: float
    low: float | None = None
    high: float | None = None
    sales: float | None = None


def metric_values(metrics: Mapping[str, Any]) -> list[MetricValue]:
    """The ranking metrics among ``{"items/mrr@10": {"value", "low", "high", "popularity"}, ...}``, in their order.

    Other entries are left out: a version may bring more than the pages show.
    """
    found = []
    for key, entry in metrics.items():
        try:
            metric = Metric.parse(key)
        except ValueError:
            continue
        if isinstance(entry, Mapping) and "value" in entry:
            found.append(
                MetricValue(
                    metric,
                    float(entry["value"]),
                    entry.get("low"),
                    entry.get("high"),
                    entry.get("popularity"),
                )
            )
    return found


def metric_value(metrics: Mapping[str, Any], metric: Metric) -> float | None:
    """The value of one metric; ``None`` where the version does not bring it."""
    return next((one.value for one in metric_values(metrics) if one.metric == metric), None)


def metric_label(metric: Metric) -> str:
    """A metric with its task in the page's language: "Items MRR@10"."""
    return f"{t(f'figure.{metric.task}')} {metric.at.upper()}"


NORMAL = 1.96  # standard deviations to either side of a 95 % interval
CLOSE, ROUGH = 0.1, 0.25  # relative errors up to which chances can be trusted, or are roughly right

Grade = Literal["close", "rough", "order"]
Verdict = Literal["kept", "more", "less"]


@dataclass(frozen=True)
class Bin:
    """Candidates with similar promised probability: its mean, how many came true, and out of how many."""

    promised: float
    right: float
    size: float

    @property
    def observed(self) -> float:
        """The share that came true."""
        return self.right / self.size

    def interval(self) -> tuple[float, float]:
        """The 95 % confidence interval of the share (Byar's approximation of a Poisson count)."""
        more, low = self.right + 1, 0.0
        if self.right > 0:
            low = self.right * (1 - 1 / (9 * self.right) - NORMAL / (3 * sqrt(self.right))) ** 3
        high = more * (1 - 1 / (9 * more) + NORMAL / (3 * sqrt(more))) ** 3
        return max(low, 0.0) / self.size, min(high / self.size, 1.0)


@dataclass(frozen=True)
class Reliability:
    """The promised probabilities of one task compared with what happened in held-out groups."""

    error: float  # mean gap between promised and observed, relative to the promised
    cases: int  # groups that the calibration was fitted and checked on
    bins: Sequence[Bin]  # by ascending probability, each promising the same number of successes

    @property
    def grade(self) -> Grade:
        """Chances can be taken as they stand ("close"), as roughly right ("rough"), or for their order alone."""
        return "close" if self.error <= CLOSE else "rough" if self.error <= ROUGH else "order"

    @property
    def verdict(self) -> Verdict:
        """Whether the highest chances were "kept"; "more" or "less" came true only where it is beyond chance."""
        low, high = self.bins[-1].interval()
        if low <= self.bins[-1].promised <= high:
            return "kept"
        return "more" if self.bins[-1].promised < low else "less"


def reliability(calibration: Calibration | None) -> Reliability | None:
    """How reliable a task's probabilities were; ``None`` where the version has no calibration, or no bins."""
    listed = [one for one in calibration.bins if one.promised > 0] if calibration else []
    sizes = [one.right / one.observed if one.observed > 0 else None for one in listed]
    # All bins promise the same number of successes, which gives the size of a bin in which nothing came true.
    promised = [
        size * one.promised for size, one in zip(sizes, listed, strict=True) if size is not None
    ]
    if calibration is None or not promised:
        return None
    mean = sum(promised) / len(promised)
    bins = [
        Bin(one.promised, one.right, size or mean / one.promised)
        for size, one in zip(sizes, listed, strict=True)
    ]
    return Reliability(calibration.reliability_error, calibration.cases, bins)
