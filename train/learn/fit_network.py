"""From what is prepared to a trained network."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from db.settings import settings
from engine.model_settings import ModelSettings
from train.learn.learner import MamgbrLearner
from train.learn.trainer import Plan, TrainerProgress, train
from train.nn.embeddings import FixedViews, GraphConvolutions
from train.nn.network import Network
from train.prepare.dataset import Dataset
from train.progress import ProgressCallback, TrainingProgress


@dataclass(frozen=True)
class TrainedNetwork:
    """A network with its best weights, on the CPU in evaluation mode.

    ``place`` is the number of the validation world among its views, ``history`` its evaluations, oldest first.
    """

    network: Network
    place: int
    history: list[dict[str, float]]


def resolve_device(wanted: str) -> torch.device:
    """``auto`` takes CUDA where torch really has it."""
    if wanted == "auto":
        wanted = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(wanted)


def fit_network(
    prepared: Dataset,
    config: ModelSettings,
    seed: int,
    device: str,
    watch: ProgressCallback,
    checkpoint: Path | None = None,
    alter: Callable[[Network], None] | None = None,
) -> TrainedNetwork:
    """Trains a network on what is prepared; the same settings and seed give the same weights.

    With a ``checkpoint`` file, a training that was cut off goes on from its latest evaluation. ``alter`` may change
    the network before it learns anything.
    """
    torch.manual_seed(seed)
    torch.set_num_threads(settings().threads)
    place = resolve_device(device)
    network, number = build_network(prepared, config)
    if alter is not None:
        alter(network)
    learner = MamgbrLearner(
        network.to(place),
        config,
        prepared.examples,
        prepared.lists,
        prepared.facts,
        number,
        seed,
        place,
    )
    history = train(
        learner,
        Plan(
            learner.passes(),
            config.evaluations,
            config.patience,
            config.rate,
            config.weight_decay,
        ),
        lambda moment: watch(_stage(moment)),
        checkpoint,
    )
    return TrainedNetwork(network.cpu().eval(), number, history)


def build_network(prepared: Dataset, config: ModelSettings) -> tuple[Network, int]:
    """An untrained network over what is prepared, and the number of the validation world among its views."""
    views: torch.nn.Module
    if config.embeddings == "gcn":
        views, place = GraphConvolutions(config, prepared.seen.graphs), 0
    else:
        assert prepared.tables is not None  # noqa: S101  taste embeddings always make tables
        views, place = FixedViews(prepared.tables), config.folds
    network = Network(config, views)
    if config.evidence:
        network.fit_scales(prepared.examples)
    return network, place


def _stage(moment: TrainerProgress) -> TrainingProgress:
    return TrainingProgress(
        "epoch",
        f"Learning, pass {moment.epoch} of {moment.epochs}",
        0.25 + 0.65 * moment.fraction,
        moment.seconds_left,
        moment.epoch,
        moment.epochs,
        moment.losses,
        moment.metrics,
        moment.fraction * moment.epochs,
    )
