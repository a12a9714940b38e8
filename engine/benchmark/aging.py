"""How much worse a model gets while it is not trained again, from the parts of the protocol future by age."""

from dataclasses import dataclass
from math import hypot

from db.logs import Metric
from engine.benchmark.comparison import Run
from engine.benchmark.records import Estimate, Part


@dataclass(frozen=True)
class Decline:
    """How much lower a metric is at the age ``part`` than in the first week, with its 95 % interval."""

    part: Part
    value: float
    low: float
    high: float


def first_decline(run: Run, metric: Metric) -> Decline | None:
    """The earliest age at which the metric is lower than in the first week with certainty; None where it never is.

    The two parts are of different launches, so their errors are independent.
    """
    fresh = run.estimate(metric, Part.WEEK_1)
    for part in (Part.WEEKS_2_TO_4, Part.WEEKS_5_TO_13):
        found = _decline(part, fresh, run.estimate(metric, part))
        if found is not None and found.low > 0:
            return found
    return None


def _decline(part: Part, fresh: Estimate, old: Estimate) -> Decline | None:
    if fresh.value is None or fresh.low is None or fresh.high is None:
        return None
    if old.value is None or old.low is None or old.high is None:
        return None
    less = fresh.value - old.value
    below = hypot(fresh.value - fresh.low, old.high - old.value)
    above = hypot(fresh.high - fresh.value, old.value - old.low)
    return Decline(part, less, less - below, less + above)
