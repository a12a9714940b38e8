"""Who and what is a candidate, counted by hand on five groups."""

import numpy as np
from small_shops import ANN, BEA, BOOK, CAI, DAN, MILK, WIPES, five_groups

from engine.candidates import (
    Question,
    asked_question,
    contains,
    group_members,
    is_repeat,
    launched_items,
    repeat_share,
    with_history,
)
from engine.evidence.graphs import Graphs


def test_an_item_counts_as_launched_by_a_successful_or_an_open_group_but_not_by_a_failed_one() -> (
    None
):
    launched = launched_items(five_groups()).toarray()
    assert set(map(tuple, np.argwhere(launched).tolist())) == {
        (ANN, MILK),
        (ANN, BOOK),
        (DAN, WIPES),
    }


def test_a_launch_is_a_repeat_if_another_known_group_launched_the_item() -> None:
    logs, all_groups = five_groups(), np.arange(5)
    # Ann launched milk twice; whichever is asked about, the other one is known.
    everything = np.ones(5, bool)
    assert is_repeat(logs, all_groups, everything).tolist() == [True, True, False, False, False]
    first = all_groups < 1
    assert is_repeat(logs, all_groups, first).tolist() == [False, True, False, False, False]
    # Cai's failed launch may be tried again, Dan's open one is a launch.
    assert not is_repeat(logs, np.array([3]), everything).any()
    assert not is_repeat(logs, all_groups, np.zeros(5, bool)).any()


def test_a_shop_asks_for_anything_where_a_tenth_of_its_launches_are_repeats() -> None:
    logs = five_groups()
    assert repeat_share(logs) == 0.25  # one of four launches; a failed group is none
    assert asked_question(logs, "auto") is Question.ANY
    once = logs.with_groups(np.arange(5) != 1)
    assert repeat_share(once) == 0
    assert asked_question(once, "auto") is Question.NEW
    assert asked_question(logs, "new") is Question.NEW
    assert asked_question(once, "any") is Question.ANY
    assert repeat_share(logs.with_groups(np.zeros(5, bool))) == 0


def test_the_initiator_is_a_member_of_their_group() -> None:
    members = group_members(five_groups())
    assert [sorted(row.indices.tolist()) for row in members] == [
        [ANN, BEA],
        [ANN, BEA, CAI],
        [ANN, BEA],
        [CAI],
        [BEA, DAN],
    ]


def test_negatives_have_a_history_in_the_snapshot() -> None:
    items, users = with_history(Graphs.from_logs(five_groups(), np.arange(5) == 2))
    assert items.tolist() == [False, True, False]
    assert users.tolist() == [True, True, False, False]


def test_pairs_are_found_where_they_are_and_nowhere_else() -> None:
    launched = launched_items(five_groups())
    rows, columns = np.indices(launched.shape).reshape(2, -1)
    found = contains(launched, rows, columns).reshape(launched.shape)
    assert (found == launched.toarray()).all()
    assert not contains(launched[:0], np.array([0]), np.array([1])).any()
