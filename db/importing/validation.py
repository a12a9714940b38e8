"""Checks the rows of a chunk, column by column: what is wrong, in which line, and how to mend it.

Cells become numbers first (a state its code, a time its seconds, an id its flaw), with a mark where
they cannot; a pandera schema then names every mark that a column must not hold.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pa
from numpy.typing import NDArray
from pandera.errors import SchemaErrors

from db.importing import cell_values
from db.importing.column_mapping import ORDERS, ColumnMapping, plain_heading
from db.importing.readers.chunk import Chunk, RowError
from db.importing.readers.encoding import shown
from db.importing.readers.ids import is_cut
from db.importing.timestamps import times, two_readings
from db.logs import UNKNOWN_TIME

LONGEST_ID, LONGEST_NAME = 200, 500  # characters
_FINE, _EMPTY, _LONG, _CONTROL, _BROKEN, _CUT = range(6)  # flaws of a text
_NO_TIME, _TWO_TIMES = 0, 1  # a cell that is no time, or may be two; 1970 is no time of a shop
_NO_AMOUNT = -np.inf

_TEXTS = ("group", "initiator", "user", "item", "friend")
_NAMES = ("item_name", "category", "initiator_name", "user_name")
_TIMES = ("launched_at", "ordered_at", "expires_at")
_PRICES = ("price", "group_price")
_BARE_STATES = ("status", "state", "状态")  # may be said of the order or of its group

_BROKEN_TEXT = "holds bytes that are no text. Save the file in UTF-8 and import it again."
_ID_PROBLEMS = {
    _LONG: f"is longer than {LONGEST_ID} characters. Check that this column holds ids.",
    _CONTROL: "holds a line break or control character. Check that quotation marks come in pairs.",
    _BROKEN: _BROKEN_TEXT,
    _CUT: (
        "was shortened by a spreadsheet and has lost its last digits. Export again with this "
        "column formatted as text."
    ),
}
_MISSING = "is missing. Fill it in."
_NAME_PROBLEMS = {
    _LONG: f"is longer than {LONGEST_NAME} characters. Shorten it.",
    _CONTROL: "holds a zero character. Remove it.",
    _BROKEN: _BROKEN_TEXT,
}
_NO_DATE = "is no date that we can read. Write it like 2025-06-30 21:00:00."
_WHICH_DATE = (
    "may be read day first or month first. Say which, or write it like 2025-06-30 21:00:00."
)
_STATE = "is no state that we know. Write successful, failed or open (成团, 未成团, 拼团中)."
_ORDER = "is no state of an order that we know. Write paid, cancelled or refunded (已支付, 已取消)."
_ROLE = "is no role that we know. Write initiator or participant (团长, 团员)."
_PEOPLE = "is no number of people. Write it like 3 or 3人团."
_COUPLE = "is too small: the initiator counts, so a group has at least 2 people."
_MONEY = "is no amount of money. Write it like 19.90."
_DEBT = "is negative. A price is zero or more."


@dataclass(frozen=True)
class Checked:
    """The R rows that passed; ``numbers`` hold what the cells of the other fields mean."""

    lines: NDArray[np.int64]  # [R]
    cells: dict[str, list[str]]  # ids and names: field -> [R]
    numbers: dict[str, NDArray[Any]]  # states, roles, times, sizes, prices: field -> [R]
    participants: list[list[str]] | None  # [R]

    def take(self, rows: Sequence[int]) -> "Checked":
        """Some of the rows, by their places."""
        joined = self.participants
        return Checked(
            lines=self.lines[rows],
            cells={field: [cells[k] for k in rows] for field, cells in self.cells.items()},
            numbers={field: values[rows] for field, values in self.numbers.items()},
            participants=None if joined is None else [joined[k] for k in rows],
        )


def check(
    chunk: Chunk, mapping: ColumnMapping, kind: str, dates: str = ""
) -> tuple[Checked, list[RowError]]:
    """Split a chunk into rows that pass and what is wrong with the others.

    A row with several flaws has an error for each; the reader's own errors are among them.
    ``dates`` says which comes first in 01/02/2025, as in ``db.importing.timestamps.times``.
    """
    cells = chunk.columns
    numbers = {name: _READ[name](column) for name, column in cells.items() if name in _READ}
    numbers |= {name: _read_times(cells[name], dates) for name in _TIMES if name in cells}
    if mapping.shape == ORDERS and "status" in cells:
        bare = plain_heading(mapping.heading("status")) in _BARE_STATES
        numbers["status"] = cell_values.codes(cells["status"], cell_values.STATES_OF_ORDERS[bare])
    errors = list(chunk.unreadable)
    if not len(chunk.lines):
        return _kept(chunk, numbers, np.zeros(0, bool)), errors
    frame = pd.DataFrame(numbers | {f: _flaws(cells[f], _CODES[f]) for f in cells if f in _CODES})
    found = _failures(frame, mapping.shape)
    found += _participant_problems(chunk, mapping.shape, kind)
    found += _relation_problems(cells, numbers)
    bad = np.zeros(len(chunk.lines), bool)
    for row, field, problem in sorted(found, key=lambda one: one[0]):
        bad[row] = True
        value = _value(chunk, field, row)
        errors.append(
            RowError(
                line=int(chunk.lines[row]),
                column=mapping.heading(field) if field else "",
                value=shown(value)[:200],
                problem=problem,
                row=chunk.row_text(row),
            )
        )
    return _kept(chunk, numbers, ~bad), errors


Problem = tuple[int, str, str]  # row of the chunk, field, what is wrong


def _failures(frame: pd.DataFrame, shape: str) -> list[Problem]:
    """The cells that the schema refuses."""
    checks = _checks(shape)
    schema = pa.DataFrameSchema(
        {name: pa.Column(None, checks[name], nullable=True) for name in frame if name in checks}
    )
    try:
        schema.validate(frame, lazy=True)
    except SchemaErrors as error:
        cases = error.failure_cases
        rows, columns = cases["index"].astype(int), cases["column"].astype(str)
        return [
            (row, column, f"The {_words(column)} {problem}")
            for row, column, problem in zip(rows, columns, cases["check"], strict=True)
        ]
    return []


def _checks(shape: str) -> dict[str, list[pa.Check]]:
    """Per field, what its numbers must not be."""
    checks = {
        field: [_never(flaw, said) for flaw, said in _ID_PROBLEMS.items()] for field in _TEXTS
    }
    for field in ("initiator", "user", "friend"):
        checks[field].append(_never(_EMPTY, _MISSING))
    # In a file of orders the group holds the orders together, and the item may stand only once.
    checks["group" if shape == ORDERS else "item"].append(_never(_EMPTY, _MISSING))
    checks |= {
        field: [_never(flaw, said) for flaw, said in _NAME_PROBLEMS.items()] for field in _NAMES
    }
    checks |= {
        field: [_never(_NO_TIME, _NO_DATE), _never(_TWO_TIMES, _WHICH_DATE)] for field in _TIMES
    }
    checks |= {
        field: [
            pa.Check(lambda s: s != _NO_AMOUNT, error=_MONEY),
            pa.Check(lambda s: ~((s < 0) & (s > _NO_AMOUNT)), error=_DEBT),
        ]
        for field in _PRICES
    }
    checks["status"] = [_never(cell_values.UNKNOWN, _STATE)]
    checks["order_state"] = [_never(cell_values.UNKNOWN, _ORDER)]
    checks["role"] = [_never(cell_values.UNKNOWN, _ROLE)]
    checks["min_participants"] = [_never(cell_values.UNKNOWN, _PEOPLE)]
    checks["target_size"] = [_never(cell_values.UNKNOWN, _PEOPLE), _never(1, _COUPLE)]
    return checks


def _never(value: int, problem: str) -> pa.Check:
    return pa.Check(lambda series: series != value, error=problem)


def _words(field: str) -> str:
    return field.replace("_at", " time").replace("_", " ").replace("launched", "launch")


def _flaws(cells: Sequence[str], longest: int) -> NDArray[np.int8]:
    """[R] the flaw of each text."""
    ids = longest == LONGEST_ID
    together = "".join(cells)
    scientific = ids and any(sign in together for sign in (".", "E+", "e+"))
    short = all(cells) and max(map(len, cells)) <= longest
    if short and not scientific and together.isprintable():
        return np.zeros(len(cells), np.int8)  # nearly always, and fast
    return np.fromiter((_flaw(cell, longest, ids) for cell in cells), np.int8, len(cells))


def _flaw(cell: str, longest: int, is_id: bool) -> int:
    if not cell:
        return _EMPTY
    if cell.isprintable() and len(cell) <= longest:
        return _CUT if is_id and is_cut(cell) else _FINE
    if any("\ud800" <= sign <= "\udfff" for sign in cell):
        return _BROKEN
    if len(cell) > longest:
        return _LONG
    # PostgreSQL keeps no zero character. A line break in an id is a slip, in a name meant.
    control = any(sign < " " or sign == "\x7f" for sign in cell) if is_id else "\0" in cell
    return _CONTROL if control else _FINE


def _read_times(cells: Sequence[str], dates: str) -> NDArray[np.int64]:
    moments = times(cells, dates)
    said = np.fromiter(map(bool, cells), bool, len(cells))
    unread = np.flatnonzero(said & (moments == UNKNOWN_TIME)).tolist()
    doubtful = two_readings([cells[k] for k in unread])
    moments[unread] = np.where(doubtful, _TWO_TIMES, _NO_TIME)
    return moments


def _read_amounts(cells: Sequence[str]) -> NDArray[np.float64]:
    said = np.fromiter(map(bool, cells), bool, len(cells))
    amounts = cell_values.amounts(cells)
    return np.where(said & np.isnan(amounts), _NO_AMOUNT, amounts)


def _read_states(cells: Sequence[str]) -> NDArray[np.int8]:
    return cell_values.codes(cells, cell_values.GROUP_STATES)


_READ: dict[str, Callable[[Sequence[str]], NDArray[Any]]] = {
    "status": _read_states,
    "order_state": lambda cells: cell_values.codes(cells, cell_values.ORDER_STATES),
    "role": lambda cells: cell_values.codes(cells, cell_values.ROLES),
    "target_size": cell_values.sizes,
    "min_participants": cell_values.sizes,
    **dict.fromkeys(_PRICES, _read_amounts),
}
_CODES = dict.fromkeys(_TEXTS, LONGEST_ID) | dict.fromkeys(_NAMES, LONGEST_NAME)


def _participant_problems(chunk: Chunk, shape: str, kind: str) -> list[Problem]:
    if chunk.participants is None or shape == ORDERS:
        return []
    found: list[Problem] = []
    initiators = chunk.columns["initiator"]
    for row, joined in enumerate(chunk.participants):
        if not joined:
            continue
        problem = _participant_problem(joined, initiators[row], kind)
        if problem:
            found.append((row, "participants", problem))
    return found


def _participant_problem(joined: Sequence[str], initiator: str, kind: str) -> str:
    """What is wrong with the participants of one group, empty where nothing is."""
    if kind == "failed":
        return (
            "This is a file of failed launches, and nobody joins a failed launch. "
            "Remove the participants, or import the file as groups."
        )
    if initiator in joined:
        return "The initiator joins her own group. Remove her from the participants."
    if len(set(joined)) < len(joined):
        return "A participant stands twice in the group. Name each once."
    if all(map(str.isalnum, joined)) and max(map(len, joined)) <= LONGEST_ID:
        return ""
    worst = max(_flaw(id, LONGEST_ID, True) for id in joined)
    return f"A participant {(_ID_PROBLEMS | {_EMPTY: _MISSING})[worst]}" if worst else ""


def _relation_problems(
    cells: dict[str, list[str]], numbers: dict[str, NDArray[Any]]
) -> list[Problem]:
    found: list[Problem] = []
    if "friend" in cells:
        pairs = zip(cells["user"], cells["friend"], strict=True)
        own = "The user is her own friend. Remove the row."
        found += [(row, "friend", own) for row, (a, b) in enumerate(pairs) if a == b and a]
    if "launched_at" in numbers and "expires_at" in numbers:
        begins, ends = numbers["launched_at"], numbers["expires_at"]
        wrong = (ends < begins) & (ends > _TWO_TIMES) & (begins > _TWO_TIMES)
        early = "The group ends before it begins. Check both times."
        found += [(int(row), "expires_at", early) for row in np.flatnonzero(wrong)]
    return found


def _value(chunk: Chunk, field: str, row: int) -> str:
    if field == "participants" and chunk.participants is not None:
        return ",".join(chunk.participants[row])
    return chunk.columns[field][row] if field in chunk.columns else ""


def _kept(chunk: Chunk, numbers: dict[str, NDArray[Any]], good: NDArray[np.bool_]) -> Checked:
    cells = {field: column for field, column in chunk.columns.items() if field in _CODES}
    everything = Checked(chunk.lines, cells, numbers, chunk.participants)
    return everything if good.all() else everything.take(np.flatnonzero(good).tolist())
