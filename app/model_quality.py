"""How good a model version is, read from its manifest: its ranking metrics and how reliable its probabilities are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any, Literal

from app.text import t
from app.text.numbers import metric_text
from db.logs import Metric, Task
from engine.bundle.manifest import Calibration, Manifest
from engine.candidates import Question

TASKS = tuple(Task)
MAIN = tuple(Metric(task, "mrr", 10) for task in TASKS)  # what the tables of versions show
NOTHING_LATER = "nothing_later"  # the part of a validation whose lists are all asked as of the cut


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


def nothing_later(manifest: Manifest | None) -> Mapping[str, Any]:
    """The metrics of the validation groups with nothing known since the training; none of a model without time."""
    return {} if manifest is None else manifest.metrics_by_part.get(NOTHING_LATER, {})


def with_interval(one: MetricValue | None) -> str:
    """A metric's value with its interval: ``0.612 [0.590, 0.634]``."""
    if one is None or one.low is None:
        return metric_text(None if one is None else one.value)
    return f"{metric_text(one.value)} [{metric_text(one.low)}, {metric_text(one.high)}]"


def metric_label(metric: Metric) -> str:
    """A metric with its task in the page's language: "Items MRR@10"."""
    return f"{t(f'figure.{metric.task}')} {metric.at.upper()}"


NORMAL = 1.96  # standard deviations to either side of a 95 % interval
CLOSE, ROUGH = 0.1, 0.25  # relative errors up to which chances can be trusted, or are roughly right
CLOSE_NOISE, ROUGH_NOISE = (
    0.15,
    0.35,
)  # what luck alone may do where an error within it proves as much

Grade = Literal["close", "rough", "order", "unknown"]
Verdict = Literal["kept", "more", "less"]


@dataclass(frozen=True)
class Bin:
    """Candidates with similar promised probability: its mean, how many came true, and out of how many."""

    promised: float
    right: float
    size: float
    half: int = 0  # of the held-out groups that it was checked on

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

    @property
    def verdict(self) -> Verdict:
        """Whether its chances were "kept"; "more" or "less" came true only where it is beyond chance."""
        low, high = self.interval()
        if low <= self.promised <= high:
            return "kept"
        return "more" if self.promised < low else "less"


@dataclass(frozen=True)
class Reliability:
    """The promised probabilities of one task compared with what happened in held-out groups."""

    error: float  # mean gap between promised and observed, relative to the promised
    noise: float  # the gap that right chances would show by chance alone
    noise_limit: float  # and what it stays below in 95 % of cases
    cases: int  # groups that the calibration was fitted and checked on
    shown: int  # the first candidates of each list that count; 0: all, as earlier versions did
    bins: Sequence[
        Bin
    ]  # of each half by ascending probability, each promising the same number of successes

    @property
    def grade(self) -> Grade:
        """Chances can be taken as they stand ("close"), as roughly right ("rough"), or for their order alone.

        "unknown" where too few groups were held out to tell good chances from bad ones.
        """
        if self.error <= self.noise_limit:
            if self.noise_limit > ROUGH_NOISE:
                return "unknown"
            close = self.noise_limit <= CLOSE_NOISE
        else:
            if self.error > ROUGH:
                return "order"
            close = self.error <= CLOSE
        return "close" if close and self.highest.verdict == "kept" else "rough"

    @property
    def highest(self) -> Bin:
        """The bin with the highest chances, of the half in which it is furthest from what it promised."""
        last = {one.half: one for one in self.bins}.values()
        return max(last, key=lambda one: (one.verdict != "kept", abs(one.observed - one.promised)))


def reliability(calibration: Calibration | None) -> Reliability | None:
    """How reliable a task's probabilities were; ``None`` where the version has no calibration, or no bins.

    Versions that did not yet check what is shown, one half at a time, are not judged: their figures flatter.
    """
    if calibration is None or not calibration.shown:
        return None
    bins = [
        Bin(one.promised, one.right, one.expected / one.promised, one.half)
        for one in calibration.bins
        if one.promised > 0
    ]
    if not bins:
        return None
    return Reliability(
        calibration.reliability_error,
        calibration.noise,
        calibration.noise_limit,
        calibration.cases,
        calibration.shown,
        bins,
    )


def order_alone(manifest: Manifest, task: Task, question: Question | None = None) -> bool:
    """Whether the chances of a list are to be read for their order alone: unreliable, or never checked.

    ``question`` is what Task I was asked; one that the model has no calibration for borrows that of the other.
    """
    calibration = manifest.calibration.get(task)
    if question is not None:
        calibration = manifest.item_calibrations.get(question)
    known = reliability(calibration)
    return known is None or known.grade in ("order", "unknown")
