"""Who and what is a candidate, counted by hand on five groups."""

import numpy as np
from small_shops import ANN, BEA, BOOK, CAI, DAN, MILK, WIPES, five_groups

from engine.candidates import contains, group_members, launched_items, with_history
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
