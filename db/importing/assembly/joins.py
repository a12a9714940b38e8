"""Who joined which group, the seats that nobody takes, and whose orders were no joins."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from db import logs
from db.importing.assembly.initiators import Initiators, order_times
from db.importing.assembly.orders import COUNTS, DECLINED, NONE, Orders
from db.logs import SUCCESSFUL, UNKNOWN_TIME


@dataclass(frozen=True)
class Joins:
    """The rows of M joins, in the order of the file, and what else was found about G groups."""

    rows: NDArray[np.int64]  # [M] each user once a group
    joined_at: NDArray[np.int64]  # [M] the earliest time of the user's orders in the group
    seats: NDArray[np.int64]  # [G] orders of nobody
    void_initiator: NDArray[np.bool_]  # [G] the initiator ordered, and no order of theirs counts
    declined: NDArray[np.int64]  # [D] rows of users who are neither initiator nor participant


def group_joins(
    orders: Orders, good: NDArray[np.bool_], initiators: Initiators, nobody: NDArray[np.bool_]
) -> Joins:
    """The joins of the ``good`` [R] orders; ``nobody`` [U] are the users who are no persons."""
    groups = len(initiators.user)
    rows = np.flatnonzero(good)
    group, user = orders.group[rows], orders.user[rows]
    counts = orders.order_state[rows] == COUNTS
    theirs = user == initiators.user[group]
    empty = nobody[user] | orders.seat[rows]
    counting = rows[counts & ~theirs & ~empty]
    joins = _once(orders, counting)
    paid = np.zeros(groups, bool)
    paid[group[theirs & counts]] = True
    void = rows[~counts & ~theirs & ~empty]
    void = void[~np.isin(_pairs(orders, void), _pairs(orders, joins))]
    # A refusal says more than a cancellation.
    void = void[np.argsort(orders.order_state[void] != DECLINED, kind="stable")]
    return Joins(
        rows=joins,
        joined_at=_earliest(orders, counting, joins),
        seats=np.bincount(group[counts & empty & ~theirs], minlength=groups),
        void_initiator=(initiators.order != NONE) & ~paid,
        declined=np.sort(_once(orders, void)),
    )


def decline_reasons(
    orders: Orders,
    joins: Joins,
    status: NDArray[np.int8],
    filled_at: NDArray[np.int64],
    expires_at: NDArray[np.int64],
) -> NDArray[np.int8]:
    """[D] why each of ``joins.declined`` was no join, by the reasons of ``db.logs``.

    An order was cancelled before its group filled if its time lies before that of a successful group,
    or else before its last join, or before the deadline of any other; ``status``, ``filled_at`` and
    ``expires_at`` are [G].
    """
    rows = joins.declined
    ends_at = expires_at.copy()
    successful = status == SUCCESSFUL
    ends_at[successful] = UNKNOWN_TIME
    joined = joins.rows[successful[orders.group[joins.rows]]]
    np.maximum.at(ends_at, orders.group[joined], orders.ordered_at[joined])
    ends_at = np.where(successful & (filled_at != UNKNOWN_TIME), filled_at, ends_at)
    cancelled_at, ends = orders.cancelled_at[rows], ends_at[orders.group[rows]]
    early = (cancelled_at != UNKNOWN_TIME) & (ends != UNKNOWN_TIME) & (cancelled_at < ends)
    reasons = np.where(early, logs.CANCELLED, logs.VOID)
    declined = orders.order_state[rows] == DECLINED
    return np.where(declined, logs.DECLINED, reasons).astype(np.int8)


def _earliest(
    orders: Orders, counting: NDArray[np.int64], joins: NDArray[np.int64]
) -> NDArray[np.int64]:
    """[joins] the earliest time of the orders that count of each join's user, UNKNOWN_TIME if none tells."""
    at = order_times(orders, counting)
    if len(counting) == len(joins):
        return at
    pairs = _pairs(orders, counting)
    known = at != UNKNOWN_TIME
    order = np.lexsort((at, ~known, pairs))  # of each pair the first is the earliest
    first = order[np.unique(pairs[order], return_index=True)[1]]
    return at[first[np.searchsorted(pairs[first], _pairs(orders, joins))]]


def _pairs(orders: Orders, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    return orders.group[rows].astype(np.int64) << 32 | orders.user[rows]


def _once(orders: Orders, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """The first of ``rows`` of each user in each group, in their order."""
    _, first = np.unique(_pairs(orders, rows), return_index=True)
    return rows[np.sort(first)]
