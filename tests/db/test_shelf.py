"""What the shop has on its shelf, and whom it must not ask."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import insert, select, update

from db.importing.pipeline import import_files
from db.queries.arrivals import later_items, later_users, logs_before
from db.queries.shelf import not_contactable, read_shelf, shelf_version, why_not
from db.read_logs import data_version, read_logs
from db.schema import imports, item_facts, items, users
from db.shop_clock import set_shop_zone
from db.store import Store

GROUPS = """group_id,initiator,item,participants,status,launched_at
G1,ann,milk,bea,successful,2025-06-01 10:00:00
G2,ann,book,cai,successful,2025-03-02 10:00:00
G3,dan,toys,eve,open,2025-06-07 10:00:00
"""
FRIENDS = "user,friend\nann,fay\n"
Says = Callable[..., None]


@pytest.fixture
def shop(store: Store, tmp_path: Path) -> Store:
    """A store with three groups, on each kind of database."""
    (tmp_path / "groups.csv").write_text(GROUPS)
    (tmp_path / "friends.csv").write_text(FRIENDS)
    set_shop_zone(store, "Asia/Shanghai")
    import_files(store, [tmp_path / "groups.csv"], [], [tmp_path / "friends.csv"])
    with store.write() as connection:  # as if the logs had come in on the day they end
        connection.execute(update(imports).values(created_at=utc("2025-06-08 00:00:00")))
    return store


@pytest.fixture
def say(shop: Store) -> Says:
    """``say(when, item, status="off")``: an edit of the shop at a moment in UTC."""

    def edit(when: str, id: str, **values: object) -> None:
        with shop.write() as connection:
            fields = dict.fromkeys(
                ("last_user", "last_item", "last_group", "accepted", "rejected"), 0
            )
            number = connection.execute(
                insert(imports).values(
                    batch=when,
                    file="edit",
                    kind="edit",
                    format="items",
                    sha256=when,
                    created_at=utc(when),
                    **fields,
                )
            ).inserted_primary_key[0]
            key = connection.execute(
                select(items.c.id).where(items.c.external_id == id)
            ).scalar_one()
            connection.execute(insert(item_facts).values(import_id=number, item_id=key, **values))
            connection.execute(update(items).where(items.c.id == key).values(**values))

    return edit


def utc(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def seconds(text: str) -> int:
    return int(np.datetime64(text, "s").astype(np.int64))


def at(text: str) -> np.datetime64:
    return np.datetime64(text, "s")


def reasons(shop: Store, moment: str, picked: bool = False) -> dict[str, str]:
    shelf = read_shelf(shop, at(moment), picked)
    return {id: str(message) for id, message in shelf.unavailable.items()}


def test_what_the_shop_says_nothing_of_can_be_had(shop: Store) -> None:
    assert reasons(shop, "2025-06-08") == {}


def test_each_reason_is_given_in_words_with_the_day_on_the_shops_clock(
    shop: Store, say: Says
) -> None:
    say("2025-06-02 22:00:00", "milk", status="off")
    say("2025-06-03 12:00:00", "book", stock=0)
    say("2025-06-03 13:00:00", "toys", status="hidden")
    assert reasons(shop, "2025-06-08") == {
        "milk": "It has been off the shelf since 2025-06-03.",  # in Shanghai it was the next morning
        "book": "It has been sold out since 2025-06-03.",
        "toys": "It has been hidden since 2025-06-03.",
    }


def test_the_day_is_that_of_the_first_of_equal_statements(shop: Store, say: Says) -> None:
    for day, stock in ((1, 0), (2, 4), (3, 0), (4, 0)):
        say(f"2025-06-0{day} 12:00:00", "milk", stock=stock)
    assert reasons(shop, "2025-06-08") == {"milk": "It has been sold out since 2025-06-03."}


def test_an_item_that_is_back_can_be_had(shop: Store, say: Says) -> None:
    say("2025-06-02 12:00:00", "milk", status="off", stock=0)
    say("2025-06-03 12:00:00", "milk", status="on", stock=1)
    assert reasons(shop, "2025-06-08") == {}


def test_a_sale_lasts_from_its_first_second_to_its_last(shop: Store, say: Says) -> None:
    days = {"on_sale_from": seconds("2025-06-03"), "on_sale_until": seconds("2025-06-05")}
    say("2025-06-01 12:00:00", "milk", **days)
    assert reasons(shop, "2025-06-02T23:59:59") == {"milk": "It is not on sale before 2025-06-03."}
    assert reasons(shop, "2025-06-03") == reasons(shop, "2025-06-04T23:59:59") == {}
    assert reasons(shop, "2025-06-05") == {"milk": "It has not been on sale since 2025-06-05."}
    assert read_shelf(shop, at("2025-06-01")).changes_at == at("2025-06-03")
    assert read_shelf(shop, at("2025-06-03")).changes_at == at("2025-06-05")
    assert read_shelf(shop, at("2025-06-05")).changes_at is None


def test_the_end_of_an_earlier_sale_does_not_end_the_next_one(shop: Store, say: Says) -> None:
    say("2025-06-01 12:00:00", "milk", on_sale_until=seconds("2025-06-02"))
    say("2025-06-02 12:00:00", "milk", on_sale_from=seconds("2025-06-04"))
    assert reasons(shop, "2025-06-03") == {"milk": "It is not on sale before 2025-06-04."}
    assert reasons(shop, "2025-06-05") == {}


def test_at_a_picked_moment_status_and_stock_are_those_that_had_been_said(
    shop: Store, say: Says
) -> None:
    say("2025-06-03 12:00:00", "milk", status="off")
    say("2025-06-05 12:00:00", "milk", status="on")
    assert reasons(shop, "2025-06-08") == {}
    assert reasons(shop, "2025-06-03T19:00:00", picked=True).keys() == {"toys"}
    assert reasons(shop, "2025-06-03T20:00:01", picked=True).keys() == {"milk", "toys"}
    assert reasons(shop, "2025-06-08", picked=True) == {}


def test_words_said_while_the_clock_was_ahead_count_as_said_before_those_that_followed(
    shop: Store, say: Says
) -> None:
    say("2025-06-20 04:00:00", "milk", status="off")  # ten days ahead
    say("2025-06-10 04:00:00", "book", status="off")
    say("2999-01-01 00:00:00", "toys", status="off")
    assert not reasons(shop, "2025-06-10T12:00:00", picked=True).keys() & {"milk", "book"}
    assert reasons(shop, "2025-06-10T12:00:01", picked=True).keys() == {"milk", "book", "toys"}


def test_without_a_picked_moment_the_newest_word_counts_whenever_it_was_said(
    shop: Store, say: Says
) -> None:
    say("2026-01-01 12:00:00", "milk", status="off")
    assert reasons(shop, "2025-06-08").keys() == {"milk"}


def test_an_item_is_in_the_store_from_its_first_launch_or_sale_on(shop: Store, say: Says) -> None:
    later = {"toys": "The shop did not have it yet."}
    assert reasons(shop, "2025-06-07T10:00:00", picked=True) == later
    assert reasons(shop, "2025-06-07T10:00:01", picked=True) == {}
    say("2025-06-08 12:00:00", "toys", on_sale_from=seconds("2025-06-06"))
    assert reasons(shop, "2025-06-06T00:00:01", picked=True) == {}
    assert reasons(shop, "2025-06-05", picked=True) == {
        "toys": "It is not on sale before 2025-06-06."
    }
    assert later_items(shop, at("2025-06-05")) == {"toys"}


def test_an_item_without_launches_is_in_the_store_since_its_import(
    shop: Store, tmp_path: Path
) -> None:
    (tmp_path / "items.csv").write_text("item,category\ncups,kitchen\n")
    import_files(shop, [tmp_path / "items.csv"])
    assert "cups" in reasons(shop, "2025-06-08", picked=True)
    assert "cups" not in reasons(shop, "2125-06-08", picked=True)
    assert "cups" not in reasons(shop, "2025-06-08")


def test_items_of_which_the_shop_says_nothing_get_a_remark_when_nobody_launches_them(
    shop: Store, say: Says
) -> None:
    remarks = read_shelf(shop, at("2025-06-08")).remarks
    assert {id: str(said) for id, said in remarks.items()} == {
        "book": "Nobody has launched it for 13 weeks."
    }
    say("2025-06-03 12:00:00", "book", status="on")
    assert read_shelf(shop, at("2025-06-08")).remarks == {}


def test_what_nobody_has_launched_for_over_15_months_of_the_shop_counts_as_gone(
    shop: Store, say: Says, tmp_path: Path
) -> None:
    later = np.datetime64("2025-03-02T10:00:00") + np.timedelta64(65, "W")  # after the book
    far = at("2030-01-01")

    def launch(name: str, when: np.datetime64) -> None:
        file = tmp_path / f"{name}.csv"
        file.write_text(f"{GROUPS.splitlines()[0]}\n{name},ann,toys,bea,open,{when}\n")
        import_files(shop, [file])

    assert read_shelf(shop, far).unavailable == {}  # nothing else has been launched either
    launch("G4", later)
    assert "book" not in read_shelf(shop, far).unavailable
    launch("G5", later + np.timedelta64(1, "s"))
    shelf = read_shelf(shop, far)
    assert str(shelf.unavailable["book"]) == (
        "Nobody has launched it for 65 weeks, so it counts as gone."
    )
    assert "book" not in shelf.remarks
    assert "book" not in read_shelf(shop, later).unavailable
    say("2025-06-03 12:00:00", "book", status="on")
    assert "book" not in read_shelf(shop, far).unavailable


def test_people_come_with_their_first_launch_or_join_and_friends_were_always_there(
    shop: Store,
) -> None:
    assert later_users(shop, at("2025-06-01")) == {"bea", "dan", "eve"}
    assert later_users(shop, at("2025-06-07T10:00:01")) == set()


def test_the_logs_before_a_moment_have_nobody_and_nothing_that_came_later(shop: Store) -> None:
    logs = logs_before(shop, at("2025-06-02"))
    assert set(logs.users.index) == {"ann", "bea", "cai", "fay"}
    assert set(logs.items.index) == {"milk", "book"}
    assert logs.version != data_version(shop)
    assert logs_before(shop, at("2025-06-09")).version == read_logs(shop).version


def test_a_wish_not_to_be_asked_is_read(shop: Store) -> None:
    assert not_contactable(shop) == set()
    with shop.write() as connection:
        for id, wish in (("bea", False), ("cai", True)):
            connection.execute(
                update(users).where(users.c.external_id == id).values(contactable=wish)
            )
    assert not_contactable(shop) == {"bea"}


def test_an_edit_changes_the_version_of_the_shelf_and_not_that_of_the_data(
    shop: Store, say: Says
) -> None:
    shelf, data = shelf_version(shop), data_version(shop)
    say("2025-06-03 12:00:00", "milk", stock=0)
    assert shelf_version(shop) != shelf
    assert data_version(shop) == data


def test_a_reason_has_a_key_of_one_word(shop: Store, say: Says) -> None:
    say("2025-06-03 12:00:00", "milk", stock=0)
    (message,) = read_shelf(shop, at("2025-06-08")).unavailable.values()
    assert why_not(message) == "sold_out"
