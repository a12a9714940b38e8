"""Assembles groups from a file with a row an order, the orders of a group anywhere in the file.

What ties the rows together is filled in first (``assembly.merged_cells``, ``assembly.parent_pointers``);
then each group gets its initiator and its item. The initiator's order decides the group's state, times
and size; where it states nothing, the first order that does. Orders that were cancelled, refunded or
never paid are not joins. Without a state, a group is successful if it has participants, as many as
its target size asks for if it has one. A group with a row that does not fit is held back whole.
"""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from db.importing import cell_values
from db.importing.assembly.cut_rows import Held, around, groups_of_cut_rows
from db.importing.assembly.group_facts import group_values, launch_times
from db.importing.assembly.group_items import GOODS, group_items, line_kinds
from db.importing.assembly.held_back import (
    Problems,
    sizes_disagree,
    sizes_lacking,
    states_disagree,
)
from db.importing.assembly.initiators import Initiators, find_initiators, named_users
from db.importing.assembly.joins import Joins, decline_reasons, group_joins
from db.importing.assembly.merged_cells import with_further_lines, with_merged_groups
from db.importing.assembly.orders import (
    COUNTS,
    NONE,
    Orders,
    concatenated,
)
from db.importing.assembly.parent_pointers import with_launches_as_groups
from db.importing.assembly.seats import is_nobody, zero_is_a_person
from db.importing.column_mapping import ColumnMapping, normalised_heading
from db.importing.earlier_groups import EarlierLaunches, Launch
from db.importing.encoder import (
    EntityAttributes,
    IdEncoder,
    codes,
    sizes,
    times,
    with_derived_status,
)
from db.importing.readers.chunk import RowError
from db.importing.readers.ids import has_lost_digits
from db.importing.readings import TIMES
from db.importing.staged import UNKNOWN_SIZE, StagedLogs, Statement
from db.importing.time_columns import is_completion
from db.importing.validation import ValidRows, no_rows, unread_size
from db.logs import SUCCESSFUL, UNKNOWN_TIME
from db.messages import Message, Term, Value


