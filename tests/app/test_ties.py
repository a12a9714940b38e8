"""Ties equal what the logs show."""

from collections import Counter

import pytest

from db.queries.entities import random_initiators
from db.queries.ties import Tie, count_ties
from db.read_logs import read_logs


@pytest.fixture(scope="module")
def store(stocked):
    return stocked.store()


@pytest.fixture(scope="module")
def logs(store):
    return read_logs(store)


def tie_by_hand(logs, user, other):
    """The tie counted group by group."""
    members = {}
    for group, member in zip(logs.join_group, logs.join_participant, strict=True):
        members.setdefault(int(group), set()).add(int(member))
    found = Counter()
    for group, initiator in enumerate(logs.group_initiator):
        joined = members.get(group, set())
        found["joined_initiator"] += initiator == user and other in joined
        found["initiator_joined"] += initiator == other and user in joined
        found["together"] += user in joined and other in joined
    friends = {frozenset(pair) for pair in logs.friendships.tolist()}
    return Tie(
        frozenset((user, other)) in friends,
        found["joined_initiator"],
        found["initiator_joined"],
        found["together"],
    )


def test_ties_equal_a_count_by_hand(store, logs):
    ids = list(logs.users.index)
    initiator = random_initiators(store, 1, 1)[0].id
    user = ids.index(initiator)
    ties = count_ties(store, initiator, ids)
    known = [number for number in ids if ties[number] != Tie()]
    assert known, "the demo shop has circles of friends"
    for number in known[:15] + ids[:15]:
        if number != initiator:
            assert ties[number] == tie_by_hand(logs, user, ids.index(number))


def test_an_unknown_id_has_an_empty_tie(store, logs):
    initiator = logs.users.index[0]
    assert count_ties(store, initiator, ["nobody"]) == {"nobody": Tie()}
    assert count_ties(store, "nobody", [initiator]) == {initiator: Tie()}
