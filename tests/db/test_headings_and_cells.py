"""Headings and cells are recognised as shops write them, in English and Chinese."""

import pytest

from db.errors import InputError
from db.importing import cell_values
from db.importing.column_mapping import HEADINGS, ColumnsError, map_columns
from db.importing.simplified import normalised_word
from db.importing.staged import UNKNOWN_SIZE


@pytest.mark.parametrize(
    ("headings", "fields", "shape"),
    [
        (["Initiator ID", "Item", "Participants"], ["initiator", "item", "participants"], "groups"),
        (["团 长", "商品", "团员", "几人团"],
         ["initiator", "item", "participants", "target_size"], "groups"),
        (["团长", "团长ID", "商品", "商品ＩＤ"],
         ["initiator_name", "initiator", "item_name", "item"], "groups"),
        (["拼团编号", "用户ID", "角色", "商品编号", "时间"],
         ["group", "user", "role", "item", "ordered_at"], "orders"),
        (["团号", "团员", "身份", "商品"], ["group", "user", "role", "item"], "orders"),
        (["launchTime", "leader_id", "sku-id"], ["launched_at", "initiator", "item"], "groups"),
        (["团长", "商品", "价格（元）", "备注"], ["initiator", "item", "price", None], "groups"),
        (["时间", "团长", "商品"], ["launched_at", "initiator", "item"], "groups"),
        (["用户", "好友"], ["user", "friend"], "friendships"),
    ],
)  # fmt: skip
def test_headings_are_mapped_to_fields(headings: list[str], fields: list[str], shape: str) -> None:
    mapping = map_columns(headings)
    assert (list(mapping.fields), mapping.shape) == (fields, shape)


@pytest.mark.parametrize(
    ("headings", "fields", "shape"),
    [
        (["團號", "團主", "品項", "團員", "狀態", "開團時間", "截止時間", "幾人團"],
         ["group", "initiator", "item", "participants", "status", "launched_at", "expires_at", "target_size"],
         "groups"),
        (["주문번호", "공구번호", "상품번호", "상품명", "구매자", "주문상태", "결제일시"],
         ["order", "group", "item", "item_name", "user", "order_state", "ordered_at"], "orders"),
        (["注文番号", "共同購入ID", "商品コード", "商品名", "会員番号", "注文状況", "注文日時"],
         ["order", "group", "item", "item_name", "user", "order_state", "ordered_at"], "orders"),
        (["Name", "Group", "Email", "Financial Status", "Lineitem sku", "Lineitem name", "Created at"],
         ["order", "group", "user", "payment_state", "item", "item_name", "ordered_at"], "orders"),
        (["Order ID", "Team ID", "Customer ID", "Billing email", "Product ID", "SKU", "order_status"],
         ["order", "group", "user", None, "item", None, "order_state"], "orders"),
        (["团号", "用户ID", "用户昵称", "商品", "状态", "订单状态", "支付状态", "退款状态"],
         ["group", "user", "user_name", "item", "status", "order_state", "payment_state", "refund_state"], "orders"),
        (["团号", "用户id", "商品", "拼团状态", "状态"],
         ["group", "user", "item", "status", "order_state"], "orders"),
        (["商品", "商品", "团长"], ["item", "item_name", "initiator"], "groups"),
    ],
)  # fmt: skip
def test_headings_of_back_offices_are_known(
    headings: list[str], fields: list[str | None], shape: str
) -> None:
    mapping = map_columns(headings)
    assert (list(mapping.fields), mapping.shape) == (fields, shape)


def test_of_two_columns_of_one_meaning_the_better_is_taken_and_the_other_named() -> None:
    headings = ["团号", "用户ID", "SKU", "商品ID", "支付时间", "下单时间", "创建时间"]
    mapping = map_columns(headings)
    taken = {field: mapping.heading(field) for field in ("item", "ordered_at")}
    assert taken == {"item": "商品ID", "ordered_at": "下单时间"}
    assert [(one.heading, one.kept) for one in mapping.second] == [
        ("SKU", "商品ID"),
        ("支付时间", "下单时间"),
    ]
    chosen = map_columns(headings, {"支付时间": "ordered_at"})
    assert chosen.heading("ordered_at") == "支付时间"


@pytest.mark.parametrize(
    ("headings", "missing"),
    [
        (["商品ID", "订单号", "订单状态", "收货人", "支付时间"], ["group", "user"]),
        (["ID", "团购活动", "会员昵称", "团号", "是否团长", "状态"], ["user", "item"]),
        (["团长", "几人团"], ["item"]),
        (["商品", "价格"], ["initiator"]),
    ],
)
def test_what_is_missing_is_what_the_rows_lack(headings: list[str], missing: list[str]) -> None:
    with pytest.raises(ColumnsError) as refused:
        map_columns(headings)
    assert list(refused.value.missing) == missing


def test_no_heading_means_two_fields() -> None:
    words = [normalised_word(word) for text in HEADINGS.values() for word in text.split()]
    assert len(words) == len(set(words))


def test_a_missing_column_is_reported_with_examples_and_the_headings_found() -> None:
    with pytest.raises(
        InputError, match=r"item \(for example item, 商品id\) is missing.*'团长' and 'x'"
    ):
        map_columns(["团长", "x"])


def test_roles_are_recognised() -> None:
    cells = ["团长", "Leader", "是", "团员", "participant", "否", "", "boss"]
    found = cell_values.codes(cells, cell_values.roles()).tolist()
    assert found == [1, 1, 1, 0, 0, 0, cell_values.UNSTATED, cell_values.UNKNOWN]


def test_sizes_are_recognised() -> None:
    cells = ["3", "3人团", "三人团", " 两 人团", "5.0", "三人團", "3명", "", "0", "-2", "many"]
    unknown = cell_values.UNKNOWN
    assert cell_values.sizes(cells).tolist() == [
        3, 3, 3, 2, 5, 3, 3, UNKNOWN_SIZE, unknown, unknown, unknown
    ]  # fmt: skip
