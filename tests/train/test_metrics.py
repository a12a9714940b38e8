"""Metrics against lists ranked by hand, against every order of tied candidates, and against scikit-learn."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import (
    label_ranking_average_precision_score,
    ndcg_score,
    top_k_accuracy_score,
)

from train.evaluate.metrics import (
    bootstrap_interval,
    estimate,
    mean_reciprocal_rank,
    ndcg,
    rank_range,
    recall,
    reciprocal_rank,
)


@pytest.mark.parametrize(("width", "rank", "gain"), [(10, 0.2929, 0.4544), (100, 0.0519, 0.2094)])
def test_a_constant_scorer_gets_the_value_of_chance(width: int, rank: float, gain: float) -> None:
    ranks = rank_range(np.zeros((3, width)))
    assert reciprocal_rank(*ranks, width) == pytest.approx(rank, abs=5e-5)
    assert ndcg(*ranks, width) == pytest.approx(gain, abs=5e-5)


def test_lists_ranked_by_hand() -> None:
    scores = np.array(
        [
            [9.0, 1, 2, 3],  # first
            [2.0, 1, 3, 0],  # second
            [0.0, 1, 2, 3],  # last of four
            [1.0, 1, 0, 0],  # first or second
            [1.0, 2, 1, 1],  # second, third or fourth
        ]
    )
    ranks = rank_range(scores)
    rank = [1, 1 / 2, 1 / 4, (1 + 1 / 2) / 2, (1 / 2 + 1 / 3 + 1 / 4) / 3]
    assert reciprocal_rank(*ranks, 4) == pytest.approx(rank)
    gain = [1 / math.log2(1 + place) for place in range(1, 5)]
    expected = [gain[0], gain[1], gain[3], (gain[0] + gain[1]) / 2, sum(gain[1:]) / 3]
    assert ndcg(*ranks, 4) == pytest.approx(expected)
    assert recall(*ranks, 2) == pytest.approx([1, 1, 0, 1, 1 / 3])


def test_the_mean_reciprocal_rank_is_over_whole_lists() -> None:
    scores = np.array([[9.0, 1, 2, 3], [2.0, 1, 3, 0], [0.0, 1, 2, 3]])
    assert mean_reciprocal_rank(scores) == pytest.approx((1 + 1 / 2 + 1 / 4) / 3)


def test_ranks_beyond_the_cutoff_are_worth_nothing() -> None:
    ranks = rank_range(np.array([[0.0, 1, 2, 3]]))
    assert reciprocal_rank(*ranks, 3) == [0]
    assert ndcg(*ranks, 3) == [0]


@given(st.lists(st.integers(0, 2), min_size=2, max_size=6), st.integers(1, 6))
def test_ties_get_the_mean_over_all_orders(row: list[int], cut: int) -> None:
    ranks = rank_range(np.array([row], float))
    rank, gain = [], []
    for order in itertools.permutations(range(len(row))):
        # a stable sort of a shuffled list: each order of the tied is equally frequent
        place = 1 + sorted(order, key=lambda column: -row[column]).index(0)
        rank.append(1 / place if place <= cut else 0)
        gain.append(1 / math.log2(1 + place) if place <= cut else 0)
    assert reciprocal_rank(*ranks, cut)[0] == pytest.approx(np.mean(rank))
    assert ndcg(*ranks, cut)[0] == pytest.approx(np.mean(gain))


@pytest.mark.parametrize("levels", [3, 10_000])
@pytest.mark.parametrize("cut", [1, 10, 100])
def test_ndcg_agrees_with_scikit_learn_including_ties(levels: int, cut: int) -> None:
    scores = np.random.default_rng(levels).integers(0, levels, (40, 100)).astype(float)
    right = np.eye(1, 100).repeat(40, 0)
    gain = ndcg(*rank_range(scores), cut)
    assert gain.mean() == pytest.approx(ndcg_score(right, scores, k=cut))


def test_reciprocal_rank_and_recall_agree_with_scikit_learn_without_ties() -> None:
    scores = np.random.default_rng(0).random((200, 30))
    ranks = rank_range(scores)
    right = np.eye(1, 30, dtype=int).repeat(200, 0)
    expected = label_ranking_average_precision_score(right, scores)
    assert reciprocal_rank(*ranks, 30).mean() == pytest.approx(expected)
    for cut in (1, 10, 20):
        hits = top_k_accuracy_score(np.zeros(200), scores, k=cut, labels=range(30))
        assert recall(*ranks, cut).mean() == pytest.approx(hits)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_score_that_is_not_finite_gets_the_last_rank(value: float) -> None:
    scores = np.array([[value, 1.0, 0.0], [5.0, value, 0.0]])
    assert [side.tolist() for side in rank_range(scores)] == [[3, 3], [3, 3]]


def test_an_interval_contains_the_mean_and_has_the_width_of_the_normal_one() -> None:
    values = np.random.default_rng(1).random(400)
    value, low, high = bootstrap_interval(values, np.arange(400))
    assert low < value < high
    assert value == pytest.approx(values.mean())
    normal = 2 * 1.96 * values.std() / math.sqrt(400)
    assert high - low == pytest.approx(normal, rel=0.15)


def test_an_estimate_has_the_mean_its_interval_and_the_number_of_lists() -> None:
    values, groups = np.random.default_rng(2).random(60), np.repeat(np.arange(20), 3)
    found = estimate(values, groups, seed=4)
    assert (found.value, found.low, found.high) == bootstrap_interval(values, groups, 4)
    assert found.low < found.value < found.high
    assert found.lists == 60
    assert estimate(values, groups, seed=5).low != found.low
    assert estimate(values, groups) == estimate(values, groups, seed=0)


def test_an_interval_covers_95_in_100_of_the_resampled_means() -> None:
    values = np.random.default_rng(3).normal(0, 1, 900)
    value, low, high = bootstrap_interval(values, np.arange(900), draws=6000)
    error = values.std() / 30  # of the mean of 900
    assert (value - low) / error == pytest.approx(1.96, abs=0.1)
    assert (high - value) / error == pytest.approx(1.96, abs=0.1)


def test_groups_weigh_by_their_rows() -> None:
    # One group of nine rows, one of a single row: a resample has both once, or either of them twice.
    values, groups = np.array([1.0] * 9 + [0.0]), np.array([5] * 9 + [7])
    value, low, high = bootstrap_interval(values, groups)
    assert (value, low, high) == (0.9, 0, 1)


def test_rows_of_one_group_count_as_one() -> None:
    values, groups = np.random.default_rng(2).random(50), np.arange(50)
    alone = bootstrap_interval(values, groups)
    repeated = bootstrap_interval(np.repeat(values, 8), np.repeat(groups, 8))
    assert repeated == pytest.approx(alone)


def test_equal_values_have_a_zero_interval_and_no_values_are_nan() -> None:
    assert bootstrap_interval(np.full(9, 0.25), np.arange(9)) == (0.25, 0.25, 0.25)
    assert all(math.isnan(number) for number in bootstrap_interval(np.empty(0), np.empty(0, int)))
