"""Invitations are divided so that the most can be expected to join, and nobody is asked too often."""

from collections import Counter
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.groups.assignment import Launch, assign_invitations

PEOPLE = ["a", "b", "c", "d", "e", "f"]
chances = st.dictionaries(st.sampled_from(PEOPLE), st.integers(0, 100).map(lambda n: n / 100))
launches = st.lists(
    st.builds(Launch, st.sampled_from([*PEOPLE, "x"]), st.sampled_from(["i", "j"]), chances),
    max_size=5,
    unique_by=lambda launch: (launch.initiator, launch.item),
)


def joins(launches, invited):
    """How many can be expected to join."""
    return sum(
        launch.chances[person]
        for launch, people in zip(launches, invited, strict=True)
        for person in people
    )


def greedy(launches, each, limit):
    """The likeliest pair first, as one would do it by hand."""
    pairs = sorted(
        (-launch.chances[person], k, person)
        for k, launch in enumerate(launches)
        for person in launch.chances
        if person != launch.initiator
    )
    invited, asked = [[] for _ in launches], Counter()
    for _, k, person in pairs:
        if len(invited[k]) < each and asked[person] < limit:
            invited[k].append(person)
            asked[person] += 1
    return invited


@settings(deadline=None)
@given(launches, st.integers(1, 4), st.integers(1, 3))
def test_every_limit_holds_and_nobody_is_invited_twice_or_to_her_own_group(found, each, limit):
    invited = assign_invitations(found, each, limit)
    assert max(Counter(p for people in invited for p in people).values(), default=0) <= limit
    for launch, people in zip(found, invited, strict=True):
        assert len(people) <= each
        assert len(set(people)) == len(people)
        assert launch.initiator not in people
        assert set(people) <= set(launch.chances)


@settings(deadline=None)
@given(launches, st.integers(1, 4), st.integers(1, 3))
def test_no_fewer_can_be_expected_to_join_than_by_asking_the_likeliest_first(found, each, limit):
    by_hand = joins(found, greedy(found, each, limit))
    assert joins(found, assign_invitations(found, each, limit)) >= by_hand - 1e-4


@settings(deadline=None, max_examples=30)
@given(st.lists(chances, min_size=2, max_size=3), st.integers(1, 2))
def test_no_other_division_lets_more_be_expected_to_join(drawn, each):
    found = [Launch("x", str(k), people) for k, people in enumerate(drawn)]
    ways = [
        [way for n in range(each + 1) for way in combinations(sorted(launch.chances), n)]
        for launch in found
    ]
    best = max(
        joins(found, division)
        for division in product(*ways)
        if max(Counter(p for people in division for p in people).values(), default=0) <= 1
    )
    assert joins(found, assign_invitations(found, each, 1)) == pytest.approx(best, abs=1e-4)


@settings(deadline=None)
@given(st.data(), launches, st.integers(1, 4), st.integers(1, 3))
def test_the_order_of_the_launches_changes_nothing(data, found, each, limit):
    shuffled = data.draw(st.permutations(found))
    named = {
        (f.initiator, f.item): p
        for f, p in zip(found, assign_invitations(found, each, limit), strict=True)
    }
    again = assign_invitations(shuffled, each, limit)
    assert again == [named[launch.initiator, launch.item] for launch in shuffled]


def test_a_place_is_rather_given_to_somebody_unlikely_than_left_empty():
    assert assign_invitations([Launch("x", "i", {"a": 0.0, "b": 0.0})], 2, 1) == [["a", "b"]]
    rivals = [Launch("x", "i", {"a": 0.5, "b": 0.0}), Launch("y", "i", {"a": 0.4})]
    assert assign_invitations(rivals, 1, 1) == [["a"], []]
    assert assign_invitations([*rivals, Launch("z", "i", {"a": 0.3, "b": 0.0})], 1, 1)[2] == ["b"]


def test_a_person_whom_two_want_goes_where_the_other_can_do_without_her():
    spoilt = Launch("x", "i", {"a": 0.6, "b": 0.5})
    needy = Launch("y", "i", {"a": 0.5, "c": 0.1})
    assert greedy([spoilt, needy], 1, 1) == [["a"], ["c"]]
    assert assign_invitations([spoilt, needy], 1, 1) == [["b"], ["a"]]
    assert assign_invitations([spoilt, needy], 1, 2) == [["a"], ["a"]]


def test_fewer_are_invited_where_people_run_out():
    twins = [Launch("x", "i", {"a": 0.6}), Launch("y", "i", {"a": 0.5})]
    assert assign_invitations(twins, 3, 1) == [["a"], []]


@pytest.mark.parametrize(("each", "limit"), [(0, 1), (1, 0)])
def test_limits_of_nothing_are_refused_by_their_value(each, limit):
    with pytest.raises(ValueError, match=f"{each} invitations per group and {limit} per person"):
        assign_invitations([], each, limit)
