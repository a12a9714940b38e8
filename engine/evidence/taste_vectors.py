"""Taste vectors: leading eigenvectors of item co-occurrence, so that a few numbers stand for a history.

There are two kinds, because each captures what the other misses. *Sharp* vectors normalise by the bare degrees: they
depend on rare items and show who shares an unusual one. *Smooth* vectors add a constant to every degree, which keeps
rare items from dominating, and show broad preferences.

The eigensolver is a block Lanczos method with thick restarts (Wu and Simon, "Thick-restart Lanczos method for large
symmetric eigenvalue problems", 2000). ``scipy.sparse.linalg.eigsh`` adds one vector at a time, so keeping 256 of them
orthogonal is bound by memory bandwidth and takes nine tenths of its time. In blocks the same work is matrix products.
A training needs these vectors eleven times and gets them in a third of the time (``benchmarks/taste_speed.py``).
"""

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

SMALL = 1024  # up to this many items the dense solver is exact and takes less than a second
MIN_EIGENVALUE = 1e-6  # smaller eigenvalues count as zero
BLOCK = 32  # dimensions at a time: bounds the memory of all users' vectors
MIN_COMPONENT = 0.01  # smaller connected components, as a share of all chosen items, get no vectors

# Of the Lanczos method:
TOLERANCE = 1e-3  # relative error of an eigenvalue; tighter took twice as long and ranked no better
FAINT = 0.01  # of the largest eigenvalue: smaller ones get the absolute tolerance of this one
BLOCKS = (
    16  # blocks that make up the requested vectors: fewer and wider blocks converge more slowly
)
MAX_BASIS = 3  # basis size as a multiple of the requested vectors: trades memory for fewer restarts
KEPT = 1.25  # vectors kept over a restart, as a multiple of the requested ones
ROUNDING = 1e-5  # of the matrix norm: shorter remainders are rounding errors
STEPS = 1600  # at most, about 100 products for each requested vector

Matrix = NDArray[np.float32]


def taste_vectors(history: sp.csr_matrix, rank: int) -> Matrix:
    """The ``rank`` leading right singular vectors of a normalised history [U+1, I+1], as [I+1, rank].

    A user's taste vector is their row of ``history`` times this matrix. The dot product of two users' vectors is large
    where their histories share items, or items that are chosen by the same people. Columns beyond the number of items
    are zero. Signs are fixed, so that the same logs give the same vectors.
    """
    vectors = np.zeros((history.shape[1], rank), np.float32)
    gram, kept = item_gram(history)
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


def item_gram(history: sp.csr_matrix) -> tuple[sp.csr_matrix, NDArray[np.int64]]:
    """The Gram matrix H'H [n, n] of a normalised history H [U+1, I+1], and the n items that it covers.

    Covers the items of large connected components. Every component, however small, has an eigenvector with the largest
    possible eigenvalue. A sparse shop falls into thousands of components, whose eigenvectors would crowd out all others
    and say nothing about the rest.
    """
    gram = (history.T @ history).tocsr().astype(np.float32)
    chosen = gram.diagonal() > 0
    if not chosen.any():
        kept = np.empty(0, np.int64)
    else:
        _, component = connected_components(gram, directed=False)
        size = np.bincount(component, weights=chosen)
        kept = np.flatnonzero(chosen & (size[component] >= MIN_COMPONENT * chosen.sum()))
    return gram[kept][:, kept], kept


def fold_in_items(vectors: Matrix, history: sp.csr_matrix) -> Matrix:
    """Taste vectors [I'+1, k] for a later history [U'+1, I'+1], given the vectors [I+1, k] of an earlier one.

    The first I items are the earlier ones and keep their vectors. Later items are folded in by one step of power
    iteration: v_i = (H'H v)_i / lambda with lambda = |H v|^2, the eigenvalue of a vector of length 1. A folded-in item
    lies among the items that its users chose.
    """
    known = len(vectors) - 1
    extended = np.zeros((history.shape[1], vectors.shape[1]), np.float32)
    extended[:known] = vectors[:known]
    later = history[:, known:-1].T.tocsr()  # [I' - I, U'+1]
    if later.nnz == 0:
        return extended
    for start in range(0, vectors.shape[1], BLOCK):
        part = slice(start, start + BLOCK)
        users = history @ extended[:, part]  # [U'+1, BLOCK]
        eigenvalue = (users.astype(np.float64) ** 2).sum(0)
        step = np.asarray(later @ users, np.float32)
        extended[known:-1, part] = np.where(
            eigenvalue > MIN_EIGENVALUE, step / np.maximum(eigenvalue, MIN_EIGENVALUE), 0
        )
    return extended


def leading_eigenvectors(matrix: sp.csr_matrix, count: int) -> tuple[Matrix, Matrix]:
    """The ``count`` largest eigenvalues, descending, and their vectors [n, count], of a symmetric matrix [n, n].

    The matrix must be positive semidefinite, and n at least four times ``count``. Deterministic.
    """
    n, block = matrix.shape[0], -(-count // BLOCKS)
    widest, kept = MAX_BASIS * count + 2 * block, int(KEPT * count)
    basis = np.empty((n, widest), np.float32, order="F")
    projected = np.zeros((widest, widest), np.float32)  # the matrix in the basis
    rng = np.random.default_rng(0)
    remainder = rng.standard_normal((n, block), np.float32)
    rounding = ROUNDING * float(abs(matrix).sum(1).max())
    width, previous = 0, 0
    for step in range(1, STEPS + 1):
        basis[:, width : width + block] = _orthonormal(remainder, basis[:, :width], rounding, rng)
        newest = slice(width, width + block)
        width += block
        image = np.asarray(matrix @ np.ascontiguousarray(basis[:, newest]))
        # In exact arithmetic an image is orthogonal to all blocks before the last but one, except after a restart.
        overlap = basis[:, previous:width].T @ image
        projected[previous:width, newest], projected[newest, previous:width] = overlap, overlap.T
        remainder = image - basis[:, previous:width] @ overlap
        previous = newest.start
        full, last = width + block > widest, step == STEPS
        if not full and not last and (width < count or step % (BLOCKS // 2)):
            continue
        values, ritz = _descending_eigenvectors(projected[:width, :width])
        residual = np.linalg.norm(remainder @ ritz[-block:, :count], axis=0)
        converged = residual <= TOLERANCE * np.maximum(values[:count], FAINT * values[0])
        if converged.all() or last:
            break
        if full:
            basis[:, :kept] = basis[:, :width] @ ritz[:, :kept]
            projected[:] = 0
            projected[range(kept), range(kept)] = values[:kept]
            width, previous = kept, 0
    return values[:count], basis[:, :width] @ ritz[:, :count]


def _orthonormal(
    remainder: Matrix, basis: Matrix, rounding: float, rng: np.random.Generator
) -> Matrix:
    """An orthonormal basis [n, b] of the part of ``remainder`` [n, b] that is orthogonal to ``basis`` [n, w].

    A column shorter than ``rounding`` holds nothing but rounding errors and is replaced by a random direction.
    """
    while True:
        remainder, triangle = np.linalg.qr(remainder - basis @ (basis.T @ remainder))
        exhausted = np.abs(np.diag(triangle)) <= rounding
        if not exhausted.any():
            return remainder
        remainder[:, exhausted] = rng.standard_normal((len(remainder), exhausted.sum()), np.float32)


def _descending_eigenvectors(matrix: Matrix) -> tuple[Matrix, Matrix]:
    """All eigenvalues of a small symmetric matrix, descending, and their vectors."""
    values, vectors = np.linalg.eigh(matrix)
    return values[::-1], vectors[:, ::-1]
