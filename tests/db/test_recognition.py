"""Headings tell whether a row is an item, a user, a group or an order; where they do not, nothing is guessed."""

import pytest

from db.importing.attributes.recognition import DoubtfulKindError, map_file
from db.importing.column_mapping import ColumnsError


@pytest.mark.parametrize(
    ("headings", "shape"),
    [
        ("商品ID 商品名称 库存 状态", "items"),
        ("Handle Title Vendor Published", "items"),
        ("SKU Quantity", "items"),
        ("id name price", "items"),
        ("item stock", "items"),
        ("用户ID 昵称 城市", "users"),
        ("uid nickname tags", "users"),
        ("id name city", "users"),
        ("Email 免打扰", "users"),
        ("团长 商品 团员 库存 城市", "groups"),
        ("团号 用户ID 商品ID 城市 标签", "orders"),
        ("initiator item status launched_at brand", "groups"),
    ],
)
def test_the_headings_tell_what_a_row_is(headings: str, shape: str) -> None:
    assert map_file(headings.split()).shape == shape


@pytest.mark.parametrize(
    "headings",
    [
        "商品ID 用户ID 标签",
        "creator 商品ID 库存",
        "用户ID 角色 城市",
        "订单号 商品ID 品牌",
    ],
)
def test_doubtful_headings_are_asked_about(headings: str) -> None:
    with pytest.raises(DoubtfulKindError, match="--kind"):
        map_file(headings.split())


def test_a_list_of_items_without_their_ids_is_told_what_it_lacks() -> None:
    with pytest.raises(
        ColumnsError, match=r"column item .* is missing; each row seems to be an item"
    ):
        map_file(["商品名称", "库存", "品牌"])
    with pytest.raises(ColumnsError, match="column initiator"):
        map_file(["商品名称", "价格"])


@pytest.mark.parametrize("kind", ["items", "users"])
def test_a_kind_that_was_said_needs_its_id(kind: str) -> None:
    with pytest.raises(ColumnsError, match="missing"):
        map_file(["stock", "city"], kind=kind)


def test_a_kind_that_was_said_is_what_a_row_is() -> None:
    headings = ["group", "user", "item", "city"]
    assert map_file(headings).shape == "orders"
    assert map_file(headings, kind="users").shape == "users"
    assert map_file(headings, kind="items").fields[2] == "item"


def test_the_number_of_a_variant_is_the_item_only_where_nothing_better_is() -> None:
    assert map_file(["SKU", "库存"]).fields == ("item", "stock")
    assert map_file(["SKU", "商品ID", "库存"]).fields == ("variant", "item", "stock")
    assert map_file(["SKU", "ID", "Name", "Stock"]).fields == (
        "variant",
        "item",
        "item_name",
        "stock",
    )


def test_each_of_several_columns_of_a_wish_is_read() -> None:
    mapping = map_file(["用户ID", "黑名单", "退订", "免打扰"])
    wishes = {"not_contactable", "not_contactable_2", "not_contactable_3"}
    assert {*mapping.fields} == {"user", *wishes}


def test_a_column_that_a_person_chose_tells_the_kind() -> None:
    assert map_file(["nr", "rest", "商品名称"], {"nr": "item", "rest": "stock"}).shape == "items"
