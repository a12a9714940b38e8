"""Assembles groups from a file with a row an order, the orders of a group anywhere in the file.

The initiator is the user whose role says so; if no order of a group states a role, it is the user of
the first order by time, then by line. The initiator's order decides the group's item, state, times
and size; where it states nothing, the first order that does. Orders that were cancelled, refunded or
never paid are not joins. Without a state, a group is successful if it has participants, as many as
its target size asks for if it has one.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from db.importing import cell_values
from db.importing.column_mapping import ColumnMapping
from db.importing.encoder import (
    EntityAttributes,
    IdEncoder,
    codes,
    sizes,
    times,
    with_derived_status,
)
from db.importing.readers.chunk import RowError
from db.importing.staged import UNKNOWN_SIZE, StagedLogs
from db.importing.validation import ValidRows
from db.logs import UNKNOWN_TIME
from db.messages import Message

_NONE = -1


@dataclass(frozen=True)
class _Orders:
    """All orders of a file, [R] each; groups, users and items by position, _NONE if not stated."""

    line: NDArray[np.int64]
    group: NDArray[np.int32]
    user: NDArray[np.int32]
    item: NDArray[np.int32]
    role: NDArray[np.int8]
    state: NDArray[np.int8]  # of the group
    void: NDArray[np.bool_]  # cancelled, refunded or never paid
    ordered_at: NDArray[np.int64]
    launched_at: NDArray[np.int64]
    expires_at: NDArray[np.int64]
    target_size: NDArray[np.int32]


class OrderRows:
    """Collects orders, by which somebody launches a group or joins one, and assembles the groups."""

    def __init__(self, mapping: ColumnMapping) -> None:
        self._mapping = mapping
        self._groups, self._users, self._items = IdEncoder(), IdEncoder(), IdEncoder()
        self._attributes = EntityAttributes()
        self._chunks: list[_Orders] = []

    def add(self, rows: ValidRows) -> None:
        """Add the rows of one chunk."""
        user = self._users.encode(rows.cells["user"])
        item = self._item_positions(rows.cells["item"])
        state = codes(rows, "status")
        order_state = codes(rows, "order_state")
        is_order_state = state >= cell_values.PAID_ORDER
        self._chunks.append(
            _Orders(
                line=rows.lines,
                group=self._groups.encode(rows.cells["group"]),
                user=user,
                item=item,
                role=self._roles(rows, user),
                state=np.where(is_order_state, cell_values.UNSTATED, state).astype(np.int8),
                void=(state == cell_values.VOID_ORDER) | (order_state == cell_values.VOID),
                ordered_at=times(rows, "ordered_at"),
                launched_at=times(rows, "launched_at"),
                expires_at=times(rows, "expires_at"),
                target_size=sizes(rows, "target_size").astype(np.int32),
            )
        )
        self._attributes.add_users(user, rows.cells.get("user_name"))
        self._attributes.add_items(item, rows)

    def finish(self) -> tuple[StagedLogs, list[RowError], list[Message]]:
        """The groups, the errors of orders that fit no group, and a note on void orders."""
        orders = _Orders(
            **{
                name: np.concatenate([getattr(chunk, name) for chunk in self._chunks])
                for name in _Orders.__dataclass_fields__
            }
        )
        initiator = _initiator_orders(orders, len(self._groups.ids()))
        item = _group_values(orders, initiator, orders.item, _NONE)
        problems = _Problems(len(orders.line))
        _check_groups(orders, initiator, item, problems)
        joins = _joins(orders, initiator, problems)
        staged = self._staged(orders, initiator, item, joins)
        void = int((orders.void & ~problems.bad).sum())
        notes = [Message("db.note.void_orders", {"n": void})] if void else []
        return staged, self._errors(orders, problems), notes

    def _item_positions(self, ids: list[str]) -> NDArray[np.int32]:
        stated = np.fromiter(map(bool, ids), bool, len(ids))
        positions = np.full(len(ids), _NONE, np.int32)
        positions[stated] = self._items.encode([id for id in ids if id])
        return positions

    def _roles(self, rows: ValidRows, user: NDArray[np.int32]) -> NDArray[np.int8]:
        roles = codes(rows, "role")
        initiators = rows.cells.get("initiator")
        if initiators is None:
            return roles
        # Each order names its group's initiator, who launches by the order that names them.
        pairs = zip(initiators, rows.cells["user"], strict=True)
        same = np.fromiter((initiator == user for initiator, user in pairs), bool, len(user))
        derived = np.where(same, cell_values.INITIATOR, cell_values.PARTICIPANT)
        return np.where(roles == cell_values.UNSTATED, derived, roles).astype(np.int8)

    def _staged(
        self,
        orders: _Orders,
        initiator: NDArray[np.int64],
        item: NDArray[np.int32],
        joins: NDArray[np.int64],
    ) -> StagedLogs:
        kept = np.flatnonzero((initiator != _NONE) & (item != _NONE))
        position = np.full(len(initiator), _NONE, np.int32)
        position[kept] = np.arange(len(kept), dtype=np.int32)
        joins = joins[np.argsort(position[orders.group[joins]], kind="stable")]

        def of_groups(values: NDArray[Any], unknown: int) -> NDArray[Any]:
            return _group_values(orders, initiator, values, unknown)[kept]

        target_size = of_groups(orders.target_size, UNKNOWN_SIZE)
        launched_at = of_groups(orders.launched_at, UNKNOWN_TIME)
        member_group = position[orders.group[joins]]
        group_ids = self._groups.ids()
        return StagedLogs(
            users=self._users.ids(),
            items=self._items.ids(),
            group_id=[group_ids[k] for k in kept.tolist()],
            initiator=orders.user[initiator[kept]],
            item=item[kept],
            status=with_derived_status(
                of_groups(orders.state, cell_values.UNSTATED),
                np.bincount(member_group, minlength=len(kept)),
                target_size,
            ),
            launched_at=np.where(
                launched_at == UNKNOWN_TIME, orders.ordered_at[initiator[kept]], launched_at
            ),
            target_size=target_size,
            expires_at=of_groups(orders.expires_at, UNKNOWN_TIME),
            member_group=member_group,
            member=orders.user[joins],
            friendships=np.empty((0, 2), np.int32),
            user_names=self._attributes.user_names,
            item_attributes=self._attributes.items,
        ).without_unused()

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
    """Which orders fit no group, and why; the first problem of an order counts."""

    def __init__(self, count: int) -> None:
        self.bad = np.zeros(count, bool)
        self.found: list[tuple[int, str, Message]] = []  # row, field, problem

    def add(self, wrong: NDArray[np.bool_], field: str, key: str) -> None:
        """Record the problem ``key`` of the orders where ``wrong`` [R] is true."""
        rows = np.flatnonzero(wrong & ~self.bad)
        problem = Message(key)
        self.found += [(row, field, problem) for row in rows.tolist()]
        self.bad[rows] = True


def _first_orders(orders: _Orders, rows: NDArray[np.int64], groups: int) -> NDArray[np.int64]:
    """[groups] the first of ``rows``, in their order, of each group, or _NONE."""
    first = np.full(groups, _NONE, np.int64)
    found, at = np.unique(orders.group[rows], return_index=True)
    first[found] = rows[at]
    return first


def _initiator_orders(orders: _Orders, groups: int) -> NDArray[np.int64]:
    """[groups] the order that launched each group, _NONE if no order did."""
    is_initiator = orders.role == cell_values.INITIATOR
    by_role = _first_orders(orders, np.flatnonzero(is_initiator), groups)
    has_roles = np.zeros(groups, bool)
    has_roles[orders.group[orders.role != cell_values.UNSTATED]] = True
    without = np.flatnonzero(~has_roles[orders.group])
    ordered_at = orders.ordered_at[without]
    ordered_at = np.where(ordered_at == UNKNOWN_TIME, np.iinfo(np.int64).max, ordered_at)
    earliest = _first_orders(orders, without[np.lexsort((without, ordered_at))], groups)
    return np.where(by_role == _NONE, earliest, by_role)


def _group_values(
    orders: _Orders, initiator: NDArray[np.int64], values: NDArray[Any], unknown: int
) -> NDArray[Any]:
    """[groups] the value of the initiator's order, or of the first order that states one."""
    first = _first_orders(orders, np.flatnonzero(values != unknown), len(initiator))
    row = np.where((initiator != _NONE) & (values[initiator] != unknown), initiator, first)
    return np.where(row == _NONE, unknown, values[row]).astype(values.dtype)


