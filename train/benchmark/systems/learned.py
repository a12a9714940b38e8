"""What peers with vectors of users and items share: steps, early stopping and a grid, all on the validation groups."""

import abc
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Protocol, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from db.logs import Logs, Task
from db.settings import settings
from engine.evidence.graphs import Graphs
from train.benchmark.systems.system import System
from train.benchmark.systems.tuned import Setting, Tuned, lessened, quality, tuned
from train.evaluate.sampled_ranking import CandidateLists, draw_candidate_lists
from train.learn.fit_network import resolve_device
from train.learn.trainer import Plan, TrainerProgress, train
from train.nn.losses import backpropagate
from train.prepare.examples import Examples, triples
from train.prepare.splits import Split, spread_sample
from train.progress import ProgressCallback, TrainingProgress, ignore_progress

BLOCK = 1024  # lists at once: bounds the memory of the candidates' vectors
TUNED_ON = 2000  # validation groups
NEGATIVES = 4  # a positive
BATCH = 4096  # groups a step, at most
LEAST_STEPS = 16  # an epoch: a small shop learns in smaller batches
EVALUATIONS, PATIENCE = 2, 3  # an epoch; evaluations without a better figure

Batch = TypeVar("Batch")
Made = TypeVar("Made", covariant=True)


class Peer(nn.Module, abc.ABC, Generic[Batch]):
    """A network of U users and I items, each table one row longer for the newcomer."""

    @abc.abstractmethod
    def losses(self, batch: Batch) -> dict[str, Tensor]:
        """The weighted terms of the loss, by name."""

    @abc.abstractmethod
    def forward(self) -> Any:
        """Everybody's vectors, as ``items`` and ``participants`` take them."""

    @abc.abstractmethod
    def items(self, vectors: Any, u: Tensor, i: Tensor) -> Tensor:
        """Scores [B, K] of items ``i`` [B, K] for initiators ``u`` [B]."""

    @abc.abstractmethod
    def participants(self, vectors: Any, u: Tensor, i: Tensor, p: Tensor) -> Tensor:
        """Scores [B, K] of participants ``p`` [B, K] for initiators ``u`` [B] and items ``i`` [B]."""


class Batches(Protocol[Made]):
    """What a network learns from, step by step."""

    def batch(self) -> int:
        """Groups, or users, a step."""

    def steps(self) -> int:
        """Steps of an epoch."""

    def epoch(self, number: int) -> Iterator[Made]:
        """The batches of an epoch, the same ones whenever it is asked again."""


