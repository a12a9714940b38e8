"""Collects the valid rows of a file with a row a group or a row a friendship, as compact arrays."""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from db.importing import cell_values
from db.importing.assembly.cut_rows import Held, groups_of_cut_rows
from db.importing.assembly.held_back import Problems
from db.importing.assembly.orders import NONE
from db.importing.assembly.seats import is_nobody, zero_is_a_person
from db.importing.column_mapping import FRIENDSHIPS, ORDERS, ColumnMapping
from db.importing.earlier_groups import EarlierLaunches
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
from db.importing.staged import UNKNOWN_SIZE, StagedLogs, Statement
from db.importing.validation import ValidRows
from db.logs import FAILED, UNKNOWN_TIME
from db.messages import Message


@dataclass(frozen=True)
class Members:
    """M members of groups, and when each joined."""

    of: NDArray[Any]  # [M] rows of the file, or positions of groups
    user: NDArray[np.int32]  # [M]
    joined_at: NDArray[np.int64]  # [M] UNKNOWN_TIME if not stated

    def take(self, kept: NDArray[Any], of: NDArray[Any]) -> "Members":
        """Some of the members, with ``of`` [M] in place of theirs."""
        return Members(of[kept], self.user[kept], self.joined_at[kept])

    def once(self, initiator: NDArray[np.int32]) -> "Members":
        """Each member once a group, with the earliest time, without its ``initiator`` [G], by group."""
        pairs = self.of.astype(np.int64) << 32 | self.user
        _, first, pair = np.unique(pairs, return_index=True, return_inverse=True)
        earliest = np.full(len(first), np.iinfo(np.int64).max)
        known = self.joined_at != UNKNOWN_TIME
        np.minimum.at(earliest, pair[known], self.joined_at[known])
        earliest[earliest == np.iinfo(np.int64).max] = UNKNOWN_TIME
        by_row = np.argsort(first, kind="stable")
        order = by_row[np.argsort(self.of[first[by_row]], kind="stable")]
        once = Members(self.of[first[order]], self.user[first[order]], earliest[order])
        return once.take(once.user != initiator[once.of], once.of)


class RowCollector(Protocol):
    """Collects the valid rows of a file, chunk by chunk."""

    def add(self, rows: ValidRows) -> None:
        """Add the rows of one chunk."""

    def finish(self) -> tuple[StagedLogs, list[RowError], list[Message]]:
        """The staged rows, the errors of rows that contradict others, and notes for the report."""


