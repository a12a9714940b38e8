"""What a trained network reaches on the validation groups: its metrics, and how its scores become probabilities."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from db.logs import Logs, Metric, Task
from engine.bundle.manifest import Calibration
from engine.evidence.graphs import Graphs
from train.evaluate.metrics import MetricEstimate
from train.evaluate.sampled_ranking import CandidateLists, sampled_metrics
from train.export.calibration import calibrate, draw_calibration_sample
from train.learn.fit_network import TrainedNetwork
from train.prepare.dataset import Dataset
from train.prepare.snapshot import long_list_evidence


@dataclass(frozen=True)
class ValidationMetric:
    """A metric of the model, and ``popularity``, what ranking the same candidates by popularity reaches."""

    estimate: MetricEstimate
    popularity: float


@dataclass(frozen=True)
class Validation:
    """The metrics of the tasks that were trained, and the calibration of each task."""

    metrics: Mapping[Metric, ValidationMetric]
    calibration: Mapping[Task, Calibration]

    def metrics_json(self) -> dict[str, dict[str, float]]:
        """The metrics as the manifest and the registry keep them, by "items/mrr@10"."""
        return {
            str(metric): {
                "value": found.estimate.value,
                "low": found.estimate.low,
                "high": found.estimate.high,
                "popularity": found.popularity,
            }
            for metric, found in self.metrics.items()
        }


def validate(logs: Logs, dataset: Dataset, trained: TrainedNetwork, seed: int) -> Validation:
    """Measures and calibrates a trained network on the validation groups."""
    return Validation(
        validation_metrics(dataset, trained), calibrations(logs, dataset, trained, seed)
    )


def validation_metrics(dataset: Dataset, trained: TrainedNetwork) -> dict[Metric, ValidationMetric]:
    """The sampled metrics of the tasks that were trained, beside those of popularity."""
    found = {}
    for task in trained.network.tasks():
        lists = dataset.lists[task]
        scores = trained.network.score_lists(lists, dataset.evidence[task], trained.snapshot)
        by_popularity = sampled_metrics(lists, popularity(dataset.seen.graphs, lists))
        for metric, estimate in sampled_metrics(lists, scores).items():
            found[metric] = ValidationMetric(estimate, by_popularity[metric].value)
    return found


def calibrations(
    logs: Logs, dataset: Dataset, trained: TrainedNetwork, seed: int
) -> dict[Task, Calibration]:
    """The calibration of each task."""
    found = {}
    for task in Task:
        sample = draw_calibration_sample(logs, dataset.split, dataset.seen.graphs, task, seed)
        evidence = long_list_evidence(sample.lists, dataset.seen, trained.network.settings)
        scores = trained.network.score_lists(sample.lists, evidence, trained.snapshot, rows=1)
        found[task] = calibrate(scores, sample.weight)
    return found


def popularity(graphs: Graphs, lists: CandidateLists) -> NDArray[np.float32]:
    """Successful launches (Task I) or joins (Task II) of the candidates, [n, N]."""
    counts = graphs.item_counts[:, 0] if lists.item is None else graphs.user_counts[:, 2]
    return counts[lists.candidates]