@dataclass
class Triples:
    """True groups with uniform negatives, drawn anew for each epoch by ``seed``."""

    logs: Logs
    groups: NDArray[np.int64]
    graphs: Graphs
    seed: int

    def batch(self) -> int:
        """Groups a step."""
        return max(1, min(BATCH, len(self.groups) // LEAST_STEPS))

    def steps(self) -> int:
        """Steps of an epoch; what does not fill a batch is left out."""
        return len(self.groups) // self.batch()

    def epoch(self, number: int) -> Iterator[Examples]:
        """Triples with their negatives, in an order of the epoch."""
        rng = np.random.default_rng((self.seed, number))
        groups = rng.permutation(self.groups)
        drawn = triples(self.logs, groups, NEGATIVES, int(rng.integers(2**31)), self.graphs)
        size = self.batch()
        for step in range(self.steps()):
            part = slice(step * size, (step + 1) * size)
            yield Examples(**{name: value[part] for name, value in drawn.__dict__.items()})


@dataclass
class PeerLearner(Generic[Batch]):
    """A network with its batches and validation lists, as the trainer sees them."""

    module: Peer[Batch]
    data: Batches[Batch]
    lists: dict[Task, CandidateLists]

    def steps(self) -> int:
        """Steps of an epoch."""
        return self.data.steps()

    def batches(self, epoch: int) -> Iterator[Batch]:
        """The batches of an epoch."""
        return self.data.epoch(epoch)

    def backward(self, batch: Batch) -> dict[str, Tensor]:
        """Gradients of the network's own loss."""
        return backpropagate(self.module.losses(batch))

    def evaluate(self) -> dict[str, float]:
        """The mean of both tasks at 1:99 as ``quality``."""
        found = {task: quality(ranked(self.module, lists)) for task, lists in self.lists.items()}
        return found | {"quality": float(np.mean(list(found.values())))}


class Learned(System, abc.ABC, Generic[Batch]):
    """A peer that learns one network for both tasks, once for each setting of its ``grid``."""

    grid: ClassVar[tuple[Setting, ...]]  # rate and weight_decay, and what the network takes
    epochs: ClassVar[int]  # at most

    def __init__(
        self, effort: float = 1.0, device: str = "auto", watch: ProgressCallback = ignore_progress
    ) -> None:
        """``effort`` is the share of settings and epochs that is spent."""
        self.effort, self.wanted, self.watch = effort, device, watch
        self.tuned: Tuned[tuple[Peer[Batch], float]]
        self.rows = 0

    @abc.abstractmethod
    def network(self, graphs: Graphs, setting: Setting) -> Peer[Batch]:
        """An untrained network."""

    @abc.abstractmethod
    def batches(self, logs: Logs, parts: Split, graphs: Graphs, seed: int) -> Batches[Batch]:
        """What it learns from."""

    def fit(self, logs: Logs, parts: Split, seed: int) -> None:
        """Trains once a setting, stopping early, and keeps what ranks the validation groups best."""
        place = resolve_device(self.wanted)
        self.device = place.type
        torch.set_num_threads(settings().threads)
        graphs = Graphs.from_logs(logs, parts.seen(logs))
        lists = draw_candidate_lists(logs, spread_sample(parts.validation, TUNED_ON), seed)
        data = self.batches(logs, parts, graphs, seed)

        def attempt(setting: Setting) -> tuple[float, tuple[Peer[Batch], float]]:
            torch.manual_seed(seed)
            network = self.network(graphs, setting).to(place)
            epochs = lessened(self.epochs, self.effort)
            plan = Plan(
                epochs, EVALUATIONS * epochs, PATIENCE, setting["rate"], setting["weight_decay"]
            )
            history = train(PeerLearner(network, data, lists), plan, self._told)
            best = max(history, key=lambda evaluation: evaluation["quality"])
            return best["quality"], (network.cpu().eval(), best["epoch"])

        self.rows = data.batch()
        self.tuned = tuned(self.grid[: lessened(len(self.grid), self.effort)], attempt)

    def score(self, lists: CandidateLists) -> NDArray[np.float32]:
        """The network's scores."""
        return ranked(self.tuned.found[0], lists)

    def settings(self) -> dict[str, Any]:
        """What was chosen and tried, and how many epochs the chosen one took to its best figure."""
        return {
            "chosen": self.tuned.chosen,
            "best_epoch": self.tuned.found[1],
            "tried": self.tuned.tried,
            "epochs": lessened(self.epochs, self.effort),
            "batch": self.rows,
        }

    def _told(self, moment: TrainerProgress) -> None:
        self.watch(
            TrainingProgress(
                "epoch",
                f"Learning {self.name}, pass {moment.epoch} of {moment.epochs}",
                moment.fraction,
                moment.seconds_left,
                moment.epoch,
                moment.epochs,
                moment.losses,
                moment.metrics,
            )
        )


@torch.no_grad()
def ranked(network: Peer[Any], lists: CandidateLists) -> NDArray[np.float32]:
    """Scores [n, N] of candidate lists, in evaluation mode."""
    training = network.training
    network.eval()
    place = next(network.parameters()).device
    vectors = network()
    scores = np.empty(lists.candidates.shape, np.float32)
    for start in range(0, len(scores), BLOCK):
        part = lists.part(slice(start, start + BLOCK))
        u = torch.from_numpy(part.initiator).to(place)
        candidates = torch.from_numpy(part.candidates).to(place)
        if part.item is None:
            scored = network.items(vectors, u, candidates)
        else:
            scored = network.participants(
                vectors, u, torch.from_numpy(part.item).to(place), candidates
            )
        scores[start : start + BLOCK] = scored.cpu().numpy()
    network.train(training)
    return scores
