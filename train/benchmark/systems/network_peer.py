"""Peers that are networks: trained for each setting of a grid, stopped early on validation groups, the best kept."""

import abc
import functools
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Protocol, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from db.logs import Logs, Task
from db.settings import settings
from engine.evidence.graphs import Graphs
from train.benchmark.systems.system import System, Tuned, share_of, tune
from train.evaluate.sampled_ranking import CandidateLists, draw_candidate_lists
from train.learn.fit_network import resolve_device
from train.learn.trainer import Plan, TrainerProgress, train
from train.nn.losses import backpropagate
from train.prepare.splits import Split, spread_sample
from train.progress import ProgressCallback, TrainingProgress, ignore_progress

Tables = dict[str, Tensor]  # vectors by name, [rows, d]

BLOCK = 1024  # lists at a time: bounds the memory of the candidates' vectors

Batch = TypeVar("Batch")
BatchOut = TypeVar("BatchOut", covariant=True)


@dataclass(frozen=True, kw_only=True)
class NetworkSetting:
    """One entry of a grid; peers add fields of their own."""

    rate: float  # peak rate of Adam
    weight_decay: float  # decoupled: a step shrinks every weight by rate * weight_decay


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
    """How much every setting of a peer's grid gets."""

    epochs: int  # at most
    evaluations: int  # an epoch
    patience: int  # evaluations without a better quality before training stops
    validation_groups: int  # at most
    quality: Callable[
        [NDArray[np.floating]], float
    ]  # of lists [n, 100], the right answer in column 0


@dataclass
class PeerLearner(Generic[Batch]):
    """A network with its batches and validation lists, as the trainer sees them."""

    module: PeerNetwork[Batch]
    data: Batches[Batch]
    lists: Mapping[Task, CandidateLists]
    quality: Callable[[NDArray[np.floating]], float]

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
            f"{task}/quality": self.quality(score_lists(self.module, tables, lists))
            for task, lists in self.lists.items()
        }
        return found | {"quality": float(np.mean(list(found.values())))}


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


class NetworkPeer(System, Generic[Setting, Batch]):
    """Trains one network for each entry of ``scopes``: the tasks that it names share network and setting.

    For each, the settings of ``grid`` are tried in turn within the ``budget``, and the best on validation groups is
    kept. Validation groups are in no graph and no positive.
    """

    scopes: ClassVar[Sequence[tuple[Task, ...]]] = (tuple(Task),)
    budget: ClassVar[Budget]
    grid: Sequence[Setting]

    def __init__(
        self, effort: float = 1.0, device: str = "auto", watch: ProgressCallback = ignore_progress
    ) -> None:
        """``effort`` is the share of its grid and epochs that the peer gets."""
        self.requested_device, self.watch = device, watch
        self.epochs = share_of(self.budget.epochs, effort)
        self.attempts = share_of(len(self.grid), effort)
        self.tuned: dict[tuple[Task, ...], Tuned[Setting, TrainedPeer[Batch]]] = {}

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

    def fit(self, logs: Logs, split: Split, seed: int) -> None:
        """Trains every scope with every setting and keeps the best."""
        device = resolve_device(self.requested_device)
        self.device = device.type
        torch.set_num_threads(settings().threads)
        graphs = Graphs.from_logs(logs, split.visible_groups(logs))
        sample = spread_sample(split.validation, self.budget.validation_groups)
        lists = draw_candidate_lists(logs, sample, seed)
        data = TrainingData(logs, split, graphs, seed, device)
        done = itertools.count()
        for tasks in self.scopes:
            attempt = functools.partial(self._attempt, data, tasks, lists, done)
            self.tuned[tasks] = tune(self.grid[: self.attempts], attempt)

    def _attempt(
        self,
        data: TrainingData,
        tasks: tuple[Task, ...],
        lists: Mapping[Task, CandidateLists],
        done: Iterator[int],
        setting: Setting,
    ) -> tuple[float, TrainedPeer[Batch]]:
        """One training and its best quality; ``done`` counts the trainings before it."""
        torch.manual_seed(data.seed)
        network = self.network(data.graphs, tasks, setting).to(data.device)
        learner = PeerLearner(
            network,
            self.batches(data, tasks, setting),
            {task: lists[task] for task in tasks},
            self.budget.quality,
        )
        plan = Plan(
            self.epochs,
            self.epochs * self.budget.evaluations,
            self.budget.patience,
            setting.rate,
            setting.weight_decay,
        )
        number, trainings = next(done), len(self.scopes) * self.attempts

        def show(moment: TrainerProgress) -> None:
            self._show(moment, tasks, (number + moment.fraction) / trainings)

        history = train(learner, plan, show)
        trained = TrainedPeer(network, scoring_tables(network), history)
        return trained.best_evaluation["quality"], trained

    def score(self, lists: CandidateLists) -> NDArray[np.float32]:
        """The network's scores."""
        trained = next(tuned for tasks, tuned in self.tuned.items() if lists.task in tasks).best
        return score_lists(trained.network, trained.tables, lists)

    def settings(self) -> dict[str, Any]:
        """For each scope the setting chosen, the epoch of its best evaluation, and the settings tried."""
        found: dict[str, Any] = {"epochs": self.epochs, "patience": self.budget.patience}
        for tasks, tuned in self.tuned.items():
            scope = "+".join(tasks)
            found |= tuned.report(scope)
            found[f"{scope}/best_epoch"] = tuned.best.best_evaluation["epoch"]
        return found

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