class OrderRows:
    """Collects orders, by which somebody launches a group or joins one, and assembles the groups."""

    def __init__(self, mapping: ColumnMapping, known: EarlierLaunches) -> None:
        self._mapping = mapping
        self._known = known
        self._groups, self._users, self._items = IdEncoder(), IdEncoder(), IdEncoder()
        self._order_numbers = IdEncoder()
        self._attributes = EntityAttributes()
        self._chunks: list[Orders] = []
        self._unreadable: list[RowError] = []
        self._by_filling = 0  # groups
        # The number of an order is that of its row where rows have none of their own.
        self._record = "record" if "record" in mapping.fields else "order"

    def add(self, rows: ValidRows) -> None:
        """Add the rows of one chunk."""
        self._unreadable += rows.refused.unreadable
        user = self._positions(self._users, rows, "user")
        named = self._positions(self._users, rows, "initiator")
        item = self._positions(self._items, rows, "item")
        count = len(rows.lines)
        order_state = codes(rows, "order_state")

        def padded(values: NDArray[Any], unknown: int) -> NDArray[Any]:
            """``values`` of the valid rows, and nothing of the refused ones."""
            refused = np.full(len(rows.refused.lines), unknown, values.dtype)
            return np.concatenate([values, refused])

        orders = Orders(
            line=np.concatenate([rows.lines, rows.refused.lines]),
            refused=padded(np.zeros(count, bool), True),
            group=self._positions(self._groups, rows, "group"),
            parent=self._positions(self._groups, rows, "parent"),
            record=self._positions(self._groups, rows, self._record),
            order=self._positions(self._order_numbers, rows, "order"),
            user=user,
            named=named,
            item=item,
            kind=padded(line_kinds(rows), GOODS),
            seat=padded(rows.numbers.get("virtual", np.zeros(count, bool)), False),
            role=padded(codes(rows, "role"), cell_values.UNSTATED),
            state=padded(codes(rows, "status"), cell_values.UNSTATED),
            order_state=padded(np.maximum(order_state, COUNTS), COUNTS),
            **{name: padded(times(rows, name), UNKNOWN_TIME) for name in TIMES},
            target_size=padded(sizes(rows, "target_size").astype(np.int32), UNKNOWN_SIZE),
            size_unread=padded(rows.numbers.get("size_unread", np.zeros(count, bool)), False),
        )
        if len(rows.refused.lines):
            by_line = np.argsort(orders.line, kind="stable")
            orders = Orders(**{name: values[by_line] for name, values in vars(orders).items()})
        self._chunks.append(orders)
        self._attributes.add_users(user[:count], rows.cells.get("user_name"))
        self._attributes.add_users(named[:count], rows.cells.get("initiator_name"))
        self._attributes.add_cities(user[:count], rows.cells.get("city"))
        self._attributes.add_items(item[:count], rows)

    def finish(self) -> tuple[StagedLogs, list[RowError], list[Message]]:
        """The groups, the errors of orders that fit no group, and notes on what was read how."""
        if not self._chunks:
            self.add(no_rows())  # a Parquet file with columns alone
        orders, pointers, notes = self._tied_together(concatenated(self._chunks))
        groups = max(len(self._groups.ids()), 1)  # where no order names a group, one stands in
        problems = Problems(orders.refused)
        orders, unclear = named_users(orders, self._attributes.user_names, self._users.ids())
        problems.add(unclear, "initiator", Message("db.row.shared_nickname"))
        for field in ("group", "user"):
            empty = getattr(orders, field) == NONE
            missing = Message("db.row.missing", {"field": Term("field", field)})
            problems.add(empty, field, missing)
        disagree = states_disagree(orders, problems.bad)
        problems.add(disagree, "status", Message("db.row.states_disagree"))
        problems.add(sizes_lacking(orders, problems.bad), "target_size", unread_size())
        launches = self._launches(orders, problems)
        launched_by = np.full(groups, NONE, np.int32)
        for group, launch in launches.items():
            launched_by[group] = self._users.encode([launch.initiator])[0]
        initiators = find_initiators(orders, launched_by, problems)
        nobody = self._nobody()
        launched = (orders.group != NONE) & (initiators.user[orders.group] != NONE)
        by_nobody = launched & nobody[initiators.user[orders.group]]
        problems.add(by_nobody, "user", Message("db.row.nobody_launches"))
        item = group_items(orders, ~problems.bad, initiators)
        for group, launch in launches.items():
            if item[group] == NONE or initiators.known[group]:
                item[group] = self._items.encode([launch.item])[0]
        problems.add(item[orders.group] == NONE, "item", Message("db.row.no_item"))
        if _one_order_a_group(orders):
            column = self._mapping.heading("group")
            notes.append(Message("db.note.one_order_a_group", {"column": (column,)}))
        held = problems.hold_back(
            orders.group, orders.line, self._groups_of_lost_rows(orders, pointers)
        )
        if len(held):
            notes.append(Message("db.note.held_back", {"n": len(held)}))
        joins = group_joins(orders, ~problems.bad, initiators, nobody)
        sizes_differ = sizes_disagree(orders, problems.bad)
        if len(sizes_differ):
            values: dict[str, Value] = {
                "n": len(sizes_differ),
                "group": (self._groups.ids()[sizes_differ[0]],),
            }
            notes.append(Message("db.note.sizes_disagree", values))
        notes += _notes(orders, ~problems.bad, initiators, joins)
        staged = self._staged(orders, ~problems.bad, initiators, item, joins)
        if self._by_filling:
            notes.append(Message("db.note.outcomes_by_filling", {"n": self._by_filling}))
        return staged, self._errors(orders, problems), notes

    def _launches(self, orders: Orders, problems: Problems) -> dict[int, Launch]:
        """Group -> its launch, of the groups of which the file has participants' orders alone."""
        good = ~problems.bad & (orders.group != NONE)
        roles = orders.role[good]
        participants = np.unique(orders.group[good][roles == cell_values.PARTICIPANT])
        launched = np.unique(orders.group[good][roles == cell_values.INITIATOR])
        without = np.setdiff1d(participants, launched).tolist()
        if not without:
            return {}
        ids = self._groups.ids()
        known = self._known.launches([ids[group] for group in without])
        return {group: known[ids[group]] for group in without if ids[group] in known}

    def _nobody(self) -> NDArray[np.bool_]:
        """[U + 1] which users are no persons; the last stands for none."""
        ids = self._users.ids()
        nobody = np.fromiter((*map(is_nobody, ids), False), bool, len(ids) + 1)
        zero = self._users.position("0")
        if zero != NONE and zero_is_a_person(set(ids)):
            nobody[zero] = False
        return nobody

    def _tied_together(self, orders: Orders) -> tuple[Orders, bool, list[Message]]:
        """The orders, each with its group as far as the file tells, and notes on how.

        Also whether the rows name the launch in place of a group.
        """
        notes = []
        orders = with_further_lines(orders)
        has_group = "group" in self._mapping.fields
        zero = self._groups.position("0")
        orders, pointers = with_launches_as_groups(orders, zero, has_group)
        if pointers:
            column = self._mapping.heading("group" if has_group else "parent")
            notes.append(Message("db.note.parent_pointers", {"column": (column,)}))
        elif zero != NONE and self._groups.position("1") == NONE:
            orders = replace(orders, group=np.where(orders.group == zero, NONE, orders.group))
        if not pointers:
            orders, filled = with_merged_groups(orders)
            if filled:
                notes.append(Message("db.note.filled_down", {"n": filled}))
        return orders, pointers, notes

    def _positions(self, encoder: IdEncoder, rows: ValidRows, field: str) -> NDArray[np.int32]:
        """The positions of the ids of valid and refused rows, NONE where the cell is empty."""
        cells = rows.cells.get(field)
        if cells is None:
            return np.full(len(rows.lines) + len(rows.refused.lines), NONE, np.int32)
        if len(rows.refused.lines):
            cells = [*cells, *rows.refused.cells[field]]
        if all(cells):
            return encoder.encode(cells)
        stated = np.fromiter(map(bool, cells), bool, len(cells))
        positions = np.full(len(cells), NONE, np.int32)
        positions[stated] = encoder.encode([id for id in cells if id])
        return positions

    def _groups_of_lost_rows(self, orders: Orders, pointers: bool) -> list[Held]:
        """The groups of rows that tell their group badly or not at all."""
        fields = self._mapping.fields
        naming = ("group", "parent", "record") if pointers else ("group",)
        places = [fields.index(field) for field in naming if field in fields]
        ids = self._groups.ids()
        known = np.unique(orders.group[orders.group != NONE]).tolist()
        unread = [
            group for group in known if has_lost_digits(ids[group]) or not ids[group].isprintable()
        ]
        lost = np.isin(orders.group, unread)
        group = np.where(lost, NONE, orders.group)
        return groups_of_cut_rows(
            self._unreadable, self._groups.position, places, len(fields), group, orders.line
        ) + around(orders.line[lost].tolist(), group, orders.line, inside=True)

    def _staged(
        self,
        orders: Orders,
        good: NDArray[np.bool_],
        initiators: Initiators,
        item: NDArray[np.int32],
        joins: Joins,
    ) -> StagedLogs:
        def of_groups(values: NDArray[Any], unknown: int) -> NDArray[Any]:
            return group_values(orders, good, initiators.order, values, unknown)

        target_size = of_groups(orders.target_size, UNKNOWN_SIZE)
        expires_at = of_groups(orders.expires_at, UNKNOWN_TIME)
        filled_at = of_groups(orders.filled_at, UNKNOWN_TIME)
        state = self._states(of_groups(orders.state, cell_values.UNSTATED), filled_at)
        joined = np.bincount(orders.group[joins.rows], minlength=len(item))
        # An initiator who orders nothing takes no seat.
        orderless = (initiators.order == NONE) & ~initiators.known
        orderless &= target_size != UNKNOWN_SIZE
        status = with_derived_status(state, joined + joins.seats, target_size + orderless)
        reasons = decline_reasons(orders, joins, status, filled_at, expires_at)

        present = np.zeros(len(item), bool)
        present[orders.group[good]] = True
        kept = np.flatnonzero(present)
        position = np.full(len(item), NONE, np.int32)
        position[kept] = np.arange(len(kept), dtype=np.int32)
        member_group = position[orders.group[joins.rows]]
        by_group = np.argsort(member_group, kind="stable")
        group_ids, users = self._groups.ids(), self._users.ids()
        return StagedLogs(
            users=users,
            items=self._items.ids(),
            group_id=[group_ids[k] for k in kept.tolist()],
            initiator=initiators.user[kept],
            item=item[kept],
            status=status[kept],
            launched_at=launch_times(orders, good, initiators, of_groups)[kept],
            target_size=target_size[kept],
            expires_at=expires_at[kept],
            filled_at=filled_at[kept],
            joined_at=joins.joined_at[by_group],
            member_group=member_group[by_group],
            member=orders.user[joins.rows][by_group],
            friendships=np.empty((0, 2), np.int32),
            user_attributes=self._attributes.users(),
            item_attributes=self._attributes.items,
            statement=Statement(
                status_derived=(state == cell_values.UNSTATED)[kept],
                initiator_derived=(initiators.derived | initiators.known)[kept],
                continues=initiators.known[kept],
                initiator_void=joins.void_initiator[kept],
                seats=joins.seats[kept].astype(np.int32),
                declined_group=position[orders.group[joins.declined]],
                declined_user=[users[k] for k in orders.user[joins.declined].tolist()],
                reason=reasons,
            ),
        ).without_unused()

    def _states(self, state: NDArray[np.int8], filled_at: NDArray[np.int64]) -> NDArray[np.int8]:
        """[G] the states, successful where nothing is stated but when the group filled."""
        if is_completion(normalised_heading(self._mapping.heading("filled_at"))):
            return state
        told = (state == cell_values.UNSTATED) & (filled_at != UNKNOWN_TIME)
        self._by_filling = int(told.sum())
        return np.where(told, SUCCESSFUL, state).astype(np.int8)

    def _errors(self, orders: Orders, problems: Problems) -> list[RowError]:
        groups, users, items = self._groups.ids(), self._users.ids(), self._items.ids()
        errors = []
        for row, field, problem in problems.found:
            ids = {
                "group": (groups, orders.group[row]),
                "user": (users, orders.user[row]),
                "initiator": (users, orders.named[row]),
                "item": (items, orders.item[row]),
            }
            texts = {name: known[k] if k != NONE else "" for name, (known, k) in ids.items()}
            column = self._mapping.heading(field)
            line = int(orders.line[row])
            errors.append(
                RowError(line, column, texts.get(field, ""), problem, ",".join(texts.values()))
            )
        return errors


def _one_order_a_group(orders: Orders) -> bool:
    """Whether no group has a second order, of two groups at least."""
    sizes = np.bincount(orders.group[orders.group != NONE])
    sizes = sizes[sizes > 0]
    return len(sizes) > 1 and bool((sizes == 1).all())


def _notes(
    orders: Orders, good: NDArray[np.bool_], initiators: Initiators, joins: Joins
) -> list[Message]:
    """What a person may want to check about the groups of the ``good`` orders."""
    present = np.unique(orders.group[good])
    orderless = (initiators.order == NONE) & ~initiators.known
    counts = {
        "db.note.void_orders": int((good & (orders.order_state != COUNTS)).sum()),
        "db.note.initiators_by_line": int(initiators.by_line[present].sum()),
        "db.note.initiators_without_order": int(orderless[present].sum()),
        "db.note.continued_groups": int(initiators.known[present].sum()),
        "db.note.seats_of_nobody": int(joins.seats[present].sum()),
    }
    return [Message(key, {"n": count}) for key, count in counts.items() if count]
