"""Users and items are found as people type them, by id, name, pinyin or initials, with the same rule."""

from collections.abc import Callable

import pandas as pd
import pytest

from db.importing.report import ImportReport
from db.queries.search import ItemSearch, search_users
from db.store import Store

Import = Callable[..., ImportReport]

LOGS = """initiator,initiator_name,item,item_name,participants,status,launched_at
100,豆豆妈咪,i1,奶粉,"200,300",successful,2025-06-01 10:00
1001,重庆小雨,i1,奶粉,100,successful,2025-06-03 10:00
200,Tina 100%,i2,,,failed,2025-06-02 10:00
200,Tina 100%,i2,,300,open,2025-06-04 10:00
_x,吕女士,i2,,,failed,
"""
NAMES = pd.Series(
    {
        "P20": "蓝鲸湾 超薄透气纸尿裤 M 62片",
        "P2": "婴儿配方奶粉",
        "P21": "奶粉盒 100%",
        "X-1": None,
        "7": "Tina 绿色水杯",
        "P2001": "行李箱",
    },
    dtype="str",
)


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
def test_a_user_is_found_as_they_are_typed(shop: Store, typed: str, first: str) -> None:
    assert search_users(shop, typed)[0].id == first


def test_pattern_characters_have_no_special_meaning(shop: Store) -> None:
    assert [user.id for user in search_users(shop, "%")] == ["200"]
    assert [user.id for user in search_users(shop, "_")] == ["_x"]
    assert search_users(shop, "'; DROP TABLE users; --") == []
    assert search_users(shop, "  ") == []


def test_a_search_stops_at_its_limit(shop: Store) -> None:
    assert [user.id for user in search_users(shop, "00", limit=2)] == ["100", "200"]


@pytest.fixture(scope="module")
def search() -> ItemSearch:
    return ItemSearch(NAMES)


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("P2", "P2"),  # the exact id before the longer ones
        ("p2001", "P2001"),
        ("奶粉", "P21"),  # begins with it
        ("婴儿配方奶粉", "P2"),
        ("纸尿裤", "P20"),
        ("naifen", "P21"),
        ("ying er pei fang", "P2"),
        ("YEPFNF", "P2"),
        ("tina", "7"),
        ("ｔｉｎａ", "7"),
        ("lvse", "7"),
        ("lü se", "7"),
        ("100%", "P21"),
        ("x-1", "X-1"),
    ],
)
def test_an_item_is_found_as_it_is_typed(search: ItemSearch, typed: str, first: str) -> None:
    assert search.search(typed)[0] == first


def test_a_text_that_is_nowhere_finds_nothing(search: ItemSearch) -> None:
    assert search.search("手机") == []
    assert search.search("   ") == []
    assert search.search("_") == []


def test_among_equal_matches_the_shorter_id_comes_first_up_to_the_limit(search: ItemSearch) -> None:
    assert search.search("p", 3) == ["P2", "P20", "P21"]


def test_items_without_names_are_found_by_id() -> None:
    bare = ItemSearch(pd.Series([None, None], index=["10", "2"], dtype="str"))
    assert bare.search("1") == ["10"]


@pytest.mark.parametrize(
    "typed", ["1", "10", "a", "doudou", "豆", "dd", "妈咪", "tina", "a1", "A1", "%", "m m", "x"]
)
def test_users_and_items_with_the_same_names_are_ranked_the_same(
    store: Store, importing: Import, typed: str
) -> None:
    names = {
        "A1": "豆豆妈咪", "a1": "Tina", "10": "a1", "110": "豆豆", "100%": "tina 豆", "1": "mami",
        "xa": "妈咪10", "b": "大豆",
    }  # fmt: skip
    rows = "".join(f"{id},{name},i,\n" for id, name in names.items())
    importing(store, "logs.csv", "initiator,initiator_name,item,participants\n" + rows)
    items = ItemSearch(pd.Series(names, dtype="str"))
    assert [user.id for user in search_users(store, typed)] == items.search(typed)
