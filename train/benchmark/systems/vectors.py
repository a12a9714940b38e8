"""What a system of vectors is: free vectors that are learned, what the graphs make of them, and scores by products."""

import abc
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from train.nn.losses import bpr

Tables = dict[str, Tensor]  # by name, [rows, d]

START = 0.01  # standard deviation of free vectors before learning


@dataclass(frozen=True)
class Setting:
    """How a system of vectors learns; a system adds fields of its own."""

    dim: int = 32  # width of a free vector
    layers: int = 3  # steps over the graph
    rate: float = 0.003  # peak rate of Adam
    weight_decay: float = 3.0  # decoupled: a step shrinks every weight by rate * weight_decay
    negatives: int = 4  # wrong answers a right one, drawn anew in each pass
    batch: int = 16384  # groups a step, fewer in a small shop: the graphs are walked once for all


@dataclass(frozen=True)
class Launches:
    """n launches: ``initiator`` [n] and ``items`` [n, 1+N], column 0 being the one that she launched."""

    initiator: Tensor
    items: Tensor


@dataclass(frozen=True)
class Joins:
    """m joins: ``initiator`` [m], ``item`` [m] and ``participants`` [m, 1+N], column 0 being the one who joined."""

    initiator: Tensor
    item: Tensor
    participants: Tensor


@dataclass(frozen=True)
class Batch:
    """A step's launches, those that failed, and the joins; None for what no task of the system needs."""

    launches: Launches | None
    failures: Launches | None
    joins: Joins | None


class Vectors(nn.Module, abc.ABC):
    """The base of all: ``forward`` makes the tables of a step, the scores read rows of them.

    Rows are positions in the logs, and one more for the newcomer, whose free vectors are zero and stay so.
    """

    @abc.abstractmethod
    def forward(self) -> Tables:
        """All vectors as the graphs make them."""

    @abc.abstractmethod
    def score_items(self, tables: Tables, initiator: Tensor, items: Tensor) -> Tensor:
        """Task I: initiators [n] and items [n, N] -> scores [n, N]."""

    @abc.abstractmethod
    def score_participants(
        self, tables: Tables, initiator: Tensor, item: Tensor, participants: Tensor
    ) -> Tensor:
        """Task II: initiators [n], items [n] and participants [n, N] -> scores [n, N]."""

    def losses(self, batch: Batch) -> dict[str, Tensor]:
        """BPR between what is right and each that is wrong, for the tasks that the batch holds."""
        return self.task_losses(self(), batch)

    def task_losses(self, tables: Tables, batch: Batch) -> dict[str, Tensor]:
        """The same from tables that are made already."""
        found: dict[str, Tensor] = {}
        if batch.launches is not None:
            scores = self.score_items(tables, batch.launches.initiator, batch.launches.items)
            found["items"] = bpr(scores[:, :1], scores[:, 1:])
        if batch.joins is not None:
            joins = batch.joins
            scores = self.score_participants(
                tables, joins.initiator, joins.item, joins.participants
            )
            found["participants"] = bpr(scores[:, :1], scores[:, 1:])
        return found


def free_vectors(rows: int, dim: int) -> nn.Parameter:
    """Normal vectors to learn [rows, dim], the newcomer's last row zero: without an edge it has no gradient."""
    start = torch.randn(rows, dim) * START
    start[-1] = 0
    return nn.Parameter(start)


def product(one: Tensor, place: Tensor, many: Tensor, places: Tensor) -> Tensor:
    """Row ``place`` [n] of ``one`` times rows ``places`` [n, N] of ``many`` -> [n, N]."""
    left = functional.embedding(place, one).unsqueeze(1)  # [n, 1, d]
    right = functional.embedding(places, many)  # [n, N, d]
    return (left * right).sum(-1)  # [n, N]
