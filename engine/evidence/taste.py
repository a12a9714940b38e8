"""Taste vectors: leading eigenvectors of how items go together, so that few numbers stand for a history.

Two sorts, since each knows what the other does not. The *sharp* ones normalise by bare degrees: they hang on rare items
and tell who shares an unusual one. The *smooth* ones add a constant to every degree, which keeps rare items from
standing alone, and tell broad leanings.
"""

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from engine.evidence.lanczos import leading_eigenvectors

SMALL = 1024  # items: up to as many the dense solver is exact, and takes less than a second
WEAKEST = 1e-6  # an eigenvalue below this is none
BLOCK = 32  # dimensions at once: bounds the memory of all users' vectors
APART = 0.01  # of all items that anybody chose: a smaller part of the graph without a way to the rest gets no vectors


def taste_vectors(tastes: sp.csr_matrix, rank: int) -> NDArray[np.float32]:
    """The ``rank`` leading right singular vectors of a normalised history [U+1, I+1], as [I+1, rank].

    A user's vector is her row of ``tastes`` times this; the product of two such vectors is large
    where two histories share items, or items that go together. Where there are fewer items than
    that, the rest is zero. Signs are fixed, so that the same logs give the same vectors.
    """
    vectors = np.zeros((tastes.shape[1], rank), np.float32)
    gram, kept = together(tastes)
    found = min(rank, len(kept))
    if not found:
        return vectors
    if len(kept) <= max(SMALL, 4 * rank):
        basis = np.linalg.eigh(gram.toarray())[1][:, ::-1][:, :found]
    else:
        basis = leading_eigenvectors(gram, found)[1]
    basis *= np.sign(basis[np.abs(basis).argmax(0), np.arange(found)])
    vectors[kept, :found] = basis
    return vectors


def together(tastes: sp.csr_matrix) -> tuple[sp.csr_matrix, NDArray[np.int64]]:
    """How items go together in a normalised history [U+1, I+1]: [n, n] for items of its large parts, and these [n]."""
    gram = (tastes.T @ tastes).tocsr().astype(np.float32)
    kept = _broad(gram)
    return gram[kept][:, kept], kept


def _broad(gram: sp.csr_matrix) -> NDArray[np.int64]:
    """The items of the graph's large parts.

    Every part, however small, has an eigenvector of its own with the largest eigenvalue there is. In a sparse shop,
    which falls into thousands of parts, these would be all that is found, and they tell nothing of the rest.
    """
    chosen = gram.diagonal() > 0
    if not chosen.any():
        return np.empty(0, np.int64)
    _, part = connected_components(gram, directed=False)
    size = np.bincount(part, weights=chosen)
    return np.flatnonzero(chosen & (size[part] >= APART * chosen.sum()))


def grown_vectors(vectors: NDArray[np.float32], tastes: sp.csr_matrix) -> NDArray[np.float32]:
    """The vectors [I+1, k] of older logs for the items of a later history [U'+1, I'+1], as [I'+1, k].

    The first I items of the history are those of the vectors, and keep them. A later one gets what
    one step of power iteration makes of the others': v_i = (T' T v)_i / lambda with lambda = |T v|^2,
    the eigenvalue of a vector of length 1. It comes to lie among the items that its users chose.
    """
    known = len(vectors) - 1
    grown = np.zeros((tastes.shape[1], vectors.shape[1]), np.float32)
    grown[:known] = vectors[:known]
    later = tastes[:, known:-1].T.tocsr()  # [new, U'+1]
    if later.nnz == 0:
        return grown
    for start in range(0, vectors.shape[1], BLOCK):
        part = slice(start, start + BLOCK)
        users = tastes @ grown[:, part]  # [U'+1, BLOCK]
        strength = (users.astype(np.float64) ** 2).sum(0)
        step = np.asarray(later @ users, np.float32)
        grown[known:-1, part] = np.where(
            strength > WEAKEST, step / np.maximum(strength, WEAKEST), 0
        )
    return grown
