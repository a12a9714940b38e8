"""From a dataset to a trained network."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from db.settings import settings as environment
from train.learn.learner import MamgbrLearner
from train.learn.trainer import Plan, TrainerProgress, train
from train.nn.embeddings import FixedViews, GraphConvolutions
from train.nn.network import Network
from train.prepare.dataset import PREPARED, Dataset
from train.progress import TrainingProgress
from train.training_run import TrainingRun

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
) -> TrainedNetwork:
    """Trains a network on the dataset; the same settings and seed give the same weights.

    With a ``checkpoint`` file, an interrupted training resumes from its latest evaluation. ``alter`` may change the
    network before it learns.
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
        views, snapshot = FixedViews(dataset.tables), settings.folds
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
