"""Gathers the checked rows of a file into compact arrays: a group a row, or a friendship a row."""

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from db.importing.column_mapping import FRIENDSHIPS, ORDERS, ColumnMapping
from db.importing.encoder import Codes, Facts, said_or_derived, sizes, states, times
from db.importing.order_rows import OrderStager
from db.importing.readers.chunk import RowError
from db.importing.staged import Staged
from db.importing.validation import Checked
from db.logs import FAILED


class Stager(Protocol):
    """Takes the rows of a file chunk by chunk."""

    def add(self, rows: Checked) -> None:
        """Take the rows of one chunk."""

    def done(self) -> tuple[Staged, list[RowError], list[str]]:
        """What was gathered, the rows that do not fit the others, and notes for the reader."""


def stager_for(mapping: ColumnMapping, kind: str) -> Stager:
    """The stager for a file of this shape; ``kind`` is groups, failed or friendships."""
    if mapping.shape == FRIENDSHIPS:
        return FriendshipStager()
    if mapping.shape == ORDERS:
        return OrderStager(mapping)
    return GroupStager(mapping, all_failed=kind == "failed")


class FriendshipStager:
    """A row is two users who are friends."""

    def __init__(self) -> None:
        self._users = Codes()
        self._pairs: list[NDArray[np.int32]] = []

    def add(self, rows: Checked) -> None:
        """Take the rows of one chunk."""
        pairs = zip(rows.cells["user"], rows.cells["friend"], strict=True)
        flat = [id for pair in pairs for id in pair]
        self._pairs.append(self._users.encode(flat).reshape(-1, 2))

    def done(self) -> tuple[Staged, list[RowError], list[str]]:
        """The friendships."""
        none = np.empty(0, np.int32)
        staged = Staged(
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


class GroupStager:
    """A row is a group.

    Where a row says no state, the group is successful when it has participants, as many as its
    target size asks where it has one, and failed otherwise.
    """

    def __init__(self, mapping: ColumnMapping, all_failed: bool = False) -> None:
        self._mapping = mapping
        self._all_failed = all_failed
        self._users, self._items = Codes(), Codes()
        self._facts = Facts()
        self._columns: dict[str, list[NDArray[Any]]] = {name: [] for name in _COLUMNS}
        self._ids: list[str | None] = []
        self._lines: dict[str, int] = {}  # of the group ids
        self._errors: list[RowError] = []

    def add(self, rows: Checked) -> None:
        """Take the rows of one chunk."""
        rows = self._without_doubles(rows)
        count = len(rows.lines)
        joined = rows.participants or [[] for _ in range(count)]
        joins = np.fromiter(map(len, joined), np.int32, count)
        # Initiators and participants in the order of the file, so that keys follow first sight.
        rowwise = zip(rows.cells["initiator"], joined, strict=True)
        people = self._users.encode([id for who, ids in rowwise for id in (who, *ids)])
        starts = np.cumsum(joins + 1) - joins - 1
        initiator, item = people[starts], self._items.encode(rows.cells["item"])
        target = sizes(rows, "target_size")
        values = {
            "initiator": initiator,
            "item": item,
            "status": (
                np.full(count, FAILED)
                if self._all_failed
                else said_or_derived(states(rows, "status"), joins, target)
            ),
            "launched_at": times(rows, "launched_at"),
            "target_size": target,
            "expires_at": times(rows, "expires_at"),
            "joins": joins,
            "member": np.delete(people, starts),
        }
        for name, part in values.items():
            self._columns[name].append(part)
        self._facts.add_users(initiator, rows.cells.get("initiator_name"))
        self._facts.add_items(item, rows)

    def done(self) -> tuple[Staged, list[RowError], list[str]]:
        """The groups, and the rows that repeat a group's id."""
        columns: dict[str, NDArray[Any]] = {
            name: np.concatenate([np.empty(0, kind), *self._columns[name]]).astype(kind)
            for name, kind in _COLUMNS.items()
        }
        joins = columns.pop("joins")
        staged = Staged(
            users=self._users.ids(),
            items=self._items.ids(),
            group_id=self._ids,
            member_group=np.repeat(np.arange(len(joins), dtype=np.int32), joins),
            friendships=np.empty((0, 2), np.int32),
            user_names=self._facts.user_names,
            item_facts=self._facts.items,
            **columns,
        )
        return staged, self._errors, []

    def _without_doubles(self, rows: Checked) -> Checked:
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
                problem = f"The group stands on line {first} already. Keep one of the two rows."
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
