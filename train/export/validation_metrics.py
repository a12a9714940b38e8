"""The metrics of a validation, and how the manifest and the registry keep them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from db.logs import Metric
from train.evaluate.metrics import MetricEstimate
from train.evaluate.sampled_ranking import CandidateLists, sampled_metrics


@dataclass(frozen=True)
class ValidationMetric:
    """A metric of the model, and ``popularity``, what ranking the same candidates by popularity reaches.

    ``drift`` is the standard deviation by which windows of launches differ, which the interval allows for; None: it
    does not.
    """

    estimate: MetricEstimate
    popularity: float
    drift: float | None = None


Metrics = dict[Metric, ValidationMetric]


def compared(
    lists: CandidateLists,
    scores: NDArray[np.floating],
    popularity: NDArray[np.floating],
    clusters: NDArray[np.int64] | None = None,
) -> Metrics:
    """The metrics of these scores [n, N], beside those of popularity; ``clusters`` as in ``sampled_metrics``."""
    simple = sampled_metrics(lists, popularity)
    return {
        metric: ValidationMetric(estimate, simple[metric].value)
        for metric, estimate in sampled_metrics(lists, scores, clusters=clusters).items()
    }


def metrics_json(metrics: Metrics) -> dict[str, dict[str, float]]:
    """The metrics by "items/mrr@10"; without "drift" where the interval allows for none."""
    return {
        str(metric): {
            "value": found.estimate.value,
            "low": found.estimate.low,
            "high": found.estimate.high,
            "popularity": found.popularity,
            "lists": found.estimate.lists,
            **({} if found.drift is None else {"drift": found.drift}),
        }
        for metric, found in metrics.items()
    }
