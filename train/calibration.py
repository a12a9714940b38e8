"""Scores into probabilities, fitted on validation groups, with a figure of how far they can be believed.

With one right answer among all N candidates, x = score - log(sum of exp(score) over all N) is the logarithm of the
share that the model gives a candidate. The probability is sigmoid(slope * x + intercept). The sum over all N is
estimated from some hundreds of uniformly drawn candidates, each of which stands for N / drawn others.
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

BINS = 10
STEPS = 60


@dataclass(frozen=True)
class Calibration:
    """``reliability_error``: mean gap between what was promised and what came, weighted by what was promised."""

    slope: float
    intercept: float
    reliability_error: float
    bins: list[
        dict[str, float]
    ]  # promised and observed shares, and right answers, by ascending promise
    cases: int

    def as_dict(self) -> dict[str, Any]:
        """For the manifest."""
        return asdict(self)


def calibrate(scores: NDArray[np.floating], candidates: int) -> Calibration:
    """Fitted on one half of the lists ``scores`` [n, 1+M] (right answer first), checked on the other half.

    ``candidates`` is N, how many there are to rank.
    """
    x, right, weight = log_shares(scores, candidates)
    half = np.arange(len(scores)) % 2 == 0
    if len(scores) < 4:
        half[:] = True
    slope, intercept = _fit(x[half].ravel(), right[half].ravel(), weight[half].ravel())
    check = ~half if (~half).any() else half
    promised = _sigmoid(slope * x[check] + intercept).ravel()
    error, bins = _reliability(promised, right[check].ravel(), weight[check].ravel())
    return Calibration(slope, intercept, error, bins, len(scores))


def log_shares(
    scores: NDArray[np.floating], candidates: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """x, whether right, and how many candidates each stands for, all [n, 1+M]."""
    values = scores.astype(np.float64)
    weight = np.ones_like(values)
    weight[:, 1:] = max(1.0, (candidates - 1) / max(1, values.shape[1] - 1))
    top = values.max(1, keepdims=True)
    total = (weight * np.exp(values - top)).sum(1, keepdims=True)
    right = np.zeros_like(values)
    right[:, 0] = 1
    return values - top - np.log(total), right, weight


def _fit(
    x: NDArray[np.float64], right: NDArray[np.float64], weight: NDArray[np.float64]
) -> tuple[float, float]:
    """Weighted logistic regression of ``right`` on x by Newton's method, held near slope 1 and intercept 0."""
    design = np.stack([x, np.ones_like(x)], 1)
    prior, strength = np.array([1.0, 0.0]), 2.0
    found = prior.copy()
    for _ in range(STEPS):
        chance = _sigmoid(design @ found)
        slope = design.T @ (weight * (right - chance)) - strength * (found - prior)
        curve = (design * (weight * chance * (1 - chance))[:, None]).T @ design
        step = np.linalg.solve(curve + strength * np.eye(2), slope)
        found = found + np.clip(step, -1, 1)
        if np.abs(step).max() < 1e-9:
            break
    return float(max(found[0], 0.05)), float(found[1])


def _reliability(
    promised: NDArray[np.float64], right: NDArray[np.float64], weight: NDArray[np.float64]
) -> tuple[float, list[dict[str, float]]]:
    """Bins that hold equal promised mass; the error is their mean gap relative to all that was promised."""
    order = np.argsort(promised)
    mass = np.cumsum((promised * weight)[order])
    place = np.minimum((mass / mass[-1] * BINS).astype(int), BINS - 1)
    bins, gap = [], 0.0
    for number in range(BINS):
        rows = order[place == number]
        if not len(rows):
            continue
        size = weight[rows].sum()
        hoped = float((promised[rows] * weight[rows]).sum())
        came = float(right[rows].sum())
        bins.append({"promised": hoped / size, "observed": came / size, "right": came})
        gap += abs(hoped - came)
    return gap / max(float(right.sum()), 1.0), bins


def _sigmoid(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return 1 / (1 + np.exp(-np.clip(x, -60, 60)))
