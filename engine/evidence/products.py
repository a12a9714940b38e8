"""Sparse products at chosen cells: for many queries at their candidates, or for one query everywhere."""

import threading

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

Candidates = NDArray[np.int64] | None  # [B, K] positions, or None for all of them

_scratch = threading.local()


def _zeros(size: int) -> NDArray[np.float32]:
    """Zeros that this thread keeps: whoever writes into them clears what was written.

    Fresh zeros for every block cost more than all that is done with them.
    """
    kept: NDArray[np.float32] | None = getattr(_scratch, "zeros", None)
    if kept is None or len(kept) < size:
        kept = _scratch.zeros = np.zeros(size, np.float32)
    return kept[:size]


def cells(rows: sp.csr_matrix, candidates: Candidates) -> NDArray[np.float32]:
    """The cells of ``rows`` [B, N] at ``candidates`` [B, K], as [B, K]; all of them, [B, N], for None."""
    if candidates is None:
        return np.asarray(rows.toarray(), np.float32)
    if rows.nnz == 0:
        return np.zeros(candidates.shape, np.float32)
    rows.sort_indices()
    queries, width = rows.shape
    owner = np.repeat(np.arange(queries, dtype=np.int64), np.diff(rows.indptr))
    keys = owner * width + rows.indices
    wanted = (np.arange(queries)[:, None] * width + candidates).ravel()
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    values = np.where(keys[place] == wanted, rows.data[place], 0)
    return values.astype(np.float32).reshape(candidates.shape)


def ahead(
    rows: sp.csr_matrix, matrix: sp.csr_matrix, candidates: Candidates
) -> NDArray[np.float32]:
    """``rows`` [B, J] times ``matrix`` [J, N], at the candidates: the candidate is a column of the matrix."""
    return cells((rows @ matrix).tocsr(), candidates)


def meet(
    matrix: sp.csr_matrix, transposed: sp.csr_matrix, weights: sp.csr_matrix, candidates: Candidates
) -> NDArray[np.float32]:
    """``matrix`` [N, J] times the transpose of ``weights`` [B, J], at the candidates: rows of the matrix.

    For pairs only the candidates' own rows are read, for all candidates only the ``transposed`` [J, N] rows of what
    carries weight: both are short, and the products are the same.
    """
    if candidates is None:
        return np.asarray((weights @ transposed).toarray(), np.float32)
    queries, per_query = candidates.shape
    width = weights.shape[1]
    rows = matrix[candidates.ravel()]  # [B * K, J]
    owner = np.repeat(np.arange(queries * per_query), np.diff(rows.indptr))
    dense = _zeros(queries * width)  # the weights laid out flat
    weighted = np.repeat(np.arange(queries), np.diff(weights.indptr)) * width + weights.indices
    dense[weighted] = weights.data
    values = dense[owner // per_query * width + rows.indices] * rows.data
    dense[weighted] = 0
    return (
        np.bincount(owner, values, minlength=queries * per_query)
        .astype(np.float32)
        .reshape(candidates.shape)
    )


def scaled(matrix: sp.csr_matrix, columns: NDArray[np.float32]) -> sp.csr_matrix:
    """``matrix`` [B, N] with each column multiplied by its factor [N]."""
    return sp.csr_matrix(
        (matrix.data * columns[matrix.indices], matrix.indices, matrix.indptr), matrix.shape
    )


def at(values: NDArray[np.float32], candidates: Candidates, queries: int) -> NDArray[np.float32]:
    """A value per candidate [N, ...] laid out as [B, K, ...]; as a view [B, N, ...] for all of them."""
    if candidates is None:
        return np.broadcast_to(values[None], (queries, *values.shape))
    return values[candidates]


def dots(
    query: NDArray[np.float32], table: NDArray[np.float32], candidates: Candidates
) -> NDArray[np.float32]:
    """The product of each query's vector [B, k] with its candidates' rows of ``table`` [N, k]."""
    if candidates is None:
        return query @ table.T
    return np.einsum("bk,bck->bc", query, table[candidates], optimize=True)
