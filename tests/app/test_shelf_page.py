"""The shelf and the people on the Data page: lists, edits in place, edits of two tabs, undo."""

import pandas as pd
import pytest
from page_words import english, said

from db.importing.edits import ItemEdit, UserEdit, edit_items, edit_users
from db.importing.history import import_history
from db.importing.pipeline import import_files
from db.read_logs import read_logs

LOGS = """initiator,initiator_name,item,item_name,category,participants,launched_at
u1,Ann,i1,Milk,food,u2,2026-05-01 10:00
u1,Ann,i2,Tea,food,u3,2026-05-02 10:00
u2,Bea,i3,Pen,paper,u1,2026-05-03 10:00
"""


@pytest.fixture
def shop(bare, tmp_path):
    """Three items and three people; i1 is off the shelf, i2 sold out, u2 must not be asked."""
    (tmp_path / "logs.csv").write_text(LOGS)
    import_files(bare.store(), [tmp_path / "logs.csv"])
    return bare


@pytest.fixture
def edited(shop):
    edit_items(shop.store(), [ItemEdit("i1", "off"), ItemEdit("i2", stock=0)])
    edit_users(shop.store(), [UserEdit("u2", contactable=False)])
    return shop


def open_tab(visit, shop, name, **address):
    test = visit(shop, "data", **address)
    test.session_state["section"] = english(f"data.{name}")
    return test.run()


def choose(test, key, value):
    next(one for one in test.segmented_control if one.key == key).set_value(value)
    return test.run()


def listed(test):
    """The first column of the list."""
    return list(test.data_editor[0].value.iloc[:, 0])


def type_in(test, row, **cells):
    """Types into cells of a row of the list."""
    editor = test.data_editor[0]
    before = test.session_state[editor.key]["edited_rows"]
    test.session_state[editor.key] = {
        "edited_rows": {**before, row: cells},
        "added_rows": [],
        "deleted_rows": [],
    }
    return test.run()


def item(shop, id):
    return read_logs(shop.store()).items.loc[id]


def test_each_list_holds_its_items_and_filters_narrow_it(visit, edited):
    test = open_tab(visit, edited, "shelf")
    assert listed(test) == ["Milk", "Tea", "Pen"]
    for name, items in (("off", ["Milk"]), ("sold_out", ["Tea"]), ("quiet", ["Pen"])):
        assert listed(choose(test, "shelf_list", name)) == items
    assert english("shelf.weeks") in [one.label for one in test.number_input]
    choose(test, "shelf_list", "all")
    next(one for one in test.multiselect if one.key == "shelf-category").set_value(["paper"])
    assert listed(test.run()) == ["Pen"]
    test.text_input(key="shelf-text").set_value("milk").run()
    assert english("shelf.none_pass") in said(test)


def test_a_cell_is_edited_in_place_and_taken_back_with_one_click(visit, shop):
    test = open_tab(visit, shop, "shelf")
    type_in(test, 0, status="off")
    assert item(shop, "i1")["status"] == "off"
    assert english("shelf.saved", what="Milk (i1) taken off the shelf") in said(test)
    type_in(test, 2, stock=0)
    assert item(shop, "i3")["stock"] == 0
    assert len(import_history(shop.store())) == 3
    test.button(key="undo-edit-shelf").click().run()
    assert pd.isna(item(shop, "i3")["stock"])
    assert "Undone: Pen (i3): 0 in stock." in said(test)
    assert item(shop, "i1")["status"] == "off"
    assert test.data_editor[0].value["status"].dropna().to_dict() == {0: "off"}


def test_rows_stay_while_they_are_edited_and_go_with_the_next_look(visit, shop):
    test = open_tab(visit, shop, "shelf")
    choose(test, "shelf_list", "on")
    type_in(test, 0, status="hidden")
    assert listed(test) == ["Milk", "Tea", "Pen"]
    choose(test, "shelf_list", "all")
    assert listed(choose(test, "shelf_list", "on")) == ["Tea", "Pen"]


def test_what_another_tab_has_changed_meanwhile_stays_and_is_said(visit, shop):
    test = open_tab(visit, shop, "shelf")
    edit_items(shop.store(), [ItemEdit("i1", "hidden")])
    type_in(test, 0, status="off")
    assert item(shop, "i1")["status"] == "hidden"
    said_so = english(
        "shelf.conflict", what="Milk", column="Status", now="hidden (never)", wanted="off"
    )
    assert said_so in said(test)
    assert test.data_editor[0].value["status"].iloc[0] == "hidden"


def test_a_cell_cannot_be_emptied(visit, edited):
    test = open_tab(visit, edited, "shelf")
    type_in(test, 0, status=None)
    assert "A cell cannot be emptied" in said(test)
    assert item(edited, "i1")["status"] == "off"


def test_a_shop_that_says_nothing_of_its_shelf_is_told_what_to_do(visit, shop):
    test = open_tab(visit, shop, "shelf")
    assert english("shelf.nothing_told") in said(test)
    assert english("shelf.untold.stock.next") in said(choose(test, "shelf_list", "sold_out"))
    assert english("shelf.empty.new") in said(choose(test, "shelf_list", "new"))
    people = open_tab(visit, shop, "people")
    assert english("people.untold.next") in said(people)


@pytest.mark.parametrize(("tab", "key"), [("shelf", "shelf.no_items"), ("people", "people.nobody")])
def test_an_empty_store_says_what_to_upload(visit, bare, tab, key):
    assert english(f"{key}.next") in said(open_tab(visit, bare, tab))


def test_people_are_marked_and_unmarked_in_place(visit, edited):
    test = open_tab(visit, edited, "people")
    assert listed(test) == ["Bea"]
    type_in(test, 0, contactable="yes")
    assert read_logs(edited.store()).users["contactable"].eq(True)["u2"]
    choose(test, "people_list", "everybody")
    assert listed(test) == ["Ann", "Bea", "u3"]
    test.text_input(key="people-text").set_value("u3").run()
    type_in(test, 0, contactable="no")
    assert not read_logs(edited.store()).users["contactable"]["u3"]
    assert listed(choose(test, "people_list", "unasked")) == ["u3"]
    assert english("shelf.saved", what="A person must not be asked") in said(test)


def test_the_history_says_what_an_edit_changed_and_takes_it_back_with_one_click(visit, edited):
    test = open_tab(visit, edited, "history")
    table = test.dataframe[0].value
    assert list(table[english("data.history.kind")]) == ["edit", "edit", "groups"]
    assert list(table[english("data.history.file")])[1] == (
        "Milk (i1) taken off the shelf, and 1 more"
    )
    assert list(test.dataframe[1].value.iloc[0]) == ["Bea", "u2", "may be asked", "no, never"]
    test.button(key="undo-3").click().run()
    assert "Undone: A person must not be asked." in said(test)
    assert pd.isna(read_logs(edited.store()).users.loc["u2", "contactable"])


def test_a_reader_sees_the_lists_and_cannot_edit_them(visit, edited, monkeypatch):
    monkeypatch.setenv("MAMGBR_OPERATORS", "ann@example.com")
    user = {"is_logged_in": True, "email": "bea@example.com"}
    test = visit(edited, "data", user=user)
    test.session_state["section"] = english("data.shelf")
    test.run()
    assert not test.data_editor
    assert list(test.dataframe[0].value.iloc[:, 0]) == ["Milk", "Tea", "Pen"]
