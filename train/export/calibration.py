"""From scores to probabilities: Platt scaling with an isotonic correction, fitted and checked on what people are shown.

With one relevant answer among all N candidates, the log-share x = score - log(sum of exp(score) over all N) is the
logarithm of the share that the model gives a candidate. The log-odds of being relevant are a rising, piecewise-linear
function of x. Platt scaling (1999), a logistic regression on x, gives a straight line. The line is cut into bins; each
bin's point moves up or down where more or fewer candidates were relevant than promised, and isotonic regression keeps
the points in order. Beyond the first and the last point, where nothing was seen, the slope is 1: log-odds then follow
the model's own share.

Only the first ``SHOWN`` candidates of each list count. The others hold most of the probability and nobody sees them: a
curve that is right on average over them may be wrong by a factor where it is read.

The check: the groups are cut into two halves, and each is compared with what a curve fitted on the other promises, one
at a time, since errors of opposite sign would cancel in common bins. Even right probabilities miss by chance; how much
is said beside the error.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression

from engine.bundle.manifest import Calibration, CalibrationBin

SHOWN = 20  # candidates that a list on a page holds
NEWTON_STEPS = 60
# The curve has at most MAX_POINTS points, with at least MIN_ANSWERS relevant answers each. A point counts as if it had
# seen PRIOR_ANSWERS more relevant answers that came as the line promises.
MAX_POINTS, MIN_ANSWERS, PRIOR_ANSWERS = 20, 15, 5
MAX_PROBABILITY = 0.999
EXTENSION = 50.0  # how far beyond its points the curve continues
RELIABILITY_BINS = 10
NOISE_DRAWS, NOISE_QUANTILE = 2000, 0.95


@dataclass(frozen=True)
class _Curve:
    shares: NDArray[np.float64]
    logits: NDArray[np.float64]

    def probabilities(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        return _sigmoid(np.interp(x, self.shares, self.logits))


@dataclass(frozen=True)
class _Shown:
    """The shown candidates of some lists, one row each: log-share, relevance, and how many candidates it stands for."""

    x: NDArray[np.float64]
    relevant: NDArray[np.float64]
    weight: NDArray[np.float64]


def calibrate(
    scores: NDArray[np.floating], weight: NDArray[np.float64], rng: np.random.Generator
) -> Calibration:
    """The calibration of lists with ``scores`` [n, 1+M], the relevant candidate first.

    ``weight`` [n, 1+M] is the number of candidates that each one stands for. ``rng`` halves the lists for the check.
    """
    x, relevant = log_shares(scores, weight)
    shown = shown_weight(scores, weight)
    half = rng.permutation(len(scores)) % 2
    errors, limits, floors, bins = [], [], [], []
    for checked in (0, 1):
        if len(scores) < 4:
            break
        curve = _fit_curve(_rows(x, relevant, shown, half != checked))
        found = _check(curve, _rows(x, relevant, shown, half == checked), checked)
        floor, limit = _noise([one.expected for one in found], rng)
        errors.append(_gap(found))
        floors.append(floor)
        limits.append(limit)
        bins += found
    curve = _fit_curve(_rows(x, relevant, shown, np.ones(len(scores), bool)))
    return Calibration(
        shares=curve.shares.tolist(),
        logits=curve.logits.tolist(),
        reliability_error=_mean(errors),
        noise=_mean(floors),
        noise_limit=_mean(limits),
        bins=bins,
        cases=len(scores),
        shown=SHOWN,
    )


def log_shares(
    scores: NDArray[np.floating], weight: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The log-shares x, and 1 for each relevant candidate, both [n, 1+M]."""
    values = scores.astype(np.float64)
    top = values.max(1, keepdims=True)
    total = (weight * np.exp(values - top)).sum(1, keepdims=True)
    relevant = np.zeros_like(values)
    relevant[:, 0] = 1
    return values - top - np.log(total), relevant


