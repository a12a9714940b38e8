"""Validates the rows of a chunk column by column: what is wrong, in which line, and how to mend it.

Cells become numbers first (a state its code, a time its seconds, an id its flaw); a pandera schema then
reports every number that a column must not have.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pa
from numpy.typing import NDArray
from pandera.errors import SchemaErrors

from db.importing import cell_values
from db.importing.column_mapping import FRIENDSHIPS, GROUPS, ORDERS, ColumnMapping
from db.importing.readers.chunk import Chunk, RowError
from db.importing.readers.encoding import printable
from db.importing.readers.ids import has_lost_digits
from db.importing.readings import CellNotes, ReadCells, Readings, read_cells
from db.importing.staged import UNKNOWN_SIZE
from db.logs import OPEN, SUCCESSFUL, UNKNOWN_TIME
from db.messages import Message, Term, Value

LONGEST_ID, LONGEST_NAME = 200, 500  # characters
_FINE, _EMPTY, _LONG, _CONTROL, _UNDECODABLE, _CUT, _LINES = range(7)  # flaws of a text
_KEYS = ("group", "parent", "record", "order", "initiator", "user", "item")  # tie rows to a group
_IDS = (*_KEYS, "friend")
_NAMES = ("item_name", "category", "brand", "initiator_name", "user_name", "city")

# Flaw -> the key of the message about it.
ID_PROBLEMS = {
    _LONG: "db.row.id_too_long",
    _CONTROL: "db.row.control_character",
    _LINES: "db.row.line_break",
    _UNDECODABLE: "db.row.not_text",
    _CUT: "db.row.lost_digits",
}
_PARTICIPANT_PROBLEMS = {
    _EMPTY: "db.row.participant_missing",
    _LONG: "db.row.participant_too_long",
    _CONTROL: "db.row.participant_control_character",
    _LINES: "db.row.participant_line_break",
    _UNDECODABLE: "db.row.participant_not_text",
    _CUT: "db.row.participant_lost_digits",
}
UNDECODABLE = _UNDECODABLE
USELESS_NAMES = (_LONG, _CONTROL)  # flaws of a text that cost a name, not its row
_LIMITS = {"db.row.id_too_long": LONGEST_ID}


@dataclass(frozen=True)
class RefusedRows:
    """The K rows that did not pass, as far as they tell which group they belong to."""

    lines: NDArray[np.int64]  # [K]
    cells: dict[str, list[str]]  # ids: field -> [K]
    unreadable: Sequence[RowError] = ()  # rows that could not even be cut into cells


@dataclass(frozen=True)
class ValidRows:
    """The R rows that passed; ``numbers`` are the values of all fields but ids and names."""

    lines: NDArray[np.int64]  # [R]
    cells: dict[str, list[str]]  # ids and names: field -> [R]
    numbers: dict[str, NDArray[Any]]  # states, roles, times, sizes, prices: field -> [R]
    participants: list[list[str]] | None  # [R]
    refused: RefusedRows

    def take(self, rows: Sequence[int]) -> "ValidRows":
        """Some of the rows, by their positions."""
        joined = self.participants
        return ValidRows(
            lines=self.lines[rows],
            cells={field: [cells[k] for k in rows] for field, cells in self.cells.items()},
            numbers={field: values[rows] for field, values in self.numbers.items()},
            participants=None if joined is None else [joined[k] for k in rows],
            refused=self.refused,
        )


Problem = tuple[int, str, Message]  # row of the chunk, field, what is wrong


def no_rows() -> ValidRows:
    """No row at all."""
    none = np.empty(0, np.int64)
    return ValidRows(none, {}, {}, None, RefusedRows(none, {}))


def validate_chunk(
    chunk: Chunk, mapping: ColumnMapping, kind: str, readings: Readings, notes: CellNotes
) -> tuple[ValidRows, list[RowError]]:
    """Split a chunk into the rows that pass and the errors of the others.

    A row has an error for each of its flaws; the reader's own errors are included. Cells that a log
    can do without do not cost their row: what cannot be read is left empty and counted in ``notes``.
    """
    errors = list(chunk.unreadable)
    chunk = _without_unusable_names(chunk, notes)
    cells = chunk.columns
    read = read_cells(chunk, readings, notes)
    if not len(chunk.lines):
        return _valid_rows(chunk, read.numbers, np.zeros(0, bool)), errors
    flaws = {name: text_flaws(cells[name], LONGEST_ID) for name in cells if name in _IDS}
    flaws |= {name: text_flaws(cells[name], LONGEST_NAME) for name in cells if name in _NAMES}
    found = _schema_problems(pd.DataFrame(read.numbers | flaws), mapping.shape)
    found += _state_problems(read)
    if read.undecided is not None and kind != "failed":
        undecided = Message("db.row.undecided")
        found += [(row, "", undecided) for row in np.flatnonzero(read.undecided).tolist()]
    found += [
        (int(row), name, Message("db.row.ambiguous_date", {"field": Term("field", name)}))
        for name, ambiguous in read.ambiguous_times.items()
        for row in np.flatnonzero(ambiguous)
    ]
    found += _participant_problems(chunk, mapping.shape, kind)
    found += _relation_problems(cells, read.numbers, mapping.shape)
    numbers = read.numbers
    if "target_size" in cells and kind != "failed":
        unread = _unread_sizes(cells["target_size"], numbers)
        if mapping.shape == ORDERS:  # another row of the group may state the size
            numbers = numbers | {"size_unread": unread}
        else:
            problem = unread_size()
            found += [(row, "target_size", problem) for row in np.flatnonzero(unread).tolist()]
    bad = np.zeros(len(chunk.lines), bool)
    for row, field, problem in sorted(found, key=lambda one: one[0]):
        bad[row] = True
        errors.append(
            RowError(
                line=int(chunk.lines[row]),
                column=mapping.heading(field) if field else "",
                value=printable(_cell_text(chunk, field, row))[:200],
                problem=problem,
                row=chunk.row_text(row),
            )
        )
    return _valid_rows(chunk, numbers, ~bad), errors


def _without_unusable_names(chunk: Chunk, notes: CellNotes) -> Chunk:
    """The chunk without names that cannot be stored; they are counted."""
    columns = dict(chunk.columns)
    for name in (name for name in _NAMES if columns.get(name)):
        unusable = np.isin(text_flaws(columns[name], LONGEST_NAME), USELESS_NAMES)
        if unusable.any():
            notes.add_unread(name, chunk, unusable)
            pairs = zip(columns[name], unusable.tolist(), strict=True)
            columns[name] = ["" if bad else cell for cell, bad in pairs]
    return replace(chunk, columns=columns)


def _state_problems(read: ReadCells) -> list[Problem]:
    """The cells of states with a word that nobody has explained."""
    found = []
    for field, unknown in read.unknown_states.items():
        problem = Message("db.row.state", {"field": Term("field", field)})
        found += [(row, field, problem) for row in np.flatnonzero(unknown).tolist()]
    return found


def _schema_problems(frame: pd.DataFrame, shape: str) -> list[Problem]:
    """The cells that the schema rejects."""
    checks = _checks(shape)
    schema = pa.DataFrameSchema(
        {name: pa.Column(None, checks[name], nullable=True) for name in frame if name in checks}
    )
    try:
        schema.validate(frame, lazy=True)
    except SchemaErrors as error:
        cases = error.failure_cases
        rows, fields = cases["index"].astype(int).tolist(), cases["column"].astype(str).tolist()
        messages: dict[tuple[str, str], Message] = {}  # shared: there may be a million of the same
        for pair in dict.fromkeys(zip(fields, cases["check"], strict=True)):
            messages[pair] = field_problem(*pair)
        return [
            (row, field, messages[field, key])
            for row, field, key in zip(rows, fields, cases["check"], strict=True)
        ]
    return []


def field_problem(field: str, key: str) -> Message:
    """What is wrong with a cell of this field, by the key of its message."""
    values: dict[str, Value] = {"field": Term("field", field)}
    if key in _LIMITS:
        values["n"] = _LIMITS[key]
    return Message(key, values)


def _checks(shape: str) -> dict[str, list[pa.Check]]:
    """Field -> the values that its numbers must not have; a check's error is the message's key."""
    checks = {field: _none_of(ID_PROBLEMS) for field in _IDS}
    # What an order leaves out may stand in another of its group (``db.importing.order_rows``).
    for field in () if shape == ORDERS else ("initiator", "item", "user", "friend"):
        checks[field] += _none_of({_EMPTY: "db.row.missing"})
    # Bytes that are no text betray a wrong encoding, which costs more than this cell.
    checks |= {field: _none_of({_UNDECODABLE: "db.row.not_text"}) for field in _NAMES}
    checks["role"] = _none_of({cell_values.UNKNOWN: "db.row.role"})
    checks["target_size"] = _none_of({1: "db.row.group_of_one"})
    return checks


def _none_of(problems: dict[int, str]) -> list[pa.Check]:
    return [
        pa.Check(lambda series, value=value: series != value, error=key)
        for value, key in problems.items()
    ]


def text_flaws(cells: Sequence[str], longest: int) -> NDArray[np.int8]:
    """[R] the flaw of each text."""
    are_ids = longest == LONGEST_ID
    together = "".join(cells)
    scientific = are_ids and any(part in together for part in (".", "E+", "e+"))
    short = all(cells) and max(map(len, cells)) <= longest
    if short and not scientific and together.isprintable():
        return np.zeros(len(cells), np.int8)  # the common case, and fast
    return np.fromiter((_flaw(cell, longest, are_ids) for cell in cells), np.int8, len(cells))


def _flaw(cell: str, longest: int, is_id: bool) -> int:
    if not cell:
        return _EMPTY
    if cell.isprintable() and len(cell) <= longest:
        return _CUT if is_id and has_lost_digits(cell) else _FINE
    if any("\ud800" <= char <= "\udfff" for char in cell):
        return _UNDECODABLE
    if len(cell) > longest:
        return _LONG
    # PostgreSQL stores no zero character. A line break is a mistake in an id, but not in a name.
    if is_id and "\n" in cell:
        return _LINES
    control = any(char < " " or char == "\x7f" for char in cell) if is_id else "\0" in cell
    return _CONTROL if control else _FINE


def unread_size() -> Message:
    """What is wrong with a size that cannot be read where no state says what became of the group."""
    return Message("db.row.people", {"field": Term("field", "target_size")})


def _unread_sizes(sizes: list[str], numbers: dict[str, NDArray[Any]]) -> NDArray[np.bool_]:
    """[R] the rows without a stated outcome whose size cannot be read: filled or not hangs on it."""
    written = np.fromiter(map(bool, sizes), bool, len(sizes))
    status = numbers.get("status", np.full(len(sizes), cell_values.UNSTATED))
    stated = (status >= SUCCESSFUL) & (status <= OPEN)
    return written & ~stated & (numbers["target_size"] == UNKNOWN_SIZE)


def _participant_problems(chunk: Chunk, shape: str, kind: str) -> list[Problem]:
    if chunk.participants is None or shape != GROUPS:
        return []
    found: list[Problem] = []
    initiators = chunk.columns["initiator"]
    for row, participants in enumerate(chunk.participants):
        if not participants:
            continue
        problem = _participant_problem(participants, initiators[row], kind)
        if problem:
            found.append((row, "participants", problem))
    return found


def _participant_problem(participants: Sequence[str], initiator: str, kind: str) -> Message | None:
    """What is wrong with the participants of one group, None if nothing is."""
    if kind == "failed":
        return Message("db.row.failed_with_participants")
    if initiator in participants:
        return Message("db.row.own_group")
    if len(set(participants)) < len(participants):
        return Message("db.row.repeated_participant")
    if all(map(str.isalnum, participants)) and max(map(len, participants)) <= LONGEST_ID:
        return None  # the common case, and fast
    worst = max(_flaw(id, LONGEST_ID, True) for id in participants)
    if worst == _FINE:
        return None
    values: dict[str, Value] = {"n": LONGEST_ID} if worst == _LONG else {}
    return Message(_PARTICIPANT_PROBLEMS[worst], values)


def _relation_problems(
    cells: dict[str, list[str]], numbers: dict[str, NDArray[Any]], shape: str
) -> list[Problem]:
    """Rows whose cells contradict each other."""
    found: list[Problem] = []
    if shape == FRIENDSHIPS:
        pairs = zip(cells["user"], cells["friend"], strict=True)
        own = Message("db.row.own_friend")
        found += [(row, "friend", own) for row, (a, b) in enumerate(pairs) if a == b and a]
    if "launched_at" in numbers and "expires_at" in numbers:
        begins, ends = numbers["launched_at"], numbers["expires_at"]
        wrong = (ends < begins) & (ends != UNKNOWN_TIME) & (begins != UNKNOWN_TIME)
        early = Message("db.row.ends_before_launch")
        found += [(int(row), "expires_at", early) for row in np.flatnonzero(wrong)]
    return found


def _cell_text(chunk: Chunk, field: str, row: int) -> str:
    if field == "participants" and chunk.participants is not None:
        return ",".join(chunk.participants[row])
    return chunk.columns[field][row] if field in chunk.columns else ""


def _valid_rows(
    chunk: Chunk, numbers: dict[str, NDArray[Any]], good: NDArray[np.bool_]
) -> ValidRows:
    cells = {field: column for field, column in chunk.columns.items() if field in (*_IDS, *_NAMES)}
    bad = np.flatnonzero(~good).tolist()
    refused = RefusedRows(
        lines=chunk.lines[bad],
        cells={field: [cells[field][k] for k in bad] for field in _KEYS if field in cells},
        unreadable=chunk.unreadable,
    )
    everything = ValidRows(chunk.lines, cells, numbers, chunk.participants, refused)
    return everything.take(np.flatnonzero(good).tolist()) if bad else everything
