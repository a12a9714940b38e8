"""NGCF (Wang et al., SIGIR 2019): messages that also carry the product of both ends, all layers side by side."""

import scipy.sparse as sp
import torch
from torch import Tensor, nn
from torch.nn import functional

from train.systems.edges import Edges, symmetric
from train.systems.single_role import SingleRoleSystem, Space
from train.systems.vectors import Setting, free_vectors

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
