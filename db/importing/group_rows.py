"""Collects the valid rows of a file with a row a group or a row a friendship, as compact arrays."""

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from db.importing.column_mapping import FRIENDSHIPS, ORDERS, ColumnMapping
from db.importing.encoder import (
    EntityAttributes,
    IdEncoder,
    codes,
    sizes,
    times,
    with_derived_status,
)
from db.importing.order_rows import OrderRows
from db.importing.readers.chunk import RowError
from db.importing.staged import StagedLogs
from db.importing.validation import ValidRows
from db.logs import FAILED
from db.messages import Message


class RowCollector(Protocol):
    """Collects the valid rows of a file, chunk by chunk."""

    def add(self, rows: ValidRows) -> None:
        """Add the rows of one chunk."""

    def finish(self) -> tuple[StagedLogs, list[RowError], list[Message]]:
        """The staged rows, the errors of rows that contradict others, and notes for the report."""


def collector_for(mapping: ColumnMapping, kind: str) -> RowCollector:
    """The collector for a file of this shape; ``kind`` is groups, failed or friendships."""
    if mapping.shape == FRIENDSHIPS:
        return FriendshipRows()
    if mapping.shape == ORDERS:
        return OrderRows(mapping)
    return GroupRows(mapping, all_failed=kind == "failed")


class FriendshipRows:
    """Collects friendships: a row is two users."""

    def __init__(self) -> None:
        self._users = IdEncoder()
        self._pairs: list[NDArray[np.int32]] = []

    def add(self, rows: ValidRows) -> None:
        """Add the rows of one chunk."""
        pairs = zip(rows.cells["user"], rows.cells["friend"], strict=True)
        flat = [id for pair in pairs for id in pair]
        self._pairs.append(self._users.encode(flat).reshape(-1, 2))

    def finish(self) -> tuple[StagedLogs, list[RowError], list[Message]]:
        """The friendships; no row contradicts another."""
        none = np.empty(0, np.int32)
        staged = StagedLogs(
            users=self._users.ids(),
            items=[],
            group_id=[],
            initiator=none,
            item=none,
            status=np.empty(0, np.int8),
            launched_at=np.empty(0, np.int64),
            target_size=none,
            expires_at=np.empty(0, np.int64),
            member_group=none,
            member=none,
            friendships=np.concatenate([np.empty((0, 2), np.int32), *self._pairs]),
        )
        return staged, [], []


class GroupRows:
    """Collects groups: a row is a group.

    If a row states no status, the group is successful if it has participants, as many as its target
    size asks for if it has one, and failed otherwise.
    """

    def __init__(self, mapping: ColumnMapping, all_failed: bool = False) -> None:
        self._mapping = mapping
        self._all_failed = all_failed
        self._users, self._items = IdEncoder(), IdEncoder()
        self._attributes = EntityAttributes()
        self._columns: dict[str, list[NDArray[Any]]] = {name: [] for name in _COLUMNS}
        self._ids: list[str | None] = []
        self._lines: dict[str, int] = {}  # group id -> line
        self._errors: list[RowError] = []

    def add(self, rows: ValidRows) -> None:
        """Add the rows of one chunk."""
        rows = self._without_repeated(rows)
        count = len(rows.lines)
        participants = rows.participants or [[] for _ in range(count)]
        joins = np.fromiter(map(len, participants), np.int32, count)
        # Initiators and participants in the order of the file, so that keys follow first appearance.
        by_row = zip(rows.cells["initiator"], participants, strict=True)
        users = self._users.encode([id for initiator, ids in by_row for id in (initiator, *ids)])
        starts = np.cumsum(joins + 1) - joins - 1
        initiator, item = users[starts], self._items.encode(rows.cells["item"])
        target_size = sizes(rows, "target_size")
        values = {
            "initiator": initiator,
            "item": item,
            "status": (
                np.full(count, FAILED)
                if self._all_failed
                else with_derived_status(codes(rows, "status"), joins, target_size)
            ),
            "launched_at": times(rows, "launched_at"),
            "target_size": target_size,
            "expires_at": times(rows, "expires_at"),
            "joins": joins,
            "member": np.delete(users, starts),
        }
        for name, part in values.items():
            self._columns[name].append(part)
        self._attributes.add_users(initiator, rows.cells.get("initiator_name"))
        self._attributes.add_items(item, rows)

    def finish(self) -> tuple[StagedLogs, list[RowError], list[Message]]:
        """The groups, and the errors of rows that repeat a group's id."""
        columns: dict[str, NDArray[Any]] = {
            name: np.concatenate([np.empty(0, kind), *self._columns[name]]).astype(kind)
            for name, kind in _COLUMNS.items()
        }
        joins = columns.pop("joins")
        staged = StagedLogs(
            users=self._users.ids(),
            items=self._items.ids(),
            group_id=self._ids,
            member_group=np.repeat(np.arange(len(joins), dtype=np.int32), joins),
            friendships=np.empty((0, 2), np.int32),
            user_names=self._attributes.user_names,
            item_attributes=self._attributes.items,
            **columns,  # type: ignore[arg-type]
        )
        return staged, self._errors, []

    def _without_repeated(self, rows: ValidRows) -> ValidRows:
        """The rows whose group id has not appeared before; records an error for each other row."""
        ids = rows.cells.get("group")
        if ids is None:
            self._ids += [None] * len(rows.lines)
            return rows
        keep = []
        for row, (id, line) in enumerate(zip(ids, rows.lines.tolist(), strict=True)):
            first = self._lines.setdefault(id, line) if id else line
            if first == line:
                keep.append(row)
                self._ids.append(id or None)
            else:
                problem = Message("db.row.repeated_group", {"line": first})
                column = self._mapping.heading("group")
                text = ",".join((id, rows.cells["initiator"][row], rows.cells["item"][row]))
                self._errors.append(RowError(line, column, id, problem, text))
        return rows if len(keep) == len(ids) else rows.take(keep)


_COLUMNS: dict[str, type] = {
    "initiator": np.int32,
    "item": np.int32,
    "status": np.int8,
    "launched_at": np.int64,
    "target_size": np.int32,
    "expires_at": np.int64,
    "joins": np.int32,
    "member": np.int32,
}
