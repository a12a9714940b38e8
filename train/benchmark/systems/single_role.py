"""How a recommender that knows users and items only, not roles, comes to do both tasks of group buying.

IMP-GCN (Liu et al., WWW 2021): beyond the first layer, messages stay among users of a common interest.


LightGCN (He et al., SIGIR 2020): propagation and nothing else, the mean over the layers.


NGCF (Wang et al., SIGIR 2019): messages that also carry the product of both ends, all layers side by side.
"""

import abc
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import scipy.sparse as sp
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from engine.evidence.graphs import Graphs
from train.benchmark.systems.edges import Edges, symmetric
from train.benchmark.systems.vector_system import VectorSystem
from train.benchmark.systems.vectors import Setting, Tables, Vectors, free_vectors, product

ADAPTATION = (
    "It knows no roles: an interaction is whatever a user did to an item, launches, failed launches and joins. Task I "
    "ranks items by the product of initiator and item. Task II: score(p|u,i) is the product of p and i over the same "
    "interactions plus the product of u and p over who shared a group or is a friend, both learned together from joins."
)


class Space(nn.Module, abc.ABC):
    """Vectors of the two sides of one graph of interactions [L, R], in one space."""

    @abc.abstractmethod
    def forward(self) -> tuple[Tensor, Tensor]:
        """The vectors of both sides after propagation, [L, d] and [R, d]."""


class SingleRole(Vectors):
    """Task I: a space of users and items. Task II: another such space, and one of initiators and participants.

    Roles are kept apart in what is learned (launches, or joins), not in the graphs: nearly all users launch one item or
    two, and a graph of launches alone falls into pieces that share nothing.
    """

    def __init__(self, spaces: dict[str, Space]) -> None:
        super().__init__()
        self.spaces = nn.ModuleDict(spaces)

    def forward(self) -> Tables:
        """Both sides of each space."""
        tables: Tables = {}
        for name, space in self.spaces.items():
            tables[f"{name}/left"], tables[f"{name}/right"] = space()
        return tables

    def score_items(self, tables: Tables, initiator: Tensor, items: Tensor) -> Tensor:
        """Initiator times item."""
        return product(tables["tastes/left"], initiator, tables["tastes/right"], items)

    def score_participants(
        self, tables: Tables, initiator: Tensor, item: Tensor, participants: Tensor
    ) -> Tensor:
        """Item times participant, plus initiator times participant."""
        taste = product(tables["tastes/right"], item, tables["tastes/left"], participants)
        return taste + product(tables["ties/left"], initiator, tables["ties/right"], participants)


class SingleRoleSystem(VectorSystem):
    """A system that is known by its ``space``: what it makes of one graph."""

    adaptation = ADAPTATION
    space: ClassVar[type[Space]]

    def vectors(self, graphs: Graphs, tasks: tuple[str, ...], setting: Setting) -> Vectors:
        """The spaces that the task needs."""
        sides: dict[str, sp.csr_matrix] = {"tastes": graphs.history}
        if tasks == ("participants",):
            sides["ties"] = graphs.circle
        return SingleRole({name: self.space(matrix, setting) for name, matrix in sides.items()})


@dataclass(frozen=True)
class ImpSetting(Setting):
    """With the number of interests."""

    subgraphs: int = 3


class InterestConvolution(Space):
    """LightGCN's propagation, the first layer over all edges, further ones over each interest's subgraph by itself.

    A left node (a user) belongs to one subgraph, the one of her largest output of W2 f(W1 (x^(0) + x^(1))); a right
    node has a vector in each subgraph, and its layer is their sum. The largest output has no gradient, so W1 and W2
    stay as they were drawn, and users move between subgraphs as their vectors do.
    """

    first: Tensor
    second: Tensor

    def __init__(self, matrix: sp.csr_matrix, setting: Setting) -> None:
        super().__init__()
        assert isinstance(setting, ImpSetting)  # noqa: S101  the grid's kind
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
    """[L, R] -> [L, subgraphs * R]: every column once a subgraph, each row's cells among those of its own."""
    width = matrix.shape[1]
    moved = np.repeat(subgraph, np.diff(matrix.indptr)) * width + matrix.indices
    return sp.csr_matrix((matrix.data, moved, matrix.indptr), (len(subgraph), subgraphs * width))


class IMPGCN(SingleRoleSystem):
    """Propagation by interest over the graph of each pair of roles."""

    name = "imp-gcn"
    space = InterestConvolution
    grid = (
        ImpSetting(),
        ImpSetting(rate=0.01, weight_decay=1.0),
        ImpSetting(dim=64, subgraphs=2, rate=0.001),
    )


class LightConvolution(Space):
    """X^(l) = D^-1/2 A D^-1/2 X^(l-1), without self-loops; the vectors are the mean of X^(0) to X^(L)."""

    def __init__(self, matrix: sp.csr_matrix, setting: Setting) -> None:
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


class LightGCN(SingleRoleSystem):
    """Linear propagation over the graph of each pair of roles."""

    name = "lightgcn"
    space = LightConvolution
    grid = (
        Setting(),
        Setting(rate=0.01, weight_decay=1.0),
        Setting(dim=64, rate=0.001),
    )


DROPOUT = 0.1  # of messages, as in the paper


class CollaborativeConvolution(Space):
    """X^(l) = LeakyReLU((A + I) X^(l-1) W1 + (A X^(l-1)) * X^(l-1) W2), A normalised; all X^(l) side by side (eq. 7).

    Layers above the first have rows of length 1, as in the paper's own experiments.
    """

    def __init__(self, matrix: sp.csr_matrix, setting: Setting) -> None:
        super().__init__()
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
        return functional.dropout(together, DROPOUT, self.training)


class NGCF(SingleRoleSystem):
    """Non-linear propagation over the graph of each pair of roles."""

    name = "ngcf"
    space = CollaborativeConvolution
    grid = (
        Setting(dim=16),
        Setting(dim=16, rate=0.01, weight_decay=1.0),
        Setting(layers=2, rate=0.001),
    )