def collector_for(mapping: ColumnMapping, kind: str, known: EarlierLaunches) -> RowCollector:
    """The collector for a file of this shape; ``kind`` is groups, failed or friendships.

    ``known`` are groups that the file may go on with.
    """
    if mapping.shape == FRIENDSHIPS:
        return FriendshipRows()
    if mapping.shape == ORDERS:
        return OrderRows(mapping, known)
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
    """Collects groups: a row is a group, or a part of one whose id stands in several rows.

    If no row of a group states its status, the group is successful if it has participants, as many as
    its target size asks for if it has one, and failed otherwise. A group whose rows contradict each
    other, or of which one was refused, is held back whole.
    """

    def __init__(self, mapping: ColumnMapping, all_failed: bool = False) -> None:
        self._mapping = mapping
        self._all_failed = all_failed
        # The Beibei format has no headings, and numbers its users from 0.
        self._is_beibei = mapping.headings == mapping.fields
        self._groups, self._users, self._items = IdEncoder(), IdEncoder(), IdEncoder()
        self._attributes = EntityAttributes()
        self._columns: dict[str, list[NDArray[Any]]] = {name: [] for name in _COLUMNS}
        self._refused: list[Held] = []
        self._unreadable: list[RowError] = []

    def add(self, rows: ValidRows) -> None:
        """Add the rows of one chunk."""
        count = len(rows.lines)
        participants = rows.participants or [[] for _ in range(count)]
        joins = np.fromiter(map(len, participants), np.int32, count)
        # Initiators and participants in the order of the file, so that keys follow first appearance.
        by_row = zip(rows.cells["initiator"], participants, strict=True)
        users = self._users.encode([id for initiator, ids in by_row for id in (initiator, *ids)])
        starts = np.cumsum(joins + 1) - joins - 1
        initiator, item = users[starts], self._items.encode(rows.cells["item"])
        values = {
            "line": rows.lines,
            "group": self._group_positions(rows.cells.get("group"), count),
            "initiator": initiator,
            "item": item,
            "state": np.full(count, FAILED) if self._all_failed else codes(rows, "status"),
            "launched_at": times(rows, "launched_at"),
            "filled_at": times(rows, "filled_at"),
            "target_size": sizes(rows, "target_size"),
            "expires_at": times(rows, "expires_at"),
            "seats": sizes(rows, "seats"),
            "joins": joins,
            "member": np.delete(users, starts),
            "joined_at": _flat(rows.numbers.get("joined_at"), int(joins.sum())),
        }
        for name, part in values.items():
            self._columns[name].append(part)
        self._attributes.add_users(initiator, rows.cells.get("initiator_name"))
        self._attributes.add_items(item, rows)
        self._unreadable += rows.refused.unreadable
        ids = rows.refused.cells.get("group", [])
        refused = zip(ids, rows.refused.lines.tolist(), strict=False)
        self._refused += [(self._groups.encode([id])[0], line) for id, line in refused if id]

    def finish(self) -> tuple[StagedLogs, list[RowError], list[Message]]:
        """The groups, the errors of rows that fit no group, and a note on groups held back."""
        rows: dict[str, NDArray[Any]] = {
            name: np.concatenate([np.empty(0, kind), *self._columns[name]]).astype(kind)
            for name, kind in _COLUMNS.items()
        }
        member, joined_at, joins = rows.pop("member"), rows.pop("joined_at"), rows.pop("joins")
        # A row without an id is a group of its own.
        nameless = rows["group"] == NONE
        rows["group"][nameless] = len(self._groups.ids()) + np.arange(nameless.sum())
        problems = Problems(np.zeros(len(nameless), bool))
        nobody = self._users_who_are_nobody()
        problems.add(nobody[rows["initiator"]], "initiator", Message("db.row.nobody_launches"))
        first, repeated = _first_rows(rows["group"])
        _check_repeated(rows, first, repeated, problems)
        if len(repeated):
            self._refused += self._groups_of_cut_rows(rows)
        held = problems.hold_back(rows["group"], rows["line"], self._refused)
        notes = [Message("db.note.held_back", {"n": len(held)})] if len(held) else []
        member_row = np.repeat(np.arange(len(joins)), joins)
        people = Members(member_row, member, joined_at)
        staged = self._staged(rows, first, repeated, ~problems.bad, people)
        return staged, self._errors(rows, problems), notes

    def _groups_of_cut_rows(self, rows: dict[str, NDArray[Any]]) -> list[Held]:
        """Groups of several rows may have lost one that cannot be cut into cells."""
        fields = self._mapping.fields
        places = [fields.index("group")] if "group" in fields else []
        return groups_of_cut_rows(
            self._unreadable,
            self._groups.position,
            places,
            len(fields),
            rows["group"],
            rows["line"],
        )

    def _group_positions(self, ids: list[str] | None, count: int) -> NDArray[np.int64]:
        positions = np.full(count, NONE, np.int64)
        if ids is not None:
            stated = np.flatnonzero(np.fromiter((id not in ("", "0") for id in ids), bool, count))
            positions[stated] = self._groups.encode([ids[k] for k in stated.tolist()])
        return positions

    def _users_who_are_nobody(self) -> NDArray[np.bool_]:
        ids = self._users.ids()
        nobody = np.fromiter((is_nobody(id) for id in ids), bool, len(ids))
        zero = self._users.position("0")
        if zero != NONE:
            nobody[zero] = not (self._is_beibei or zero_is_a_person(set(ids)))
        return nobody

    def _staged(
        self,
        rows: dict[str, NDArray[Any]],
        first: NDArray[np.int64],
        repeated: NDArray[np.int64],
        good: NDArray[np.bool_],
        people: "Members",
    ) -> StagedLogs:
        _fill_in(rows, first, repeated)
        seats = rows["seats"]
        np.add.at(seats, first[repeated], seats[repeated])
        kept = np.flatnonzero(good & (first == np.arange(len(first))))
        position = np.full(len(first), NONE, np.int32)
        position[kept] = np.arange(len(kept), dtype=np.int32)
        member_group = position[first[people.of]]
        people = people.take((member_group != NONE) & good[people.of], member_group)
        if len(repeated):
            people = people.once(rows["initiator"][kept])
        groups, ids = rows["group"][kept].tolist(), self._groups.ids()
        state = rows["state"][kept]
        taken = np.bincount(people.of, minlength=len(kept)) + seats[kept]
        return StagedLogs(
            users=self._users.ids(),
            items=self._items.ids(),
            group_id=[ids[k] if k < len(ids) else None for k in groups],
            initiator=rows["initiator"][kept],
            item=rows["item"][kept],
            status=with_derived_status(state, taken, rows["target_size"][kept]),
            launched_at=rows["launched_at"][kept],
            target_size=rows["target_size"][kept],
            expires_at=rows["expires_at"][kept],
            filled_at=rows["filled_at"][kept],
            member_group=people.of,
            member=people.user,
            joined_at=people.joined_at,
            friendships=np.empty((0, 2), np.int32),
            user_attributes=self._attributes.users(),
            item_attributes=self._attributes.items,
            statement=Statement(
                status_derived=state == cell_values.UNSTATED,
                initiator_derived=np.zeros(len(kept), bool),
                continues=np.zeros(len(kept), bool),
                initiator_void=np.zeros(len(kept), bool),
                seats=seats[kept],
                declined_group=np.empty(0, np.int32),
                declined_user=[],
                reason=np.empty(0, np.int8),
            ),
        ).without_unused()

    def _errors(self, rows: dict[str, NDArray[Any]], problems: Problems) -> list[RowError]:
        groups, users, items = [*self._groups.ids()], self._users.ids(), self._items.ids()
        errors = []
        for row, field, problem in problems.found:
            group = int(rows["group"][row])
            ids = {
                "group": groups[group] if group < len(groups) else "",
                "initiator": users[rows["initiator"][row]],
                "item": items[rows["item"][row]],
            }
            column, line = self._mapping.heading(field), int(rows["line"][row])
            text = ",".join(ids.values())
            errors.append(RowError(line, column, ids.get(field, ""), problem, text))
        return errors


