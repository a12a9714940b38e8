"""MAMGBR as one of the systems that are compared: the served model, the paper's, and the ablations."""

import dataclasses
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from db.errors import NotUpdatableError
from db.logs import Logs
from engine.model_settings import ModelSettings
from train.benchmark.systems.system import System
from train.evaluate.sampled_ranking import CandidateLists, draw_candidate_lists
from train.export.onnx_head import RankingHead
from train.learn.fit_network import TrainedNetwork, fit_network, resolve_device
from train.nn.embeddings import FixedViews, Views
from train.prepare.dataset_cache import cached_dataset
from train.prepare.features import evidence_of_all_in_blocks, list_evidence
from train.prepare.snapshot import Snapshot, take_snapshot
from train.prepare.splits import Split, spread_sample, with_folds
from train.progress import ProgressCallback

BLOCK = 1024  # lists at once: bounds the memory of their evidence


class MamgbrSystem(System):
    """One network for both tasks, or, where the settings differ by task, one for each (MAMGBR-M)."""

    adaptation = ""

    def __init__(
        self, name: str, configs: dict[str, ModelSettings], device: str, watch: ProgressCallback
    ) -> None:
        """``configs`` by task; where both are equal one network does both."""
        self.name = name
        self.configs, self.wanted, self.watch = configs, device, watch
        self.trained: dict[str, TrainedNetwork] = {}
        self.seen: Snapshot
        self.agreed: NDArray[np.float32] | None = None  # item vectors that later ones are turned to
        self.updatable = all(config.embeddings == "taste" for config in configs.values())

    def fit(self, logs: Logs, parts: Split, seed: int) -> None:
        """Counts evidence over folds of the training groups and stops early on the validation groups."""
        self.device = resolve_device(self.wanted).type
        first = self.configs["items"]
        parts = with_folds(parts, first.folds, seed)
        lists = draw_candidate_lists(
            logs, spread_sample(parts.validation, first.validation_cap), seed
        )
        prepared = cached_dataset(logs, first, parts, lists, seed, self.watch)
        self.seen = prepared.seen
        self.agreed = self.seen.item_vectors
        networks: dict[ModelSettings, TrainedNetwork] = {}
        for task, config in self.configs.items():
            if config not in networks:
                networks[config] = fit_network(prepared, config, seed, self.device, self.watch)
            self.trained[task] = networks[config]

    def score(self, lists: CandidateLists) -> NDArray[np.float32]:
        """Logits, with the evidence of all groups but those of validation."""
        trained, config = self.trained[lists.task], self.configs[lists.task]
        scores = np.empty(lists.candidates.shape, np.float32)
        for start in range(0, len(scores), BLOCK):
            block = lists.part(slice(start, start + BLOCK))
            facts = list_evidence(block, self.seen, config)
            scores[start : start + BLOCK] = trained.network.score_lists(block, facts, trained.place)
        return scores

    def score_everyone(
        self, initiator: NDArray[np.int64], item: NDArray[np.int64] | None, size: int
    ) -> NDArray[np.float32]:
        """The logits of ``score``: evidence for everybody at once, then the network as onnxruntime runs it."""
        task = "items" if item is None else "participants"
        config, trained = self.configs[task], self.trained[task]
        head = RankingHead(trained.network, task, _only(trained))
        scores = np.empty((len(initiator), size), np.float32)
        for row, facts in evidence_of_all_in_blocks(initiator, item, size, self.seen, config):
            asked = None if item is None else int(item[row])
            scores[row] = head.scores(int(initiator[row]), asked, facts)
        return scores

    def update(self, logs: Logs) -> None:
        """Counts evidence and makes role vectors anew, turned to agree with those that the head learned on."""
        if not self.updatable:
            raise NotUpdatableError(
                f"{self.name} learned a vector for each user and has none for those who come later. Leave it out of "
                f"--systems, or set embeddings=taste."
            )
        self.seen = take_snapshot(logs, self.configs["items"], None, self.agreed)
        tables = self.seen.tables
        assert tables is not None  # noqa: S101  taste embeddings always make tables
        for task, trained in self.trained.items():
            trained.network.views = FixedViews.of(tables)
            self.trained[task] = dataclasses.replace(trained, place=0)

    def settings(self) -> dict[str, Any]:
        """The configuration, and how many passes each task's network took to its best figure."""
        found = self.configs["items"].model_dump()
        if self.configs["items"] != self.configs["participants"]:
            found["tasks"] = "each alone"
        for task, trained in self.trained.items():
            best = max(trained.history, key=lambda evaluation: evaluation["quality"])
            found[f"{task}/best_epoch"] = best["epoch"]
        return found


def _only(trained: TrainedNetwork) -> Views:
    """The role vectors of the one world that is scored in, [1, rows, d]."""
    with torch.no_grad():
        views = trained.network.views()
    return Views(*(table[trained.place : trained.place + 1] for table in vars(views).values()))
