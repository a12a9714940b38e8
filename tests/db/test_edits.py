"""Edits by hand are imports: newest word wins, undo brings the earlier back, and no tab overwrites another."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pytest
from test_command import db  # noqa: F401

from db.errors import InputError
from db.importing.edits import (
    Conflict,
    EditReport,
    ItemEdit,
    UserEdit,
    edit_items,
    edit_users,
)
from db.importing.history import import_history, undo_import
from db.importing.pipeline import import_files
from db.importing.staged import LARGEST_STOCK
from db.read_logs import data_version, read_logs
from db.store import Store


@pytest.fixture
def shop(store: Store, tmp_path: Path) -> Store:
    """A store with the items i1 (milk) and i2, and the users u1 and u2."""
    path = tmp_path / "logs.csv"
    path.write_text("initiator,item,item_name,participants\nu1,i1,milk,u2\nu1,i2,,u2\n")
    import_files(store, [path])
    return store


def said(store: Store, id: str) -> tuple[object, object]:
    """(status, stock) of an item."""
    row = read_logs(store).items.loc[id]
    return tuple(None if pd.isna(value) else value for value in (row["status"], row["stock"]))


def contactable(store: Store, id: str) -> bool | None:
    value = read_logs(store).users.loc[id, "contactable"]
    return None if pd.isna(value) else bool(value)


def test_an_edit_says_what_stands_and_its_undo_brings_the_earlier_word_back(shop: Store) -> None:
    first = edit_items(shop, [ItemEdit("i1", status="off", stock=5), ItemEdit("i2", stock=0)])
    assert (said(shop, "i1"), said(shop, "i2")) == (("off", 5), (None, 0))
    second = edit_items(shop, [ItemEdit("i1", status="hidden")])
    assert said(shop, "i1") == ("hidden", 5)
    undo_import(shop, second.import_id)
    assert said(shop, "i1") == ("off", 5)
    undo_import(shop, first.import_id)
    assert (said(shop, "i1"), said(shop, "i2")) == ((None, None), (None, None))
    assert read_logs(shop).items.loc["i1", "name"] == "milk"


def test_undoing_an_earlier_edit_leaves_the_newer_word(shop: Store) -> None:
    first = edit_items(shop, [ItemEdit("i1", status="off", stock=5)])
    edit_items(shop, [ItemEdit("i1", status="on")])
    undo_import(shop, first.import_id)
    assert said(shop, "i1") == ("on", None)


def test_who_must_not_be_asked_is_said_and_taken_back(shop: Store) -> None:
    edit = edit_users(shop, [UserEdit("u2", contactable=False)])
    assert contactable(shop, "u2") is False
    edit_users(shop, [UserEdit("u1", contactable=False), UserEdit("u2", contactable=True)])
    assert contactable(shop, "u2") is True
    undo_import(shop, edit.import_id)
    assert contactable(shop, "u2") is True


def test_an_edit_does_not_count_as_new_data(shop: Store) -> None:
    before = data_version(shop)
    edit = edit_items(shop, [ItemEdit("i1", status="off")])
    assert data_version(shop) == before
    undo_import(shop, edit.import_id)
    assert data_version(shop) == before


def test_the_history_says_what_was_edited_and_names_no_person(shop: Store) -> None:
    edit_items(shop, [ItemEdit("i1", status="off"), ItemEdit("i2", stock=0)])
    edit_items(shop, [ItemEdit("i2", status="on", stock=3)])
    edit_users(shop, [UserEdit("u2", contactable=False)])
    _, *edits = import_history(shop)
    assert [(one.file, one.kind, one.format, one.accepted) for one in edits] == [
        ("milk (i1) taken off the shelf, and 1 more", "edit", "items", 2),
        ("i2 put on sale; i2: 3 in stock", "edit", "items", 1),
        ("A person must not be asked", "edit", "users", 1),
    ]
    assert edits[0].words.key == "db.edit.more"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (ItemEdit("i9", status="off"), "no item 'i9'"),
        (ItemEdit("i1", status="sold"), "'sold' is no status"),
        (ItemEdit("i1", stock=-1), "cannot be -1"),
        (ItemEdit("i1", stock=LARGEST_STOCK + 1), "cannot be 1000000001"),
    ],
)
def test_nothing_is_changed_by_an_edit_with_an_unknown_id_or_a_value_out_of_range(
    shop: Store, change: ItemEdit, says: str
) -> None:
    with pytest.raises(InputError, match=says):
        edit_items(shop, [ItemEdit("i2", stock=1), change])
    assert said(shop, "i2") == (None, None)
    assert len(import_history(shop)) == 1


def test_nobody_unknown_is_marked(shop: Store) -> None:
    with pytest.raises(InputError, match="no user 'u9'"):
        edit_users(shop, [UserEdit("u9", contactable=False)])


def test_what_is_so_already_leaves_no_entry_in_the_history(shop: Store) -> None:
    edit_items(shop, [ItemEdit("i1", status="off")])
    assert edit_items(shop, [ItemEdit("i1", status="off")]) == EditReport(None, None, 0, ())
    assert len(import_history(shop)) == 2


def test_a_cell_that_another_tab_has_changed_stays_and_the_others_are_written(shop: Store) -> None:
    seen = {"status": None, "stock": None}
    edit_items(shop, [ItemEdit("i1", status="off", seen=seen)])
    report = edit_items(shop, [ItemEdit("i1", status="on", stock=4, seen=seen)])
    assert report.conflicts == (Conflict("i1", "status", "on", "off"),)
    assert (report.changed, said(shop, "i1")) == (1, ("off", 4))


def test_of_tabs_that_edit_a_cell_at_once_one_is_written_and_the_others_are_told(
    shop: Store,
) -> None:
    def edit(stock: int) -> EditReport:
        return edit_items(shop, [ItemEdit("i1", stock=stock, seen={"stock": None})])

    with ThreadPoolExecutor(4) as tabs:
        reports = list(tabs.map(edit, (1, 2, 3, 4)))
    [written] = [stock for stock, one in enumerate(reports, 1) if one.import_id is not None]
    assert said(shop, "i1")[1] == written
    assert sorted(one.conflicts[0].now for one in reports if one.conflicts) == [written] * 3


def test_the_commands_edit_and_say_how_to_take_it_back(db, tmp_path: Path) -> None:  # noqa: F811
    (tmp_path / "logs.csv").write_text("initiator,item,participants\nu1,i1,u2\n")
    db("import", tmp_path / "logs.csv")
    code, out, _ = db("set-item", "i1", "--status", "off", "--stock", 0)
    assert (code, "db undo 2" in out) == (0, True)
    assert "i1 is so already" in db("set-item", "i1", "--stock", 0)[1]
    out = db("set-item", "i1", "--stock", 7, "--json")[1]
    assert json.loads(out) == {"import": 3, "id": "i1", "changed": 1, "stock": 7}
    out = db("set-user", "u2", "--contactable", "no", "--json")[1]
    assert json.loads(out) == {"import": 4, "id": "u2", "changed": 1, "contactable": False}
    assert "what was said before stands again" in db("undo", 4)[1]
    assert db("set-item", "i1")[0] == db("set-user", "u9", "--contactable", "no")[0] == 2
