"""Scores into probabilities, fitted on validation groups, with a figure of how far they can be believed.

With one right answer among all N candidates, x = score - log(sum of exp(score) over all N) is the logarithm of the
share that the model gives a candidate. The sum over all N is estimated from some of them, each of which stands for a
number of others (``train.export.calibration_sample``). The log-odds of being right are a rising curve of x: a straight
line by logistic regression, then moved up or down where more or less came true than it promised.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression

from engine.bundle.manifest import Calibration, CalibrationBin

BINS = 10
STEPS = 60
# Points of the curve: at most so many, each with so many right answers of its own, and as if it had seen
# so many more that came as the line promises.
POINTS, ANSWERS, TRUST = 20, 15, 5
SURE = 0.999  # no chance is promised beyond it
REACH = 50.0  # how far beyond its points the curve goes on as the line does


@dataclass(frozen=True)
class _Curve:
    shares: NDArray[np.float64]
    logits: NDArray[np.float64]

    def chances(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        return _sigmoid(np.interp(x, self.shares, self.logits))


def calibrate(scores: NDArray[np.floating], weight: NDArray[np.float64]) -> Calibration:
    """Fitted on the lists ``scores`` [n, 1+M], the right answer first; ``weight`` [n, 1+M] is what each stands for.

    How far it can be believed is found on lists that it was not fitted on: each half of them is held against what
    the other half promises.
    """
    x, right = log_shares(scores, weight)
    even = np.arange(len(scores)) % 2 == 0
    halves = [(even, ~even), (~even, even)] if len(scores) >= 4 else [(even | True, even | True)]
    promised = np.empty_like(x)
    for fitted, checked in halves:
        promised[checked] = _curve(x[fitted], right[fitted], weight[fitted]).chances(x[checked])
    error, bins = _reliability(promised.ravel(), right.ravel(), weight.ravel())
    curve = _curve(x, right, weight)
    return Calibration(
        shares=curve.shares.tolist(),
        logits=curve.logits.tolist(),
        reliability_error=error,
        bins=bins,
        cases=len(scores),
    )


def log_shares(
    scores: NDArray[np.floating], weight: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """x, and whether right, both [n, 1+M]."""
    values = scores.astype(np.float64)
    top = values.max(1, keepdims=True)
    total = (weight * np.exp(values - top)).sum(1, keepdims=True)
    right = np.zeros_like(values)
    right[:, 0] = 1
    return values - top - np.log(total), right


def _curve(
    x: NDArray[np.float64], right: NDArray[np.float64], weight: NDArray[np.float64]
) -> _Curve:
    """A rising curve through points that share evenly what the line promises."""
    x, right, weight = x.ravel(), right.ravel(), weight.ravel()
    slope, intercept = _line(x, right, weight)
    hope = weight * _sigmoid(slope * x + intercept)
    order, place = _parts(x, hope, int(np.clip(right.sum() // ANSWERS, 1, POINTS)))
    points = []
    for number in range(place.max() + 1):
        rows = order[place == number]
        if len(rows):
            hoped, came = hope[rows].sum(), right[rows].sum()
            promised = hoped / weight[rows].sum()
            observed = min(promised * (came + TRUST) / (hoped + TRUST), SURE)
            moved = _log_odds(observed) - _log_odds(promised)
            points.append((np.average(x[rows], weights=hope[rows]), moved, came + TRUST))
    shares, moves, trust = (np.array(column) for column in zip(*points, strict=True))
    logits = isotonic_regression(slope * shares + intercept + moves, weights=trust).x
    return _Curve(
        np.concatenate([[shares[0] - REACH], shares, [shares[-1] + REACH]]),
        np.concatenate([[logits[0] - slope * REACH], logits, [logits[-1] + slope * REACH]]),
    )


def _line(
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
) -> tuple[float, list[CalibrationBin]]:
    """Bins that hold equal promised mass; the error is their mean gap relative to all that was promised."""
    order, place = _parts(promised, promised * weight, BINS)
    bins, gap = [], 0.0
    for number in range(BINS):
        rows = order[place == number]
        if not len(rows):
            continue
        size = weight[rows].sum()
        hoped = float((promised[rows] * weight[rows]).sum())
        came = float(right[rows].sum())
        bins.append(CalibrationBin(promised=hoped / size, observed=came / size, right=came))
        gap += abs(hoped - came)
    return gap / max(float(right.sum()), 1.0), bins


def _parts(
    values: NDArray[np.float64], mass: NDArray[np.float64], count: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The ascending order of the values, and in it the part of each, from 0: parts of equal mass."""
    order = np.argsort(values)
    reached = np.cumsum(mass[order])
    return order, np.minimum((reached / reached[-1] * count).astype(np.int64), count - 1)


def _log_odds(chance: float) -> float:
    return float(np.log(chance / (1 - chance)))


def _sigmoid(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return 1 / (1 + np.exp(-np.clip(x, -60, 60)))
