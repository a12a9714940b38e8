"""From logs and a split to a trained network: count the evidence once, then learn from it.

The two steps stand apart, so that several networks can learn from the same examples.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from db.evidence.graphs import Graphs
from db.evidence.tables import Tables
from db.logs import Logs
from db.settings import settings
from train.config import Config
from train.embeddings import FixedViews, GraphConvolutions
from train.examples import Examples, World, folded_examples, list_facts, world
from train.learner import MamgbrLearner
from train.network import Network
from train.protocol import Lists
from train.splits import Split
from train.stages import Stage, Watch
from train.trainer import Moment, Plan, train


@dataclass(frozen=True)
class Prepared:
    """Examples with the tables of their folds, and the world that validation sees: all groups but its own.

    ``facts`` is the evidence of the validation ``lists`` in that world.
    """

    examples: Examples
    folds: list[tuple[Tables, Graphs]]
    seen: World
    lists: dict[str, Lists]
    facts: dict[str, NDArray[np.float32]]


@dataclass(frozen=True)
class Trained:
    """A network with its best weights, on the CPU in evaluation mode.

    ``place`` is the number of the validation world among its views, ``history`` its evaluations, oldest first.
    """

    network: Network
    place: int
    history: list[dict[str, float]]


def choose_device(wanted: str) -> torch.device:
    """``auto`` takes CUDA where torch really has it."""
    if wanted == "auto":
        wanted = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(wanted)


def prepare(
    logs: Logs, config: Config, parts: Split, lists: dict[str, Lists], seed: int, watch: Watch
) -> Prepared:
    """Counts the evidence of all examples and of the validation ``lists``."""
    watch(Stage("evidence", "Reading the past groups", 0.01))
    seen = world(logs, config, parts.seen(logs))
    facts = {task: list_facts(drawn, seen, config) for task, drawn in lists.items()}
    examples, tables = folded_examples(
        logs,
        config,
        parts,
        seen,
        seed,
        lambda message, share: watch(Stage("evidence", message, 0.05 + 0.2 * share)),
    )
    folds = [
        (table, Graphs.from_logs(logs, parts.seen(logs, fold)))
        for fold, table in enumerate(tables)
        if table is not None
    ]
    return Prepared(examples, folds, seen, lists, facts)


def learn(
    prepared: Prepared,
    config: Config,
    seed: int,
    device: str,
    watch: Watch,
    checkpoint: Path | None = None,
) -> Trained:
    """Trains a network on what is prepared; the same settings and seed give the same weights.

    With a ``checkpoint`` file, a training that was cut off goes on from its latest evaluation.
    """
    torch.manual_seed(seed)
    torch.set_num_threads(settings().threads)
    place = choose_device(device)
    network, number = network_of(prepared, config)
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
        Plan(config.epochs, config.evaluations, config.patience, config.rate, config.weight_decay),
        lambda moment: watch(_stage(moment)),
        checkpoint,
    )
    return Trained(network.cpu().eval(), number, history)


def network_of(prepared: Prepared, config: Config) -> tuple[Network, int]:
    """An untrained network over what is prepared, and the number of the validation world among its views."""
    views: torch.nn.Module
    if config.embeddings == "gcn":
        views, place = GraphConvolutions(config, prepared.seen.graphs), 0
    else:
        tables = prepared.seen.tables
        assert tables is not None  # noqa: S101  taste embeddings always make tables
        views = FixedViews([*prepared.folds, (tables, prepared.seen.graphs)])
        place = len(prepared.folds)
    network = Network(config, views)
    if config.evidence:
        network.fit_scales(prepared.examples)
    return network, place


def _stage(moment: Moment) -> Stage:
    return Stage(
        "epoch",
        f"Learning, pass {moment.epoch} of {moment.epochs}",
        0.25 + 0.65 * moment.fraction,
        moment.seconds_left,
        moment.epoch,
        moment.epochs,
        moment.losses,
        moment.metrics,
    )
