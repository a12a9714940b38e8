"""Parses states, roles, sizes and amounts of money in the cells of logs, in English and Chinese."""

import re
import unicodedata
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from db.importing.staged import UNKNOWN_SIZE
from db.logs import FAILED, OPEN, SUCCESSFUL

UNSTATED = -1  # an empty cell
UNKNOWN = -2  # an unknown word
INITIATOR, PARTICIPANT = 1, 0
PAID, VOID = 0, 1  # an order that counts as a join, and one that does not

_GROUP_STATES = {
    SUCCESSFUL: (
        "successful success succeeded succeed full filled complete completed done 成团 已成团 "
        "成团成功 拼团成功 成功 已完成 完成 已满团 yes true 是"
    ),
    FAILED: (
        "failed failure fail unsuccessful expired cancelled canceled closed 未成团 成团失败 "
        "拼团失败 失败 已失败 已过期 过期 已取消 取消 已关闭 流团 no false 否"
    ),
    OPEN: (
        "open pending ongoing active inprogress running waiting 拼团中 进行中 待成团 成团中 "
        "未满团 开团中 组团中"
    ),
}
_ORDER_STATES = {
    PAID: (
        "paid shipped delivered received complete completed done success successful finished "
        "已支付 已付款 支付成功 待发货 已发货 待收货 已收货 已签收 已完成 完成 交易成功 成功 "
        "待评价 待分享"
    ),
    VOID: (
        "cancelled canceled closed refunded refund refunding unpaid pendingpayment 已取消 "
        "取消 已关闭 关闭 交易关闭 已退款 退款 退款成功 退款中 待支付 未支付 待付款 未付款"
    ),
}
_ROLES = {
    INITIATOR: (
        "initiator leader head host owner launcher organizer captain groupleader yes true y 1 "
        "团长 开团 开团人 发起人 发起者 是"
    ),
    PARTICIPANT: (
        "participant member joiner follower buyer no false n 0 团员 参团 参团人 成员 参与者 "
        "参与人 普通成员 否"
    ),
}


def _table(words: dict[int, str]) -> dict[str, int]:
    return {word: code for code, text in words.items() for word in text.split()} | {"": UNSTATED}


# In a file of orders, a column called just "state" may hold states of groups or of orders.
PAID_ORDER, VOID_ORDER = 3, 4

GROUP_STATES, ORDER_STATES, ROLES = _table(_GROUP_STATES), _table(_ORDER_STATES), _table(_ROLES)

_ORDERS_AS_STATES = {
    word: {PAID: PAID_ORDER, VOID: VOID_ORDER, UNSTATED: UNSTATED}[code]
    for word, code in ORDER_STATES.items()
}
_VOID_ORDERS = {word: code for word, code in _ORDERS_AS_STATES.items() if code == VOID_ORDER}
# "Cancelled" is a state of the group if the heading names the group, else of the order.
STATES_OF_ORDERS = {
    False: _ORDERS_AS_STATES | GROUP_STATES,
    True: _ORDERS_AS_STATES | GROUP_STATES | _VOID_ORDERS,
}


def codes(cells: Sequence[str], table: dict[str, int]) -> NDArray[np.int8]:
    """[R] the code of each cell: UNSTATED if it is empty, UNKNOWN if the word is not in the table."""
    meaning = {cell: table.get(_normalised(cell), UNKNOWN) for cell in set(cells)}
    return np.fromiter((meaning[cell] for cell in cells), np.int8, len(cells))


def _normalised(cell: str) -> str:
    text = unicodedata.normalize("NFKC", cell).lower()
    return re.sub(r"[\W_]+", "", text)


_YES = frozenset(["yes", "true", "y", "1", "是", "有", "√", "✓", "✔", "예", "はい"])


def flags(cells: Sequence[str]) -> NDArray[np.bool_]:
    """[R] whether each cell says yes."""
    meaning = {
        cell: unicodedata.normalize("NFKC", cell).strip().lower() in _YES for cell in set(cells)
    }
    return np.fromiter((meaning[cell] for cell in cells), bool, len(cells))


_DIGITS = {numeral: value for value, numeral in enumerate("零一二三四五六七八九十")} | {
    "两": 2,
    "双": 2,
}
_SIZE = re.compile(
    r"([0-9]{1,9}|[一二两双三四五六七八九十])(\.0+)?(人|个人|人团|人成团|人拼团|人拼)?"
)


def sizes(cells: Sequence[str]) -> NDArray[np.int64]:
    """[R] numbers of people, as in 3, 3人团 and 三人团; UNKNOWN_SIZE if empty, UNKNOWN if not a number."""
    meaning = {cell: _size(cell) for cell in set(cells)}
    return np.fromiter((meaning[cell] for cell in cells), np.int64, len(cells))


def _size(cell: str) -> int:
    if not cell:
        return UNKNOWN_SIZE
    found = _SIZE.fullmatch(unicodedata.normalize("NFKC", cell).replace(" ", ""))
    if found is None:
        return UNKNOWN
    number = found.group(1)
    value = int(number) if number.isascii() else _DIGITS[number]
    return value or UNKNOWN  # no group has zero people


def amounts(cells: Sequence[str]) -> NDArray[np.float64]:
    """[R] amounts of money, NaN if the cell is not one; ¥, 元 and thousands commas are dropped."""
    meaning = {cell: _amount(cell) for cell in set(cells)}
    return np.fromiter((meaning[cell] for cell in cells), np.float64, len(cells))


_AMOUNT = re.compile(r"[¥$]?(-?[0-9]{1,12}(?:\.[0-9]{1,20})?(?:e[+-]?[0-9]{1,2})?)元?")


def _amount(cell: str) -> float:
    text = unicodedata.normalize("NFKC", cell).lower().replace(",", "").replace(" ", "")
    found = _AMOUNT.fullmatch(text)
    return float(found.group(1)) if found else float("nan")
