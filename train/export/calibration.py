"""From scores to probabilities: Platt scaling with an isotonic correction, fitted on validation groups.

With one relevant answer among all N candidates, the log-share x = score - log(sum of exp(score) over all N) is the
logarithm of the share that the model gives a candidate. The sum over all N is estimated from a sample in which each
candidate stands for a number of others.

The log-odds of being relevant are a rising, piecewise-linear function of x. Platt scaling (1999), a logistic regression
on x, gives a straight line. The line is cut into bins; each bin's point moves up or down where more or fewer candidates
were relevant than promised, and isotonic regression keeps the points in order.

The sample: a few candidates near the initiator hold most of it; a
uniform sample usually misses them and makes the sum too small. So they are all scored, and each of the others that are
drawn stands for many.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression

from db.logs import Logs, Task
from engine.bundle.manifest import Calibration, CalibrationBin
from engine.candidates import group_members, launched_items
from engine.evidence.graphs import Graphs
from train.evaluate.sampled_ranking import CandidateLists
from train.prepare.splits import Split, spread_sample

MAX_GROUPS = 800
MAX_NEAR, OTHERS = 1000, 1000  # candidates per group; a shop with no more of them is scored whole


@dataclass(frozen=True)
class CalibrationSample:
    """The lists of one task; ``weight`` [n, 1+M] is the number of candidates that each one stands for.

    All rows are as long as the longest; padding has weight 0.
    """

    lists: CandidateLists
    weight: NDArray[np.float64]


def draw_calibration_sample(
    logs: Logs, split: Split, graphs: Graphs, task: Task, seed: int
) -> CalibrationSample:
    """At most ``MAX_GROUPS`` validation groups, each with its first positive in column 0.

    ``graphs`` are those of the validation snapshot. Left out is what is never recommended: the items that the initiator
    launched in any split, or the initiator and the group's other participants.
    """
    rng = np.random.default_rng(seed + 1)
    groups = spread_sample(split.validation, MAX_GROUPS)
    initiator = logs.group_initiator[groups].astype(np.int64)
    item = logs.group_item[groups].astype(np.int64)
    if task == Task.ITEMS:
        positive, size, known = item, len(logs.items), launched_items(logs)[initiator]
        near = graphs.history[initiator] + graphs.circle_history[initiator]
    else:
        positive = logs.join_participant[np.searchsorted(logs.join_group, groups)].astype(np.int64)
        size, known = len(logs.users), group_members(logs)[groups]
        circle = graphs.circle[initiator]
        near = circle + circle @ graphs.circle
    rows = []
    for row in range(len(groups)):
        left_out = np.union1d(known[row].indices, positive[row])
        rows.append(_draw(size, near[row].indices, left_out, rng))
    longest = max((len(chosen) for chosen, _ in rows), default=0)
    candidates = np.repeat(positive[:, None], 1 + longest, 1)
    weight = np.zeros(candidates.shape)
    weight[:, 0] = 1
    for row, (chosen, stands_for) in enumerate(rows):
        candidates[row, 1 : 1 + len(chosen)] = chosen
        weight[row, 1 : 1 + len(chosen)] = stands_for
    items = None if task == Task.ITEMS else item
    return CalibrationSample(CandidateLists(task, initiator, items, candidates, groups), weight)


def _draw(
    size: int,
    near: NDArray[np.integer],
    left_out: NDArray[np.integer],
    rng: np.random.Generator,
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Candidates below ``size`` without those ``left_out``, and how many each stands for."""
    if size <= MAX_NEAR + OTHERS:
        everybody = np.setdiff1d(np.arange(size), left_out)
        return everybody, np.ones(len(everybody))
    near = np.setdiff1d(near[near < size], left_out)  # the last position is the cold-start row
    close = near if len(near) <= MAX_NEAR else rng.choice(near, MAX_NEAR, replace=False)
    others = np.setdiff1d(rng.integers(0, size, OTHERS), np.union1d(near, left_out))
    rest = size - len(near) - len(left_out)
    weight = np.repeat(
        [len(near) / max(len(close), 1), rest / max(len(others), 1)], [len(close), len(others)]
    )
    return np.concatenate([close, others]), weight


RELIABILITY_BINS = 10
NEWTON_STEPS = 60
# The curve has at most MAX_POINTS points, with at least MIN_ANSWERS relevant answers each. A point counts as if it had
# seen PRIOR_ANSWERS more relevant answers that came as the line promises.
MAX_POINTS, MIN_ANSWERS, PRIOR_ANSWERS = 20, 15, 5
MAX_PROBABILITY = 0.999
EXTENSION = 50.0  # how far beyond its points the curve continues with the slope of the line


