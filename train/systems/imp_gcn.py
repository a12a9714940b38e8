"""IMP-GCN (Liu et al., WWW 2021): beyond the first layer, messages stay among users of a common interest."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from train.systems.edges import Edges, symmetric
from train.systems.single_role import SingleRoleSystem, Space
from train.systems.vectors import Setting, free_vectors


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
