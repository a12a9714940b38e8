"""What the orders of a group say of it: the initiator's first, else the first one that says anything."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from db.importing.assembly.initiators import Initiators
from db.importing.assembly.orders import NONE, Orders, first_rows
from db.logs import UNKNOWN_TIME


def group_values(
    orders: Orders,
    good: NDArray[np.bool_],
    initiator: NDArray[np.int64],
    values: NDArray[Any],
    unknown: int,
) -> NDArray[Any]:
    """[G] the value of the initiator's order, or of the first order that states one."""
    first = first_rows(orders.group, np.flatnonzero(good & (values != unknown)), len(initiator))
    row = np.where((initiator != NONE) & (values[initiator] != unknown), initiator, first)
    return np.where(row == NONE, unknown, values[row]).astype(values.dtype)


def launch_times(
    orders: Orders,
    good: NDArray[np.bool_],
    initiators: Initiators,
    of_groups: Callable[[NDArray[Any], int], NDArray[Any]],
) -> NDArray[np.int64]:
    """[G] as stated, else when the initiator ordered; the first order's time if they ordered nothing."""
    launched_at = of_groups(orders.launched_at, UNKNOWN_TIME)
    ordered_at = np.where(
        initiators.order == NONE, UNKNOWN_TIME, orders.ordered_at[initiators.order]
    )
    first = np.full(len(ordered_at), np.iinfo(np.int64).max)
    timed = np.flatnonzero(good & (orders.ordered_at != UNKNOWN_TIME))
    np.minimum.at(first, orders.group[timed], orders.ordered_at[timed])
    orderless = (initiators.order == NONE) & ~initiators.known
    orderless &= first < np.iinfo(np.int64).max
    ordered_at[orderless] = first[orderless]
    return np.where(launched_at == UNKNOWN_TIME, ordered_at, launched_at)
