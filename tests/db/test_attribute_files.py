"""Files of items and of users are imported, updated, undone and asked about, on both databases."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import func, select

from db.errors import InputError
from db.importing.answers import Answers
from db.importing.attributes.recognition import DoubtfulKindError
from db.importing.history import import_history, rejected_rows, undo_import
from db.importing.pipeline import import_files
from db.importing.preview import preview_file
from db.importing.report import ImportReport, RefusedImportError
from db.importing.stored_rows import StoredItem, StoredUser
from db.queries.search import search_users
from db.read_logs import data_version, read_logs
from db.schema import import_answers, imports, item_facts, user_facts
from db.store import Store

Import = Callable[..., ImportReport]

ITEMS = """item,name,brand,price,stock,status,on sale from,on sale until
p1,Soap,Dove,3.5,10,on,,
p2,Towel,,12,0,on,2026-05-01,2026-05-31
"""
USERS = """user,name,city,contactable,tags
u1,豆豆妈,上海,yes,"vip,老客"
u2,,,no,
"""
GROUPS = "initiator,item,item name,participants,status\nu1,p1,Old soap,u2,successful\n"


def _items(store: Store) -> pd.DataFrame:
    return read_logs(store).items


def _users(store: Store) -> pd.DataFrame:
    return read_logs(store).users


def test_items_and_users_are_stored_before_anybody_launched(
    store: Store, importing: Import
) -> None:
    items, users = importing(store, "items.csv", ITEMS), importing(store, "users.csv", USERS)
    assert (items.kind, items.shape, users.kind, users.shape) == (
        "items",
        "items",
        "users",
        "users",
    )
    assert (items.new["items"], users.new["users"]) == (2, 2)
    towel = _items(store).loc["p2"]
    assert (towel["name"], towel["stock"], towel["status"]) == ("Towel", 0, "on")
    assert str(towel["on_sale_from"]) == "2026-05-01 00:00:00"
    assert str(towel["on_sale_until"]) == "2026-06-01 00:00:00"
    assert _users(store).loc["u1", "contactable"]
    assert not _users(store).loc["u2", "contactable"]
    assert _users(store).loc["u1", "tags"] == "vip\n老客"
    assert [person.id for person in search_users(store, "ddm")] == ["u1"]
    assert [entry.kind for entry in import_history(store)] == ["items", "users"]


def test_the_newest_word_counts_and_an_undo_brings_the_earlier_back(
    store: Store, importing: Import
) -> None:
    importing(store, "items.csv", ITEMS)
    importing(store, "users.csv", USERS)
    later = importing(store, "later.csv", "item,name,stock,status\np1,,0,off\np2,Bath towel,,\n")
    wishes = importing(store, "wishes.csv", "user,name,contactable\nu1,糖糖爸,no\nu2,,yes\n")
    soap, towel = _items(store).loc["p1"], _items(store).loc["p2"]
    assert (soap["name"], soap["brand"], soap["stock"], soap["status"]) == (
        "Soap",
        "Dove",
        0,
        "off",
    )
    assert (towel["name"], towel["stock"], towel["status"]) == ("Bath towel", 0, "on")
    assert _users(store)["contactable"].tolist() == [False, True]
    assert [person.id for person in search_users(store, "tangtangba")] == ["u1"]
    assert wishes.id is not None
    assert later.id is not None
    undo_import(store, wishes.id)
    undo_import(store, later.id)
    assert _items(store).loc["p1", ["stock", "status"]].tolist() == [10, "on"]
    assert _items(store).loc["p2", "name"] == "Towel"
    assert _users(store)["contactable"].tolist() == [True, False]
    assert [person.id for person in search_users(store, "ddm")] == ["u1"]
    assert search_users(store, "tangtangba") == []


def test_an_undo_takes_out_what_only_the_file_knew(store: Store, importing: Import) -> None:
    groups = importing(store, "groups.csv", GROUPS)
    before = data_version(store)
    report = importing(store, "items.csv", ITEMS)
    assert report.id is not None
    undone = undo_import(store, report.id)
    assert (undone.items, undone.kept) == (1, 0)
    assert _items(store)["name"].tolist() == ["Old soap"]
    assert data_version(store) == before
    importing(store, "items.csv", ITEMS)
    assert groups.id is not None
    undo_import(store, groups.id)
    assert list(_items(store).index) == ["p1", "p2"]  # a file of items still speaks of both


def test_an_item_stays_while_a_file_names_it(store: Store, importing: Import) -> None:
    """A row with the id alone is a word about the item too."""
    importing(store, "items.csv", "item,stock\np1,\np2,4\n")
    groups = importing(store, "groups.csv", GROUPS)
    assert groups.id is not None
    undo_import(store, groups.id)
    assert list(_items(store).index) == ["p1", "p2"]


def test_a_dry_run_counts_and_writes_nothing(store: Store, importing: Import) -> None:
    importing(store, "groups.csv", GROUPS)
    report = importing(store, "items.csv", ITEMS, dry_run=True, show=5)
    assert (report.kind, report.new["items"], report.id) == ("items", 1, None)
    assert "1 items are in the store already" in " ".join(map(str, report.notes))
    soap = report.entities[0]
    assert isinstance(soap, StoredItem)
    assert (str(soap.item), soap.stock, soap.status) == ("Soap (p1)", 10, "on")
    assert report.as_json()["entities"][1]["on_sale_until"] == "2026-06-01 00:00:00"
    assert list(_items(store).index) == ["p1"]
    users = importing(store, "users.csv", USERS, dry_run=True, show=1)
    assert isinstance(users.entities[0], StoredUser)
    assert users.entities[0].tags == ("vip", "老客")


def test_items_users_and_groups_go_in_together_or_not_at_all(store: Store, tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("items.csv", "users.csv", "groups.csv")]
    for path, text in zip(paths, (ITEMS, USERS, GROUPS), strict=True):
        path.write_text(text)
    broken = tmp_path / "broken.csv"
    broken.write_text("user,city,contactable\nu9,Bonn,perhaps\n")
    with pytest.raises(RefusedImportError, match="None of the 1 rows"):
        import_files(store, [*paths, broken])
    assert import_history(store) == []
    reports = import_files(store, paths)
    assert [report.kind for report in reports] == ["items", "users", "groups"]
    assert [report.new["users"] for report in reports] == [0, 2, 0]
    assert _items(store).loc["p1", "name"] == "Old soap"  # of one command, the last file counts


def test_refused_rows_are_kept_with_line_column_value_and_reason(
    store: Store, importing: Import
) -> None:
    report = importing(store, "users.csv", "user,city,contactable\nu1,Bonn,perhaps\nu2,Bonn,no\n")
    assert report.id is not None
    [row] = rejected_rows(store, report.id).to_dict("records")
    assert (row["line"], row["column"], row["value"]) == (2, "contactable", "perhaps")
    assert "--state WORD=MEANING" in str(row["problem"])
    assert row["row"] == "u1,Bonn,perhaps"


def test_what_was_said_about_a_file_holds_for_the_next(store: Store, importing: Import) -> None:
    first, second = (
        "item,creator,stock,status\np1,ann,5,1\n",
        "item,creator,stock,status\np2,ann,5,0\n",
    )
    with pytest.raises(DoubtfulKindError, match="--kind items, users, groups or orders"):
        importing(store, "first.csv", first)
    said = Answers(kind="items", states={"1": "on", "0": "off"})
    importing(store, "first.csv", first, answers=said, remember=True)
    report = importing(store, "second.csv", second, remember=True)
    assert _items(store)["status"].tolist() == ["on", "off"]
    assert "--kind items, --state 1=on, --state 0=off" in " ".join(map(str, report.notes))
    with store.read() as connection:
        answers = connection.execute(select(import_answers.c.answers)).scalar_one()
    assert answers == {"kind": "items", "states": {"1": "on", "0": "off"}}


def test_a_preview_names_the_kind_or_asks_for_it(tmp_path: Path) -> None:
    items, doubtful = tmp_path / "items.csv", tmp_path / "doubtful.csv"
    items.write_text(ITEMS)
    doubtful.write_text("item,user,tags\np1,u1,x\n")
    seen = preview_file(items)
    assert (seen.shape, seen.problem, seen.questions) == ("items", None, ())
    assert seen.mapping["on sale until"] == "on_sale_until"
    asked = preview_file(doubtful)
    assert (asked.shape, isinstance(asked.problem, DoubtfulKindError)) == ("", True)
    [question] = asked.questions
    assert (question.kind, question.choices) == ("kind", ("items", "users", "groups", "orders"))
    said = preview_file(doubtful, answers=Answers(kind="users"))
    assert (said.shape, said.questions) == ("users", ())


def test_open_questions_keep_a_file_out_where_they_are_to_be_asked(
    store: Store, importing: Import
) -> None:
    text = "item,stock,status\np1,5,on\np2,5,presale\n"
    with pytest.raises(RefusedImportError, match="1 questions") as refused:
        importing(store, "items.csv", text, ask=True)
    [question] = refused.value.reports[0].questions
    assert (question.kind, question.column, question.values) == (
        "states",
        "status",
        (("presale", 1),),
    )
    assert question.choices == ("on", "off", "hidden")
    importing(store, "items.csv", text, ask=True, answers=Answers(states={"presale": "hidden"}))
    assert _items(store)["status"].tolist() == ["on", "hidden"]


def test_facts_of_a_file_are_rows_of_their_own(store: Store, importing: Import) -> None:
    importing(store, "items.csv", ITEMS)
    importing(store, "again.csv", ITEMS.replace("10", "11"))
    importing(store, "users.csv", USERS)
    with store.read() as connection:
        for table, count in ((item_facts, 4), (user_facts, 2), (imports, 3)):
            assert connection.execute(select(func.count()).select_from(table)).scalar() == count


def test_brands_and_cities_come_with_orders(store: Store, importing: Import) -> None:
    orders = "group,user,city,role,item,brand,state\ng1,u1,Bonn,initiator,p1,Dove,paid\ng1,u2,,participant,p1,,paid\n"
    report = importing(store, "orders.csv", orders)
    assert report.shape == "orders"
    assert _items(store).loc["p1", "brand"] == "Dove"
    assert _users(store)["city"].tolist()[0] == "Bonn"
    assert pd.isna(_users(store)["city"].tolist()[1])


def test_an_unknown_kind_is_refused(store: Store, importing: Import) -> None:
    with pytest.raises(InputError, match="items, users, groups, orders"):
        importing(store, "items.csv", ITEMS, answers=Answers(kind="goods"))
