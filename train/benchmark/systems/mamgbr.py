"""MAMGBR as one of the systems that are compared: the served model, the paper's design, and ablations."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from db.errors import NotUpdatableError
from db.logs import Logs, Query, Task
from engine.model_settings import ModelSettings
from train.benchmark.systems.later_snapshots import LaterSnapshots
from train.benchmark.systems.system import System
from train.evaluate.sampled_ranking import CandidateLists, validation_lists
from train.evaluate.splits import Split, settle, with_parts
from train.export.onnx import RankingHead
from train.learn.fit_network import TrainedNetwork, fit_network, resolve_device
from train.nn.embeddings import FixedViews, Views
from train.prepare.dataset import Dataset
from train.prepare.dataset_cache import cached_dataset
from train.prepare.snapshot import Snapshot, evidence_of_all_in_blocks, list_evidence, take_snapshot
from train.progress import ProgressCallback
from train.training_run import TrainingRun

BLOCK = 1024  # lists at a time: bounds the memory of their evidence
PRESET_SETTINGS = "not tuned: the settings of its preset"


class MamgbrSystem(System):
    """One network for both tasks, or one for each where the settings differ by task (MAMGBR-M)."""

    adaptation = ""

    def __init__(
        self, name: str, configs: Mapping[Task, ModelSettings], device: str, watch: ProgressCallback
    ) -> None:
        self.name = name
        self.configs, self.requested_device, self.watch = dict(configs), device, watch
        self.networks: dict[Task, TrainedNetwork] = {}
        self.snapshot: Snapshot
        self.later: LaterSnapshots | None = None
        # The item vectors of training, which later ones are rotated onto.
        self.trained_item_vectors: NDArray[np.float32] | None = None
        self.updatable = all(config.embeddings == "taste" for config in configs.values())

    def fit(self, logs: Logs, split: Split, seed: int) -> None:
        """Trains on the training groups, each described without itself; stops early on the validation groups."""
        prepared = self.prepare_dataset(logs, split, seed)
        found: dict[ModelSettings, TrainedNetwork] = {}
        for task, config in self.configs.items():
            if config not in found:
                found[config] = fit_network(prepared, self.run(config, seed))
            self.networks[task] = found[config]

    def prepare_dataset(self, logs: Logs, split: Split, seed: int) -> Dataset:
        """The examples of the training groups; from now on the snapshot is that of all groups but validation."""
        self.device = resolve_device(self.requested_device).type
        self.configs = {task: settle(logs, config) for task, config in self.configs.items()}
        first = self.configs[Task.ITEMS]
        self.timed, self.trained_on, self.later = first.knows_time, logs, None
        parts = with_parts(logs, split, first, seed)
        lists = validation_lists(logs, parts, first.validation_cap, seed)
        prepared = cached_dataset(logs, parts, lists, self.run(first, seed))
        self.snapshot = prepared.seen
        self.trained_item_vectors = self.snapshot.item_vectors
        return prepared

    def run(
        self, settings: ModelSettings, seed: int, report: ProgressCallback | None = None
    ) -> TrainingRun:
        """A training on the system's device that reports its progress to whoever watches, unless told otherwise."""
        return TrainingRun(settings, seed=seed, device=self.device, report=report or self.watch)

    def score(self, lists: CandidateLists) -> NDArray[np.float32]:
        """Logits, with the evidence of all groups but the validation groups until there is an update."""
        if self.later is None:
            return self._score(lists)
        scores = np.empty(lists.candidates.shape, np.float32)
        for of_day, snapshot in self.later.of_lists(lists):
            self._take(snapshot)
            scores[of_day] = self._score(lists.part(of_day))
        return scores

    def _score(self, lists: CandidateLists) -> NDArray[np.float32]:
        trained, config = self.networks[lists.task], self.configs[lists.task]
        scores = np.empty(lists.candidates.shape, np.float32)
        for start in range(0, len(scores), BLOCK):
            block = lists.part(slice(start, start + BLOCK))
            evidence = list_evidence(block, self.snapshot, config)
            scores[start : start + BLOCK] = trained.network.score_lists(
                block, evidence, trained.snapshot
            )
        return scores

    def score_everyone(
        self, initiator: NDArray[np.int64], item: NDArray[np.int64] | None, size: int
    ) -> NDArray[np.float32]:
        """The logits of ``score``, from the evidence for everyone at once and the network in onnxruntime."""
        task = Task.ITEMS if item is None else Task.PARTICIPANTS
        config, trained = self.configs[task], self.networks[task]
        head = RankingHead(trained.network, task, _serving_views(trained))
        scores = np.empty((len(initiator), size), np.float32)
        for row, evidence in evidence_of_all_in_blocks(
            initiator, item, size, self.snapshot, config
        ):
            query = Query(int(initiator[row]), None if item is None else int(item[row]))
            scores[row] = head.scores(query, evidence)
        return scores

    def update(self, logs: Logs) -> None:
        """Counts the evidence anew and makes new role vectors, rotated onto those that the head was trained on.

        Where evidence is timed, lists are asked as of their moments from now on, with the role vectors of their days.
        """
        if not self.updatable:
            raise NotUpdatableError("train.benchmark.no_vectors_for_later_users", system=self.name)
        config, target = self.configs[Task.ITEMS], self.trained_item_vectors
        if self.timed:
            self.later = LaterSnapshots(self.trained_on, logs, config, target)
            self._take(self.later.now())
        else:
            self._take(take_snapshot(logs, config, None, target))

    def _take(self, snapshot: Snapshot) -> None:
        """Scores in this snapshot from now on."""
        self.snapshot, tables = snapshot, snapshot.tables
        assert tables is not None  # noqa: S101  taste embeddings always make tables
        for task, trained in self.networks.items():
            trained.network.views = FixedViews.of_one_snapshot(tables)
            self.networks[task] = dataclasses.replace(trained, snapshot=0)

    def settings(self) -> dict[str, Any]:
        """The model settings, the epoch of each task's best evaluation, and that no search chose the settings."""
        found = self.configs[Task.ITEMS].model_dump() | {"search": PRESET_SETTINGS}
        if self.configs[Task.ITEMS] != self.configs[Task.PARTICIPANTS]:
            found["tasks"] = "each alone"
        for task, trained in self.networks.items():
            found[f"{task}/best_epoch"] = trained.best_epoch
        return found


def _serving_views(trained: TrainedNetwork) -> Views:
    """The role vectors of the one snapshot that is scored in, [1, rows, d]."""
    with torch.no_grad():
        views: Views = trained.network.views()
    return views.only(trained.snapshot)
