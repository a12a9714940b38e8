"""Files of items and of people on the Data page: recognised, previewed, asked about, imported and taken back."""

import pandas as pd
import pytest
from page_words import english, said
from uploading import answer, box, ended, metrics, put, tab, table

from db.importing.history import import_history
from db.importing.pipeline import import_files
from db.read_logs import read_logs

ITEMS = (
    "商品编号,商品名称,品牌,库存,状态,下架时间\n"
    "i1,牛奶,橡树,12,上架,2026-05-31\ni2,绿茶,,0,上架,\ni9,新品,,5,下架,\n"
)
USERS = "user id,name,city,contactable\nu1,Ann,Rome,yes\nu2,Bea,Rome,no\n"


@pytest.fixture
def shop(bare, tmp_path):
    """Two items and two people."""
    (tmp_path / "logs.csv").write_text("initiator,item,participants\nu1,i1,u2\nu2,i2,u1\n")
    import_files(bare.store(), [tmp_path / "logs.csv"])
    return bare


@pytest.fixture
def page(visit, shop):
    return visit(shop, "data")


def test_a_file_of_items_is_recognised_previewed_imported_and_undone(page, shop):
    put(page, "items.csv", ITEMS)
    assert english("data.shape.items") in said(page)
    shown = table(page, english("stored.status"))
    assert shown[english("stored.item")].tolist() == ["牛奶", "绿茶", "新品"]
    assert shown[english("stored.on_sale_until")].tolist() == ["2026-05-31", "", ""]
    page.button(key="import").click().run()
    ended(page, shop.store())
    figures = metrics(page)
    told = {
        english(f"shelf.list.{name}"): figures[english(f"shelf.list.{name}")]
        for name in ("off", "sold_out")
    }
    assert told == {"Off the shelf": "1", "Sold out": "1"}
    assert figures[english("data.new.items")] == "1"
    assert figures[english("data.known.items")] == "2"
    assert english("data.next.words") in said(page)
    assert read_logs(shop.store()).items.loc["i9", "status"] == "off"

    page.button(key="open-items").click().run()
    assert list(page.data_editor[0].value["stock"]) == [12, 0, 5]
    tab(page, "data.history")
    assert page.dataframe[0].value[english("data.history.kind")].tolist() == ["items", "groups"]
    page.text_input(key="undo-number-2").set_value("2")
    page.button(key="undo-submit").click().run()
    items = read_logs(shop.store()).items
    assert list(items.index) == ["i1", "i2"]
    assert items["status"].isna().all()


def test_a_file_of_people_says_who_must_not_be_asked(page, shop):
    put(page, "people.csv", USERS)
    assert english("data.shape.users") in said(page)
    shown = table(page, english("stored.contactable"))
    assert shown[english("stored.contactable")].tolist() == ["yes", "no, never"]
    page.button(key="import").click().run()
    ended(page, shop.store())
    assert metrics(page)[english("people.list.unasked")] == "1"
    page.button(key="open-users").click().run()
    assert list(page.data_editor[0].value["person"]) == ["Bea"]


def test_what_a_row_is_can_be_said_otherwise(page):
    put(page, "items.csv", ITEMS)
    kinds = box(page, english("data.kind"))
    assert english("data.guessed", value=english("data.kind.items")) in kinds.options
    kinds.set_value("users").run()
    assert english("data.shape.items") not in said(page)


@pytest.mark.parametrize("headings", ["id,name,stock,city", "编号,名称,状态,备注"])
def test_a_file_whose_headings_do_not_tell_is_asked_about(page, headings):
    put(page, "list.csv", f"{headings}\n1,a,,\n2,b,,\n")
    assert answer(page, 0).label == english("data.ask.kind")
    assert page.button(key="import").disabled
    answer(page, 0).set_value("items").run()
    assert english("data.shape.items") in said(page)
    assert not page.button(key="import").disabled


def test_a_status_that_nobody_knows_is_asked_for(page, shop):
    put(page, "items.csv", ITEMS.replace("下架,\n", "天外来客,\n"))
    question = next(one for one in page.selectbox if "天外来客" in one.label)
    assert english("data.meaning.hidden") in question.options
    question.set_value("hidden").run()
    page.button(key="import").click().run()
    ended(page, shop.store())
    assert read_logs(shop.store()).items.loc["i9", "status"] == "hidden"
    assert import_history(shop.store())[-1].kind == "items"
    assert pd.isna(read_logs(shop.store()).items.loc["i1", "category"])
