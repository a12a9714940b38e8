"""Calibration recovers known probabilities and notices wrong ones."""

import numpy as np
import pytest
from numpy.typing import NDArray

from train.export.calibration import Calibration, calibrate, log_shares

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


def calibrated(scores: NDArray[np.float64]) -> Calibration:
    return calibrate(scores, standing_for(scores))


def test_shares_of_all_candidates_sum_to_one() -> None:
    drawn = lists_of(20, 1.0)[:, :50]
    shares, relevant = log_shares(drawn, standing_for(drawn))
    np.testing.assert_allclose((standing_for(drawn) * np.exp(shares)).sum(1), 1)
    assert (relevant.sum(1) == 1).all()


def test_the_probabilities_that_lists_were_drawn_with_are_recovered() -> None:
    scores = lists_of(3000, 1.0)
    found = calibrated(scores)
    shares, _ = log_shares(scores, standing_for(scores))
    promised = 1 / (1 + np.exp(-np.interp(shares, found.shares, found.logits)))
    true = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
    assert np.abs(promised - true).mean() < 0.01
    assert found.reliability_error < 0.1


@pytest.mark.parametrize("slope", [0.5, 2.0])
def test_overconfident_and_underconfident_scores_are_rescaled(slope: float) -> None:
    found = calibrated(lists_of(3000, slope))
    rise = np.diff(found.logits).sum() / np.diff(found.shares).sum()
    assert (rise > 1.2) == (slope > 1)
    assert found.reliability_error < 0.1


def test_the_curve_follows_a_bend_that_no_line_has() -> None:
    # High scores are overconfident, low ones are not.
    true = lists_of(4000, 1.0)
    bold = np.where(true > 1, 1 + 3 * (true - 1), true)
    found = calibrated(bold)
    steep = np.diff(found.logits) / np.diff(found.shares)
    assert steep[1:-1].max() > 1.5 * steep[1:-1].min()
    assert found.reliability_error < 0.1


def test_unreliable_probabilities_have_a_large_reliability_error() -> None:
    kept, broken = lists_of(1000, 1.0), lists_of(1000, 0.0, 1)
    mixed = np.empty((2000, CANDIDATES))
    mixed[::2], mixed[1::2] = (
        kept,
        broken,
    )  # each half is compared with what the other half promises
    assert calibrated(mixed).reliability_error > 0.5
    assert calibrated(np.concatenate([kept, kept])).reliability_error < 0.15


def test_bins_ascend_and_contain_every_relevant_answer() -> None:
    found = calibrated(lists_of(500, 1.0))
    promised = [entry.promised for entry in found.bins]
    assert promised == sorted(promised)
    assert sum(entry.right for entry in found.bins) == 500
    assert found.cases == 500


def test_a_higher_score_never_has_a_lower_probability() -> None:
    for scores in (-lists_of(200, 3.0), lists_of(60, 0.0), lists_of(3, 1.0)):
        found = calibrated(scores)
        assert (np.diff(found.logits) >= 0).all()
        assert (np.diff(found.shares) >= 0).all()
        assert found.logits[-1] > found.logits[0]
