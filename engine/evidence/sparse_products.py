"""Sparse matrix products at chosen cells: for many queries at their candidates, or for each query everywhere.

B queries, K candidates a query. Every function takes the candidates as positions [B, K], or None for all N.
"""

import threading

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

Candidates = NDArray[np.int64] | None  # positions [B, K]; None: every candidate

_scratch = threading.local()


def select_cells(rows: sp.csr_matrix, candidates: Candidates) -> NDArray[np.float32]:
    """The cells of ``rows`` [B, N] at ``candidates``, as [B, K]; the dense rows [B, N] for None."""
    if candidates is None:
        return np.asarray(rows.toarray(), np.float32)
    if rows.nnz == 0:
        return np.zeros(candidates.shape, np.float32)
    rows.sort_indices()
    queries, width = rows.shape
    owner = np.repeat(np.arange(queries, dtype=np.int64), np.diff(rows.indptr))
    keys = owner * width + rows.indices
    sought = (np.arange(queries)[:, None] * width + candidates).ravel()
    index = np.minimum(np.searchsorted(keys, sought), len(keys) - 1)
    values = np.where(keys[index] == sought, rows.data[index], 0)
    return values.astype(np.float32).reshape(candidates.shape)


def product_cells(
    rows: sp.csr_matrix, matrix: sp.csr_matrix, candidates: Candidates
) -> NDArray[np.float32]:
    """``rows`` [B, J] times ``matrix`` [J, N], at the candidates, which are columns of ``matrix``."""
    return select_cells((rows @ matrix).tocsr(), candidates)


def transposed_product_cells(
    matrix: sp.csr_matrix, transposed: sp.csr_matrix, weights: sp.csr_matrix, candidates: Candidates
) -> NDArray[np.float32]:
    """``weights`` [B, J] times the transpose of ``matrix`` [N, J], at the candidates, which are rows of ``matrix``.

    For chosen candidates only their own rows of ``matrix`` are read; for all of them only the rows of ``transposed``
    [J, N] that carry weight. Both are short, and the products are the same.
    """
    if candidates is None:
        return np.asarray((weights @ transposed).toarray(), np.float32)
    queries, per_query = candidates.shape
    width = weights.shape[1]
    rows = matrix[candidates.ravel()]  # [B * K, J]
    owner = np.repeat(np.arange(queries * per_query), np.diff(rows.indptr))
    dense = _scratch_zeros(queries * width)  # the weights as a flat dense array
    weighted = np.repeat(np.arange(queries), np.diff(weights.indptr)) * width + weights.indices
    dense[weighted] = weights.data
    values = dense[owner // per_query * width + rows.indices] * rows.data
    dense[weighted] = 0
    return (
        np.bincount(owner, values, minlength=queries * per_query)
        .astype(np.float32)
        .reshape(candidates.shape)
    )


def scale_columns(matrix: sp.csr_matrix, factors: NDArray[np.float32]) -> sp.csr_matrix:
    """``matrix`` [B, N] with each column multiplied by its factor [N]."""
    return sp.csr_matrix(
        (matrix.data * factors[matrix.indices], matrix.indices, matrix.indptr), matrix.shape
    )


def select_values(
    values: NDArray[np.float32], candidates: Candidates, queries: int
) -> NDArray[np.float32]:
    """The value [N, ...] of each candidate as [B, K, ...]; a view [B, N, ...] for None."""
    if candidates is None:
        return np.broadcast_to(values[None], (queries, *values.shape))
    return values[candidates]


def dot_products(
    query: NDArray[np.float32], table: NDArray[np.float32], candidates: Candidates
) -> NDArray[np.float32]:
    """Each query's vector [B, k] times its candidates' rows of ``table`` [N, k], as [B, K] or [B, N]."""
    if candidates is None:
        return query @ table.T
    return np.einsum("bk,bck->bc", query, table[candidates], optimize=True)


def _scratch_zeros(size: int) -> NDArray[np.float32]:
    """Zeros that this thread reuses; the caller must set what it writes back to zero.

    Allocating zeros for every block would cost more than the product itself.
    """
    zeros: NDArray[np.float32] | None = getattr(_scratch, "zeros", None)
    if zeros is None or len(zeros) < size:
        zeros = _scratch.zeros = np.zeros(size, np.float32)
    return zeros[:size]
