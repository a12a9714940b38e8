"""Ranking metrics as pure functions of the rank of the relevant candidate.

Ties are not broken: a metric is averaged over every order of the tied candidates, so a constant scorer gets exactly the
value of chance.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 1000


@dataclass(frozen=True)
class MetricEstimate:
    """The mean of a metric over ``lists`` ranked lists, with its 95 % bootstrap confidence interval.

    NaN where there are no lists; ``low`` and ``high`` also where the metric is no mean over lists.
    """

    value: float
    low: float
    high: float
    lists: int


def rank_range(scores: NDArray[np.floating]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The first and the last rank (from 1) of the relevant candidate, in column 0 of ``scores`` [n, N], each [n].

    They differ where candidates are tied. A list with a score that is not finite gets the last rank.
    """
    relevant, others = scores[:, :1], scores[:, 1:]
    first = 1 + (others > relevant).sum(1)
    last = first + (others == relevant).sum(1)
    broken = ~np.isfinite(scores).all(1)
    return np.where(broken, scores.shape[1], first), np.where(broken, scores.shape[1], last)


def reciprocal_rank(
    first: NDArray[np.int64], last: NDArray[np.int64], cutoff: int
) -> NDArray[np.float64]:
    """The reciprocal rank of each list [n], 0 beyond ``cutoff``; its mean is MRR@cutoff."""
    return _mean_gain(1 / np.arange(1, cutoff + 1), first, last)


def mean_reciprocal_rank(scores: NDArray[np.floating]) -> float:
    """MRR over the whole of the lists ``scores`` [n, N], the relevant candidate in column 0."""
    return float(reciprocal_rank(*rank_range(scores), scores.shape[1]).mean())


def ndcg(first: NDArray[np.int64], last: NDArray[np.int64], cutoff: int) -> NDArray[np.float64]:
    """The NDCG@cutoff of each list [n] with one relevant candidate: 1 / log2(1 + rank), 0 beyond the cut-off."""
    return _mean_gain(1 / np.log2(np.arange(2, cutoff + 2)), first, last)


def recall(first: NDArray[np.int64], last: NDArray[np.int64], cutoff: int) -> NDArray[np.float64]:
    """The Recall@cutoff of each list [n] with one relevant candidate: 1 up to the cut-off, 0 beyond it."""
    return _mean_gain(np.ones(cutoff), first, last)


def _mean_gain(
    gain: NDArray[np.float64], first: NDArray[np.int64], last: NDArray[np.int64]
) -> NDArray[np.float64]:
    """The mean of ``gain`` [cutoff] over the ranks ``first`` to ``last`` of each list; 0 at ranks beyond it."""
    running = np.concatenate([[0.0], np.cumsum(gain)])
    cutoff = len(gain)
    total = running[np.minimum(last, cutoff)] - running[np.minimum(first - 1, cutoff)]
    return total / (last - first + 1)


def estimate(
    values: NDArray[np.float64], groups: NDArray[np.int64], seed: int = 0
) -> MetricEstimate:
    """The mean of ``values`` [n] with its confidence interval; ``groups`` [n] as in ``bootstrap_interval``."""
    return MetricEstimate(*bootstrap_interval(values, groups, seed), len(values))


def clustered_variance(values: NDArray[np.float64], clusters: NDArray[np.int64]) -> float:
    """The variance of the mean of ``values`` [n] where those with the same number in ``clusters`` [n] go together."""
    _, cluster = np.unique(clusters, return_inverse=True)
    sums = np.bincount(cluster, values - values.mean())
    return float((sums**2).sum() / len(values) ** 2)


def bootstrap_interval(
    values: NDArray[np.float64], groups: NDArray[np.int64], seed: int = 0, draws: int = RESAMPLES
) -> tuple[float, float, float]:
    """The mean of ``values`` [n] and the ends of its 95 % bootstrap interval: value, low, high.

    A cluster bootstrap: rows with the same number in ``groups`` [n], such as the participants of one group, are not
    independent and are resampled together. NaN where there are no values.
    """
    if len(values) == 0:
        return float("nan"), float("nan"), float("nan")
    _, cluster = np.unique(groups, return_inverse=True)
    sums, sizes = np.bincount(cluster, values), np.bincount(cluster).astype(float)
    rng = np.random.default_rng(seed)
    means = np.empty(draws)
    for draw in range(draws):
        chosen = rng.integers(0, len(sums), len(sums))
        means[draw] = sums[chosen].sum() / sizes[chosen].sum()
    low, high = np.percentile(means, (2.5, 97.5))
    return float(values.mean()), float(low), float(high)
