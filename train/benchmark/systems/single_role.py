"""NGCF, LightGCN and IMP-GCN: recommenders that know users and items only, brought to do both tasks of group buying."""

import abc
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeVar

import numpy as np
import scipy.sparse as sp
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from db.logs import Task
from engine.evidence.graphs import Graphs
from train.benchmark.systems.network_peer import LEARNING_SENTENCE, Tables
from train.benchmark.systems.popularity_term import TERM_SENTENCE, PopularityTerm, with_popularity
from train.benchmark.systems.search_space import Range, Space, Whole
from train.benchmark.systems.vector_network import (
    VECTORS,
    Edges,
    VectorNetwork,
    VectorPeer,
    VectorSetting,
    free_vectors,
    row_products,
    symmetric,
)

ADAPTATION = (
    "It knows no roles: launches, failed launches and joins all count as interactions of a user with an item. Task I "
    "ranks items by the product of initiator and item. Task II: score(p|u,i) is the product of p and i over the same "
    "interactions plus the product of u and p over shared groups and friendships, both learned together from joins. "
    "A positive may have several negatives. "
)


class VectorSpace(nn.Module, abc.ABC):
    """Vectors of the two sides of one bipartite graph [L, R], in one space."""

    @abc.abstractmethod
    def forward(self) -> tuple[Tensor, Tensor]:
        """The vectors of both sides after propagation, [L, d] and [R, d]."""


class SingleRoleNetwork(VectorNetwork):
    """Task I: a space of users and items. Task II: another such space, and one of initiators and participants.

    The roles differ in what is learned (launches, or joins), not in the graphs: nearly all users launch one or two
    items, and a graph of launches alone falls into unconnected pieces.
    """

    def __init__(self, spaces: dict[str, VectorSpace], popularity: PopularityTerm) -> None:
        super().__init__()
        self.spaces, self.popularity = nn.ModuleDict(spaces), popularity

    def forward(self) -> Tables:
        """Both sides of each space, and the popularity term."""
        tables: Tables = self.popularity()
        for name, space in self.spaces.items():
            tables[f"{name}/left"], tables[f"{name}/right"] = space()
        return tables

    def score_items(self, tables: Tables, initiator: Tensor, items: Tensor) -> Tensor:
        """Initiator times item."""
        taste = row_products(tables["tastes/left"], initiator, tables["tastes/right"], items)
        return with_popularity(taste, tables, Task.ITEMS, items)

    def score_participants(
        self, tables: Tables, initiator: Tensor, item: Tensor, participants: Tensor
    ) -> Tensor:
        """Item times participant, plus initiator times participant."""
        taste = row_products(tables["tastes/right"], item, tables["tastes/left"], participants)
        tie = row_products(tables["ties/left"], initiator, tables["ties/right"], participants)
        return with_popularity(taste + tie, tables, Task.PARTICIPANTS, participants)


Setting = TypeVar("Setting", bound=VectorSetting)


class SingleRolePeer(VectorPeer[Setting]):
    """Learns each task in a network of its own; a peer is what it makes of one graph, its ``vector_space``."""

    scopes: ClassVar[Sequence[tuple[Task, ...]]] = ((Task.ITEMS,), (Task.PARTICIPANTS,))

    @abc.abstractmethod
    def vector_space(self, matrix: sp.csr_matrix, setting: Setting) -> VectorSpace:
        """The space of one graph [L, R]."""

    def network(
        self, graphs: Graphs, tasks: tuple[Task, ...], setting: Setting
    ) -> SingleRoleNetwork:
        """The spaces that the task needs."""
        sides: dict[str, sp.csr_matrix] = {"tastes": graphs.history}
        if Task.PARTICIPANTS in tasks:
            sides["ties"] = graphs.circle
        spaces = {name: self.vector_space(one, setting) for name, one in sides.items()}
        return SingleRoleNetwork(spaces, PopularityTerm(graphs, setting.popularity))


