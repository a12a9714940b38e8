"""Groups of a table whose rows name the row that launched.

CRMEB's ``k_id``, litemall's ``groupon_id`` and yudao's ``head_id`` are 0 or empty, or the row's own
number, in the row that launches, and the launch's number in the rows that join.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from db.importing import cell_values
from db.importing.assembly.orders import NONE, Orders


def with_launches_as_groups(orders: Orders, zero: int, has_group: bool) -> tuple[Orders, bool]:
    """The orders with the launch's number as their group, and whether the table is of that kind.

    ``zero`` is the position of the id 0, NONE if the file has none; ``has_group`` is whether a column
    holds groups. Without, that of the launches stands for it.
    """
    pointer = orders.group if has_group else orders.parent
    if (orders.record == NONE).all() or not _are_pointers(orders, pointer, zero, not has_group):
        return orders if has_group else replace(orders, group=orders.parent), False
    launches = _launches(orders, pointer, zero)
    group = np.where(launches, orders.record, pointer).astype(np.int32)
    derived = np.where(launches, cell_values.INITIATOR, cell_values.PARTICIPANT)
    stated = orders.role != cell_values.UNSTATED
    role = np.where(stated, orders.role, derived).astype(np.int8)
    return replace(orders, group=group, role=role), True


def _launches(orders: Orders, pointer: NDArray[np.int32], zero: int) -> NDArray[np.bool_]:
    nothing = (pointer == NONE) | (pointer == zero) | (pointer == orders.record)
    return nothing & (orders.record != NONE)


def _are_pointers(orders: Orders, pointer: NDArray[np.int32], zero: int, said: bool) -> bool:
    """Whether most rows that join name a launch of this file.

    Where the heading does not say it (``said``), nothing but launches is no sign unless each has a 0.
    """
    launches = _launches(orders, pointer, zero)
    joins = ~launches & (pointer != NONE)
    if not launches.any():
        return False
    if not joins.any():
        return said or bool((pointer[launches] == zero).all())
    found = np.isin(pointer[joins], orders.record[launches])
    zeros = bool((pointer[launches] == zero).any()) and zero != NONE
    return bool(found.any()) if said or zeros else bool(found.mean() > 0.5)
