"""Taste vectors: leading eigenvectors of how items go together, so that few numbers stand for a history.

Two sorts, since each knows what the other does not. The *sharp* ones normalise by bare degrees: they hang on rare items
and tell who shares an unusual one. The *smooth* ones add a constant to every degree, which keeps rare items from
standing alone, and tell broad leanings.
"""

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.linalg import eigsh

TOLERANCE = 1e-3  # of an eigenvalue; tighter took twice as long and ranked no better


def taste_vectors(tastes: sp.csr_matrix, rank: int) -> NDArray[np.float32]:
    """The ``rank`` leading right singular vectors of a normalised history [U+1, I+1], as [I+1, rank].

    A user's vector is her row of ``tastes`` times this; the product of two such vectors is large
    where two histories share items, or items that go together. Where there are fewer items than
    that, the rest is zero. Signs are fixed, so that the same logs give the same vectors.
    """
    items = tastes.shape[1]
    vectors = np.zeros((items, rank), np.float32)
    gram = (tastes.T @ tastes).tocsr().astype(np.float32)
    if gram.nnz == 0:
        return vectors
    found = min(rank, items - 2)
    if items <= 4 * rank:  # small shops: the dense solver is exact and quicker
        values, basis = np.linalg.eigh(gram.toarray())
    else:
        values, basis = eigsh(gram, k=found, tol=TOLERANCE, v0=np.ones(items, np.float32))
    order = np.argsort(-values)[:found]
    basis = basis[:, order]
    basis *= np.sign(basis[np.abs(basis).argmax(0), np.arange(found)])
    vectors[:, :found] = basis
    return vectors
