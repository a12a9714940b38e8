"""The orders of a file as arrays, and the first order of each group that fits."""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

NONE = -1  # a position: nothing is stated
COUNTS, VOID, DECLINED = 0, 1, 2  # is an order a join, cancelled or refunded, a refused invitation


@dataclass(frozen=True)
class Orders:
    """All orders of a file by line, [R] each; groups, users and items by position, NONE if not stated."""

    line: NDArray[np.int64]
    refused: NDArray[np.bool_]  # the row did not pass; of it, only what ties it to a group is kept
    group: NDArray[np.int32]
    parent: NDArray[np.int32]  # the record that launched, among the groups
    record: NDArray[np.int32]  # the row's own number, among the groups
    order: NDArray[np.int32]  # the order's number, among those of the file
    user: NDArray[np.int32]
    named: NDArray[np.int32]  # the initiator whom the row names, among the users
    item: NDArray[np.int32]
    kind: NDArray[np.int8]  # of the line: GOODS, FREE or EXTRA of ``group_items``
    seat: NDArray[np.bool_]  # the shop took it itself
    role: NDArray[np.int8]
    state: NDArray[np.int8]  # of the group
    order_state: NDArray[np.int8]  # COUNTS, VOID or DECLINED
    ordered_at: NDArray[np.int64]
    joined_at: NDArray[np.int64]  # where the file tells it from the time of the order
    launched_at: NDArray[np.int64]
    filled_at: NDArray[np.int64]
    expires_at: NDArray[np.int64]
    cancelled_at: NDArray[np.int64]
    target_size: NDArray[np.int32]
    size_unread: NDArray[
        np.bool_
    ]  # a size is written that cannot be read, and no outcome is stated

    def __len__(self) -> int:
        return len(self.line)


def concatenated(chunks: list[Orders]) -> Orders:
    """The orders of all chunks of a file."""
    return Orders(
        **{
            one.name: np.concatenate([getattr(chunk, one.name) for chunk in chunks])
            for one in fields(Orders)
        }
    )


def first_rows(group: NDArray[Any], rows: NDArray[np.int64], groups: int) -> NDArray[np.int64]:
    """[groups] the first of ``rows``, in their order, of each group, or NONE."""
    first = np.full(groups, NONE, np.int64)
    # Assigned from behind, so that the first row is the last to be written.
    first[group[rows[::-1]]] = rows[::-1]
    return first
