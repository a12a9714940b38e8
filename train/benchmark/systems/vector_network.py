"""Peers whose scores are products of vectors: free vectors, propagated over graphs, trained with BPR.

Graphs are fixed sparse matrices in torch, with a fast backward pass.
"""

import abc
import warnings
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

import numpy as np
import scipy.sparse as sp
import torch
from torch import Tensor, nn
from torch.nn import functional

from db.logs import Task
from train.benchmark.systems.group_batches import GroupBatch, GroupBatches
from train.benchmark.systems.network_peer import (
    LEARNING,
    Budget,
    NetworkPeer,
    NetworkSetting,
    PeerNetwork,
    Tables,
    TrainingData,
)
from train.benchmark.systems.search_space import Domain, Whole
from train.nn.losses import bpr


class Edges(nn.Module):
    """A fixed sparse matrix [L, R] and its transpose, to multiply with from either side."""

    matrix: Tensor
    transpose: Tensor

    def __init__(self, matrix: sp.csr_matrix) -> None:
        super().__init__()
        self.register_buffer("matrix", _compressed(matrix), persistent=False)
        self.register_buffer("transpose", _compressed(matrix.T), persistent=False)

    def forward(self, right: Tensor) -> Tensor:
        """[R, d] -> [L, d]: the messages that each row receives from its columns."""
        received: Tensor = _Product.apply(self.matrix, self.transpose, right)
        return received

    def backwards(self, left: Tensor) -> Tensor:
        """[L, d] -> [R, d]: the messages that each column receives from its rows."""
        received: Tensor = _Product.apply(self.transpose, self.matrix, left)
        return received


class _Product(torch.autograd.Function):
    """A @ X for a constant A whose transpose is kept; torch alone would transpose A at every step."""

    @staticmethod
    def forward(context: Any, matrix: Tensor, transposed: Tensor, dense: Tensor) -> Tensor:
        context.transposed = transposed
        return matrix @ dense

    @staticmethod
    def backward(context: Any, gradient: Tensor) -> tuple[None, None, Tensor]:
        return None, None, context.transposed @ gradient


def symmetric(matrix: sp.csr_matrix) -> sp.csr_matrix:
    """D^-1/2 A D^-1/2: each cell over the roots of both degrees; empty rows and columns stay zero."""
    rows, columns = (_inverse(matrix.sum(axis), 0.5) for axis in (1, 0))
    return (sp.diags(rows) @ matrix @ sp.diags(columns)).tocsr().astype(np.float32)


def row_mean(matrix: sp.csr_matrix) -> sp.csr_matrix:
    """Each row over its sum, so that a product takes means; empty rows stay zero."""
    return (sp.diags(_inverse(matrix.sum(1), 1.0)) @ matrix).tocsr().astype(np.float32)


def _inverse(degree: np.ndarray, power: float) -> np.ndarray:
    flat = np.asarray(degree, np.float64).ravel()
    return np.divide(1.0, flat**power, out=np.zeros_like(flat), where=flat > 0)


def _compressed(matrix: sp.csr_matrix) -> Tensor:
    """A CSR tensor, float32 with int32 indices."""
    rows = matrix.tocsr()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch warns that CSR support is in beta
        return torch.sparse_csr_tensor(
            torch.from_numpy(rows.indptr.astype(np.int32)),
            torch.from_numpy(rows.indices.astype(np.int32)),
            torch.from_numpy(rows.data.astype(np.float32)),
            size=rows.shape,
        )


START = 0.01  # standard deviation of free vectors before training


@dataclass(frozen=True, kw_only=True)
class VectorSetting(NetworkSetting):
    """How a network of vectors learns; peers add fields of their own."""

    dim: int = 32  # width of a free vector
    layers: int = 3  # steps over the graph
    rate: float = 0.003
    decay: float = 0.01
    negatives: int = 4  # per positive, drawn anew in each epoch
    batch: int = (
        16384  # groups a step, fewer in a small shop: every step propagates over the whole graph
    )


Setting = TypeVar("Setting", bound=VectorSetting)

VECTORS: dict[str, Domain] = {
    "dim": Whole(2, 6, powers=True),
    "layers": Whole(1, 4, closed=("low",)),
    "negatives": Whole(0, 6, powers=True, closed=("low",)),
    **LEARNING,
}


class VectorNetwork(PeerNetwork[GroupBatch]):
    """The free vectors of the cold-start row are zero and stay so."""

    def losses(self, batch: GroupBatch) -> dict[str, Tensor]:
        """BPR between the positive and each negative, of the tasks that the batch holds."""
        return self.task_losses(self(), batch)

    def task_losses(self, tables: Tables, batch: GroupBatch) -> dict[str, Tensor]:
        """The same from tables that are at hand."""
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


class VectorPeer(NetworkPeer[Setting, GroupBatch], abc.ABC):
    """Learns from the launches and joins of whole groups, and from failed launches where it asks for them."""

    budget: ClassVar[Budget] = Budget(epochs=10, evaluations=1, early=4, patience=3)
    failures: ClassVar[bool] = False

    def batches(
        self, data: TrainingData, tasks: tuple[Task, ...], setting: Setting
    ) -> GroupBatches:
        """Groups with fresh negatives."""
        return GroupBatches(data, tasks, setting.negatives, setting.batch, self.failures)


def free_vectors(rows: int, dim: int) -> nn.Parameter:
    """Normal vectors to train [rows, dim]; the cold-start row is zero, and without an edge it has no gradient."""
    start = torch.randn(rows, dim) * START
    start[-1] = 0
    return nn.Parameter(start)


def row_products(left: Tensor, rows: Tensor, right: Tensor, columns: Tensor) -> Tensor:
    """The products of rows ``rows`` [n] of ``left`` with rows ``columns`` [n, N] of ``right``, [n, N]."""
    ours = functional.embedding(rows, left).unsqueeze(1)  # [n, 1, d]
    theirs = functional.embedding(columns, right)  # [n, N, d]
    return (ours * theirs).sum(-1)  # [n, N]
