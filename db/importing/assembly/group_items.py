"""For which item each group is: an order may have several lines, a gift first, or another variant."""

import re

import numpy as np
from numpy.typing import NDArray

from db.importing.assembly.initiators import Initiators
from db.importing.assembly.orders import NONE, Orders, first_rows

_GIFT = re.compile(
    r"赠品|贈品|赠送|贈送|사은품|증정품|おまけ|景品|^gift$|\bfree ?gift\b|\bfreebie\b"
    r"|\bgift\b(?! ?(box|set|card|basket|pack|wrap|bag))",
    re.IGNORECASE,
)


def is_gift(name: str) -> bool:
    """Whether an item is a gift by its id or name."""
    return _GIFT.search(name) is not None


def group_items(
    orders: Orders, usable: NDArray[np.bool_], initiators: Initiators
) -> NDArray[np.int32]:
    """[G] the item that the initiator ordered, of several the one that most of the group ordered.

    Without an item of the initiator's, the one that most of the group ordered; of equals the first
    line's. A gift counts only in groups of nothing but gifts. NONE if no order states an item.
    ``usable`` [R] are the rows that count.
    """
    groups = len(initiators.user)
    rows = np.flatnonzero(usable & (orders.item != NONE) & (orders.group != NONE))
    group = orders.group[rows]
    has_goods = np.zeros(groups, bool)
    has_goods[group[~orders.gift[rows]]] = True
    rows = rows[~orders.gift[rows] | ~has_goods[group]]
    group, item, user = orders.group[rows], orders.item[rows], orders.user[rows]

    # How many users ordered the item of each row within its group.
    _, pair = np.unique(group.astype(np.int64) << 32 | item, return_inverse=True)
    by_user = np.unique(pair.astype(np.int64) << 32 | user)
    buyers = np.bincount(by_user >> 32, minlength=len(pair))[pair]
    theirs = user == initiators.user[group]
    ranked = rows[np.lexsort((rows, -buyers, ~theirs))]
    first = first_rows(orders.group, ranked, groups)
    return np.where(first == NONE, NONE, orders.item[first]).astype(np.int32)
