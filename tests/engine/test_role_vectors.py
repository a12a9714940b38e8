"""Role vectors worked out by hand: with a smooth vector of its own for each item, a user's is what they did."""

from math import sqrt

import numpy as np
import pytest
from numpy.typing import NDArray
from worked_shop import ANN, BEA, BOOK, CAI, DAN, EVE, MILK, SHOP, TOYS, WIPES

from db.logs import FAILED
from engine.evidence.evidence import Evidence
from engine.evidence.graphs import Graphs
from engine.evidence.role_vectors import ViewTables, propagate_views

ITEMS = 4


@pytest.fixture(scope="module")
def tables() -> ViewTables:
    """With the items' unit vectors for smooth vectors, and nothing for the cold-start row."""
    unit = np.eye(ITEMS + 1, ITEMS, dtype=np.float32)
    evidence = Evidence(Graphs.from_logs(SHOP), unit, unit)
    return propagate_views(evidence, np.eye(ITEMS, dtype=np.float32))


def scaled(**parts: float) -> NDArray[np.float64]:
    """A vector with these parts, made the root of its four dimensions long."""
    places = {"milk": MILK, "book": BOOK, "wipes": WIPES, "toys": TOYS}
    vector = np.zeros(ITEMS)
    for name, value in parts.items():
        vector[places[name]] = value
    return 2 * vector / sqrt((vector**2).sum())


def test_an_item_is_its_own_vector_in_both_graphs(tables: ViewTables) -> None:
    expected = 2 * np.eye(ITEMS + 1, ITEMS)
    np.testing.assert_allclose(tables.launched, expected)
    np.testing.assert_allclose(tables.joined, expected)


def test_an_initiator_is_what_they_launched_with_and_without_success_rare_items_more(
    tables: ViewTables,
) -> None:
    # One over the root of an item's users; Ann launched milk and failed with it, and with the book.
    found = tables.initiator
    np.testing.assert_allclose(found[ANN], scaled(milk=2 / sqrt(4), book=1 / sqrt(3)), rtol=1e-5)
    np.testing.assert_allclose(found[BEA], scaled(wipes=1 / sqrt(3), toys=1 / sqrt(4)), rtol=1e-5)
    np.testing.assert_allclose(found[CAI], scaled(toys=1, milk=1), rtol=1e-5)
    assert not found[-1].any()


def test_a_participant_is_what_they_joined_rare_items_more(tables: ViewTables) -> None:
    found = tables.participant
    np.testing.assert_allclose(found[BEA], scaled(milk=1), rtol=1e-5)
    expected = scaled(wipes=1 / sqrt(3), toys=1 / sqrt(4), book=1 / sqrt(3))
    np.testing.assert_allclose(found[DAN], expected, rtol=1e-5)
    assert not found[-1].any()


def test_in_the_social_graph_a_user_is_the_mean_of_their_circle(tables: ViewTables) -> None:
    # Each of n items of a user is 1 / sqrt((n + 1) * (users of the item + 5)). Eve has Ann, with three items, and Dan,
    # with four.
    ann, dan = 1 / sqrt(4), 1 / sqrt(5)
    expected = scaled(
        milk=(ann + dan) / sqrt(9),
        book=(ann + dan) / sqrt(8),
        wipes=(ann + dan) / sqrt(8),
        toys=dan / sqrt(9),
    )
    np.testing.assert_allclose(tables.social[EVE], expected, rtol=1e-5)
    assert not tables.social[-1].any()


def test_p_bar_is_the_mean_of_those_who_joined(tables: ViewTables) -> None:
    both = np.concatenate([tables.participant, tables.social], 1)
    np.testing.assert_allclose(tables.average, both[:5].mean(0), rtol=1e-5)  # all five did
    roles = tables.concatenated()
    user = np.concatenate([tables.initiator, tables.participant, tables.social], 1)
    assert (roles.users == user).all()
    assert (roles.items == np.concatenate([tables.launched, tables.joined], 1)).all()


def test_where_nobody_joined_p_bar_is_nothing() -> None:
    unit = np.eye(ITEMS + 1, ITEMS, dtype=np.float32)
    failures = Graphs.from_logs(SHOP, SHOP.group_status == FAILED, friendships=False)
    assert failures.joined.nnz == 0
    found = propagate_views(Evidence(failures, unit, unit), np.eye(ITEMS, dtype=np.float32))
    assert not found.average.any()
