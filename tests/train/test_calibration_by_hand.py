"""The calibration agrees with a plain reading of it: temperature, points that settle, bins, one half at a time."""

from collections.abc import Iterator
from math import exp, factorial, floor, log

import numpy as np
import pytest
from numpy.typing import NDArray

from train.export import calibration as module
from train.export.calibration import (
    Calibration,
    calibrate,
    fit_temperature,
    log_shares,
    shown_weight,
)

Array = NDArray[np.float64]
LISTS, CANDIDATES, SEED = 400, 60, 3


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


def shares_at(temperature: float, scores: Array, weight: Array) -> Array:
    """Log-shares, list by list."""
    rows = []
    for row_scores, row_weight in zip(scores / temperature, weight, strict=True):
        total = sum(w * exp(s) for w, s in zip(row_weight, row_scores, strict=True))
        rows.append(row_scores - log(total))
    return np.array(rows)


def probabilities(fitted: Calibration, scores: Array, weight: Array) -> Array:
    """exp of the curve over its weighted sum in each list."""
    x = shares_at(fitted.temperature, scores, weight)
    raised = np.exp(np.interp(x, fitted.shares, fitted.logits))
    return np.array([r / (w * r).sum() for r, w in zip(raised, weight, strict=True)])


def shown_of(scores: Array, weight: Array) -> Array:
    """Candidates in the order of their scores, until 20 are listed; the last one in part."""
    listed = np.zeros(scores.shape)
    for row in range(len(scores)):
        left = 20.0
        for place in np.argsort(-scores[row]):
            listed[row, place] = min(left, weight[row, place])
            left -= listed[row, place]
    return listed


def bins(values: Array, mass: Array, count: int) -> Iterator[Array]:
    """The positions of each bin, by ascending value; a bin ends where its part of the mass is reached."""
    order = np.argsort(values)
    share = np.cumsum(mass[order]) / mass.sum()
    for number in range(count):
        inside = (share >= number / count) & (share < (number + 1) / count)
        if number == count - 1:
            inside |= share >= 1
        yield order[inside]


@pytest.fixture(scope="module", params=[0.6, 1.6])
def lists(request: pytest.FixtureRequest) -> tuple[Array, Array]:
    return random_lists(request.param)


@pytest.fixture(scope="module")
def found(lists: tuple[Array, Array]) -> Calibration:
    return calibrate(*lists, np.random.default_rng(SEED))


def test_a_share_is_the_part_of_the_whole_that_the_weights_stand_for() -> None:
    scores, weight = np.log([[6.0, 2.0, 1.0]]), np.array([[1.0, 1.0, 4.0]])
    shares = log_shares(scores, weight)
    np.testing.assert_allclose(np.exp(shares), [[6 / 12, 2 / 12, 1 / 12]])
    # At temperature 1/2 the scores count twice: 36, 4 and 1.
    np.testing.assert_allclose(np.exp(log_shares(scores, weight, 0.5)), [[36 / 44, 4 / 44, 1 / 44]])


def test_the_last_candidate_on_a_page_counts_for_what_is_left_of_the_page(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "SHOWN", 4)
    scores, weight = np.array([[1.0, 9, 5, 0], [3, 1, 2, 0]]), np.array([[2.0, 1, 2, 5], [1] * 4])
    # The first: 1 of the best, 2 of the next, then 1 of 2, and none of the last.
    assert shown_weight(scores, weight).tolist() == [[1, 1, 2, 0], [1, 1, 1, 1]]


def test_the_temperature_makes_the_answers_the_most_likely(
    lists: tuple[Array, Array], found: Calibration
) -> None:
    def loss(temperature: float) -> float:
        return float(5 * log(temperature) ** 2 - shares_at(temperature, *lists)[:, 0].sum())

    for other in (0.97, 1.03):
        assert loss(found.temperature) < loss(other * found.temperature)


@pytest.mark.parametrize("sharpness", [0.3, 2.5])
def test_a_handful_of_lists_moves_the_temperature_as_far_as_five_lists_at_1_let_it(
    sharpness: float,
) -> None:
    scores, weight = (table[:12] for table in random_lists(sharpness))

    def loss(temperature: float) -> float:
        return float(5 * log(temperature) ** 2 - shares_at(temperature, scores, weight)[:, 0].sum())

    chosen = fit_temperature(scores, weight)
    for other in (0.998, 1.002):
        assert loss(chosen) < loss(other * chosen)


