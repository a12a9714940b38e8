"""What the figures of two model versions say of each other, by task and metric. Pure functions.

Figures are ``{"items/mrr@10": {"value", "low", "high"}, ...}`` with 95 % intervals, larger is better. Their
``popularity`` is what a list that is sorted by sales, or by joins, reaches in the same place.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Verdict = Literal["better", "worse", "alike", "missing"]


@dataclass(frozen=True)
class Difference:
    """One figure of a version beside another's, as ``new - old`` with a 95 % interval.

    ``missing``: the new version does not bring the figure. A figure that only it brings is no
    difference and is left out.
    """

    figure: str  # "items/mrr@10"
    new: float | None
    old: float
    change: float | None
    low: float | None
    high: float | None
    verdict: Verdict


def differences(new: Mapping[str, Any], old: Mapping[str, Any]) -> list[Difference]:
    """All figures of ``old``, in its order, beside those of ``new``.

    The two intervals are taken as independent. Where both versions answered the same groups their
    errors go together, so what is called better or worse here is so all the more.
    """
    return [
        _difference(name, new.get(name), figure)
        for name, figure in old.items()
        if _is_figure(name, figure)
    ]


def worse(new: Mapping[str, Any], old: Mapping[str, Any]) -> list[Difference]:
    """The figures in which ``new`` is worse beyond chance, or which it does not bring."""
    return [one for one in differences(new, old) if one.verdict in ("worse", "missing")]


def no_better_than_sales(metrics: Mapping[str, Any]) -> list[str]:
    """The figures that are not above what a list sorted by sales reaches with the same candidates."""
    return [
        name
        for name, figure in metrics.items()
        if _is_figure(name, figure) and figure["value"] <= figure.get("popularity", -math.inf)
    ]


def _is_figure(name: str, figure: object) -> bool:
    return (
        name.split("/")[0] in ("items", "participants")
        and isinstance(figure, Mapping)
        and "value" in figure
    )


def _difference(name: str, new: object, old: Mapping[str, Any]) -> Difference:
    before = float(old["value"])
    if not isinstance(new, Mapping) or "value" not in new or math.isnan(new["value"]):
        return Difference(name, None, before, None, None, None, "missing")
    now = float(new["value"])
    change = now - before
    # What each end of one interval adds to the uncertainty of the difference (nothing where a
    # version brings no interval).
    down = math.hypot(now - new.get("low", now), old.get("high", before) - before)
    up = math.hypot(new.get("high", now) - now, before - old.get("low", before))
    low, high = change - down, change + up
    verdict: Verdict = "better" if low > 0 else "worse" if high < 0 else "alike"
    return Difference(name, now, before, change, low, high, verdict)
