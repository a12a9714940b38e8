"""Figures against hand-worked lists and against every order of the tied, one by one."""

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

from train.evaluate.metrics import bootstrap_interval, ndcg, rank_range, recall, reciprocal_rank


@pytest.mark.parametrize(("width", "rank", "gain"), [(10, 0.2929, 0.4544), (100, 0.0519, 0.2094)])
def test_a_constant_scorer_gets_what_chance_gives(width: int, rank: float, gain: float) -> None:
    ends = rank_range(np.zeros((3, width)))
    assert reciprocal_rank(*ends, width) == pytest.approx(rank, abs=5e-5)
    assert ndcg(*ends, width) == pytest.approx(gain, abs=5e-5)


def test_lists_worked_out_by_hand() -> None:
    scores = np.array(
        [
            [9.0, 1, 2, 3],  # first
            [2.0, 1, 3, 0],  # second
            [0.0, 1, 2, 3],  # last of four
            [1.0, 1, 0, 0],  # first or second
            [1.0, 2, 1, 1],  # second, third or fourth
        ]
    )
    ends = rank_range(scores)
    rank = [1, 1 / 2, 1 / 4, (1 + 1 / 2) / 2, (1 / 2 + 1 / 3 + 1 / 4) / 3]
    assert reciprocal_rank(*ends, 4) == pytest.approx(rank)
    gain = [1 / math.log2(1 + place) for place in range(1, 5)]
    expected = [gain[0], gain[1], gain[3], (gain[0] + gain[1]) / 2, sum(gain[1:]) / 3]
    assert ndcg(*ends, 4) == pytest.approx(expected)
    assert recall(*ends, 2) == pytest.approx([1, 1, 0, 1, 1 / 3])


def test_nothing_is_earned_below_the_cut() -> None:
    ends = rank_range(np.array([[0.0, 1, 2, 3]]))
    assert reciprocal_rank(*ends, 3) == [0]
    assert ndcg(*ends, 3) == [0]


@given(st.lists(st.integers(0, 2), min_size=2, max_size=6), st.integers(1, 6))
def test_ties_earn_the_mean_over_all_orders(row: list[int], cut: int) -> None:
    ends = rank_range(np.array([row], float))
    rank, gain = [], []
    for order in itertools.permutations(range(len(row))):
        # a stable sort of a shuffled list: the tied stand in every order equally often
        place = 1 + sorted(order, key=lambda column: -row[column]).index(0)
        rank.append(1 / place if place <= cut else 0)
        gain.append(1 / math.log2(1 + place) if place <= cut else 0)
    assert reciprocal_rank(*ends, cut)[0] == pytest.approx(np.mean(rank))
    assert ndcg(*ends, cut)[0] == pytest.approx(np.mean(gain))


@pytest.mark.parametrize("levels", [3, 10_000])
@pytest.mark.parametrize("cut", [1, 10, 100])
def test_gain_is_scikit_learns_ties_and_all(levels: int, cut: int) -> None:
    scores = np.random.default_rng(levels).integers(0, levels, (40, 100)).astype(float)
    right = np.eye(1, 100).repeat(40, 0)
    gain = ndcg(*rank_range(scores), cut)
    assert gain.mean() == pytest.approx(ndcg_score(right, scores, k=cut))


def test_reciprocal_rank_and_hits_are_scikit_learns_where_nothing_is_tied() -> None:
    scores = np.random.default_rng(0).random((200, 30))
    ends = rank_range(scores)
    right = np.eye(1, 30, dtype=int).repeat(200, 0)
    expected = label_ranking_average_precision_score(right, scores)
    assert reciprocal_rank(*ends, 30).mean() == pytest.approx(expected)
    for cut in (1, 10, 20):
        hits = top_k_accuracy_score(np.zeros(200), scores, k=cut, labels=range(30))
        assert recall(*ends, cut).mean() == pytest.approx(hits)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_score_that_is_no_number_takes_the_last_place(value: float) -> None:
    scores = np.array([[value, 1.0, 0.0], [5.0, value, 0.0]])
    assert [side.tolist() for side in rank_range(scores)] == [[3, 3], [3, 3]]


def test_an_interval_holds_the_mean_and_shrinks_with_the_root_of_the_cases() -> None:
    values = np.random.default_rng(1).random(400)
    value, low, high = bootstrap_interval(values, np.arange(400))
    assert low < value < high
    assert value == pytest.approx(values.mean())
    normal = 2 * 1.96 * values.std() / math.sqrt(400)
    assert high - low == pytest.approx(normal, rel=0.15)


def test_rows_of_one_case_count_as_one() -> None:
    values, cases = np.random.default_rng(2).random(50), np.arange(50)
    alone = bootstrap_interval(values, cases)
    repeated = bootstrap_interval(np.repeat(values, 8), np.repeat(cases, 8))
    assert repeated == pytest.approx(alone)


def test_equal_values_leave_no_doubt_and_no_values_leave_no_figure() -> None:
    assert bootstrap_interval(np.full(9, 0.25), np.arange(9)) == (0.25, 0.25, 0.25)
    assert all(math.isnan(number) for number in bootstrap_interval(np.empty(0), np.empty(0, int)))
