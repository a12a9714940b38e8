"""For which item each group is: an order may have several lines, a gift first, or another variant."""

import re

import numpy as np
from numpy.typing import NDArray

from db.importing.assembly.initiators import Initiators
from db.importing.assembly.orders import NONE, Orders, first_rows
from db.importing.validation import ValidRows

_GIFT = re.compile(
    r"赠品(?!牌)|贈品(?!牌)|赠送|贈送|[附配加满买随搭]赠|[【\[(（]赠[】\])）]|^赠[:： ]"
    r"|사은품|증정품|おまけ|景品|^gift$|\bfree ?gift\b|\bfreebie\b|complimentary|free sample"
    r"|\bgift\b(?! ?(box|set|card|basket|pack|wrap|bag))",
    re.IGNORECASE,
)
_SERVICE = re.compile(
    r"运费|邮费|補差|补差|补拍|差价|差價|打包费|包装费|配送费|運費|郵費|배송비|送料|^(shipping|postage|delivery|freight)\b",
    re.IGNORECASE,
)
# What a line of an order is; the item of a group is of the first kind that the group has.
GOODS, FREE, EXTRA = 0, 1, 2


def is_extra(name: str) -> bool:
    """Whether a line is a gift or a service such as postage, by the id or name of its item."""
    return _GIFT.search(name) is not None or _SERVICE.search(name) is not None


def group_items(
    orders: Orders, usable: NDArray[np.bool_], initiators: Initiators
) -> NDArray[np.int32]:
    """[G] the item that the initiator ordered, of several the one that most of the group ordered.

    Without an item of the initiator's, the one that most of the group ordered; of equals the first
    line's. What is free counts only in groups without other goods, and a gift or the postage in those
    of nothing else. NONE if no order states an item.
    ``usable`` [R] are the rows that count.
    """
    groups = len(initiators.user)
    rows = np.flatnonzero(usable & (orders.item != NONE) & (orders.group != NONE))
    if not len(rows):
        return np.full(groups, NONE, np.int32)
    group = orders.group[rows]
    best = np.full(groups, EXTRA, np.int8)
    np.minimum.at(best, group, orders.kind[rows])
    rows = rows[orders.kind[rows] == best[group]]
    group, item, user = orders.group[rows], orders.item[rows], orders.user[rows]

    # How many users ordered the item of each row within its group.
    _, pair = np.unique(group.astype(np.int64) << 32 | item, return_inverse=True)
    by_user = np.unique(pair.astype(np.int64) << 32 | user)
    buyers = np.bincount(by_user >> 32, minlength=len(pair))[pair]
    theirs = user == initiators.user[group]
    ranked = rows[np.lexsort((rows, -buyers, ~theirs))]
    first = first_rows(orders.group, ranked, groups)
    return np.where(first == NONE, NONE, orders.item[first]).astype(np.int32)


def line_kinds(rows: ValidRows) -> NDArray[np.int8]:
    """[R] what each line is, by its name and its price."""
    kinds = np.full(len(rows.lines), GOODS, np.int8)
    for field in ("price", "group_price"):
        if field in rows.numbers:
            kinds[rows.numbers[field] == 0] = FREE
    for field in ("item", "item_name"):
        cells = rows.cells.get(field)
        if cells is not None:
            extras = {cell for cell in set(cells) if is_extra(cell)}
            if extras:
                kinds[np.fromiter((cell in extras for cell in cells), bool, len(cells))] = EXTRA
    return kinds
