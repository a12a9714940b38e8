"""The chance that a group fills follows from the chances of the people invited."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.recommending.filling import fill_probability, join_count_tail

chances = st.lists(st.floats(0, 1), max_size=7)


def test_two_coins_give_three_quarters_for_one_head_and_a_quarter_for_two():
    assert join_count_tail([0.5, 0.5]).tolist() == [1.0, 0.75, 0.25]


@given(chances)
def test_the_tail_equals_the_sum_over_all_subsets_that_join(probabilities):
    tail = join_count_tail(probabilities)
    for needed in range(len(probabilities) + 1):
        by_hand = sum(
            math.prod(p if joins else 1 - p for p, joins in zip(probabilities, way, strict=True))
            for way in itertools.product([True, False], repeat=len(probabilities))
            if sum(way) >= needed
        )
        assert tail[needed] == pytest.approx(by_hand, abs=1e-9)


@given(chances)
def test_a_larger_group_is_never_likelier_to_fill(probabilities):
    tail = join_count_tail(probabilities)
    assert all(tail[k] >= tail[k + 1] for k in range(len(tail) - 1))


@given(chances, st.floats(0, 1))
def test_one_more_invitation_never_lowers_the_chance(probabilities, another):
    for needed in range(len(probabilities) + 1):
        assert (
            fill_probability([*probabilities, another], needed)
            >= fill_probability(probabilities, needed) - 1e-12
        )


def test_fewer_invited_than_needed_cannot_fill():
    assert fill_probability([1.0, 1.0], 3) == 0.0


@pytest.mark.parametrize("wrong", [-0.1, 1.1, math.nan])
def test_a_chance_outside_zero_and_one_is_refused_with_its_value(wrong):
    with pytest.raises(ValueError, match=str(wrong)):
        join_count_tail([0.5, wrong])
