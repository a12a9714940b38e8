"""The calibration agrees with a plain reading of it: a penalised logistic regression, bins, and isotonic regression."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import exp, factorial, floor, log

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.isotonic import IsotonicRegression

from train.export import calibration as module
from train.export.calibration import Calibration, calibrate, log_shares, shown_weight

Array = NDArray[np.float64]
LISTS, CANDIDATES, SEED = 400, 60, 3


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def random_lists(sharpness: float = 1.6) -> tuple[Array, Array]:
    """Scores that are too bold or too meek, the relevant candidate first, and weights of 1 and of 3."""
    rng = np.random.default_rng(1)
    scores = rng.normal(0, 1, (LISTS, CANDIDATES))
    chance = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
    for row in range(LISTS):
        relevant = rng.choice(CANDIDATES, p=chance[row])
        scores[row, [0, relevant]] = scores[row, [relevant, 0]]
    weight = np.where(np.arange(CANDIDATES) % 2, 3.0, 1.0)
    return sharpness * scores, np.tile(weight, (LISTS, 1))


@dataclass(frozen=True)
class Shown:
    """The shown candidates of some lists: log-share, relevance and how many each stands for."""

    x: Array
    relevant: Array
    weight: Array


def shown(scores: Array, weight: Array, chosen: Array) -> Shown:
    """Candidates in the order of their scores, until 20 are listed; the last one in part."""
    rows = []
    for row in np.flatnonzero(chosen):
        total = sum(w * exp(s) for w, s in zip(weight[row], scores[row], strict=True))
        left, listed = 20.0, np.zeros(scores.shape[1])
        for place in np.argsort(-scores[row]):
            listed[place] = min(left, weight[row, place])
            left -= listed[place]
        rows += [
            (scores[row, place] - log(total), float(place == 0), listed[place])
            for place in np.flatnonzero(listed)
        ]
    return Shown(*np.array(rows).T)


def platt(seen: Shown) -> tuple[float, float]:
    """Slope and intercept with the highest likelihood under a Gaussian around 1 and 0, of variance 1/2."""

    def loss(line: Array) -> float:
        p = sigmoid(line[0] * seen.x + line[1])
        likelihood = seen.relevant * np.log(p) + (1 - seen.relevant) * np.log(1 - p)
        return float(-(seen.weight * likelihood).sum() + (line[0] - 1) ** 2 + line[1] ** 2)

    found = minimize(loss, [1.0, 0.0], method="BFGS", options={"gtol": 1e-7}).x
    return float(found[0]), float(found[1])


def bins(values: Array, mass: Array, count: int) -> Iterator[Array]:
    """The positions of each bin, by ascending value; a bin ends where its part of the mass is reached."""
    order = np.argsort(values)
    share = np.cumsum(mass[order]) / mass.sum()
    for number in range(count):
        inside = (share >= number / count) & (share < (number + 1) / count)
        if number == count - 1:
            inside |= share >= 1
        yield order[inside]


def curve(seen: Shown) -> tuple[Array, Array]:
    """The points of the curve: shares and logits."""
    slope, intercept = platt(seen)
    promised = seen.weight * sigmoid(slope * seen.x + intercept)
    right = seen.relevant * seen.weight
    shares, logits, trust = [], [], []
    for rows in bins(seen.x, promised, int(min(20, right.sum() // 15))):
        share = promised[rows].sum() / seen.weight[rows].sum()
        came = share * (right[rows].sum() + 5) / (promised[rows].sum() + 5)
        center = (seen.x[rows] * promised[rows]).sum() / promised[rows].sum()
        shares.append(center)
        moved = log(came / (1 - came)) - log(share / (1 - share))
        logits.append(slope * center + intercept + moved)
        trust.append(right[rows].sum() + 5)
    rising = IsotonicRegression().fit_transform(np.arange(len(logits)), logits, sample_weight=trust)
    return np.array(shares), np.asarray(rising)


@pytest.fixture(scope="module", params=[0.6, 1.6])
def lists(request: pytest.FixtureRequest) -> tuple[Array, Array]:
    return random_lists(request.param)


@pytest.fixture(scope="module")
def found(lists: tuple[Array, Array]) -> Calibration:
    return calibrate(*lists, np.random.default_rng(SEED))


def test_a_share_is_the_part_of_the_whole_that_the_weights_stand_for() -> None:
    scores, weight = np.log([[6.0, 2.0, 1.0]]), np.array([[1.0, 1.0, 4.0]])
    shares, relevant = log_shares(scores, weight)
    np.testing.assert_allclose(np.exp(shares), [[6 / 12, 2 / 12, 1 / 12]])
    assert relevant.tolist() == [[1, 0, 0]]


def test_the_last_candidate_on_a_page_counts_for_what_is_left_of_the_page(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "SHOWN", 4)
    scores, weight = np.array([[1.0, 9, 5, 0], [3, 1, 2, 0]]), np.array([[2.0, 1, 2, 5], [1] * 4])
    # The first: 1 of the best, 2 of the next, then 1 of 2, and none of the last.
    assert shown_weight(scores, weight).tolist() == [[1, 1, 2, 0], [1, 1, 1, 1]]


def test_the_curve_is_platts_line_moved_to_what_came_and_kept_rising(
    lists: tuple[Array, Array], found: Calibration
) -> None:
    shares, logits = curve(shown(*lists, np.ones(LISTS, bool)))
    np.testing.assert_allclose(found.shares[1:-1], shares, rtol=1e-4)
    np.testing.assert_allclose(found.logits[1:-1], logits, rtol=1e-3)
    assert np.ptp(logits) > 1


def test_beyond_its_points_the_curve_has_the_slope_1(found: Calibration) -> None:
    assert found.shares[1] - found.shares[0] == pytest.approx(50)
    assert found.shares[-1] - found.shares[-2] == pytest.approx(50)
    assert found.logits[1] - found.logits[0] == pytest.approx(50)
    assert found.logits[-1] - found.logits[-2] == pytest.approx(50)


def test_each_half_is_checked_with_the_curve_of_the_other(
    lists: tuple[Array, Array], found: Calibration
) -> None:
    half = np.random.default_rng(SEED).permutation(LISTS) % 2
    expected, errors = [], []
    for checked in (0, 1):
        seen = shown(*lists, half == checked)
        scores, weight = (table[half != checked] for table in lists)
        fitted = calibrate(scores, weight, np.random.default_rng(0))
        promise = sigmoid(np.interp(seen.x, fitted.shares, fitted.logits))
        gap = 0.0
        for rows in bins(promise, promise * seen.weight, 10):
            size = seen.weight[rows].sum()
            promised = (promise[rows] * seen.weight[rows]).sum()
            right = (seen.relevant[rows] * seen.weight[rows]).sum()
            expected.append((promised / size, right / size, right, promised, checked))
            gap += abs(promised - right)
        errors.append(gap / (promise * seen.weight).sum())
    bars = [(b.promised, b.observed, b.right, b.expected, b.half) for b in found.bins]
    np.testing.assert_allclose(bars, expected, rtol=1e-6)
    assert found.reliability_error == pytest.approx(np.mean(errors), rel=1e-6)
    assert (found.cases, found.shown) == (LISTS, 20)


def test_the_noise_is_how_far_poisson_counts_are_from_their_means(found: Calibration) -> None:
    floors = []
    for half in (0, 1):
        means = [one.expected for one in found.bins if one.half == half]
        # The mean distance of a Poisson count from its mean m.
        far = [2 * exp(-m) * m ** (floor(m) + 1) / factorial(floor(m)) for m in means]
        floors.append(sum(far) / sum(means))
    assert found.noise == pytest.approx(np.mean(floors), rel=0.03)
    # The distances of ten bins add up to about a normal sum: 95 % stay below 1.645 deviations.
    assert 1.2 < found.noise_limit / found.noise < 1.8


def test_a_few_lists_have_a_curve_and_no_check() -> None:
    scores, weight = random_lists()
    found = calibrate(scores[:3], weight[:3], np.random.default_rng(0))
    assert (found.reliability_error, found.noise, found.noise_limit, found.bins) == (0, 0, 0, [])
    assert len(found.shares) == 3  # one point, and an end on either side
    four = calibrate(scores[:4], weight[:4], np.random.default_rng(0))
    assert four.bins
