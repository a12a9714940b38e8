"""Items are found as they are typed, by id, name, pinyin or initials."""

import pandas as pd
import pytest

from db.queries.search import ItemSearch

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
def test_an_item_is_found_by_what_one_types(search: ItemSearch, typed: str, first: str) -> None:
    assert search.search(typed)[0] == first


def test_what_is_in_no_name_finds_nothing(search: ItemSearch) -> None:
    assert search.search("手机") == []
    assert search.search("   ") == []
    assert search.search("_") == []


def test_matches_are_cut_and_of_equal_ones_the_shorter_id_comes_first(search: ItemSearch) -> None:
    assert search.search("p", 3) == ["P2", "P20", "P21"]


def test_a_shop_of_bare_ids_is_searched_by_id() -> None:
    bare = ItemSearch(pd.Series([None, None], index=["10", "2"], dtype="str"))
    assert bare.search("1") == ["10"]
