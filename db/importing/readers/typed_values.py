"""The values of JSON and Parquet as the text of cells: 12.0 becomes 12, bytes become text, missing is empty."""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from db.importing.column_mapping import field_of
from db.importing.readers.cell_text import clean_cells
from db.importing.readers.chunk import Chunk, RowError
from db.importing.readers.encoding import MARK_UNDECODABLE
from db.importing.readers.ids import split_participants, tidy_ids

_EXACT = 2**53  # up to here, a float is a whole number
_LONGEST_DECIMAL = 40  # digits


def typed_chunk(
    lines: NDArray[np.int64],
    values: Mapping[str, Sequence[Any]],
    row_text: Callable[[int], str],
    unreadable: list[RowError],
    read: int,
) -> Chunk:
    """A chunk of columns of any type: field -> values."""
    columns: dict[str, list[str]] = {}
    participants: list[list[str]] | None = None
    as_given = False
    for field, cells in values.items():
        if field == "participants":
            participants = [participant_ids(value) for value in cells]
            as_given = any(isinstance(value, list | tuple) for value in cells)
        else:
            columns[field] = clean_cells([cell_of(value) for value in cells])
    return Chunk(lines, columns, participants, row_text, unreadable, read, as_given)


def participant_ids(value: object) -> list[str]:
    """The people of one group: a list of ids or of objects with ids, or a text that lists them."""
    if isinstance(value, bytes):
        value = cell_of(value)
    if isinstance(value, str):
        ids = split_participants(value.strip())
        return ids if all(map(str.isalnum, ids)) else _cleaned(tidy_ids(ids))
    if isinstance(value, list | tuple):
        return clean_cells([cell_of(_id_of(person)) for person in value if person is not None])
    cell = cell_of(value)
    return [cell] if cell else []


def _cleaned(ids: Sequence[str]) -> list[str]:
    return [id for id in clean_cells(ids) if id]


def _id_of(person: object) -> object:
    """The id of a participant, whom an API may write as an object."""
    if isinstance(person, dict):
        ids = (
            person[key] for key in person if field_of(str(key)) in ("record", "user", "initiator")
        )
        return next(ids, person)
    return person


def cell_of(value: object) -> str:
    """A value as the text of a cell; the only element of a list counts as itself."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float | Decimal):
        return _number(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", MARK_UNDECODABLE).strip()
    if isinstance(value, datetime):
        # A time with a zone is an instant, and keeps its offset.
        return value.replace(microsecond=0).isoformat(sep=" ")[:25]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple) and len(value) == 1:
        return cell_of(value[0])
    if isinstance(value, list | tuple | dict):
        return json.dumps(value, ensure_ascii=False, default=str) if value else ""
    return str(value)


def _number(value: float | Decimal) -> str:
    """In digits; a float that is too long to have kept them all is written as 1.23456789012346E+17."""
    if isinstance(value, Decimal):
        if not value.is_finite():
            return ""
        if value != value.to_integral_value() or value.adjusted() > _LONGEST_DECIMAL:
            return str(value)
        return str(int(value))
    if not math.isfinite(value):
        return ""
    if value.is_integer():
        return str(int(value)) if abs(value) <= _EXACT else f"{value:.14E}"
    return str(value)
