"""Figures of ranked lists with one right answer each: pure functions of its place.

Ties are broken by nobody: a list's figure is the mean over all orders of the tied, so that a constant scorer gets
exactly what chance gives.
"""

import numpy as np
from numpy.typing import NDArray


def rank_range(scores: NDArray[np.floating]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First and last place (from 1) that the right answer, in column 0 of ``scores`` [n, N], may take.

    A score that is no number takes the last place of all.
    """
    right, others = scores[:, :1], scores[:, 1:]
    first = 1 + (others > right).sum(1)
    last = first + (others == right).sum(1)
    unknown = ~np.isfinite(scores).all(1)
    return np.where(unknown, scores.shape[1], first), np.where(unknown, scores.shape[1], last)


def reciprocal_rank(
    first: NDArray[np.int64], last: NDArray[np.int64], cut: int
) -> NDArray[np.float64]:
    """Reciprocal rank of each list [n], 0 below ``cut``, averaged over the tied rank_range."""
    return _averaged(1 / np.arange(1, cut + 1), first, last)


def mean_reciprocal_rank(scores: NDArray[np.floating]) -> float:
    """Mean reciprocal rank of whole lists [n, N], the right answer in column 0."""
    return float(reciprocal_rank(*rank_range(scores), scores.shape[1]).mean())


def ndcg(first: NDArray[np.int64], last: NDArray[np.int64], cut: int) -> NDArray[np.float64]:
    """NDCG of each list [n] with one right answer, 0 below ``cut``, averaged over the tied rank_range."""
    return _averaged(1 / np.log2(np.arange(2, cut + 2)), first, last)


def recall(first: NDArray[np.int64], last: NDArray[np.int64], cut: int) -> NDArray[np.float64]:
    """Whether the right answer is among the first ``cut`` [n], averaged over the tied rank_range (Recall@cut)."""
    return _averaged(np.ones(cut), first, last)


def _averaged(
    worth: NDArray[np.float64], first: NDArray[np.int64], last: NDArray[np.int64]
) -> NDArray[np.float64]:
    """The mean worth of the rank_range ``first`` to ``last``; a place beyond ``worth`` is worth nothing."""
    running = np.concatenate([[0.0], np.cumsum(worth)])
    cut = len(worth)
    total = running[np.minimum(last, cut)] - running[np.minimum(first - 1, cut)]
    return total / (last - first + 1)


def bootstrap_interval(
    values: NDArray[np.float64], cases: NDArray[np.int64], seed: int = 0, draws: int = 1000
) -> tuple[float, float, float]:
    """Mean of ``values`` [n] and its 95 % bootstrap interval: value, low, high.

    Whole cases are drawn anew: the rows that share a number in ``cases`` [n] (the participants of a group) stay
    together, since they are not independent.
    """
    if len(values) == 0:
        return float("nan"), float("nan"), float("nan")
    _, place = np.unique(cases, return_inverse=True)
    sums, sizes = np.bincount(place, values), np.bincount(place).astype(float)
    rng = np.random.default_rng(seed)
    means = np.empty(draws)
    for draw in range(draws):
        chosen = rng.integers(0, len(sums), len(sums))
        means[draw] = sums[chosen].sum() / sizes[chosen].sum()
    low, high = np.percentile(means, (2.5, 97.5))
    return float(values.mean()), float(low), float(high)
