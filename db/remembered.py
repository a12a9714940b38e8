"""Remembers what a person said of a file's columns, for the next file with the same headings."""

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import delete, insert, select

from db.headings import HEADINGS
from db.schema import column_choices
from db.store import Store


@dataclass(frozen=True)
class Choices:
    """What a person said where the guess was wrong."""

    columns: Mapping[str, str] = field(default_factory=dict)  # heading -> field, "" to ignore it
    dates: str = ""  # DAY_FIRST or MONTH_FIRST of db.readers.dates; empty: not said


def remember(store: Store, headings: Sequence[str], choices: Choices) -> None:
    """Keep the choices for these headings; choices that say nothing forget the earlier ones."""
    values = {
        "headings": _key(headings),
        "columns": dict(choices.columns),
        "dates": choices.dates,
        "chosen_at": int(time.time()),
    }
    with store.write() as connection:
        connection.execute(
            delete(column_choices).where(column_choices.c.headings == values["headings"])
        )
        if choices != Choices():
            connection.execute(insert(column_choices).values(values))


def recall(store: Store, headings: Sequence[str]) -> Choices:
    """What was said of these headings, in this order, last; nothing where nobody did."""
    query = select(column_choices).where(column_choices.c.headings == _key(headings))
    with store.read() as connection:
        row = connection.execute(query).first()
    if row is None:
        return Choices()
    # A later version may have dropped a field that was chosen once.
    columns = {name: kind for name, kind in row.columns.items() if not kind or kind in HEADINGS}
    return Choices(columns, row.dates)


def _key(headings: Sequence[str]) -> str:
    return hashlib.sha256(json.dumps(list(headings)).encode()).hexdigest()