@dataclass(frozen=True, kw_only=True)
class ImpSetting(VectorSetting):
    """Adds the number of interests."""

    subgraphs: int = 3


class InterestConvolution(VectorSpace):
    """IMP-GCN: LightGCN's propagation, the first layer over all edges, further ones within each interest's subgraph.

    A left node (a user) belongs to one subgraph, that of the largest output of W2 f(W1 (x^(0) + x^(1))); a right node
    has a vector in each subgraph, and its layer is their sum. The argmax has no gradient, so W1 and W2 stay as they
    were initialised, and users move between subgraphs as their vectors change.
    """

    first: Tensor
    second: Tensor

    def __init__(self, matrix: sp.csr_matrix, setting: ImpSetting) -> None:
        super().__init__()
        self.layers, self.subgraphs = setting.layers, setting.subgraphs
        self.left = free_vectors(matrix.shape[0], setting.dim)
        self.right = free_vectors(matrix.shape[1], setting.dim)
        self.matrix = symmetric(matrix)
        self.edges = Edges(self.matrix)
        for name, outputs in (("first", setting.dim), ("second", setting.subgraphs)):
            self.register_buffer(name, nn.init.xavier_uniform_(torch.empty(setting.dim, outputs)))

    def interests(self) -> Tensor:
        """The subgraph of each left node, [L], of 0 to ``subgraphs`` - 1."""
        with torch.no_grad():
            seen = self.left + self.edges(self.right)
            return (functional.leaky_relu(seen @ self.first) @ self.second).argmax(1)

    def forward(self) -> tuple[Tensor, Tensor]:
        """The layers' mean of both sides."""
        left, right = self.edges(self.right), self.edges.backwards(self.left)
        lefts, rights = self.left + left, self.right + right
        if self.layers > 1:
            interest = self.interests().cpu().numpy()
            edges = Edges(split_columns(self.matrix, interest, self.subgraphs))
            edges = edges.to(self.left.device)
            right = right.repeat(self.subgraphs, 1)  # [subgraphs * R, d]
            for _ in range(self.layers - 1):
                left, right = edges(right), edges.backwards(left)
                lefts = lefts + left
                rights = rights + right.unflatten(0, (self.subgraphs, -1)).sum(0)  # [R, d]
        return lefts / (self.layers + 1), rights / (self.layers + 1)


def split_columns(
    matrix: sp.csr_matrix, subgraph: NDArray[np.integer], subgraphs: int
) -> sp.csr_matrix:
    """[L, R] -> [L, subgraphs * R]: every column once for each subgraph, each row's cells in its own subgraph."""
    width = matrix.shape[1]
    moved = np.repeat(subgraph, np.diff(matrix.indptr)) * width + matrix.indices
    return sp.csr_matrix((matrix.data, moved, matrix.indptr), (len(subgraph), subgraphs * width))


class IMPGCN(SingleRolePeer[ImpSetting]):
    """Interest-aware message passing (Liu et al., WWW 2021): users exchange messages with others of their interest."""

    name = "imp-gcn"
    adaptation = (
        ADAPTATION
        + ("The two layers that choose a user's interest have no biases and no dropout. ")
        + TERM_SENTENCE
        + LEARNING_SENTENCE
    )
    default = ImpSetting()
    domains: ClassVar[Space] = {
        **VECTORS,
        "layers": Whole(2, 4, closed=("low",)),
        "subgraphs": Whole(2, 10, closed=("low",)),
    }

    def vector_space(self, matrix: sp.csr_matrix, setting: ImpSetting) -> InterestConvolution:
        """Propagation by interest over the graph."""
        return InterestConvolution(matrix, setting)


