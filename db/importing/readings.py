"""How the cells of one file are read: the meanings of its states, its decimal signs, its dates and its clock.

A survey of the whole file decides that (``db.importing.survey``); here cells become numbers.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from db.importing import cell_values
from db.importing.amounts import read_amounts
from db.importing.answers import POINT
from db.importing.assembly.join_lists import read_joins
from db.importing.outcomes import Outcomes, read_outcomes, read_progress
from db.importing.readers.chunk import Chunk
from db.importing.states import DECLINED, PAID, UNSTATED, VOID, Meaning, StateColumn
from db.importing.time_columns import DAYS
from db.importing.timestamps import are_ambiguous, read_times
from db.logs import SUCCESSFUL, UNKNOWN_TIME
from db.messages import Message, Value
from db.shop_clock import UNIVERSAL

STATES = ("status", "order_state", "payment_state", "refund_state")
TIMES = ("launched_at", "ordered_at", "filled_at", "expires_at", "cancelled_at", "joined_at")
PRICES = ("price", "group_price")
SIZES = ("target_size", "min_participants")
_HOUR = re.compile(
    r"(?:[上下]午|am|pm)?\s*\d{1,2}[:时]\d{1,2}(?:[:分]\d{1,2}秒?)?\s*(?:am|pm)?", re.IGNORECASE
)
_EXAMPLES = 3  # of cells that cannot be read, in a note


@dataclass(frozen=True)
class Readings:
    """How the columns of a file are read; what is not named is read as most files are."""

    states: Mapping[str, StateColumn] = field(default_factory=dict)  # field -> how
    decimals: Mapping[str, str] = field(
        default_factory=dict
    )  # price -> POINT, COMMA or "" as each cell shows
    dates: Mapping[str, str] = field(default_factory=dict)  # time -> DAY_FIRST, MONTH_FIRST or ""
    zone: str = UNIVERSAL  # of the shop's clock
    initiator_counts: bool = True  # in the numbers of people so far
    undecided: str = ""  # what a person says that groups without an outcome are
    rows_are_groups: bool = False
    filled_tells: bool = False  # a time of filling says that the group filled
    now: int = 0  # on the shop's clock, in seconds since 1970 there


@dataclass
class UnreadCells:
    """The cells of one column that state something that could not be read."""

    count: int
    line: int  # of the first
    examples: list[str]  # different ones, the first before the others


class CellNotes:
    """What became of optional cells, over all chunks of a file."""

    def __init__(self) -> None:
        self.unread: dict[str, UnreadCells] = {}
        self.ranges: dict[str, int] = {}
        self.instants = 0
        self.by_count = np.zeros(3, np.int64)  # successful, failed and open groups
        self.by_filling = 0

    def add_unread(self, field: str, chunk: Chunk, unread: NDArray[np.bool_]) -> None:
        """Count the cells where ``unread`` [R] is true."""
        rows = np.flatnonzero(unread)
        if not len(rows):
            return
        cells = chunk.columns[field]
        known = self.unread.setdefault(field, UnreadCells(0, int(chunk.lines[rows[0]]), []))
        known.count += len(rows)
        if len(known.examples) < _EXAMPLES:
            different = dict.fromkeys([*known.examples, *(cells[k][:60] for k in rows.tolist())])
            known.examples = list(different)[:_EXAMPLES]

    def messages(self, headings: Mapping[str, str], zone: str) -> list[Message]:
        """A note for each column with such cells, and one on the clock if the file has instants."""
        notes = [
            Message(
                "db.note.unread_cells",
                {
                    "column": (headings[field],),
                    "n": cells.count,
                    "line": cells.line,
                    "value": tuple(cells.examples),
                },
            )
            for field, cells in self.unread.items()
        ]
        notes += [
            Message("db.note.price_ranges", {"column": (headings[field],), "n": count})
            for field, count in self.ranges.items()
        ]
        if self.by_count.any():
            successful, failed, waiting = self.by_count.tolist()
            values: dict[str, Value] = {
                "n": int(self.by_count.sum()),
                "successful": successful,
                "failed": failed,
                "open": waiting,
            }
            notes.append(Message("db.note.outcomes_by_count", values))
        if self.by_filling:
            notes.append(Message("db.note.outcomes_by_filling", {"n": self.by_filling}))
        if self.instants:
            notes.append(Message("db.note.instants", {"n": self.instants, "zone": zone}))
        return notes


@dataclass(frozen=True)
class ReadCells:
    """The numbers of a chunk's cells, and the rows whose cells leave open what was meant."""

    numbers: dict[str, NDArray[Any]]  # states, roles, times, sizes, prices: field -> [R]
    unknown_states: dict[str, NDArray[np.bool_]]  # field -> [R]
    ambiguous_times: dict[str, NDArray[np.bool_]]  # field -> [R]
    undecided: NDArray[np.bool_] | None = None  # [R] nothing tells what became of the group


