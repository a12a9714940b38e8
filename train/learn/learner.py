"""MAMGBR as the trainer sees it: batches of triples from one fold at a time, losses, validation figures."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from db.logs import Task
from engine.model_settings import ModelSettings
from train.evaluate.sampled_ranking import CandidateLists, sampled_metrics
from train.learn.cuda_graph import Terms, recorded
from train.learn.parallel_tasks import ParallelTasks
from train.nn.embeddings import FixedViews
from train.nn.losses import backpropagate
from train.nn.network import Network
from train.prepare.examples import Examples

# The arrays of a batch on the device -> the weighted terms of the loss by name, its gradients left with the weights.
Step = Callable[[dict[str, Tensor]], dict[str, Tensor]]

QUALITY = ("items/mrr@100", "items/ndcg@100", "participants/mrr@100", "participants/ndcg@100")

SMALLEST_BATCH = 128  # smaller ones cost more time a group than they save passes


@dataclass
class MamgbrLearner:
    """The network with its examples and its validation lists, whose world is number ``validation_world``."""

    module: Network
    config: ModelSettings
    examples: Examples
    lists: dict[Task, CandidateLists]
    facts: dict[Task, NDArray[np.float32]]
    validation_world: int
    seed: int
    device: torch.device
    _step: Step | None = field(default=None, init=False, repr=False)

    def _drawn(self) -> int:
        wanted = self.config.groups_an_epoch or len(self.examples)
        return min(wanted, len(self.examples))

    def _batch(self) -> int:
        """Groups a step: fewer where the passes would not hold ``least_steps``, and never more than there are."""
        config, drawn = self.config, self._drawn()
        spread = drawn * config.epochs // config.least_steps
        return min(config.batch, max(SMALLEST_BATCH, spread), drawn)

    def steps(self) -> int:
        """Steps of an epoch."""
        return max(1, self._drawn() // self._batch())

    def passes(self) -> int:
        """How often the groups are learned from: a small shop goes over them again, up to ``least_steps``."""
        return max(self.config.epochs, math.ceil(self.config.least_steps / self.steps()))

    def batches(self, epoch: int) -> Iterator[Examples]:
        """Batches in an order that the seed and the epoch decide; what does not fill one is left out."""
        order = np.random.default_rng((self.seed, epoch)).permutation(len(self.examples))
        size = self._batch()
        for step in range(self.steps()):
            chosen = order[step * size : (step + 1) * size]
            yield Examples(
                **{name: value[chosen] for name, value in self.examples.__dict__.items()}
            )

    def backward(self, batch: Examples) -> dict[str, Tensor]:
        """Leaves the gradients of eq. 25 with the weights; its weighted terms come back."""
        put = {name: torch.from_numpy(part).to(self.device) for name, part in vars(batch).items()}
        if self._step is None:
            self._step = self._way(put)
        return self._step(put)

    def _way(self, put: dict[str, Tensor]) -> Step:
        """How this network is best taken through batches like ``put``; learned vectors know the plain way alone."""
        terms: Terms = self.module.losses
        if isinstance(self.module.views, FixedViews):
            if self.device.type == "cuda":
                terms = recorded(self.module, put)
            elif self.config.tasks == "both":
                return ParallelTasks(self.module, torch.get_num_threads()).backward
        return lambda batch: backpropagate(terms(batch))

    def evaluate(self) -> dict[str, float]:
        """The sampled figures of both tasks, and their mean at 1:99 as ``quality``."""
        found: dict[str, float] = {}
        for task, lists in self.lists.items():
            scores = self.module.score_lists(lists, self.facts[task], self.validation_world)
            found |= {
                str(metric): found.value for metric, found in sampled_metrics(lists, scores).items()
            }
        wanted = [name for name in QUALITY if self.config.tasks in ("both", name.split("/")[0])]
        found["quality"] = float(np.mean([found[name] for name in wanted]))
        return found
