"""What a finished model is worth on the validation groups, beside a list that is the same for everybody."""

import numpy as np
from numpy.typing import NDArray

from db.logs import Logs, Task
from engine.bundle.manifest import Calibration
from engine.evidence.graphs import Graphs
from engine.model_settings import ModelSettings
from train.evaluate.sampled_ranking import CandidateLists, sampled_metrics
from train.export.calibration import calibrate
from train.export.calibration_sample import calibration_sample_of
from train.learn.fit_network import TrainedNetwork
from train.nn.model import TASKS
from train.prepare.dataset import Dataset
from train.prepare.features import long_list_evidence
from train.prepare.splits import Split


def measured(
    trained: TrainedNetwork, prepared: Dataset, config: ModelSettings
) -> dict[str, dict[str, float]]:
    """The sampled figures of the tasks that were trained, with intervals.

    Each names, as ``popularity``, what the same candidates give when they are sorted by popularity: whoever reads
    the figure sees whether the model is worth its trouble.
    """
    found: dict[str, dict[str, float]] = {}
    for task, drawn in prepared.lists.items():
        if config.tasks not in ("both", task):
            continue
        scores = trained.network.score_lists(drawn, prepared.facts[task], trained.place)
        plain = sampled_metrics(drawn, popularity(prepared.seen.graphs, drawn))
        for metric, reached in sampled_metrics(drawn, scores).items():
            found[str(metric)] = {
                "value": reached.value,
                "low": reached.low,
                "high": reached.high,
                "popularity": plain[metric].value,
            }
    return found


def calibrations(
    logs: Logs, trained: TrainedNetwork, prepared: Dataset, parts: Split, seed: int
) -> dict[Task, Calibration]:
    """The calibration of each task."""
    found = {}
    for task in map(Task, TASKS):
        cases = calibration_sample_of(logs, parts, prepared.seen.graphs, task, seed)
        facts = long_list_evidence(cases.lists, prepared.seen, trained.network.config)
        scores = trained.network.score_lists(cases.lists, facts, trained.place, rows=1)
        found[task] = calibrate(scores, cases.weight)
    return found


def popularity(graphs: Graphs, lists: CandidateLists) -> NDArray[np.float32]:
    """How often the candidates [n, N] were launched with success (Task I), or joined (Task II)."""
    counts = graphs.item_counts[:, 0] if lists.item is None else graphs.user_counts[:, 2]
    return counts[lists.candidates]