def read_cells(chunk: Chunk, readings: Readings, notes: CellNotes) -> ReadCells:
    """Turn the cells of a chunk into numbers; optional cells that cannot be read are empty, and counted."""
    cells = chunk.columns
    numbers: dict[str, NDArray[Any]] = {}
    ambiguous = {}
    if "joined_at" in cells and chunk.participants is not None:
        numbers["joined_at"] = _read_joins(chunk, chunk.participants, readings, notes)
    for name in (name for name in TIMES if name in cells and name not in numbers):
        written = _with_days(cells, name)
        times = read_times(written, readings.dates.get(name, ""), readings.zone)
        notes.instants += int(times.instants.sum())
        twofold = times.unread.copy()
        rows = np.flatnonzero(times.unread).tolist()
        twofold[rows] = are_ambiguous([written[k] for k in rows]) if rows else False
        ambiguous[name] = twofold
        notes.add_unread(name, chunk, times.unread & ~twofold)
        numbers[name] = times.seconds
    for name in (name for name in PRICES if name in cells):
        amounts = read_amounts(cells[name], readings.decimals.get(name, POINT))
        notes.add_unread(name, chunk, amounts.unread)
        if amounts.ranges:
            notes.ranges[name] = notes.ranges.get(name, 0) + amounts.ranges
        numbers[name] = amounts.values
    for name in (name for name in SIZES if name in cells):
        people = cell_values.sizes(cells[name])
        unread = people == cell_values.UNKNOWN
        notes.add_unread(name, chunk, unread)
        numbers[name] = np.where(unread, cell_values.UNKNOWN_SIZE, people)
    numbers |= _read_people(cells)
    states, unknown = _read_states(cells, readings.states)
    numbers |= states
    undecided = None
    _state_by_filling(numbers, readings, notes)
    if readings.rows_are_groups and len(chunk.lines):
        outcomes = _read_outcomes(chunk, numbers, readings, notes)
        numbers["status"], numbers["target_size"] = outcomes.status, outcomes.target_size
        undecided = outcomes.undecided
        for known in unknown.values():
            undecided &= ~known
    return ReadCells(numbers, unknown, ambiguous, undecided)


def _read_people(cells: Mapping[str, list[str]]) -> dict[str, NDArray[Any]]:
    """Seats of nobody, virtual members and roles, of the columns that there are."""
    numbers: dict[str, NDArray[Any]] = {}
    if "seats" in cells:
        seats = cell_values.sizes(cells["seats"])
        numbers["seats"] = np.where(seats == cell_values.UNKNOWN, cell_values.UNKNOWN_SIZE, seats)
    if "virtual" in cells:
        numbers["virtual"] = cell_values.flags(cells["virtual"])
    if "role" in cells:
        numbers["role"] = cell_values.codes(cells["role"], cell_values.roles())
    return numbers


def _read_joins(
    chunk: Chunk, people: Sequence[Sequence[str]], readings: Readings, notes: CellNotes
) -> NDArray[Any]:
    """[R] when each participant of each row joined."""
    dates = readings.dates.get("joined_at", "")
    joins = read_joins(chunk.columns["joined_at"], people, dates, readings.zone)
    notes.instants += joins.instants
    notes.add_unread("joined_at", chunk, joins.unread)
    return joins.seconds


def _state_by_filling(
    numbers: dict[str, NDArray[Any]], readings: Readings, notes: CellNotes
) -> None:
    """A group that states no outcome but when it filled was successful."""
    known = readings.rows_are_groups and readings.filled_tells
    if not known or "filled_at" not in numbers:
        return
    filled = numbers["filled_at"] != UNKNOWN_TIME
    status = numbers.get("status", np.full(len(filled), UNSTATED, np.int8))
    told = filled & (status == UNSTATED)
    numbers["status"] = np.where(told, SUCCESSFUL, status).astype(np.int8)
    notes.by_filling += int(told.sum())


def _read_outcomes(
    chunk: Chunk, numbers: Mapping[str, NDArray[Any]], readings: Readings, notes: CellNotes
) -> Outcomes:
    cells, count = chunk.columns, len(chunk.lines)
    progress = None
    if "people_so_far" in cells:
        progress = read_progress(cells["people_so_far"])
        notes.add_unread("people_so_far", chunk, progress.unread)
    joins = None
    if chunk.participants is not None:
        joins = np.fromiter(map(len, chunk.participants), np.int64, count)
        joins = joins + numbers.get("seats", np.zeros(count, np.int64))
    outcomes = read_outcomes(
        {"lines": chunk.lines, **numbers},
        progress,
        joins,
        initiator_counts=readings.initiator_counts,
        now=readings.now,
        undecided=readings.undecided,
    )
    notes.by_count += np.bincount(outcomes.status[outcomes.by_count], minlength=3)
    return outcomes


def _with_days(cells: Mapping[str, list[str]], name: str) -> list[str]:
    """The times of a field, with the day from its own column where a cell has the hour alone."""
    times, days = cells[name], cells.get(DAYS.get(name, ""))
    if days is None:
        return times
    return [
        f"{day.split(' ')[0]} {time}" if day and _HOUR.fullmatch(time) else time or day
        for time, day in zip(times, days, strict=True)
    ]


def _read_states(
    cells: Mapping[str, list[str]], columns: Mapping[str, StateColumn]
) -> tuple[dict[str, NDArray[np.int8]], dict[str, NDArray[np.bool_]]]:
    """The state of each row's group and order from all its columns, and which cells are unknown."""
    unknown = {}
    groups, orders = [], []
    for name, column in columns.items():
        meanings = {cell: column.meaning(cell) for cell in set(cells[name])}
        found = {cell: one or Meaning() for cell, one in meanings.items()}
        unknown[name] = _of_rows(cells[name], {c: one is None for c, one in meanings.items()}, bool)
        groups.append(_of_rows(cells[name], {c: one.group for c, one in found.items()}, np.int8))
        orders.append(_of_rows(cells[name], {c: one.order for c, one in found.items()}, np.int8))
    if not columns:
        return {}, {}
    status = groups[0]
    for other in groups[1:]:
        status = np.where(status == UNSTATED, other, status)
    order = np.full(len(status), UNSTATED, np.int8)
    # What cancels an order counts before what confirms it.
    for code in (PAID, DECLINED, VOID):
        order[np.logical_or.reduce([column == code for column in orders])] = code
    return {"status": status, "order_state": order}, unknown


def _of_rows(cells: Sequence[str], values: Mapping[str, Any], kind: type[Any]) -> NDArray[Any]:
    return np.fromiter((values[cell] for cell in cells), kind, len(cells))
