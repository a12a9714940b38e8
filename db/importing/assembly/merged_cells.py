"""Fills in what stands in the first row of a block alone.

A sheet with merged cells, saved as CSV, has the group in the first row of each block; a list of
orders with several goods has all but the goods in the first row of each order.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from db.importing import cell_values
from db.importing.assembly.orders import NONE, Orders
from db.logs import UNKNOWN_TIME

# What the further lines of an order take over where they state nothing.
_OF_THE_ORDER = {
    "group": NONE,
    "parent": NONE,
    "user": NONE,
    "named": NONE,
    "role": cell_values.UNSTATED,
    "state": cell_values.UNSTATED,
    "ordered_at": UNKNOWN_TIME,
    "launched_at": UNKNOWN_TIME,
}


def with_further_lines(orders: Orders) -> Orders:
    """The orders, with rows of an order's number but no user filled from the order's first row."""
    continued = (orders.order != NONE) & (orders.user == NONE) & (orders.group == NONE)
    continued &= ~orders.refused
    if not continued.any():
        return orders
    above = _last_before(~continued)
    continued &= above != NONE
    continued &= orders.order[above] == orders.order
    rows = np.flatnonzero(continued)
    source = above[rows]
    changed = {}
    for name, nothing in _OF_THE_ORDER.items():
        values = getattr(orders, name).copy()
        empty = values[rows] == nothing
        values[rows[empty]] = values[source[empty]]
        changed[name] = values
    state = orders.order_state.copy()
    state[rows] = state[source]
    refused = orders.refused.copy()
    refused[rows] |= refused[source]
    return replace(orders, **changed, order_state=state, refused=refused)


def with_merged_groups(orders: Orders) -> tuple[Orders, int]:
    """The orders with blank groups filled down, and how many were; none where it is not plain.

    It is plain if no row without a group states an item, and the rows above them do; or if all rows
    with a group are initiators' and all others participants'. A row without a group and with an item of
    its own may be an order of no group.
    """
    blank = orders.group == NONE
    filled = ~blank
    candidates = blank & (orders.user != NONE)
    if not candidates.any() or not filled.any():
        return orders, 0
    above = _last_before(filled)
    heads = above[candidates]
    items_in_first = not (orders.item[candidates] != NONE).any() and bool(
        ((heads == NONE) | (orders.item[heads] != NONE)).all()
    )
    roles_tell = bool(
        (orders.role[filled & ~orders.refused] == cell_values.INITIATOR).all()
        and (orders.role[candidates & ~orders.refused] == cell_values.PARTICIPANT).all()
    )
    if not (items_in_first or roles_tell):
        return orders, 0
    rows = np.flatnonzero(blank & (above != NONE))
    group = orders.group.copy()
    group[rows] = group[above[rows]]
    return replace(orders, group=group), len(rows)


def _last_before(marked: NDArray[np.bool_]) -> NDArray[np.int64]:
    """[R] the last marked row up to each row, NONE if there is none."""
    rows = np.where(marked, np.arange(len(marked)), NONE)
    return np.maximum.accumulate(rows) if len(rows) else rows
