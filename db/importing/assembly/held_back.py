"""Groups that are held back whole, because one of their rows was refused or contradicts another."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from db.importing import cell_values
from db.importing.assembly.orders import COUNTS, NONE, Orders
from db.importing.staged import UNKNOWN_SIZE
from db.logs import UNKNOWN_TIME
from db.messages import Message


class Problems:
    """Which rows fit no group, and why; the first problem of a row counts."""

    def __init__(self, refused: NDArray[np.bool_]) -> None:
        self.bad = refused.copy()  # the validation has said why
        self.found: list[tuple[int, str, Message]] = []  # row, field, problem

    def add(self, wrong: NDArray[np.bool_], field: str, problem: Message) -> None:
        """Record the problem of the rows where ``wrong`` [R] is true."""
        rows = np.flatnonzero(wrong & ~self.bad)
        self.found += [(row, field, problem) for row in rows.tolist()]
        self.bad[rows] = True

    def hold_back(
        self,
        group: NDArray[np.int32],
        line: NDArray[np.int64],
        also: Sequence[tuple[int, int]] = (),
    ) -> NDArray[np.int64]:
        """Refuse all rows of a group of which one is bad; returns the groups.

        Each row's message names the first line at fault. ``also`` are groups to hold back for lines
        that are no rows: (group, line).
        """
        culprits = np.flatnonzero(self.bad & (group != NONE))
        culprits = culprits[np.argsort(line[culprits], kind="stable")]
        fault: dict[int, int] = {}
        for held, number in (
            *also,
            *zip(group[culprits].tolist(), line[culprits].tolist(), strict=True),
        ):
            fault.setdefault(held, number)
        held_groups = np.array(sorted(fault), np.int64)
        messages = {
            held: Message("db.row.held_back", {"line": number}) for held, number in fault.items()
        }
        rows = np.flatnonzero(np.isin(group, held_groups) & ~self.bad)
        self.found += [
            (row, "group", messages[held])
            for row, held in zip(rows.tolist(), group[rows].tolist(), strict=True)
        ]
        self.bad[rows] = True
        return held_groups


def states_disagree(orders: Orders, bad: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """[R] the orders of groups whose orders state several outcomes, those that count as joins."""
    stated = ~bad & (orders.group != NONE) & (orders.state != cell_values.UNSTATED)
    stated &= orders.order_state == COUNTS
    groups = _of_several(orders.group[stated], orders.state[stated])
    return stated & np.isin(orders.group, groups)


def sizes_disagree(orders: Orders, bad: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The groups whose orders state several sizes."""
    stated = ~bad & (orders.group != NONE) & (orders.target_size != UNKNOWN_SIZE)
    return _of_several(orders.group[stated], orders.target_size[stated])


def sizes_lacking(orders: Orders, bad: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """[R] the orders whose size cannot be read, of groups that state neither a size nor an outcome."""
    states = (orders.target_size != UNKNOWN_SIZE) | (orders.state != cell_values.UNSTATED)
    states |= orders.filled_at != UNKNOWN_TIME
    told = np.unique(orders.group[~bad & states])
    return orders.size_unread & ~np.isin(orders.group, told)


def _of_several(group: NDArray[np.int32], values: NDArray[Any]) -> NDArray[np.int64]:
    """The groups with more than one value."""
    pairs = np.unique(group.astype(np.int64) << 32 | values.astype(np.int64))
    found, counts = np.unique(pairs >> 32, return_counts=True)
    return found[counts > 1]
