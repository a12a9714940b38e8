"""How much worse a model gets while it is not trained again, from the parts of the protocol future by age."""

from dataclasses import dataclass
from math import sqrt

from db.logs import Metric
from engine.benchmark.comparison import Run
from engine.benchmark.records import Estimate, Part

UNLEARNED = "decayed-counts"  # a system with next to nothing that could age


@dataclass(frozen=True)
class Decline:
    """How much more a metric has fallen since the first week at the age ``part``, with its 95 % interval."""

    part: Part
    value: float
    low: float
    high: float


def first_decline(run: Run, metric: Metric, unlearned: Run | None = None) -> Decline | None:
    """The earliest age at which a metric is lower than in the first week with certainty; None where it never is.

    Launches of other weeks may be harder for everybody: what an ``unlearned`` system loses over the same weeks is taken
    off. Errors are taken for independent, which they are between weeks; between systems that makes the interval wider.
    """
    for part in (Part.WEEKS_2_TO_4, Part.WEEKS_5_TO_13):
        found = _decline(run, unlearned, metric, part)
        if found is not None and found.low > 0:
            return found
    return None


def _decline(run: Run, unlearned: Run | None, metric: Metric, part: Part) -> Decline | None:
    plus, minus = [run.estimate(metric, Part.WEEK_1)], [run.estimate(metric, part)]
    if unlearned is not None:
        plus.append(unlearned.estimate(metric, part))
        minus.append(unlearned.estimate(metric, Part.WEEK_1))
    if any(one.value is None or one.low is None or one.high is None for one in plus + minus):
        return None
    raised, lowered = [_ends(one) for one in plus], [_ends(one) for one in minus]
    value = sum(v for v, _, _ in raised) - sum(v for v, _, _ in lowered)
    below = [v - low for v, low, _ in raised] + [high - v for v, _, high in lowered]
    above = [high - v for v, _, high in raised] + [v - low for v, low, _ in lowered]
    return Decline(part, value, value - _joint(below), value + _joint(above))


def _ends(one: Estimate) -> tuple[float, float, float]:
    return one.value or 0.0, one.low or 0.0, one.high or 0.0


def _joint(reaches: list[float]) -> float:
    return sqrt(sum(reach**2 for reach in reaches))
