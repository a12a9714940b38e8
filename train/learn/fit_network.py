"""From a dataset to a trained network: batches of triples, the loss and the validation metrics for the trainer."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from db.logs import Metric, Task
from db.settings import settings as environment
from train.evaluate.sampled_ranking import sampled_metrics
from train.learn.steps import Step, fastest_step
from train.learn.trainer import Plan, TrainerProgress, train
from train.nn.embeddings import FixedViews, GraphConvolutions
from train.nn.network import Network
from train.prepare.dataset import PREPARED, Dataset
from train.prepare.examples import Examples
from train.progress import TrainingProgress
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
        # A task without lists, such as that of items in a shop with one item, has no say.
        tasks = [task for task in self.module.tasks() if len(self.dataset.lists[task].group)]
        values = [found[metric] for metric in QUALITY_METRICS if metric.task in tasks]
        quality = np.mean(values) if values else 0.0
        return {str(metric): value for metric, value in found.items()} | {"quality": float(quality)}


LEARNED = 0.9  # the share of a whole training that is done when the network is trained


@dataclass(frozen=True)
class TrainedNetwork:
    """A network with its best weights, on the CPU in evaluation mode.

    ``snapshot`` is the number of the validation snapshot among its views, ``history`` its evaluations, oldest first.
    """

    network: Network
    snapshot: int
    history: list[dict[str, float]]

    @property
    def best_epoch(self) -> float:
        """The epoch of the evaluation whose weights were kept."""
        return max(self.history, key=lambda evaluation: evaluation["quality"])["epoch"]


def resolve_device(name: str) -> torch.device:
    """The device of that name; ``auto`` is CUDA where torch can use it, else the CPU."""
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(name)


def fit_network(
    dataset: Dataset,
    run: TrainingRun,
    checkpoint: Path | None = None,
    alter: Callable[[Network], None] | None = None,
    early: int = 0,
) -> TrainedNetwork:
    """Trains a network on the dataset; the same settings and seed give the same weights.

    With a ``checkpoint`` file, an interrupted training resumes from its latest evaluation. ``alter`` may change the
    network before it learns. ``early`` adds evaluations before the first one; see ``Plan``.
    """
    torch.manual_seed(run.seed)
    torch.set_num_threads(environment().threads)
    device = resolve_device(run.device)
    network, snapshot = build_network(dataset, run)
    if alter is not None:
        alter(network)
    learner = MamgbrLearner(network.to(device), dataset, run, snapshot, device)
    settings = run.settings
    plan = Plan(
        learner.epochs(),
        settings.evaluations,
        settings.patience,
        settings.rate,
        settings.weight_decay,
        early,
    )
    history = train(learner, plan, lambda progress: run.report(_progress(progress)), checkpoint)
    return TrainedNetwork(network.cpu().eval(), snapshot, history)


def build_network(dataset: Dataset, run: TrainingRun) -> tuple[Network, int]:
    """An untrained network for the dataset, and the number of the validation snapshot among its views."""
    settings = run.settings
    views: torch.nn.Module
    if settings.embeddings == "gcn":
        views, snapshot = GraphConvolutions(settings, dataset.seen.graphs), 0
    else:
        assert dataset.tables is not None  # noqa: S101  embeddings=taste always makes tables
        views, snapshot = FixedViews(dataset.tables), len(dataset.tables.average) - 1
    network = Network(settings, views)
    if settings.evidence:
        network.fit_scales(dataset.examples)
    return network, snapshot


def _progress(progress: TrainerProgress) -> TrainingProgress:
    return TrainingProgress(
        "epoch",
        f"Learning, epoch {progress.epoch} of {progress.epochs}",
        PREPARED + (LEARNED - PREPARED) * progress.fraction,
        progress.seconds_left,
        progress.epoch,
        progress.epochs,
        progress.losses,
        progress.metrics,
        progress.fraction * progress.epochs,
    )
