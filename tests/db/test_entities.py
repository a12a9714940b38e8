"""Cards, lists and counts of users and items say what the logs say."""

from collections.abc import Callable

import pandas as pd
import pytest

from db.errors import InputError
from db.importing.report import ImportReport
from db.queries.entities import (
    entity_names,
    item_frame,
    random_initiators,
    recent_initiators,
    store_counts,
    user_card,
)
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
    assert [user.id for user in recent_initiators(shop, 3)] == ["200", "1001", "100"]
    assert [user.id for user in recent_initiators(shop, 9)] == ["200", "1001", "100", "_x"]


def test_random_initiators_have_launched_and_follow_the_seed(shop: Store) -> None:
    drawn = random_initiators(shop, 10, seed=1)
    assert {user.id for user in drawn} == {"100", "1001", "200", "_x"}
    assert random_initiators(shop, 2, seed=5) == random_initiators(shop, 2, seed=5)


def test_launches_successes_and_joins_of_items_are_counted(shop: Store) -> None:
    frame = item_frame(shop)
    assert frame.loc["i1", ["launches", "successes", "joins"]].tolist() == [2, 2, 3]
    assert frame.loc["i2", ["launches", "successes", "joins"]].tolist() == [3, 0, 1]
    assert frame.loc["i1", "name"] == "奶粉"
    assert pd.isna(frame.loc["i2", "name"])


def test_names_fall_back_to_ids(shop: Store) -> None:
    assert entity_names(shop, "users", ["100", "300", "nobody"]) == {
        "100": "豆豆妈咪",
        "300": "300",
        "nobody": "nobody",
    }
    assert entity_names(shop, "items", ["i1"]) == {"i1": "奶粉"}
    assert len(entity_names(shop, "users", map(str, range(12_000)))) == 12_000


def test_users_items_groups_and_joins_of_the_store_are_counted(shop: Store) -> None:
    held = store_counts(shop)
    assert (held.users, held.named_users, held.items, held.named_items) == (6, 4, 2, 1)
    assert (held.successful, held.failed, held.open, held.groups) == (2, 2, 1, 5)
    assert (held.joins, held.friendships) == (4, 2)
