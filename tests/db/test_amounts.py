"""Amounts of money are read with the decimal sign of their column."""

import math

import pytest

from db.importing.amounts import decimal_signs, read_amounts
from db.importing.answers import COMMA, POINT


@pytest.mark.parametrize(
    ("cell", "decimals", "amount"),
    [
        ("19.90", POINT, 19.9),
        ("¥1,299.00", POINT, 1299),
        ("￥19.90起", POINT, 19.9),
        ("19.9/件", POINT, 19.9),
        ("12元", POINT, 12),
        ("NT$1,299", POINT, 1299),
        ("1,299,000원", POINT, 1299000),
        ("1.0E+03", POINT, 1000),
        ("免费", POINT, 0),
        (".5", POINT, 0.5),
        ("19.9-29.9", POINT, 19.9),
        ("1'299.00 CHF", POINT, 1299),
        ("19,90", COMMA, 19.9),
        ("1.299,00", COMMA, 1299),
        ("1.299", COMMA, 1299),
        ("12 500,50 kr", COMMA, 12500.5),
        ("R$ 1.299,90", COMMA, 1299.9),
        ("99", COMMA, 99),
        ("19.90", "", 19.9),
        ("19,90", "", 19.9),
    ],
)
def test_amounts_are_read(cell: str, decimals: str, amount: float) -> None:
    found = read_amounts([cell], decimals)
    assert (found.values[0], bool(found.unread[0])) == (amount, False)


@pytest.mark.parametrize(
    ("cell", "decimals"),
    [("19,90", POINT), ("19.90", COMMA), ("1.299", ""), ("-3", POINT), ("面议", POINT), ("1.2万", POINT),
     ("8.5折", POINT), ("19.9元/2件", POINT), ("cheap", POINT), ("=1+1", POINT)],
)  # fmt: skip
def test_what_is_no_amount_is_unread(cell: str, decimals: str) -> None:
    found = read_amounts([cell], decimals)
    assert (math.isnan(found.values[0]), bool(found.unread[0])) == (True, True)


def test_an_empty_cell_is_no_amount_and_not_unread() -> None:
    found = read_amounts(["", "5"], POINT)
    assert (math.isnan(found.values[0]), found.unread.tolist()) == (True, [False, False])


def test_ranges_are_counted() -> None:
    assert read_amounts(["19.9~29.9", "19.9至29.9", "5"], POINT).ranges == 2


def test_cells_give_the_decimal_sign_away() -> None:
    assert decimal_signs(["19,90", "99"]) == ({COMMA}, [])
    assert decimal_signs(["1.299,00"]) == ({COMMA}, [])
    assert decimal_signs(["1,299.00", "1,299"]) == ({POINT}, ["1,299"])
    assert decimal_signs(["1.299"]) == (set(), ["1.299"])
