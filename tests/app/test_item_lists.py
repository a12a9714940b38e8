"""Which items are on which list of the shelf, in which order, and what of them is taken away."""

import pandas as pd
import pytest

from app.shelf.item_lists import ItemFilter, item_states, lists_of, ordered, told
from app.shelf.tables import item_table, items_to_take_away

NOW = pd.Timestamp("2026-05-20 12:00")


@pytest.fixture
def items():
    """Seven items, of which all but the first cannot be had, or nobody launches them."""
    rows = {
        # name, category, brand, status, stock, from, until, launches, last launch
        "a": ("Milk", "food", "Oak", "on", 5, None, None, 3, "2026-05-19"),
        "b": ("Tea", "food", None, "off", 0, None, None, 1, "2026-05-01"),
        "c": ("Pen", "paper", "Elm", "hidden", None, None, None, 0, None),
        "d": ("Cup", None, None, None, 0, None, None, 2, "2026-01-01"),
        "e": ("Hat", None, None, "on", None, "2026-05-21", None, 0, None),
        "f": ("Fan", None, None, None, None, "2026-01-01", "2026-05-20", 0, None),
        "g": (None, "food", None, None, None, None, "2026-06-01", 4, "2026-02-01"),
    }
    names = ["name", "category", "brand", "status", "stock", "on_sale_from", "on_sale_until",
             "launches", "last_launch"]  # fmt: skip
    frame = pd.DataFrame.from_dict(rows, "index", columns=names)
    for name in ("on_sale_from", "on_sale_until", "last_launch"):
        frame[name] = pd.to_datetime(frame[name])
    return frame.astype({"stock": "Int64"}).assign(price=1.0, group_price=None)


def test_the_first_reason_why_an_item_cannot_be_had_is_its_state(items):
    states = item_states(items, NOW)
    assert list(states) == ["on", "off", "hidden", "sold_out", "not_yet", "no_longer", "on"]


def test_a_sale_begins_with_its_first_second_and_is_over_with_the_first_after_it(items):
    assert item_states(items, pd.Timestamp("2026-05-21"))["e"] == "on"
    assert item_states(items, pd.Timestamp("2026-05-19 23:59:59"))["f"] == "on"


def test_lists_hold_what_can_be_had_and_is_not_launched(items):
    def on(list, weeks=8):
        found = lists_of(items, item_states(items, NOW), NOW, weeks)[list]
        return "".join(found.index[found])

    assert on("all") == "abcdefg"
    assert on("on") == "ag"
    assert on("new") == ""
    assert on("quiet") == "g"
    assert on("quiet", weeks=20) == ""
    items.loc["a", "launches"] = 0
    assert on("new") == "a"


def test_filters_pass_what_fits_all_of_them(items):
    chosen = ItemFilter(frozenset("abg"), ("food",), ("Oak",))
    assert list(items.index[chosen.permitted(items)]) == ["a"]
    assert ItemFilter().permitted(items).all()


def test_unknown_values_come_last_in_every_order(items):
    assert "".join(ordered(items, "stock").index) == "bdacefg"
    assert "".join(ordered(items, "last_launch").index) == "dgbacef"
    assert "".join(ordered(items, "launches").index)[:2] == "ga"
    assert ordered(items, "name").index[-1] == "g"
    assert ordered(items, "latest").index[0] == "g"


def test_columns_of_which_the_shop_says_nothing_are_left_out(items):
    table = item_table(items, ["a", "g"], item_states(items, NOW), "en")
    assert list(table["item"]) == ["Milk", "g"]
    bare = items.assign(
        name=None, category=None, brand=None, on_sale_from=pd.NaT, on_sale_until=pd.NaT
    )
    table = item_table(bare, ["a"], item_states(bare, NOW), "en")
    assert list(table) == ["item", "status", "stock", "state", "launches", "last_launch"]
    assert told(items) == {"status": True, "stock": True, "dates": True}
    assert told(bare)["dates"] is False


def test_a_sale_that_ends_at_midnight_is_taken_away_with_its_last_day(items):
    table = items_to_take_away(items, item_states(items, NOW), "zh").set_index("id")
    assert table.loc["f", "on_sale_until"] == "2026-05-19"
    assert table.loc["c", "status"] == "隐藏"
    assert pd.isna(table.loc["g", "status"])
