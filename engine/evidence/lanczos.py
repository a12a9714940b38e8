"""The leading eigenvectors of a large sparse matrix: Lanczos' method in blocks, restarted with the best found so far.

Why not ``scipy.sparse.linalg.eigsh``: it takes one vector at a time, so that keeping 256 of them orthogonal runs at the
speed of memory and takes nine tenths of its time. In blocks the same work is products of matrices. A training, which
needs these vectors eleven times, has them in a third of the time (``benchmarks/taste_speed.py``).

A restart keeps more vectors than are asked for, after Wu and Simon, "Thick-restart Lanczos method for large symmetric
eigenvalue problems" (2000).
"""

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

TOLERANCE = 1e-3  # of an eigenvalue; tighter took twice as long and ranked no better
FAINT = 0.01  # of the largest eigenvalue: smaller ones need not be told apart more sharply than this one
BLOCKS = 16  # make up the vectors asked for: fewer and wider ones find less with as many products
WIDEST = 3  # times the vectors asked for: a wider basis costs memory, a narrower one restarts often
KEPT = 1.25  # times the vectors asked for live on over a restart
ROUNDING = 1e-5  # of the matrix' size: what is shorter tells nothing
STEPS = 1600  # at most, 100 products for each vector asked for; what is found by then will do

Matrix = NDArray[np.float32]


def leading_eigenvectors(matrix: sp.csr_matrix, count: int) -> tuple[Matrix, Matrix]:
    """The ``count`` largest eigenvalues, falling, and their vectors [n, count], of a symmetric matrix [n, n].

    It has no negative eigenvalue, and n is at least four times ``count``. The same matrix gives the same vectors.
    """
    n, block = matrix.shape[0], -(-count // BLOCKS)
    widest, kept = WIDEST * count + 2 * block, int(KEPT * count)
    basis = np.empty((n, widest), np.float32, order="F")
    inside = np.zeros((widest, widest), np.float32)  # the matrix as the basis sees it
    chance = np.random.default_rng(0)
    further = chance.standard_normal((n, block), np.float32)
    nothing = ROUNDING * float(abs(matrix).sum(1).max())
    width, near = 0, 0
    for step in range(1, STEPS + 1):
        basis[:, width : width + block] = _apart(further, basis[:, :width], nothing, chance)
        newest = slice(width, width + block)
        width += block
        image = np.asarray(matrix @ np.ascontiguousarray(basis[:, newest]))
        # In exact numbers an image has no part in blocks older than the last but one, unless a restart made them.
        seen = basis[:, near:width].T @ image
        inside[near:width, newest], inside[newest, near:width] = seen, seen.T
        further = image - basis[:, near:width] @ seen
        near = newest.start
        full, last = width + block > widest, step == STEPS
        if not full and not last and (width < count or step % (BLOCKS // 2)):
            continue
        values, turn = _falling(inside[:width, :width])
        off = np.linalg.norm(further @ turn[-block:, :count], axis=0)
        told = off <= TOLERANCE * np.maximum(values[:count], FAINT * values[0])
        if told.all() or last:
            break
        if full:
            basis[:, :kept] = basis[:, :width] @ turn[:, :kept]
            inside[:] = 0
            inside[range(kept), range(kept)] = values[:kept]
            width, near = kept, 0
    return values[:count], basis[:, :width] @ turn[:, :count]


def _apart(further: Matrix, basis: Matrix, nothing: float, chance: np.random.Generator) -> Matrix:
    """An orthonormal basis [n, b] of what the columns of ``further`` [n, b] reach outside of the ``basis`` [n, w].

    A column that reaches no further than ``nothing`` holds rounding alone, and a direction by chance takes its place.
    """
    while True:
        further, left = np.linalg.qr(further - basis @ (basis.T @ further))
        spent = np.abs(np.diag(left)) <= nothing
        if not spent.any():
            return further
        further[:, spent] = chance.standard_normal((len(further), spent.sum()), np.float32)


def _falling(matrix: Matrix) -> tuple[Matrix, Matrix]:
    """All eigenvalues, falling, and vectors of a small matrix."""
    values, vectors = np.linalg.eigh(matrix)
    return values[::-1], vectors[:, ::-1]
