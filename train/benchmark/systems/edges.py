"""Fixed sparse matrices to multiply with in torch, with a fast backward pass, and their normalisations."""

import warnings
from typing import Any

import numpy as np
import scipy.sparse as sp
import torch
from torch import Tensor, nn


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
