"""The metrics of two model versions compared. Pure functions.

Metrics come as ``{"items/mrr@10": {"value", "low", "high"}, ...}`` with 95 % confidence intervals; larger is better.
Their ``popularity`` is what a list sorted by sales, or by joins, reaches on the same candidates.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from db.logs import Metric

Verdict = Literal["better", "worse", "alike", "missing"]


@dataclass(frozen=True)
class Difference:
    """One metric of two versions, as ``new - old`` with a 95 % confidence interval.

    ``missing``: the new version does not bring the metric. A metric that only the new version brings is left out.
    """

    metric: Metric
    new: float | None
    old: float
    change: float | None
    low: float | None
    high: float | None
    verdict: Verdict


def differences(new: Mapping[str, Any], old: Mapping[str, Any]) -> list[Difference]:
    """All metrics of ``old``, in its order, compared with those of ``new``.

    The two intervals are treated as independent. Where both versions ranked for the same groups their errors are
    correlated, so the intervals are too wide and a "better" or "worse" is the more certain.
    """
    return [_difference(metric, new.get(str(metric)), entry) for metric, entry in _metrics(old)]


def worse_metrics(new: Mapping[str, Any], old: Mapping[str, Any]) -> list[Difference]:
    """The metrics in which ``new`` is worse beyond chance, or which it does not bring."""
    return [one for one in differences(new, old) if one.verdict in ("worse", "missing")]


def no_better_than_sales(metrics: Mapping[str, Any]) -> list[Metric]:
    """The metrics that do not exceed what a list sorted by sales reaches on the same candidates."""
    return [
        metric
        for metric, entry in _metrics(metrics)
        if entry["value"] <= entry.get("popularity", -math.inf)
    ]


def _metrics(entries: Mapping[str, Any]) -> list[tuple[Metric, Mapping[str, Any]]]:
    """The entries that are metrics of a task with a value."""
    found = []
    for name, entry in entries.items():
        try:
            metric = Metric.parse(name)
        except ValueError:
            continue
        if isinstance(entry, Mapping) and "value" in entry:
            found.append((metric, entry))
    return found


def _difference(metric: Metric, new: object, old: Mapping[str, Any]) -> Difference:
    before = float(old["value"])
    if not isinstance(new, Mapping) or "value" not in new or math.isnan(new["value"]):
        return Difference(metric, None, before, None, None, None, "missing")
    now = float(new["value"])
    change = now - before
    # Each end of the difference combines the two intervals in quadrature; a version without one adds nothing.
    down = math.hypot(now - new.get("low", now), old.get("high", before) - before)
    up = math.hypot(new.get("high", now) - now, before - old.get("low", before))
    low, high = change - down, change + up
    verdict: Verdict = "better" if low > 0 else "worse" if high < 0 else "alike"
    return Difference(metric, now, before, change, low, high, verdict)
