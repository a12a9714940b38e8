"""Peers that are networks: evaluated densely early on, stopped early on validation groups, the best weights kept."""

import abc
import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Protocol, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from db.logs import Logs, Task
from db.settings import settings
from engine.evidence.graphs import Graphs
from train.benchmark.systems.popularity_term import KINDS
from train.benchmark.systems.search_space import Domain, Range, Space
from train.benchmark.systems.searched import (
    VALIDATION_GROUPS,
    Judge,
    Scope,
    SearchedSystem,
    Training,
    Values,
)
from train.benchmark.systems.system import mean_mrr_ndcg, share_of
from train.evaluate.sampled_ranking import CandidateLists, validation_lists
from train.evaluate.splits import Split
from train.learn.fit_network import resolve_device
from train.learn.trainer import Plan, TrainerProgress, train
from train.nn.losses import backpropagate
from train.progress import TrainingProgress

Tables = dict[str, Tensor]  # vectors by name, [rows, d]

BLOCK = 1024  # lists at a time: bounds the memory of the candidates' vectors

Batch = TypeVar("Batch")
BatchOut = TypeVar("BatchOut", covariant=True)


@dataclass(frozen=True, kw_only=True)
class NetworkSetting:
    """How a network learns; peers add fields of their own."""

    rate: float  # peak rate of Adam
    decay: float  # the share by which a step at the peak rate shrinks every weight (decoupled weight decay)
    popularity: str = "none"  # see PopularityTerm


# What every peer's adaptation ends with.
LEARNING_SENTENCE = (
    " It learns by AdamW, whose decay of the weights takes the place of L2 terms, with a warm-up and a cosine decay of "
    "the rate, clipped gradients and early stopping."
)
# What is searched alike in every peer.
LEARNING: dict[str, Domain] = {
    "rate": Range(1e-4, 0.3, log=True),
    "decay": Range(1e-6, 0.9, log=True, closed=("low",)),
    "popularity": KINDS,
}


Setting = TypeVar("Setting", bound=NetworkSetting)


class PeerNetwork(nn.Module, abc.ABC, Generic[Batch]):
    """A network over U users and I items; its tables have one more row, the last, for the cold start."""

    @abc.abstractmethod
    def forward(self) -> Tables:
        """The vectors of everybody and everything, which the scores read rows of."""

    @abc.abstractmethod
    def score_items(self, tables: Tables, initiator: Tensor, items: Tensor) -> Tensor:
        """Task I: initiators [n] and items [n, N] -> scores [n, N]."""

    @abc.abstractmethod
    def score_participants(
        self, tables: Tables, initiator: Tensor, item: Tensor, participants: Tensor
    ) -> Tensor:
        """Task II: initiators [n], items [n] and participants [n, N] -> scores [n, N]."""

    @abc.abstractmethod
    def losses(self, batch: Batch) -> dict[str, Tensor]:
        """The weighted terms of the loss, by name."""


class Batches(Protocol[BatchOut]):
    """What a network learns from."""

    def steps(self) -> int:
        """Steps of an epoch."""

    def epoch(self, number: int) -> Iterator[BatchOut]:
        """The batches of an epoch, the same ones whenever they are asked for."""


@dataclass(frozen=True)
class TrainingData:
    """The logs without test groups, their split, and the graphs of the training groups and failed launches."""

    logs: Logs
    split: Split
    graphs: Graphs
    seed: int
    device: torch.device


@dataclass(frozen=True)
class Budget:
    """How much a training of a peer gets, whatever its settings."""

    epochs: int  # at most
    evaluations: int  # an epoch
    early: int  # more evaluations before the first of these, at a half of its step, a quarter, ...
    patience: int  # evaluations without a better quality before training stops


@dataclass
class PeerLearner(Generic[Batch]):
    """A network with its batches and validation lists, as the trainer sees them."""

    module: PeerNetwork[Batch]
    data: Batches[Batch]
    lists: Mapping[Task, CandidateLists]
    judge: Judge

    def steps(self) -> int:
        """Steps of an epoch."""
        return self.data.steps()

    def batches(self, epoch: int) -> Iterator[Batch]:
        """The batches of an epoch."""
        return self.data.epoch(epoch)

    def backward(self, batch: Batch) -> dict[str, Tensor]:
        """Backpropagates the network's loss and returns its terms."""
        return backpropagate(self.module.train().losses(batch))

    def evaluate(self) -> dict[str, float]:
        """The quality of each task, and their mean as ``quality``."""
        tables = scoring_tables(self.module)
        found = {
            f"{task}/quality": mean_mrr_ndcg(score_lists(self.module, tables, lists))
            for task, lists in self.lists.items()
        }
        quality = float(np.mean(list(found.values())))
        self.judge(quality)
        return found | {"quality": quality}


@dataclass(frozen=True)
class TrainedPeer(Generic[Batch]):
    """A network with its best weights, the tables that it scores with, and its evaluations, oldest first."""

    network: PeerNetwork[Batch]
    tables: Tables
    history: list[dict[str, float]]

    @property
    def best_evaluation(self) -> dict[str, float]:
        """The evaluation of these weights."""
        return max(self.history, key=lambda evaluation: evaluation["quality"])