def shown_weight(scores: NDArray[np.floating], weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """How many of the candidates that each one stands for are among the first ``SHOWN`` of its list, [n, 1+M]."""
    order = np.argsort(-scores, axis=1, kind="stable")
    sorted_weight = np.take_along_axis(weight, order, 1)
    ahead = np.cumsum(sorted_weight, 1) - sorted_weight
    shown = np.empty_like(weight)
    np.put_along_axis(shown, order, np.clip(SHOWN - ahead, 0, sorted_weight), 1)
    return shown


def _rows(
    x: NDArray[np.float64],
    relevant: NDArray[np.float64],
    shown: NDArray[np.float64],
    lists: NDArray[np.bool_],
) -> _Shown:
    seen = shown[lists] > 0
    return _Shown(x[lists][seen], relevant[lists][seen], shown[lists][seen])


def _fit_curve(shown: _Shown) -> _Curve:
    """A rising curve through points that each cover an equal part of what the Platt line promises."""
    x, weight = shown.x, shown.weight
    came_true = shown.relevant * weight
    slope, intercept = _platt_line(shown)
    promised = weight * _sigmoid(slope * x + intercept)
    points = int(np.clip(came_true.sum() // MIN_ANSWERS, 1, MAX_POINTS))
    order, bin_of = _equal_mass_bins(x, promised, points)
    found = []
    for number in range(bin_of.max() + 1):
        rows = order[bin_of == number]
        if len(rows):
            expected, came = promised[rows].sum(), came_true[rows].sum()
            mean = expected / weight[rows].sum()
            observed = mean * (came + PRIOR_ANSWERS) / (expected + PRIOR_ANSWERS)
            observed = min(observed, MAX_PROBABILITY)
            moved = _log_odds(observed) - _log_odds(mean)
            center = np.average(x[rows], weights=promised[rows])
            found.append((center, moved, came + PRIOR_ANSWERS))
    shares, moves, trust = (np.array(column) for column in zip(*found, strict=True))
    logits = isotonic_regression(slope * shares + intercept + moves, weights=trust).x
    return _Curve(
        np.concatenate([[shares[0] - EXTENSION], shares, [shares[-1] + EXTENSION]]),
        np.concatenate([[logits[0] - EXTENSION], logits, [logits[-1] + EXTENSION]]),
    )


def _platt_line(shown: _Shown) -> tuple[float, float]:
    """Slope and intercept of a weighted logistic regression on x, with a Gaussian prior at slope 1 and intercept 0."""
    design = np.stack([shown.x, np.ones_like(shown.x)], 1)
    prior, strength = np.array([1.0, 0.0]), 2.0
    found = prior.copy()
    for _ in range(NEWTON_STEPS):
        probability = _sigmoid(design @ found)
        missed = shown.weight * (shown.relevant - probability)
        gradient = design.T @ missed - strength * (found - prior)
        spread = shown.weight * probability * (1 - probability)
        hessian = (design * spread[:, None]).T @ design
        step = np.linalg.solve(hessian + strength * np.eye(2), gradient)
        found = found + np.clip(step, -1, 1)
        if np.abs(step).max() < 1e-9:
            break
    return float(max(found[0], 0.05)), float(found[1])


def _check(curve: _Curve, shown: _Shown, half: int) -> list[CalibrationBin]:
    """What the curve promises and what came, in bins that promise equally much."""
    promised = curve.probabilities(shown.x)
    order, bin_of = _equal_mass_bins(promised, promised * shown.weight, RELIABILITY_BINS)
    bins = []
    for number in range(RELIABILITY_BINS):
        rows = order[bin_of == number]
        if not len(rows):
            continue
        size = float(shown.weight[rows].sum())
        expected = float((promised[rows] * shown.weight[rows]).sum())
        came = float((shown.relevant[rows] * shown.weight[rows]).sum())
        bins.append(
            CalibrationBin(
                promised=expected / size,
                observed=came / size,
                right=came,
                expected=expected,
                half=half,
            )
        )
    return bins


def _gap(bins: list[CalibrationBin]) -> float:
    """The expected calibration error: the gaps of the bins, relative to all that was promised."""
    promised = sum(one.expected for one in bins)
    return sum(abs(one.expected - one.right) for one in bins) / max(promised, 1e-9)


def _noise(expected: list[float], rng: np.random.Generator) -> tuple[float, float]:
    """The gap that right probabilities would show by chance: its mean, and what it stays below in 95 % of draws."""
    means = np.array(expected)
    came = rng.poisson(means, (NOISE_DRAWS, len(means)))
    gaps = np.abs(came - means).sum(1) / max(means.sum(), 1e-9)
    return float(gaps.mean()), float(np.quantile(gaps, NOISE_QUANTILE))


def _mean(values: list[float]) -> float:
    return float(np.mean(values)) if values else 0.0


def _equal_mass_bins(
    values: NDArray[np.float64], mass: NDArray[np.float64], count: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The ascending order of the values, and the bin of each in that order; bins have equal mass."""
    order = np.argsort(values)
    reached = np.cumsum(mass[order])
    return order, np.minimum((reached / reached[-1] * count).astype(np.int64), count - 1)


def _log_odds(probability: float) -> float:
    return float(np.log(probability / (1 - probability)))


def _sigmoid(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return 1 / (1 + np.exp(-np.clip(x, -60, 60)))
