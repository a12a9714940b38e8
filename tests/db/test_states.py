"""The words of back offices say what they say there, alone and joined, of groups, orders, payments and refunds."""

import pytest

from db.importing import answers, state_words
from db.importing.simplified import normalised_word
from db.importing.states import (
    DECLINED,
    GROUP,
    ORDER,
    PAID,
    PAYMENT,
    REFUND,
    UNSTATED,
    VOID,
    Meaning,
    StateColumn,
    said_meanings,
    speaks_of,
)
from db.logs import FAILED, OPEN, SUCCESSFUL


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (SUCCESSFUL, "拼团成功 组团成功 拼團成功 已满员 虚拟成团 GROUP_SUCCESS group-success "
            "GroupSuccess 성공 成立 已完成 拼团成功（3/3人）"),
        (FAILED, "未成团 未成團 拼单失败 已失效 未完成 流团 EXPIRED team_failed 무산 不成立 已取消，退款成功"),
        (OPEN, "拼团中 拼團中 待成团 FORMING in_progress 모집중 募集中 还差1人成团"),
    ],
)  # fmt: skip
def test_words_of_groups(code: int, words: str) -> None:
    for word in words.split(" "):
        found = StateColumn(GROUP).meaning(word)
        assert (word, found and found.group) == (word, code)


@pytest.mark.parametrize(
    ("code", "cells"),
    [
        (PAID, ["已发货，待收货", "已發貨", "待自提", "已核销", "部分退款", "退款成功(部分)",
                "wc-processing", "wc-completed",
                "partially_refunded", "Partially refunded", "WAIT_SELLER_SEND_GOODS", "TRADE_SUCCESS", "ORDER_PAID",
                "买家已付款，等待卖家发货", "待收货(部分发货)", "1-已支付", "Payment accepted", "결제 완료", "発送済み",
                "无售后或售后取消", "退款关闭", "已支付未发货", "fulfilled", "Bezahlt"]),
        (VOID, ["已发货，退款成功", "未发货，退款成功", "已取消，退款成功", "交易已关闭", "正在退款", "待付款",
                "待付款，已取消",
                "voided",
                "Refunded", "wc-refunded", "On hold", "pending", "WAIT_BUYER_PAY", "TRADE_CLOSED_BY_TAOBAO", "취소완료",
                "キャンセル済み", "待付款 → 已关闭", "Remboursé", "not paid"]),
        (DECLINED, ["已拒绝", "declined", "거절"]),
    ],
)  # fmt: skip
def test_words_of_orders(code: int, cells: list[str]) -> None:
    for cell in cells:
        found = StateColumn(ORDER).meaning(cell)
        assert (cell, found and found.order) == (cell, code)


def test_one_cell_may_speak_of_the_group_and_of_the_order() -> None:
    column = StateColumn(ORDER)
    assert column.meaning("拼团成功待发货") == Meaning(SUCCESSFUL, PAID)
    assert column.meaning("拼团失败，已退款") == Meaning(FAILED, VOID)
    assert column.meaning("已支付/待成团") == Meaning(OPEN, PAID)


@pytest.mark.parametrize(
    "cell", ["未核销", "已发货，神秘", "拼主心情好", "2", "maybe", "已结束", "拼团成功，拼团失败"]
)
def test_what_is_unknown_or_contradicts_itself_is_unknown(cell: str) -> None:
    assert StateColumn(ORDER).meaning(cell) is None


def test_a_word_of_both_kinds_means_what_its_column_is_about() -> None:
    assert StateColumn(GROUP).meaning("completed") == Meaning(group=SUCCESSFUL)
    assert StateColumn(ORDER).meaning("completed") == Meaning(order=PAID)
    assert StateColumn(REFUND).meaning("已完成") == Meaning(order=VOID)
    assert StateColumn(REFUND).meaning("已取消") == Meaning(order=PAID)


def test_flags_mean_what_their_heading_asks() -> None:
    assert StateColumn(PAYMENT, flag=True).meaning("1") == Meaning(order=PAID)
    assert StateColumn(PAYMENT, flag=True).meaning("0.0") == Meaning(order=VOID)
    assert StateColumn(REFUND, flag=True).meaning("1") == Meaning(order=VOID)
    assert StateColumn(REFUND, flag=True).meaning("否") == Meaning(order=PAID)
    assert StateColumn(GROUP, flag=True).meaning("0") == Meaning(group=FAILED)


def test_a_group_whose_row_holds_its_order_s_state_is_as_the_order_is() -> None:
    column = StateColumn(GROUP, rows_are_groups=True)
    assert column.meaning("待发货") == Meaning(SUCCESSFUL, PAID)
    assert column.meaning("已退款") == Meaning(FAILED, VOID)
    assert column.meaning("已付款") is None  # it says nothing about the group


def test_the_words_tell_what_a_column_is_about() -> None:
    assert speaks_of(["completed", "refunded"]) == (False, True)
    assert speaks_of(["completed", "拼团中"]) == (True, False)
    assert speaks_of(["completed", "cancelled"]) == (False, False)


def test_what_a_person_says_holds_for_one_column_or_for_all() -> None:
    said = {"1": answers.OPEN, "未核销": answers.PAID, "退款:1": answers.VOID}
    column = StateColumn(ORDER, said=said_meanings(said, "退款"))
    assert column.meaning("1") == Meaning(order=VOID)
    assert column.meaning(" 未核銷 ") == Meaning(order=PAID)
    assert StateColumn(GROUP, said=said_meanings(said, "状态")).meaning("1.0") == Meaning(
        group=OPEN
    )


def test_no_word_stands_in_two_lists_of_one_table() -> None:
    for lists in (
        (state_words.SUCCESSFUL_GROUPS, state_words.FAILED_GROUPS, state_words.OPEN_GROUPS),
        (state_words.PAID_ORDERS, state_words.VOID_ORDERS, state_words.DECLINED_INVITATIONS),
        (state_words.REFUNDED, state_words.NOT_REFUNDED),
        (state_words.ROLES_OF_INITIATORS, state_words.ROLES_OF_PARTICIPANTS),
    ):
        words = [normalised_word(word) for text in lists for word in set(text.split())]
        twice = {word for word in words if words.count(word) > 1}
        same_list = {
            word for text in lists for word in twice
            if [normalised_word(one) for one in set(text.split())].count(word) > 1
        }  # fmt: skip
        assert twice == same_list


def test_an_empty_cell_states_nothing() -> None:
    assert StateColumn(ORDER).meaning("") == Meaning(UNSTATED, UNSTATED)
