"""A shop as it was known at a moment answers like the store, and leaves out what came later."""

import numpy as np
import pandas as pd
import pytest

from db.queries import entities
from db.queries.groups import closed_group_counts, open_groups
from db.queries.known_shop import known_shop_at
from db.queries.ties import Tie, count_ties


@pytest.fixture(scope="module")
def store(stocked):
    return stocked.store()


@pytest.fixture(scope="module")
def at_the_end(store):
    return known_shop_at(store, np.datetime64("2100-01-01", "s"))


def test_once_everything_is_known_it_answers_like_the_store(store, at_the_end):
    counts = entities.item_frame(store)[["launches", "successes", "failures", "joins"]]
    pd.testing.assert_frame_equal(at_the_end.item_counts(), counts, check_names=False)
    assert at_the_end.closed_group_counts() == closed_group_counts(store)
    assert at_the_end.recent_initiators(9) == entities.recent_initiators(store, 9)
    assert at_the_end.random_initiators(9, 3) == entities.random_initiators(store, 9, 3)
    pd.testing.assert_frame_equal(at_the_end.open_groups(store), open_groups(store))


def test_cards_and_ties_are_those_of_the_store_once_everything_is_known(store, at_the_end):
    people = [person.id for person in entities.random_initiators(store, 40, 0)]
    for id in people[:10]:
        assert at_the_end.user_card(id) == entities.user_card(store, id)
        assert at_the_end.ties(id, [*people, "nobody"]) == count_ties(
            store, id, [*people, "nobody"]
        )
    assert at_the_end.ties("nobody", people[:1]) == {people[0]: Tie()}


HISTORY = """group_id,initiator,item,participants,status,launched_at,expires_at,target_size
g1,ann,milk,bea,successful,2026-05-01 08:00,,2
g2,ann,rice,,failed,2026-05-02 20:00,2026-05-05 08:00,2
g3,bea,milk,,failed,2026-05-02 21:00,2026-05-03 21:00,3
g4,cai,milk,ann,open,2026-05-09 08:00,2026-05-11 08:00,3
"""


@pytest.fixture
def on_the_third(sqlite_store, importing):
    """The shop of ``HISTORY`` as it was known when May 3 began."""
    importing(sqlite_store, "history.csv", HISTORY)
    return sqlite_store, known_shop_at(sqlite_store, np.datetime64("2026-05-03", "s"))


def test_what_happens_later_is_not_known_and_groups_that_close_later_were_open(on_the_third):
    store, known = on_the_third
    counts = known.item_counts()
    assert counts.loc["milk"].to_dict() == {
        "launches": 2, "successes": 1, "failures": 0, "joins": 1,
    }  # fmt: skip
    assert known.closed_group_counts() == {"milk": (1, 0)}
    were_open = known.open_groups(store)
    assert were_open["group"].tolist() == ["g3", "g2"]  # by deadline
    assert were_open["participants"].tolist() == [[], []]
    card = known.user_card("ann")
    assert (card.launches, card.successes, card.open) == (2, 1, 1)
    assert [person.id for person in known.recent_initiators(5)] == ["bea", "ann"]
