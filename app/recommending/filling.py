"""The chance that a group fills, from the calibrated chances of the people invited."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def join_count_tail(probabilities: Sequence[float]) -> NDArray[np.float64]:
    """P(at least k of the invited join) for k = 0 ... n, each deciding independently.

    The number of joins follows a Poisson binomial distribution, built by convolving one person at a time.

    Args:
        probabilities: [n] chances between 0 and 1.

    Returns:
        [n + 1], non-increasing; the first is exactly 1.

    Raises:
        ValueError: A chance is outside [0, 1] or not a number.

    """
    exactly = np.ones(1)
    for probability in probabilities:
        if not 0.0 <= probability <= 1.0:
            raise ValueError(
                f"The chance of joining is {probability}, not a number between 0 and 1."
            )
        joined = np.zeros(len(exactly) + 1)
        joined[:-1] = exactly * (1.0 - probability)
        joined[1:] += exactly * probability
        exactly = joined
    tail = np.cumsum(exactly[::-1])[::-1]
    tail[0] = 1.0
    return np.clip(tail, 0.0, 1.0)


def fill_probability(probabilities: Sequence[float], needed: int) -> float:
    """P(at least ``needed`` of the invited join); 0 where fewer are invited."""
    if needed <= 0:
        return 1.0
    return float(join_count_tail(probabilities)[needed]) if needed <= len(probabilities) else 0.0
