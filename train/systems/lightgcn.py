"""LightGCN (He et al., SIGIR 2020): propagation and nothing else, the mean over the layers."""

import scipy.sparse as sp
from torch import Tensor

from train.systems.edges import Edges, symmetric
from train.systems.single_role import SingleRoleSystem, Space
from train.systems.vectors import Setting, free_vectors


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
