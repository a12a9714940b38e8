"""Probabilities: known ones are found again, and false ones are noticed."""

import numpy as np
import pytest
from numpy.typing import NDArray

from train.calibration import calibrate, log_shares

CANDIDATES = 200


def lists_of(cases: int, slope: float, seed: int = 0) -> NDArray[np.float64]:
    """Scores [cases, all], the right one first, drawn with probability softmax(slope * score)."""
    rng = np.random.default_rng(seed)
    scores = rng.normal(0, 1, (cases, CANDIDATES))
    chance = np.exp(slope * scores)
    chance /= chance.sum(1, keepdims=True)
    right = (chance.cumsum(1) > rng.random((cases, 1))).argmax(1)
    rows = np.arange(cases)
    scores[rows, 0], scores[rows, right] = scores[rows, right], scores[rows, 0]
    return scores


def test_shares_of_all_candidates_sum_to_one() -> None:
    shares, right, weight = log_shares(lists_of(20, 1.0)[:, :50], CANDIDATES)
    np.testing.assert_allclose((weight * np.exp(shares)).sum(1), 1)
    assert (weight.sum(1) == CANDIDATES).all()
    assert (right.sum(1) == 1).all()


def test_probabilities_that_were_drawn_are_found_again() -> None:
    scores = lists_of(3000, 1.0)
    found = calibrate(scores, CANDIDATES)
    shares, _, _ = log_shares(scores, CANDIDATES)
    promised = 1 / (1 + np.exp(-(found.slope * shares + found.intercept)))
    true = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
    assert np.abs(promised - true).mean() < 0.01
    assert found.reliability_error < 0.1


@pytest.mark.parametrize("slope", [0.5, 2.0])
def test_scores_that_are_too_bold_or_too_shy_are_stretched(slope: float) -> None:
    found = calibrate(lists_of(3000, slope), CANDIDATES)
    assert (found.slope > 1.2) == (slope > 1)
    assert found.reliability_error < 0.25


def test_promises_that_do_not_hold_are_told() -> None:
    kept, broken = lists_of(1000, 1.0), lists_of(1000, 0.0, 1)
    mixed = np.empty((2000, CANDIDATES))
    mixed[::2], mixed[1::2] = kept, broken  # fitted on the even lists, checked on the odd ones
    assert calibrate(mixed, CANDIDATES).reliability_error > 0.5
    assert calibrate(np.concatenate([kept, kept]), CANDIDATES).reliability_error < 0.15


def test_bins_ascend_and_hold_every_right_answer_that_was_checked() -> None:
    found = calibrate(lists_of(500, 1.0), CANDIDATES)
    promised = [entry["promised"] for entry in found.bins]
    assert promised == sorted(promised)
    assert sum(entry["right"] for entry in found.bins) == 250
    assert found.cases == 500


def test_a_larger_score_is_never_less_likely() -> None:
    hopeless = calibrate(-lists_of(200, 3.0), CANDIDATES)
    assert hopeless.slope > 0
