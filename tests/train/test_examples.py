"""Triples: the right answers first, wrong ones behind, and nobody without a history taught as one who wins."""

import numpy as np
from small_shops import random_shop

from db.logs import OPEN, SUCCESSFUL
from engine.evidence.graphs import Graphs
from train.prepare.examples import Examples, triples
from train.prepare.snapshot import known

NEGATIVES = 8
LOGS = random_shop(users=80, items=50, groups=300)
GROUPS = np.flatnonzero(LOGS.group_status == SUCCESSFUL)
KEPT = np.arange(len(LOGS.group_item)) % 4 > 0  # a quarter of the groups lies in no graph
GRAPHS = Graphs.from_logs(LOGS, KEPT, friendships=False)
LABELS = GROUPS[~KEPT[GROUPS]]


def drawn(seed: int = 0) -> Examples:
    return triples(LOGS, LABELS, NEGATIVES, seed, GRAPHS)


def test_the_right_answers_stand_first_and_are_of_one_group() -> None:
    members = {
        (int(LOGS.group_initiator[group]), int(LOGS.group_item[group]), int(participant))
        for group, participant in zip(LOGS.join_group, LOGS.join_participant, strict=True)
        if group in set(LABELS.tolist())
    }
    found = drawn()
    right = zip(found.initiator, found.items[:, 0], found.participants[:, 0], strict=True)
    assert {tuple(map(int, triple)) for triple in right} <= members
    assert len(found) > 30


def test_wrong_answers_are_wrong_and_have_a_history() -> None:
    counted = np.isin(LOGS.group_status, (SUCCESSFUL, OPEN))
    launched = set(
        zip(LOGS.group_initiator[counted].tolist(), LOGS.group_item[counted].tolist(), strict=True)
    )
    known_items, known_users = known(GRAPHS)
    found = drawn()
    wrong = found.items[:, 1:]
    assert wrong.shape == found.participants[:, 1:].shape == (len(found), NEGATIVES)
    for initiator, row in zip(found.initiator.tolist(), wrong.tolist(), strict=True):
        assert not launched & {(initiator, item) for item in row}
    assert known_items[wrong].all()
    assert known_users[found.participants[:, 1:]].all()
    assert (found.participants[:, 1:] != found.initiator[:, None]).all()


def test_who_lost_all_history_with_the_fold_is_marked_and_triples_of_two_such_are_left_out() -> (
    None
):
    known_items, known_users = known(GRAPHS)
    found = drawn()
    expected = np.column_stack(
        [known_items[found.items[:, 0]], known_users[found.participants[:, 0]]]
    )
    assert np.array_equal(found.known, expected)
    assert found.known.any(1).all()
    # With nothing but one group in the graphs hardly anybody is known, and most triples teach nothing.
    alone = np.zeros(len(KEPT), bool)
    alone[GROUPS[0]] = True
    few = triples(LOGS, LABELS, NEGATIVES, 0, Graphs.from_logs(LOGS, alone, friendships=False))
    assert 0 < len(few) < len(LABELS)
    assert few.known.any(1).all()
    assert not few.known.all()


def test_a_seed_decides_what_is_drawn() -> None:
    first, again, other = drawn(0), drawn(0), drawn(1)
    assert np.array_equal(first.items, again.items)
    assert np.array_equal(first.participants, again.participants)
    assert not np.array_equal(first.items, other.items)
