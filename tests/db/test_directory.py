"""People are found as they are typed, and cards count what the logs say."""

from collections.abc import Callable

import pandas as pd
import pytest

from db.errors import InputError
from db.importing.report import ImportReport
from db.queries.entities import (
    counts,
    item_frame,
    names,
    random_initiators,
    recent_initiators,
    user_card,
)
from db.queries.search import search_users
from db.store import Store

Import = Callable[..., ImportReport]

LOGS = """initiator,initiator_name,item,item_name,participants,status,launched_at
100,豆豆妈咪,i1,奶粉,"200,300",successful,2025-06-01 10:00
1001,重庆小雨,i1,奶粉,100,successful,2025-06-03 10:00
200,Tina 100%,i2,,,failed,2025-06-02 10:00
200,Tina 100%,i2,,300,open,2025-06-04 10:00
_x,吕女士,i2,,,failed,
"""


@pytest.fixture
def shop(store: Store, importing: Import) -> Store:
    """A handful of users, on each of the two databases."""
    importing(store, "logs.csv", LOGS)
    importing(store, "friends.csv", "user,friend\n100,200\n100,400\n")
    return store


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("100", "100"),  # the exact id before the longer one
        ("1001", "1001"),
        ("豆豆", "100"),
        ("豆豆妈咪", "100"),
        ("妈咪", "100"),
        ("doudou", "100"),
        ("dou dou ma mi", "100"),
        ("DDMM", "100"),
        ("mami", "100"),
        ("chongqing", "1001"),
        ("cqxy", "1001"),
        ("tina", "200"),
        ("100%", "200"),
        ("_x", "_x"),
        ("lvnvshi", "_x"),
        ("lü", "_x"),
        ("１００１", "1001"),
    ],
)
def test_a_user_is_found_by_what_one_types(shop: Store, typed: str, first: str) -> None:
    assert search_users(shop, typed)[0].id == first


def test_signs_of_patterns_are_only_signs(shop: Store) -> None:
    assert [person.id for person in search_users(shop, "%")] == ["200"]
    assert [person.id for person in search_users(shop, "_")] == ["_x"]
    assert search_users(shop, "'; DROP TABLE users; --") == []
    assert search_users(shop, "  ") == []


def test_a_search_stops_at_its_limit(shop: Store) -> None:
    assert [person.id for person in search_users(shop, "00", limit=2)] == ["100", "200"]


def test_a_card_counts_launches_joins_and_the_circle(shop: Store) -> None:
    card = user_card(shop, "100")
    assert (card.name, card.launches, card.successes, card.joins) == ("豆豆妈咪", 1, 1, 1)
    assert (card.friends, card.circle) == (2, 4)  # 200 and 400; and 300 and 1001 from groups
    assert card.last_launch == pd.Timestamp("2025-06-01 10:00")
    busy = user_card(shop, "200")
    assert (busy.launches, busy.failures, busy.open, busy.joins) == (2, 1, 1, 1)
    assert user_card(shop, "_x").last_launch is None
    with pytest.raises(InputError, match="has no user 'nobody'"):
        user_card(shop, "nobody")


def test_recent_initiators_are_those_who_launched_last(shop: Store) -> None:
    assert [person.id for person in recent_initiators(shop, 3)] == ["200", "1001", "100"]
    assert [person.id for person in recent_initiators(shop, 9)] == ["200", "1001", "100", "_x"]


def test_random_initiators_have_launched_and_follow_the_seed(shop: Store) -> None:
    drawn = random_initiators(shop, 10, seed=1)
    assert {person.id for person in drawn} == {"100", "1001", "200", "_x"}
    assert random_initiators(shop, 2, seed=5) == random_initiators(shop, 2, seed=5)


def test_items_are_counted(shop: Store) -> None:
    frame = item_frame(shop)
    assert frame.loc["i1", ["launches", "successes", "joins"]].tolist() == [2, 2, 3]
    assert frame.loc["i2", ["launches", "successes", "joins"]].tolist() == [3, 0, 1]
    assert frame.loc["i1", "name"] == "奶粉"
    assert pd.isna(frame.loc["i2", "name"])


def test_names_fall_back_on_ids(shop: Store) -> None:
    assert names(shop, "users", ["100", "300", "nobody"]) == {
        "100": "豆豆妈咪",
        "300": "300",
        "nobody": "nobody",
    }
    assert names(shop, "items", ["i1"]) == {"i1": "奶粉"}
    assert len(names(shop, "users", map(str, range(12_000)))) == 12_000


def test_counts_tell_what_the_store_holds(shop: Store) -> None:
    held = counts(shop)
    assert (held.users, held.named_users, held.items, held.named_items) == (6, 4, 2, 1)
    assert (held.successful, held.failed, held.open, held.groups) == (2, 2, 1, 5)
    assert (held.joins, held.friendships) == (4, 2)