@dataclass(frozen=True)
class _Curve:
    shares: NDArray[np.float64]
    logits: NDArray[np.float64]

    def probabilities(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        return _sigmoid(np.interp(x, self.shares, self.logits))


def calibrate(scores: NDArray[np.floating], weight: NDArray[np.float64]) -> Calibration:
    """The calibration of lists with ``scores`` [n, 1+M], the relevant candidate first.

    ``weight`` [n, 1+M] is the number of candidates that each one stands for. The reliability is measured on lists that
    a curve was not fitted on: each half of them is compared with what the other half promises.
    """
    x, relevant = log_shares(scores, weight)
    even = np.arange(len(scores)) % 2 == 0
    halves = [(even, ~even), (~even, even)] if len(scores) >= 4 else [(even | True, even | True)]
    promised = np.empty_like(x)
    for fitted, checked in halves:
        curve = _fit_curve(x[fitted], relevant[fitted], weight[fitted])
        promised[checked] = curve.probabilities(x[checked])
    error, bins = _reliability(promised.ravel(), relevant.ravel(), weight.ravel())
    curve = _fit_curve(x, relevant, weight)
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
    """The log-shares x, and 1 for each relevant candidate, both [n, 1+M]."""
    values = scores.astype(np.float64)
    top = values.max(1, keepdims=True)
    total = (weight * np.exp(values - top)).sum(1, keepdims=True)
    relevant = np.zeros_like(values)
    relevant[:, 0] = 1
    return values - top - np.log(total), relevant


def _fit_curve(
    x: NDArray[np.float64], relevant: NDArray[np.float64], weight: NDArray[np.float64]
) -> _Curve:
    """A rising curve through points that each cover an equal part of what the Platt line promises."""
    x, relevant, weight = x.ravel(), relevant.ravel(), weight.ravel()
    slope, intercept = _platt_line(x, relevant, weight)
    promised = weight * _sigmoid(slope * x + intercept)
    points = int(np.clip(relevant.sum() // MIN_ANSWERS, 1, MAX_POINTS))
    order, bin_of = _equal_mass_bins(x, promised, points)
    found = []
    for number in range(bin_of.max() + 1):
        rows = order[bin_of == number]
        if len(rows):
            expected, came = promised[rows].sum(), relevant[rows].sum()
            mean = expected / weight[rows].sum()
            observed = mean * (came + PRIOR_ANSWERS) / (expected + PRIOR_ANSWERS)
            observed = min(observed, MAX_PROBABILITY)
            moved = _log_odds(observed) - _log_odds(mean)
            center = np.average(x[rows], weights=promised[rows])
            found.append((center, moved, came + PRIOR_ANSWERS))
    shares, moves, trust = (np.array(column) for column in zip(*found, strict=True))
    logits = isotonic_regression(slope * shares + intercept + moves, weights=trust).x
    beyond = slope * EXTENSION
    return _Curve(
        np.concatenate([[shares[0] - EXTENSION], shares, [shares[-1] + EXTENSION]]),
        np.concatenate([[logits[0] - beyond], logits, [logits[-1] + beyond]]),
    )


def _platt_line(
    x: NDArray[np.float64], relevant: NDArray[np.float64], weight: NDArray[np.float64]
) -> tuple[float, float]:
    """Slope and intercept of a weighted logistic regression on x, with a Gaussian prior at slope 1 and intercept 0."""
    design = np.stack([x, np.ones_like(x)], 1)
    prior, strength = np.array([1.0, 0.0]), 2.0
    found = prior.copy()
    for _ in range(NEWTON_STEPS):
        probability = _sigmoid(design @ found)
        gradient = design.T @ (weight * (relevant - probability)) - strength * (found - prior)
        hessian = (design * (weight * probability * (1 - probability))[:, None]).T @ design
        step = np.linalg.solve(hessian + strength * np.eye(2), gradient)
        found = found + np.clip(step, -1, 1)
        if np.abs(step).max() < 1e-9:
            break
    return float(max(found[0], 0.05)), float(found[1])


def _reliability(
    promised: NDArray[np.float64], relevant: NDArray[np.float64], weight: NDArray[np.float64]
) -> tuple[float, list[CalibrationBin]]:
    """The expected calibration error over bins of equal promised mass, relative to all that was promised; the bins."""
    order, bin_of = _equal_mass_bins(promised, promised * weight, RELIABILITY_BINS)
    bins, gap = [], 0.0
    for number in range(RELIABILITY_BINS):
        rows = order[bin_of == number]
        if not len(rows):
            continue
        size = weight[rows].sum()
        expected = float((promised[rows] * weight[rows]).sum())
        came = float(relevant[rows].sum())
        bins.append(CalibrationBin(promised=expected / size, observed=came / size, right=came))
        gap += abs(expected - came)
    return gap / max(float(relevant.sum()), 1.0), bins


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
