"""MAMGBR as the trainer sees it: batches of triples, the loss, and the validation metrics."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from db.logs import Metric, Task
from train.evaluate.sampled_ranking import sampled_metrics
from train.learn.steps import Step, fastest_step
from train.nn.network import Network
from train.prepare.dataset import Dataset
from train.prepare.examples import Examples
from train.training_run import TrainingRun

QUALITY_METRICS = tuple(Metric(task, name, 100) for task in Task for name in ("mrr", "ndcg"))
MIN_BATCH = 128  # smaller batches take more time per group than they save epochs


@dataclass
class MamgbrLearner:
    """The network with its dataset; ``snapshot`` is the number of the validation snapshot among its views."""

    module: Network
    dataset: Dataset
    run: TrainingRun
    snapshot: int
    device: torch.device
    _step: Step | None = field(default=None, init=False, repr=False)

    def _groups_per_epoch(self) -> int:
        available = len(self.dataset.examples)
        return min(self.run.settings.groups_an_epoch or available, available)

    def _batch_size(self) -> int:
        """Groups per step: fewer than ``batch`` where the epochs would otherwise not reach ``least_steps``."""
        settings, groups = self.run.settings, self._groups_per_epoch()
        enough_steps = groups * settings.epochs // settings.least_steps
        return min(settings.batch, max(MIN_BATCH, enough_steps), groups)

    def steps(self) -> int:
        """Steps per epoch."""
        return max(1, self._groups_per_epoch() // self._batch_size())

    def epochs(self) -> int:
        """Passes over the groups: a small shop takes more than ``epochs``, to reach ``least_steps``."""
        settings = self.run.settings
        return max(settings.epochs, math.ceil(settings.least_steps / self.steps()))

    def batches(self, epoch: int) -> Iterator[Examples]:
        """Batches in an order decided by the seed and the epoch; what does not fill a batch is left out."""
        examples = self.dataset.examples
        order = np.random.default_rng((self.run.seed, epoch)).permutation(len(examples))
        size = self._batch_size()
        for step in range(self.steps()):
            yield examples.part(order[step * size : (step + 1) * size])

    def backward(self, batch: Examples) -> dict[str, Tensor]:
        """Sets the gradients of eq. 25; returns its weighted terms by name."""
        arrays = {
            name: torch.from_numpy(part).to(self.device) for name, part in vars(batch).items()
        }
        if self._step is None:
            self._step = fastest_step(self.module, self.device, arrays)
        return self._step(arrays)

    def evaluate(self) -> dict[str, float]:
        """The sampled metrics of both tasks; ``quality`` is the mean of the trained tasks' MRR@100 and NDCG@100."""
        found: dict[Metric, float] = {}
        for task, lists in self.dataset.lists.items():
            scores = self.module.score_lists(lists, self.dataset.evidence[task], self.snapshot)
            found |= {
                metric: estimate.value
                for metric, estimate in sampled_metrics(lists, scores).items()
            }
        tasks = self.module.tasks()
        quality = np.mean([found[metric] for metric in QUALITY_METRICS if metric.task in tasks])
        return {str(metric): value for metric, value in found.items()} | {"quality": float(quality)}
