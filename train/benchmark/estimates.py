"""What a system answered, and the estimates of its metrics as records keep them."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from db.logs import Metric
from engine.benchmark.records import Estimate, Part
from train.benchmark.paired_differences import ListValues
from train.evaluate.full_ranking import RankedAnswers, RankingQueries, full_metrics
from train.evaluate.metrics import MetricEstimate
from train.evaluate.sampled_ranking import CandidateLists, sampled_metrics

Estimates = dict[Metric, Estimate]
ByPart = dict[Part, Estimates]


@dataclass(frozen=True)
class Answers:
    """The estimates over all lists and each part of them, the value of each list, and the seconds that it took.

    ``updating`` is None where no later logs were taken in.
    """

    estimates: ByPart
    values: ListValues
    scoring: float
    updating: float | None = None


def sampled_estimates(lists: CandidateLists, scores: NDArray[np.floating]) -> Estimates:
    """The metrics of sampled lists with ``scores`` [n, N], with intervals over their groups."""
    return {metric: _record(one) for metric, one in sampled_metrics(lists, scores).items()}


def full_estimates(
    queries: RankingQueries, ranked: RankedAnswers, rows: NDArray[np.bool_]
) -> Estimates:
    """The metrics of a full ranking over the queries where ``rows`` [n] is true."""
    return {metric: _record(one) for metric, one in full_metrics(queries, ranked, rows).items()}


def _record(one: MetricEstimate) -> Estimate:
    """None for what is not a number: JSON has no NaN."""
    value, low, high = (
        None if math.isnan(number) else number for number in (one.value, one.low, one.high)
    )
    return Estimate(value=value, low=low, high=high, lists=one.lists)