_COLUMNS: dict[str, type] = {
    "line": np.int64,
    "group": np.int64,
    "initiator": np.int32,
    "item": np.int32,
    "state": np.int8,
    "launched_at": np.int64,
    "filled_at": np.int64,
    "target_size": np.int32,
    "expires_at": np.int64,
    "seats": np.int32,
    "joins": np.int32,
    "member": np.int32,
    "joined_at": np.int64,
}
# What each row of a group may state, and the value of nothing.
_STATED = {
    "state": cell_values.UNSTATED,
    "launched_at": UNKNOWN_TIME,
    "filled_at": UNKNOWN_TIME,
    "target_size": UNKNOWN_SIZE,
    "expires_at": UNKNOWN_TIME,
}


def _flat(joins: NDArray[Any] | None, count: int) -> NDArray[np.int64]:
    """[M] when each participant of each row joined; ``joins`` is an array for each row."""
    if joins is None:
        return np.full(count, UNKNOWN_TIME)
    return np.concatenate([np.empty(0, np.int64), *joins])


def _first_rows(group: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """[R] the first row of each row's group, and the rows that are not the first of theirs."""
    _, at, place = np.unique(group, return_index=True, return_inverse=True)
    first = at[place]
    return first, np.flatnonzero(first != np.arange(len(group)))


def _check_repeated(
    rows: dict[str, NDArray[Any]],
    first: NDArray[np.int64],
    repeated: NDArray[np.int64],
    problems: Problems,
) -> None:
    """Record the rows that say something else of their group than its first row."""
    other = np.zeros(len(first), bool)
    for name in ("initiator", "item"):
        other[repeated] |= rows[name][repeated] != rows[name][first[repeated]]
    for name, nothing in _STATED.items():
        here, there = rows[name][repeated], rows[name][first[repeated]]
        other[repeated] |= (here != there) & (here != nothing) & (there != nothing)
    for line in np.unique(rows["line"][first[other]]).tolist():
        wrong = other & (rows["line"][first] == line)
        problems.add(wrong, "group", Message("db.row.repeated_group", {"line": line}))


def _fill_in(
    rows: dict[str, NDArray[Any]], first: NDArray[np.int64], repeated: NDArray[np.int64]
) -> None:
    """Give the first row of each group what only a further one states."""
    for name, nothing in _STATED.items():
        values = rows[name]
        stating = repeated[values[repeated] != nothing][::-1]
        open_ = values[first[stating]] == nothing
        values[first[stating[open_]]] = values[stating[open_]]
