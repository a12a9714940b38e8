"""Puts groups together from orders: a row an order, the orders of a group anywhere in the file.

The initiator is the one whose role says so; where no order of a group says a role, it is the first
by time, then by line. The initiator's order speaks for the group where it says the item, the state,
the times and the size, and the first order that does where it is silent. Orders that were
cancelled, refunded or never paid are no joins. Without a state, a group is successful when it has
participants, as many as its target size asks where it has one.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from db.importing import cell_values
from db.importing.column_mapping import ColumnMapping
from db.importing.encoder import Codes, Facts, said_or_derived, sizes, states, times
from db.importing.readers.chunk import RowError
from db.importing.staged import UNKNOWN_SIZE, Staged
from db.importing.validation import Checked
from db.logs import UNKNOWN_TIME

_NONE = -1


@dataclass(frozen=True)
class _Orders:
    """All orders of a file, [R] each; groups, users and items by number, _NONE where not said."""

    line: NDArray[np.int64]
    group: NDArray[np.int32]
    user: NDArray[np.int32]
    item: NDArray[np.int32]
    role: NDArray[np.int8]
    state: NDArray[np.int8]
    void: NDArray[np.bool_]
    ordered_at: NDArray[np.int64]
    launched_at: NDArray[np.int64]
    expires_at: NDArray[np.int64]
    target_size: NDArray[np.int32]


class OrderStager:
    """A row is an order: somebody launches a group or joins one."""

    def __init__(self, mapping: ColumnMapping) -> None:
        self._mapping = mapping
        self._groups, self._users, self._items = Codes(), Codes(), Codes()
        self._facts = Facts()
        self._chunks: list[_Orders] = []

    def add(self, rows: Checked) -> None:
        """Take the rows of one chunk."""
        user = self._users.encode(rows.cells["user"])
        item = self._item_numbers(rows.cells["item"])
        state = states(rows, "status")
        order_state = states(rows, "order_state")
        launched = times(rows, "launched_at")
        self._chunks.append(
            _Orders(
                line=rows.lines,
                group=self._groups.encode(rows.cells["group"]),
                user=user,
                item=item,
                role=self._roles(rows, user),
                state=np.where(state >= cell_values.PAID_ROW, cell_values.UNSAID, state).astype(
                    np.int8
                ),
                void=(state == cell_values.VOID_ROW) | (order_state == cell_values.VOID),
                ordered_at=times(rows, "ordered_at"),
                launched_at=launched,
                expires_at=times(rows, "expires_at"),
                target_size=sizes(rows, "target_size").astype(np.int32),
            )
        )
        self._facts.add_users(user, rows.cells.get("user_name"))
        self._facts.add_items(item, rows)

    def done(self) -> tuple[Staged, list[RowError], list[str]]:
        """The groups, the orders that fit none, and a note on orders that are no joins."""
        orders = _Orders(
            **{
                name: np.concatenate([getattr(chunk, name) for chunk in self._chunks])
                for name in _Orders.__dataclass_fields__
            }
        )
        initiator = _initiator_rows(orders, len(self._groups.ids()))
        item = _group_words(orders, initiator, orders.item, _NONE)
        problems = _Problems(len(orders.line))
        _refuse_incomplete_groups(orders, initiator, item, problems)
        members = _members(orders, initiator, problems)
        staged = self._staged(orders, initiator, item, members)
        voids = int((orders.void & ~problems.bad).sum())
        notes = [f"{voids} orders were cancelled, refunded or unpaid: no joins."] if voids else []
        return staged, self._errors(orders, problems), notes

    def _item_numbers(self, ids: list[str]) -> NDArray[np.int32]:
        said = np.fromiter(map(bool, ids), bool, len(ids))
        numbers = np.full(len(ids), _NONE, np.int32)
        numbers[said] = self._items.encode([id for id in ids if id])
        return numbers

    def _roles(self, rows: Checked, user: NDArray[np.int32]) -> NDArray[np.int8]:
        roles = states(rows, "role")
        leaders = rows.cells.get("initiator")
        if leaders is None:
            return roles
        # Each order names its group's initiator: she is the one who is named in her own order.
        pairs = zip(leaders, rows.cells["user"], strict=True)
        same = np.fromiter((leader == user for leader, user in pairs), bool, len(user))
        derived = np.where(same, cell_values.INITIATOR, cell_values.MEMBER)
        return np.where(roles == cell_values.UNSAID, derived, roles).astype(np.int8)

    def _staged(
        self,
        orders: _Orders,
        initiator: NDArray[np.int64],
        item: NDArray[np.int32],
        members: NDArray[np.int64],
    ) -> Staged:
        kept = np.flatnonzero((initiator != _NONE) & (item != _NONE))
        place = np.full(len(initiator), _NONE, np.int32)
        place[kept] = np.arange(len(kept), dtype=np.int32)
        members = members[np.argsort(place[orders.group[members]], kind="stable")]

        def words(values: NDArray[Any], unknown: int) -> NDArray[Any]:
            return _group_words(orders, initiator, values, unknown)[kept]

        target = words(orders.target_size, UNKNOWN_SIZE)
        said = words(orders.state, cell_values.UNSAID)
        launched = words(orders.launched_at, UNKNOWN_TIME)
        joins = np.bincount(place[orders.group[members]], minlength=len(kept))
        group_ids = self._groups.ids()
        return Staged(
            users=self._users.ids(),
            items=self._items.ids(),
            group_id=[group_ids[k] for k in kept.tolist()],
            initiator=orders.user[initiator[kept]],
            item=item[kept],
            status=said_or_derived(said, joins, target),
            launched_at=np.where(
                launched == UNKNOWN_TIME, orders.ordered_at[initiator[kept]], launched
            ),
            target_size=target,
            expires_at=words(orders.expires_at, UNKNOWN_TIME),
            member_group=place[orders.group[members]],
            member=orders.user[members],
            friendships=np.empty((0, 2), np.int32),
            user_names=self._facts.user_names,
            item_facts=self._facts.items,
        ).pruned()

    def _errors(self, orders: _Orders, problems: "_Problems") -> list[RowError]:
        groups, users, items = self._groups.ids(), self._users.ids(), [*self._items.ids(), ""]
        errors = []
        for row, field, problem in problems.found:
            ids = {
                "group": groups[orders.group[row]],
                "user": users[orders.user[row]],
                "item": items[orders.item[row]],  # _NONE is the last
            }
            column = self._mapping.heading(field)
            text = ",".join(ids.values())
            errors.append(RowError(int(orders.line[row]), column, ids[field], problem, text))
        return errors


class _Problems:
    """Which orders fit no group, and why; an order is named once."""

    def __init__(self, count: int) -> None:
        self.bad = np.zeros(count, bool)
        self.found: list[tuple[int, str, str]] = []  # row, field, problem

    def add(self, wrong: NDArray[np.bool_], field: str, problem: str) -> None:
        """Name the orders where ``wrong``."""
        rows = np.flatnonzero(wrong & ~self.bad)
        self.found += [(row, field, problem) for row in rows.tolist()]
        self.bad[rows] = True


def _first_rows(orders: _Orders, rows: NDArray[np.int64], groups: int) -> NDArray[np.int64]:
    """[groups] the first of ``rows``, in their order, that belongs to each group, or _NONE."""
    first = np.full(groups, _NONE, np.int64)
    found, at = np.unique(orders.group[rows], return_index=True)
    first[found] = rows[at]
    return first


def _initiator_rows(orders: _Orders, groups: int) -> NDArray[np.int64]:
    """[groups] the order that launched each group, _NONE where none did."""
    leading = _first_rows(orders, np.flatnonzero(orders.role == cell_values.INITIATOR), groups)
    roles_said = np.zeros(groups, bool)
    roles_said[orders.group[orders.role != cell_values.UNSAID]] = True
    without = np.flatnonzero(~roles_said[orders.group])
    moment = orders.ordered_at[without]
    moment = np.where(moment == UNKNOWN_TIME, np.iinfo(np.int64).max, moment)
    earliest = _first_rows(orders, without[np.lexsort((without, moment))], groups)
    return np.where(leading == _NONE, earliest, leading)


def _group_words(
    orders: _Orders, initiator: NDArray[np.int64], values: NDArray[Any], unknown: int
) -> NDArray[Any]:
    """[groups] what the initiator's order says, or else the first order that says something."""
    first = _first_rows(orders, np.flatnonzero(values != unknown), len(initiator))
    row = np.where((initiator != _NONE) & (values[initiator] != unknown), initiator, first)
    return np.where(row == _NONE, unknown, values[row]).astype(values.dtype)


