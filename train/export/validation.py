"""What a trained network reaches on the validation groups: its metrics, and how its scores become probabilities."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from db.logs import Logs, Task
from engine.bundle.manifest import Calibration
from engine.candidates import Question, is_repeat
from engine.evidence.graphs import Graphs
from engine.evidence.timed.timed_evidence import TimedEvidence
from train.evaluate.later_groups import sales_as_of_launch
from train.evaluate.sampled_ranking import CandidateLists
from train.evaluate.validation_weeks import FIRST_TIMES, REPEATS, validation_weeks
from train.export.calibration import calibrate
from train.export.calibration_sample import CalibrationSample, draw_calibration_sample
from train.export.validation_in_time import validate_in_time
from train.export.validation_metrics import Metrics, compared, metrics_json
from train.learn.fit_network import TrainedNetwork
from train.prepare.dataset import Dataset
from train.prepare.snapshot import long_list_evidence
from train.random_keys import Purpose, generator

MAX_GROUPS = 3000  # that chances are calibrated on
MIN_CASES = 100  # groups that a question needs for a calibration of its own
BLOCK = 128  # lists at a time: bounds the memory of their evidence


@dataclass(frozen=True)
class Validation:
    """The metrics of the tasks that were trained, and the calibration of Task II and of each question of Task I.

    ``parts`` are the metrics of Task I over the launches that repeat an item of their initiator, and over the others.
    Where each launch is asked as of its own moment, "nothing_later" has the metrics of both tasks over the same lists
    with nothing known since the training.
    """

    metrics: Metrics
    parts: Mapping[str, Metrics]
    items: Mapping[Question, Calibration]
    participants: Calibration

    def metrics_json(self) -> dict[str, dict[str, float]]:
        """The metrics as the manifest and the registry keep them, by "items/mrr@10"."""
        return metrics_json(self.metrics)

    def parts_json(self) -> dict[str, dict[str, dict[str, float]]]:
        """The metrics of each part, likewise."""
        return {part: metrics_json(metrics) for part, metrics in self.parts.items()}


def validate(logs: Logs, dataset: Dataset, trained: TrainedNetwork, seed: int) -> Validation:
    """Measures and calibrates a trained network on the validation groups."""
    if dataset.split.cut is not None and isinstance(dataset.seen.evidence, TimedEvidence):
        most = trained.network.settings.validation_cap
        weeks = validation_weeks(logs, dataset.split, most, seed)
        metrics, parts = validate_in_time(weeks, dataset, trained)
    else:
        metrics, parts = _validate(logs, dataset, trained)
    return Validation(
        metrics,
        parts,
        _item_calibrations(logs, dataset, trained, seed),
        _calibration(*_scored_sample(logs, dataset, trained, Task.PARTICIPANTS, seed), seed),
    )


def _validate(
    logs: Logs, dataset: Dataset, trained: TrainedNetwork
) -> tuple[Metrics, dict[str, Metrics]]:
    """The metrics over the lists by which the weights were chosen, and those of the parts."""
    metrics: Metrics = {}
    parts: dict[str, Metrics] = {}
    for task in trained.network.tasks():
        lists = dataset.lists[task]
        if not len(lists.group):
            continue
        scores = trained.network.score_lists(lists, dataset.evidence[task], trained.snapshot)
        seen = dataset.seen.graphs
        sold = popularity(seen, lists) if lists.at is None else sales_as_of_launch(logs, lists)
        metrics |= compared(lists, scores, sold)
        if task is Task.ITEMS:
            repeat = is_repeat(logs, lists.group, dataset.split.visible_groups(logs))
            for part, rows in ((REPEATS, repeat), (FIRST_TIMES, ~repeat)):
                if rows.any() and not rows.all():
                    parts[part] = compared(lists.part(rows), scores[rows], sold[rows])
    return metrics, parts


def _item_calibrations(
    logs: Logs, dataset: Dataset, trained: TrainedNetwork, seed: int
) -> dict[Question, Calibration]:
    """The calibration of the question that was trained, and of the other one where enough groups answer it."""
    split = dataset.split
    sample, scores = _scored_sample(logs, dataset, trained, Task.ITEMS, seed)
    visible = split.visible_groups(logs)
    new = ~is_repeat(logs, sample.lists.group, visible)
    found = {
        Question.NEW: _calibration(sample.of_something_new(logs, visible), scores[new], seed),
        Question.ANY: _calibration(sample, scores, seed),
    }
    return {
        question: calibration
        for question, calibration in found.items()
        if question is split.question or calibration.cases >= MIN_CASES
    }


def _scored_sample(
    logs: Logs, dataset: Dataset, trained: TrainedNetwork, task: Task, seed: int
) -> tuple[CalibrationSample, NDArray[np.float32]]:
    """The sample of a task with the scores [n, 1+M] of its candidates."""
    seen, network = dataset.seen, trained.network
    most = min(MAX_GROUPS, network.settings.validation_cap)
    sample = draw_calibration_sample(logs, dataset.split, seen.graphs, task, most, seed)
    lists = sample.lists
    scores = np.empty(lists.candidates.shape, np.float32)
    for start in range(0, len(scores), BLOCK):
        block = lists.part(slice(start, start + BLOCK))
        evidence = long_list_evidence(block, seen, network.settings)
        scores[start : start + BLOCK] = network.score_lists(
            block, evidence, trained.snapshot, rows=1
        )
    return sample, scores


def _calibration(sample: CalibrationSample, scores: NDArray[np.float32], seed: int) -> Calibration:
    rng = generator(Purpose.CALIBRATION, seed)
    return calibrate(scores, sample.weight, rng, sample.listed, sample.had)


def popularity(graphs: Graphs, lists: CandidateLists) -> NDArray[np.float32]:
    """Successful launches (Task I) or joins (Task II) of the candidates, [n, N]."""
    counts = graphs.item_counts[:, 0] if lists.item is None else graphs.user_counts[:, 2]
    return counts[lists.candidates]