def test_the_temperature_stays_between_a_quarter_and_four() -> None:
    sure = np.zeros((200, 9))
    sure[:, 0] = 1.0
    even = np.ones(sure.shape)
    assert fit_temperature(sure, even) == pytest.approx(1 / 4, rel=1e-3)
    assert fit_temperature(-50 * sure, even) == pytest.approx(4, rel=1e-3)


def test_each_point_moves_until_as_many_come_as_are_promised_less_what_holds_it_back(
    lists: tuple[Array, Array], found: Calibration
) -> None:
    scores, weight = lists
    listed, x = shown_of(scores, weight), shares_at(found.temperature, scores, weight)
    seen = listed > 0
    right = np.zeros(listed.shape)
    right[:, 0] = listed[:, 0]
    promised = listed * probabilities(found, scores, weight)
    mass = listed[seen] * np.exp(x[seen])
    count = int(min(20, right.sum() // 25))
    assert len(found.shares) == count + 3
    held: list[
        tuple[float, float]
    ] = []  # points not kept in order with a neighbour, and what holds each
    for number, rows in enumerate(bins(x[seen], mass, count), 2):
        center = (x[seen][rows] * mass[rows]).sum() / mass[rows].sum()
        assert found.shares[number] == pytest.approx(center)
        missed = right[seen][rows].sum() - promised[seen][rows].sum()
        neighbours = (found.logits[number - 1], found.logits[number + 1])
        if not np.isclose(found.logits[number], neighbours, atol=1e-6).any():
            held.append((center, found.logits[number] - missed / 30))
    # As if 30 answers had come as a line says: what holds the points lies on one.
    assert len(held) >= 3
    centers, line = np.array(held).T
    slope, height = np.polyfit(centers, line, 1)
    assert slope > 0
    np.testing.assert_allclose(line, height + slope * centers, atol=0.02)


def test_beyond_its_points_the_curve_has_the_slope_1(found: Calibration) -> None:
    assert found.shares[-1] - found.shares[-2] == pytest.approx(50)
    assert found.logits[-1] - found.logits[-2] == pytest.approx(50)
    # Three below the first point it is the share itself.
    assert found.shares[1] == pytest.approx(found.shares[2] - 3)
    assert found.logits[:2] == pytest.approx(found.shares[:2])


def test_each_half_is_checked_with_the_curve_of_the_other(
    lists: tuple[Array, Array], found: Calibration
) -> None:
    half = np.random.default_rng(SEED).permutation(LISTS) % 2
    expected, errors = [], []
    for checked in (0, 1):
        fitted = calibrate(*(table[half != checked] for table in lists), np.random.default_rng(0))
        scores, weight = (table[half == checked] for table in lists)
        listed = shown_of(scores, weight)
        seen = listed > 0
        right = np.zeros(listed.shape)
        right[:, 0] = listed[:, 0]
        promise = probabilities(fitted, scores, weight)[seen]
        gap = 0.0
        for rows in bins(promise, promise * listed[seen], 10):
            size = listed[seen][rows].sum()
            promised = (promise[rows] * listed[seen][rows]).sum()
            came = right[seen][rows].sum()
            expected.append((promised / size, came / size, came, promised, checked))
            gap += abs(promised - came)
        errors.append(gap / (promise * listed[seen]).sum())
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
    assert len(found.shares) == 4  # one point, the anchor below it, and an end on either side
    four = calibrate(scores[:4], weight[:4], np.random.default_rng(0))
    assert four.bins


def test_without_lists_the_curve_is_the_share_itself() -> None:
    found = calibrate(np.empty((0, 5)), np.empty((0, 5)), np.random.default_rng(0))
    assert found.temperature == 1
    assert len(found.shares) == 4  # one point, an anchor below it and both ends
    assert found.shares == found.logits == sorted(found.shares)
    assert (found.cases, found.bins, found.reliability_error) == (0, [], 0)


def test_an_answer_that_fills_several_bins_leaves_the_others_to_be_counted() -> None:
    scores = np.zeros((8, 20))
    scores[:, 0] = log(
        19
    )  # half of each list's probability, of which a half of the lists has ten bins
    found = calibrate(scores, np.ones(scores.shape), np.random.default_rng(0))
    assert len(found.bins) < 20  # some are empty
    assert sum(one.right for one in found.bins) == 8