class NetworkPeer(SearchedSystem[TrainedPeer[Batch]], Generic[Setting, Batch]):
    """Trains one network for each entry of ``scopes`` within the ``budget``: the tasks that it names share a network.

    Validation groups are in no graph and no positive.
    """

    budget: ClassVar[Budget]
    domains: ClassVar[Space]
    default: Setting
    data: TrainingData
    lists: Mapping[Task, CandidateLists]

    @abc.abstractmethod
    def network(
        self, graphs: Graphs, tasks: tuple[Task, ...], setting: Setting
    ) -> PeerNetwork[Batch]:
        """An untrained network for these tasks."""

    @abc.abstractmethod
    def batches(
        self, data: TrainingData, tasks: tuple[Task, ...], setting: Setting
    ) -> Batches[Batch]:
        """What the network for these tasks learns from."""

    @property
    def epochs(self) -> int:
        """Passes, at most."""
        return share_of(self.budget.epochs, self.effort)

    def space(self, scope: Scope) -> Space:
        """The domains, the same for every scope."""
        return self.domains

    def own_setting(self, scope: Scope) -> Values:
        """The default, for every name of the space."""
        found = dataclasses.asdict(self.default)
        return {name: found[name] for name in self.domains}

    def prepare(self, logs: Logs, split: Split, seed: int) -> None:
        """Builds the graphs and draws the validation lists."""
        device = resolve_device(self.requested_device)
        self.device = device.type
        torch.set_num_threads(settings().threads)
        graphs = Graphs.from_logs(logs, split.visible_groups(logs))
        self.lists = validation_lists(logs, split, VALIDATION_GROUPS, seed)
        self.data = TrainingData(logs, split, graphs, seed, device)

    def train(self, scope: Scope, values: Values, judge: Judge) -> Training[TrainedPeer[Batch]]:
        """One training with the best weights of its evaluations."""
        setting = dataclasses.replace(self.default, **values)
        torch.manual_seed(self.data.seed)
        network = self.network(self.data.graphs, scope, setting).to(self.data.device)
        batches = self.batches(self.data, scope, setting)
        learner = PeerLearner(network, batches, {task: self.lists[task] for task in scope}, judge)
        plan = Plan(
            self.epochs,
            self.epochs * self.budget.evaluations,
            self.budget.patience,
            setting.rate,
            setting.decay / setting.rate,
            self.budget.early,
        )
        number = self.scopes.index(scope)

        def show(moment: TrainerProgress) -> None:
            self._show(moment, scope, (number + moment.fraction) / len(self.scopes))

        history = train(learner, plan, show)
        trained = TrainedPeer(network, scoring_tables(network), history)
        best = trained.best_evaluation
        return Training(best["quality"], trained, best["epoch"])

    def score(self, lists: CandidateLists) -> NDArray[np.float32]:
        """The network's scores."""
        trained = self.fitted(lists.task)
        return score_lists(trained.network, trained.tables, lists)

    def settings(self) -> Values:
        """With the settings that are not searched."""
        fixed = {
            name: value
            for name, value in dataclasses.asdict(self.default).items()
            if name not in self.domains
        }
        budget = dataclasses.asdict(self.budget) | {"epochs": self.epochs}
        return budget | fixed | super().settings()

    def _show(self, moment: TrainerProgress, tasks: tuple[Task, ...], fraction: float) -> None:
        self.watch(
            TrainingProgress(
                "epoch",
                f"{self.name}, {' and '.join(tasks)}, epoch {moment.epoch} of {moment.epochs}",
                fraction,
                None,
                moment.epoch,
                moment.epochs,
                moment.losses,
                moment.metrics,
            )
        )


def scoring_tables(network: PeerNetwork[Any]) -> Tables:
    """The tables that the network scores with: no gradient, no dropout."""
    with torch.no_grad():
        tables: Tables = network.eval()()
        return tables


def score_lists(
    network: PeerNetwork[Any], tables: Tables, lists: CandidateLists
) -> NDArray[np.float32]:
    """Scores [n, N] of lists of either task."""
    device = next(iter(tables.values())).device
    scores = np.empty(lists.candidates.shape, np.float32)
    for start in range(0, len(scores), BLOCK):
        part = lists.part(slice(start, start + BLOCK))
        initiator, candidates = to_device((part.initiator, part.candidates), device)
        with torch.no_grad():
            if part.item is None:
                found = network.score_items(tables, initiator, candidates)
            else:
                (item,) = to_device((part.item,), device)
                found = network.score_participants(tables, initiator, item, candidates)
        scores[start : start + BLOCK] = found.cpu().numpy()
    return scores


def to_device(positions: Sequence[NDArray[np.integer]], device: torch.device) -> tuple[Tensor, ...]:
    """Arrays of positions as tensors on the device."""
    return tuple(torch.from_numpy(one.astype(np.int64)).to(device) for one in positions)