def _check_groups(
    orders: _Orders,
    initiator: NDArray[np.int64],
    item: NDArray[np.int32],
    problems: _Problems,
) -> None:
    """Record the orders of groups without an initiator or an item, and those that contradict them."""
    group, row = orders.group, np.arange(len(orders.group))
    problems.add(initiator[group] == _NONE, "group", "db.row.no_initiator_order")
    problems.add(item[group] == _NONE, "item", "db.row.no_item")
    second = (orders.role == cell_values.INITIATOR) & (initiator[group] != row)
    problems.add(second, "user", "db.row.second_initiator")
    other = (orders.item != _NONE) & (orders.item != item[group])
    problems.add(other, "item", "db.row.other_item")


def _joins(orders: _Orders, initiator: NDArray[np.int64], problems: _Problems) -> NDArray[np.int64]:
    """The rows of orders that are joins, in the order of the file; records impossible joins."""
    group, row = orders.group, np.arange(len(orders.group))
    joins = ~problems.bad & ~orders.void & (initiator[group] != row)
    own = joins & (orders.user == orders.user[initiator[group]])
    problems.add(own, "user", "db.row.own_group_order")
    rows = np.flatnonzero(joins & ~problems.bad)
    pairs = group[rows].astype(np.int64) << 32 | orders.user[rows]
    _, first = np.unique(pairs, return_index=True)
    again = np.zeros(len(group), bool)
    again[np.delete(rows, first)] = True
    problems.add(again, "user", "db.row.joined_twice")
    return np.flatnonzero(joins & ~problems.bad)