def _refuse_incomplete_groups(
    orders: _Orders,
    initiator: NDArray[np.int64],
    item: NDArray[np.int32],
    problems: _Problems,
) -> None:
    group, row = orders.group, np.arange(len(orders.group))
    problems.add(
        initiator[group] == _NONE,
        "group",
        "The group has no valid order of an initiator in this file. Add or mend that order.",
    )
    problems.add(item[group] == _NONE, "item", "No order of the group names its item. Fill it in.")
    problems.add(
        (orders.role == cell_values.INITIATOR) & (initiator[group] != row),
        "user",
        "The group has an initiator already. Keep one, and make the others participants.",
    )
    problems.add(
        (orders.item != _NONE) & (orders.item != item[group]),
        "item",
        "The group is for another item. A group is for one item: mend the item or the group.",
    )


def _members(
    orders: _Orders, initiator: NDArray[np.int64], problems: _Problems
) -> NDArray[np.int64]:
    """The rows that are joins, in the order of the file."""
    group, row = orders.group, np.arange(len(orders.group))
    joins = ~problems.bad & ~orders.void & (initiator[group] != row)
    problems.add(
        joins & (orders.user == orders.user[initiator[group]]),
        "user",
        "The initiator joins her own group. Remove the order.",
    )
    rows = np.flatnonzero(joins & ~problems.bad)
    pairs = group[rows].astype(np.int64) << 32 | orders.user[rows]
    _, first = np.unique(pairs, return_index=True)
    again = np.zeros(len(group), bool)
    again[np.delete(rows, first)] = True
    problems.add(again, "user", "The user has joined the group already. Keep one of the orders.")
    return np.flatnonzero(joins & ~problems.bad)
