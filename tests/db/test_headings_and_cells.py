"""Headings and cells are recognised as shops write them, in English and Chinese."""

import numpy as np
import pytest

from db.errors import InputError
from db.importing import cell_values
from db.importing.column_mapping import HEADINGS, map_columns, normalised_heading
from db.importing.staged import UNKNOWN_SIZE
from db.logs import FAILED, OPEN, SUCCESSFUL


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


def test_no_heading_means_two_fields() -> None:
    words = [word for text in HEADINGS.values() for word in text.split()]
    assert len(words) == len(set(words))
    assert words == [normalised_heading(word) for word in words]


def test_a_missing_column_is_reported_with_examples_and_the_headings_found() -> None:
    with pytest.raises(
        InputError, match=r"item \(for example item, 商品\) is missing.*'团长' and 'x'"
    ):
        map_columns(["团长", "x"])


def test_states_are_recognised() -> None:
    cells = [
        "成团",
        "拼团成功",
        "Success",
        " 未成团 ",
        "EXPIRED",
        "拼团中",
        "in progress",
        "",
        "?!",
        "maybe",
    ]
    found = cell_values.codes(cells, cell_values.GROUP_STATES).tolist()
    assert found[:7] == [SUCCESSFUL] * 3 + [FAILED] * 2 + [OPEN] * 2
    assert found[7:] == [cell_values.UNSTATED, cell_values.UNSTATED, cell_values.UNKNOWN]


def test_roles_are_recognised() -> None:
    cells = ["团长", "Leader", "是", "团员", "participant", "否", "", "boss"]
    found = cell_values.codes(cells, cell_values.ROLES).tolist()
    assert found == [1, 1, 1, 0, 0, 0, cell_values.UNSTATED, cell_values.UNKNOWN]


def test_sizes_and_amounts_are_recognised() -> None:
    sizes = cell_values.sizes(["3", "3人团", "三人团", " 两 人团", "5.0", "", "0", "-2", "many"])
    unknown = cell_values.UNKNOWN
    assert sizes.tolist() == [3, 3, 3, 2, 5, UNKNOWN_SIZE, unknown, unknown, unknown]
    amounts = cell_values.amounts(["19.90", "¥1,299", "12元", "-3", "1e2"])
    assert amounts.tolist() == [19.9, 1299, 12, -3, 100]
    assert np.isnan(cell_values.amounts(["", "nan", "inf", "free", "1-2"])).all()
