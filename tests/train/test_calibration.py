"""Calibration recovers known probabilities and notices wrong ones."""

import numpy as np
import pytest
from numpy.typing import NDArray

from train.export.calibration import (
    SHOWN,
    Calibration,
    calibrate,
    fit_temperature,
    log_shares,
    shown_weight,
)

CANDIDATES = 200


def lists_of(cases: int, slope: float, seed: int = 0) -> NDArray[np.float64]:
    """Scores [cases, all]; the relevant one, first, is drawn with probability softmax(slope * score)."""
    rng = np.random.default_rng(seed)
    scores = rng.normal(0, 1, (cases, CANDIDATES))
    chance = np.exp(slope * scores)
    chance /= chance.sum(1, keepdims=True)
    relevant = (chance.cumsum(1) > rng.random((cases, 1))).argmax(1)
    rows = np.arange(cases)
    scores[rows, 0], scores[rows, relevant] = scores[rows, relevant], scores[rows, 0]
    return scores


def standing_for(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weights of lists whose relevant answer stands for itself, and each other candidate for as many others."""
    weight = np.full(scores.shape, (CANDIDATES - 1) / (scores.shape[1] - 1))
    weight[:, 0] = 1
    return weight


def calibrated(scores: NDArray[np.float64], seed: int = 0) -> Calibration:
    return calibrate(scores, standing_for(scores), np.random.default_rng(seed))


def promised(found: Calibration, scores: NDArray[np.float64]) -> NDArray[np.float64]:
    logits = found.corrected(log_shares(scores, standing_for(scores), found.temperature))
    weights = np.exp(logits)
    return weights / (standing_for(scores) * weights).sum(1, keepdims=True)


def test_shares_of_all_candidates_sum_to_one() -> None:
    drawn = lists_of(20, 1.0)[:, :50]
    for temperature in (0.5, 1.0, 3.0):
        shares = log_shares(drawn, standing_for(drawn), temperature)
        np.testing.assert_allclose((standing_for(drawn) * np.exp(shares)).sum(1), 1)


def test_the_first_twenty_candidates_are_shown_whatever_they_stand_for() -> None:
    scores = lists_of(30, 1.0)
    whole = shown_weight(scores, np.ones_like(scores))
    first = np.argsort(-scores, 1)[:, :SHOWN]
    assert (np.take_along_axis(whole, first, 1) == 1).all()
    assert (whole.sum(1) == SHOWN).all()
    # A candidate that stands for 15 leaves 5 places to one that stands for 10, and none to the rest.
    weight = np.array([[1.0, 15, 10, 4]])
    assert shown_weight(np.array([[0.0, 3, 2, 1]]), weight).tolist() == [[0, 15, 5, 0]]


def test_the_probabilities_that_lists_were_drawn_with_are_recovered_where_they_are_shown() -> None:
    scores = lists_of(4000, 1.0)
    found = calibrated(scores)
    true = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
    shown = shown_weight(scores, standing_for(scores)) > 0
    assert np.abs(promised(found, scores) - true)[shown].mean() < 0.1 * true[shown].mean()
    assert found.reliability_error < 1.5 * found.noise_limit


@pytest.mark.parametrize("slope", [0.5, 2.0])
def test_overconfident_and_underconfident_scores_are_rescaled(slope: float) -> None:
    scores = lists_of(3000, slope)
    found = calibrated(scores)
    assert found.temperature == pytest.approx(1 / slope, rel=0.1)
    assert found.reliability_error < 1.5 * found.noise_limit


def test_a_handful_of_lists_hardly_moves_the_temperature() -> None:
    assert fit_temperature(lists_of(3, 4.0), np.ones((3, CANDIDATES))) > 0.6
    assert fit_temperature(lists_of(3000, 4.0), np.ones((3000, CANDIDATES))) < 0.3


def test_beyond_the_points_the_curve_follows_the_share() -> None:
    for slope in (0.5, 2.0):
        found = calibrated(lists_of(3000, slope))
        below, above = found.shares[1] - 3, found.shares[-2] + 3
        logits = found.corrected(np.array([below, above]))
        assert logits == pytest.approx([below, found.logits[-2] + 3])


def test_the_curve_follows_a_bend_that_no_line_has() -> None:
    # High scores are overconfident, low ones are not.
    true = lists_of(4000, 1.0)
    bold = np.where(true > 1.5, 1.5 + 3 * (true - 1.5), true)
    found = calibrated(bold)
    steep = np.diff(found.logits)[1:-1] / np.diff(found.shares)[1:-1]
    assert steep.max() > 1.5 * steep.min()
    assert found.reliability_error < 1.5 * found.noise_limit


def test_chances_that_hold_are_within_the_noise_of_right_ones() -> None:
    found = [calibrated(lists_of(1500, 1.0, seed), seed) for seed in range(10)]
    assert sum(one.reliability_error <= 1.3 * one.noise_limit for one in found) >= 8
    for one in found:
        assert 0 < one.noise < one.noise_limit


def test_errors_of_the_two_halves_do_not_cancel() -> None:
    # A kind of list whose best candidate always comes, and one in which it never does: whatever is learned on one half
    # is wrong on the other as soon as the halves differ, and together they look right.
    kept, broken = lists_of(1000, 3.0), lists_of(1000, 0.0, 1)
    rng = np.random.default_rng(0)
    half = rng.permutation(2000) % 2
    mixed = np.empty((2000, CANDIDATES))
    mixed[half == 0], mixed[half == 1] = kept, broken
    found = calibrated(mixed)  # halves as above: the same generator
    assert found.reliability_error > 0.3
    assert found.reliability_error > 3 * found.noise_limit


def test_the_noise_is_what_right_chances_show_by_luck() -> None:
    rng = np.random.default_rng(3)
    scores = lists_of(2000, 1.0)
    found = calibrated(scores)
    # Answers drawn again and again from the promised chances themselves.
    gaps = []
    for _ in range(300):
        for half in (0, 1):
            expected = np.array([one.expected for one in found.bins if one.half == half])
            gaps.append(np.abs(rng.poisson(expected) - expected).sum() / expected.sum())
    assert found.noise == pytest.approx(np.mean(gaps), rel=0.1)
    assert found.noise_limit == pytest.approx(np.quantile(gaps, 0.95), rel=0.1)


def test_bins_promise_equally_much_and_count_the_answers_that_are_shown() -> None:
    scores = lists_of(900, 1.0)
    found = calibrated(scores)
    shown = shown_weight(scores, standing_for(scores))[:, 0].sum()
    assert sum(one.right for one in found.bins) == pytest.approx(shown)
    for half in (0, 1):
        bins = [one for one in found.bins if one.half == half]
        assert [one.promised for one in bins] == sorted(one.promised for one in bins)
        expected = [one.expected for one in bins]
        assert max(expected) < 1.3 * min(expected)
    assert (found.cases, found.shown) == (900, SHOWN)


def test_a_higher_score_never_has_a_lower_probability() -> None:
    for scores in (-lists_of(200, 3.0), lists_of(60, 0.0), lists_of(3, 1.0), lists_of(1, 1.0)):
        found = calibrated(scores)
        assert (np.diff(found.logits) >= 0).all()
        assert (np.diff(found.shares) >= 0).all()
        assert found.logits[-1] > found.logits[0]


def test_a_model_that_is_too_sure_of_the_first_is_not_believed() -> None:
    """Ten friends, one of them the answer, are equally likely, but their scores lie far apart."""
    rng = np.random.default_rng(3)
    lists, near = 300, 10
    scores = rng.normal(0, 0.5, (lists, CANDIDATES))
    scores[:, :near] = 6 + rng.normal(0, 1.5, (lists, near))
    shares = np.exp(log_shares(scores, np.ones(scores.shape)))
    found = calibrate(scores, np.ones(scores.shape), np.random.default_rng(0))
    x = log_shares(scores, np.ones(scores.shape), found.temperature)
    chances = np.exp(found.corrected(x))
    chances /= chances.sum(1, keepdims=True)
    assert shares.max(1).mean() > 0.4
    assert chances.max(1).mean() == pytest.approx(0.1, abs=0.01)
