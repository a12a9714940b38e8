"""Words and numbers of the shelf, of stock and of who may be asked; what is unknown is never taken as a yes."""

import pytest

from db.importing.attributes.stock import read_stock
from db.importing.attributes.word_columns import (
    ASK,
    ASK_NOT,
    HIDDEN,
    OFF,
    ON,
    SOLD_OUT,
    UNREAD,
    UNSTATED,
    WordColumn,
    word_column,
)
from db.importing.staged import LARGEST_STOCK


@pytest.mark.parametrize(
    ("cell", "left"),
    [
        ("12", 12),
        ("12.0", 12),
        ("12.50", 12),
        ("0.3", 1),
        ("1,204", 1204),
        ("1 204", 1204),
        ("12,5", 12),
        ("99+", 99),
        ("1.2万", 12_000),
        ("12件", 12),
        ("仅剩3件", 3),
        ("１２", 12),
        ("0", 0),
        ("-3", 0),
        ("售罄", 0),
        ("無", 0),
        ("缺貨", 0),
        ("Out of stock", 0),
        ("有货", 1),
        ("不限", 1),
        ("", UNSTATED),
        ("-", UNSTATED),
        ("N/A", UNSTATED),
        ("若干", UNREAD),
        ("3/10", UNREAD),
        (str(LARGEST_STOCK + 1), UNREAD),
    ],
)
def test_a_stock_is_read_as_shops_write_it(cell: str, left: int) -> None:
    assert read_stock([cell], WordColumn("stock"))[0].tolist() == [left]


@pytest.mark.parametrize(
    ("field", "cell", "code"),
    [
        ("shelf_status", "已上架", ON),
        ("shelf_status", "仓库中", OFF),
        ("shelf_status", "instock", OFF),
        ("shelf_status", "Archived", HIDDEN),
        ("shelf_status", "已售罄", SOLD_OUT),
        ("shelf_status", "1", UNREAD),
        ("shelf_status", "", UNSTATED),
        ("on_shelf", "1", ON),
        ("on_shelf", "否", OFF),
        ("published", "-1", HIDDEN),
        ("published", "1.0", ON),
        ("published", "FALSE", HIDDEN),
        ("off_shelf", "1", OFF),
        ("hidden", "0", UNSTATED),
        ("contactable", "unsubscribed", ASK_NOT),
        ("contactable", "Y", ASK),
        ("contactable", "pending", UNREAD),
        ("not_contactable", "是", ASK_NOT),
        ("not_contactable", "未退订", ASK),
        ("not_contactable", "?", UNREAD),
    ],
)
def test_a_word_means_what_its_column_is_about(field: str, cell: str, code: int) -> None:
    assert WordColumn(field).codes([cell]).tolist() == [code]


def test_a_person_may_say_what_a_word_means_in_one_column() -> None:
    said = {"1": "off", "状态:1": "on", "2": "paid"}
    assert word_column("shelf_status", "状态", said).codes(["1", "1.0", "2"]).tolist() == [
        ON,
        ON,
        UNREAD,
    ]
    assert word_column("shelf_status", "其他", said).codes(["1"]).tolist() == [OFF]
    assert (
        word_column("contactable", "可联系", {"maybe": "not_contactable"}).code("maybe") == ASK_NOT
    )
