"""From scores to probabilities: temperature scaling and a correction that is fitted on what people are shown.

One of all N candidates of a list is relevant. The log-share x = s - log(sum of exp(s) over all N), s = score / T, is
the logarithm of the share that the model gives a candidate; the temperature T (Guo et al., "On calibration of modern
neural networks", ICML 2017) makes the relevant answers as likely as it can. A rising, piecewise-linear curve g corrects
what T leaves, and the probability is exp(g(x)) over its sum over all N: whatever the curve, the probabilities of a
list sum to 1, as those of one answer must. Platt scaling of each candidate by itself does not see to that: for some
lists it promised half as much again.

The curve moves where more or fewer candidates were relevant than promised; isotonic regression keeps it rising. Only
the first ``SHOWN`` candidates of each list count. The others hold most of the probability and nobody sees them: a
curve that is right on average over them may be wrong by a factor where it is read. Far below what is shown the curve
is x itself, and above its last point, where nothing was seen, its slope is 1.

The check: the groups are cut into two halves, and each is compared with what a curve fitted on the other promises, one
at a time, since errors of opposite sign would cancel in common bins. Even right probabilities miss by chance; how much
is said beside the error.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression, minimize_scalar

from engine.bundle.manifest import Calibration, CalibrationBin

SHOWN = 20  # candidates that a list on a page holds
PRIOR_LISTS, MOST_TEMPERATURE = 5.0, 4.0
# The curve has at most MAX_POINTS points, with at least MIN_ANSWERS relevant answers each. PRIOR_ANSWERS holds a point
# at the line as if so many answers had come as the line says, for each unit of log-odds that it moves; LINE_ANSWERS
# holds the line's height and slope at those of the shares.
MAX_POINTS, MIN_ANSWERS, PRIOR_ANSWERS, LINE_ANSWERS = 20, 25, 30.0, 5.0
FLATTEST = 0.05  # slope of the line
ROUNDS, SETTLED = 50, 1e-3
ANCHOR = 3.0  # log-shares below the first point from which on the curve is x itself
EXTENSION = 50.0  # how far beyond its points the curve continues
RELIABILITY_BINS = 10
NOISE_DRAWS, NOISE_QUANTILE = 2000, 0.95


@dataclass(frozen=True)
class _Curve:
    """g at the ``points`` of x, for a temperature."""

    temperature: float
    points: NDArray[np.float64]
    values: NDArray[np.float64]

    def probabilities(
        self,
        scores: NDArray[np.floating],
        weight: NDArray[np.float64],
        had: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        """The probability of each candidate, [n, 1+M]; those of a list, times the weights ``had``, sum to 1."""
        return _normalised(self.corrected(log_shares(scores, weight, self.temperature)), had)

    def corrected(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.interp(x, self.points, self.values)


@dataclass(frozen=True)
class _Lists:
    """Lists with the weight of each candidate among all, among those that could be had, and among the shown."""

    scores: NDArray[np.floating]  # [n, 1+M], like the weights
    weight: NDArray[np.float64]
    had: NDArray[np.float64]
    shown: NDArray[np.float64]

    def part(self, rows: NDArray[np.bool_]) -> "_Lists":
        return _Lists(self.scores[rows], self.weight[rows], self.had[rows], self.shown[rows])


def calibrate(
    scores: NDArray[np.floating],
    weight: NDArray[np.float64],
    rng: np.random.Generator,
    listed: NDArray[np.bool_] | None = None,
    had: NDArray[np.bool_] | None = None,
) -> Calibration:
    """The calibration of lists with ``scores`` [n, 1+M], the relevant candidate first; without lists, the shares.

    ``weight`` [n, 1+M] is the number of candidates that each one stands for. ``rng`` halves the lists for the check.
    ``listed`` [n, 1+M] are the candidates that may be shown (None: all), and ``had`` [n, 1+M] those that could be had:
    shares are taken among all, and what could not be had has no part of the probability, as in serving.
    """
    if not len(scores):
        return _calibration(_through(1.0, np.zeros(1), np.zeros(1)), 0)
    shown = shown_weight(scores, weight)
    if listed is not None:
        shown = shown_weight(np.where(listed, scores, -np.inf), weight * listed)
    lists = _Lists(scores, weight, weight if had is None else weight * had, shown)
    half = rng.permutation(len(scores)) % 2
    errors, limits, floors, bins = [], [], [], []
    for checked in (0, 1):
        if len(scores) < 4:
            break
        fitted, held_out = half != checked, half == checked
        curve = _fit_curve(lists.part(fitted))
        found = _check(curve, lists.part(held_out), checked)
        floor, limit = _noise([one.expected for one in found], rng)
        errors.append(_gap(found))
        floors.append(floor)
        limits.append(limit)
        bins += found
    curve = _fit_curve(lists)
    return _calibration(curve, len(scores)).model_copy(
        update={
            "reliability_error": _mean(errors),
            "noise": _mean(floors),
            "noise_limit": _mean(limits),
            "bins": bins,
        }
    )


def _calibration(curve: _Curve, cases: int) -> Calibration:
    """The curve as a bundle keeps it, without a check."""
    return Calibration(
        shares=curve.points.tolist(),
        logits=curve.values.tolist(),
        temperature=curve.temperature,
        normalised=True,
        cases=cases,
        shown=SHOWN,
    )


def log_shares(
    scores: NDArray[np.floating], weight: NDArray[np.float64], temperature: float = 1.0
) -> NDArray[np.float64]:
    """The log-shares x, [n, 1+M]."""
    values = scores.astype(np.float64) / temperature
    top = values.max(1, keepdims=True)
    total = (weight * np.exp(values - top)).sum(1, keepdims=True)
    return values - top - np.log(total)


def fit_temperature(scores: NDArray[np.floating], weight: NDArray[np.float64]) -> float:
    """The temperature at which the relevant answers are the most likely, between 1/4 and 4.

    A log-normal prior around 1 that counts as ``PRIOR_LISTS`` lists keeps a handful of lists from deciding.
    """

    def loss(log_temperature: float) -> float:
        likelihood = log_shares(scores, weight, float(np.exp(log_temperature)))[:, 0].sum()
        return float(PRIOR_LISTS * log_temperature**2 - likelihood)

    bounds = (-np.log(MOST_TEMPERATURE), np.log(MOST_TEMPERATURE))
    return float(np.exp(minimize_scalar(loss, bounds=bounds, method="bounded").x))


def shown_weight(scores: NDArray[np.floating], weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """How many of the candidates that each one stands for are among the first ``SHOWN`` of its list, [n, 1+M]."""
    order = np.argsort(-scores, axis=1, kind="stable")
    sorted_weight = np.take_along_axis(weight, order, 1)
    ahead = np.cumsum(sorted_weight, 1) - sorted_weight
    shown = np.empty_like(weight)
    np.put_along_axis(shown, order, np.clip(SHOWN - ahead, 0, sorted_weight), 1)
    return shown


def _fit_curve(lists: _Lists) -> _Curve:
    """A rising curve through points that each cover an equal part of what the shares promise among the shown.

    First a line through all of the points, then the points by themselves, with a Gaussian prior on how far they leave
    the line. Held at the shares instead, the points of a model that is too sure of its first candidates stay too high.
    """
    points = _Points.of(lists)
    line = _fit_line(points)
    curve = _through(points.temperature, points.centers, line)
    for _ in range(ROUNDS):
        values, expected = curve.values[2:-1], points.expected(curve)
        missed = points.came - expected - PRIOR_ANSWERS * (values - line)
        moved = np.clip(missed / (expected + PRIOR_ANSWERS), -1, 1)
        rising = isotonic_regression(values + moved, weights=points.came + PRIOR_ANSWERS).x
        new = np.maximum(rising, points.lowest)
        settled = np.abs(new - values).max() < SETTLED
        curve = _through(points.temperature, points.centers, new)
        if settled:
            break
    return curve


def _fit_line(points: "_Points") -> NDArray[np.float64]:
    """The values at the points of the line under which the relevant answers are the most likely, by Newton steps."""
    terms = np.column_stack([np.ones(len(points.centers)), points.centers - points.centers.mean()])
    share = np.array([points.centers.mean(), 1.0])  # the height and slope of the shares themselves
    line = share
    for _ in range(ROUNDS):
        expected = points.expected(_through(points.temperature, points.centers, terms @ line))
        pull = terms.T @ (points.came - expected) - LINE_ANSWERS * (line - share)
        bend = (terms * expected[:, None]).T @ terms + LINE_ANSWERS * np.eye(2)
        step = np.clip(np.linalg.solve(bend, pull), -0.5, 0.5)
        line = line + step
        line[1] = max(line[1], FLATTEST)
        if np.abs(step).max() < SETTLED:
            break
    return np.asarray(np.maximum(terms @ line, points.lowest))


@dataclass(frozen=True)
class _Points:
    """Where the curve of some lists has its points: ``centers`` [P], and how many answers ``came`` [P] there."""

    lists: _Lists
    temperature: float
    x: NDArray[np.float64]  # the log-shares [n, 1+M]
    bin_of: NDArray[np.int64]  # of each shown candidate
    centers: NDArray[np.float64]
    came: NDArray[np.float64]

    @classmethod
    def of(cls, lists: _Lists) -> "_Points":
        shown = lists.shown
        temperature = fit_temperature(lists.scores, lists.weight)
        x = log_shares(lists.scores, lists.weight, temperature)
        counted = shown > 0
        mass = shown[counted] * np.exp(x[counted])
        came_true = np.zeros_like(shown)
        came_true[:, 0] = shown[:, 0]
        count = int(np.clip(came_true.sum() // MIN_ANSWERS, 1, MAX_POINTS))
        order, ordered_bins = _equal_mass_bins(x[counted], mass, count)
        bin_of = np.empty_like(ordered_bins)
        bin_of[order] = np.unique(ordered_bins, return_inverse=True)[1]  # without empty bins
        centers = np.bincount(bin_of, mass * x[counted]) / np.bincount(bin_of, mass)
        came = np.bincount(bin_of, came_true[counted]).astype(np.float64)
        return cls(lists, temperature, x, bin_of, centers, came)

    @property
    def lowest(self) -> float:
        """The least value of the curve at its points."""
        return float(self.centers[0] - ANCHOR)

    def expected(self, curve: _Curve) -> NDArray[np.float64]:
        """How many relevant answers the curve promises at each point, [P]."""
        lists = self.lists
        promised = lists.shown * _normalised(curve.corrected(self.x), lists.had)
        return np.bincount(self.bin_of, promised[lists.shown > 0]).astype(np.float64)


def _through(
    temperature: float, centers: NDArray[np.float64], values: NDArray[np.float64]
) -> _Curve:
    """The curve through these points, with its anchor below them and slope 1 beyond either end."""
    anchor = centers[0] - ANCHOR
    return _Curve(
        temperature,
        np.concatenate([[anchor - EXTENSION, anchor], centers, [centers[-1] + EXTENSION]]),
        np.concatenate([[anchor - EXTENSION, anchor], values, [values[-1] + EXTENSION]]),
    )


def _normalised(values: NDArray[np.float64], weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """exp(values) [n, 1+M] over the weighted sum of each list."""
    raised = np.exp(values - values.max(1, keepdims=True))
    return np.asarray(raised / (weight * raised).sum(1, keepdims=True))


def _check(curve: _Curve, lists: _Lists, half: int) -> list[CalibrationBin]:
    """What the curve promises and what came, in bins that promise equally much."""
    shown = lists.shown
    counted = shown > 0
    promised = curve.probabilities(lists.scores, lists.weight, lists.had)[counted]
    size_of = shown[counted]
    came_true = np.zeros_like(shown)
    came_true[:, 0] = shown[:, 0]
    order, bin_of = _equal_mass_bins(promised, promised * size_of, RELIABILITY_BINS)
    bins = []
    for number in range(RELIABILITY_BINS):
        rows = order[bin_of == number]
        if not len(rows):
            continue
        size = float(size_of[rows].sum())
        expected = float((promised[rows] * size_of[rows]).sum())
        came = float(came_true[counted][rows].sum())
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