class LightConvolution(VectorSpace):
    """X^(l) = D^-1/2 A D^-1/2 X^(l-1), without self-loops; the vectors are the mean of X^(0) to X^(L)."""

    def __init__(self, matrix: sp.csr_matrix, setting: VectorSetting) -> None:
        super().__init__()
        self.layers = setting.layers
        self.left = free_vectors(matrix.shape[0], setting.dim)
        self.right = free_vectors(matrix.shape[1], setting.dim)
        self.edges = Edges(symmetric(matrix))

    def forward(self) -> tuple[Tensor, Tensor]:
        """The layers' mean of both sides."""
        left: Tensor = self.left
        right: Tensor = self.right
        lefts, rights = left, right
        for _ in range(self.layers):
            left, right = self.edges(right), self.edges.backwards(left)
            lefts, rights = lefts + left, rights + right
        return lefts / (self.layers + 1), rights / (self.layers + 1)


class LightGCN(SingleRolePeer[VectorSetting]):
    """Linear propagation only, the mean over the layers (He et al., SIGIR 2020)."""

    name = "lightgcn"
    adaptation = ADAPTATION + TERM_SENTENCE + LEARNING_SENTENCE
    default = VectorSetting()
    domains = VECTORS

    def vector_space(self, matrix: sp.csr_matrix, setting: VectorSetting) -> LightConvolution:
        """Linear propagation over the graph."""
        return LightConvolution(matrix, setting)


@dataclass(frozen=True, kw_only=True)
class NgcfSetting(VectorSetting):
    """Adds the share of messages that are dropped, 0.1 in the paper."""

    dropout: float = 0.1


class CollaborativeConvolution(VectorSpace):
    """X^(l) = LeakyReLU((A + I) X^(l-1) W1 + (A X^(l-1)) * X^(l-1) W2), A normalised; all X^(l) concatenated (eq. 7).

    Layers above the first have rows of length 1, as in the paper's own experiments.
    """

    def __init__(self, matrix: sp.csr_matrix, setting: NgcfSetting) -> None:
        super().__init__()
        self.dropout = setting.dropout
        self.left = free_vectors(matrix.shape[0], setting.dim)
        self.right = free_vectors(matrix.shape[1], setting.dim)
        self.sums, self.products = (
            nn.ModuleList(
                nn.Linear(setting.dim, setting.dim, bias=False) for _ in range(setting.layers)
            )
            for _ in range(2)
        )
        self.edges = Edges(symmetric(matrix))

    def forward(self) -> tuple[Tensor, Tensor]:
        """[L, (1+layers) d] and [R, (1+layers) d]."""
        left: Tensor = self.left
        right: Tensor = self.right
        lefts, rights = [left], [right]
        for own, both in zip(self.sums, self.products, strict=True):
            to_left, to_right = self.edges(right), self.edges.backwards(left)
            left = self._received(left, to_left, own, both)
            right = self._received(right, to_right, own, both)
            lefts.append(functional.normalize(left))
            rights.append(functional.normalize(right))
        return torch.cat(lefts, 1), torch.cat(rights, 1)

    def _received(self, own: Tensor, messages: Tensor, one: nn.Module, two: nn.Module) -> Tensor:
        together = functional.leaky_relu(one(own + messages) + two(own * messages), 0.2)
        return functional.dropout(together, self.dropout, self.training)


class NGCF(SingleRolePeer[NgcfSetting]):
    """Non-linear propagation whose messages also carry the product of both ends (Wang et al., SIGIR 2019)."""

    name = "ngcf"
    adaptation = (
        ADAPTATION + ("Messages are dropped, nodes are not. ") + TERM_SENTENCE + LEARNING_SENTENCE
    )
    default = NgcfSetting(dim=16)
    domains: ClassVar[Space] = {
        **VECTORS,
        "dropout": Range(0.0, 0.6, closed=("low",)),
    }

    def vector_space(self, matrix: sp.csr_matrix, setting: NgcfSetting) -> CollaborativeConvolution:
        """Non-linear propagation over the graph."""
        return CollaborativeConvolution(matrix, setting)
