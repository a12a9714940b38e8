"""What people chose for the columns of a file, remembered for the next file with the same headings."""

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import delete, insert, select

from db.importing.column_mapping import HEADINGS
from db.schema import column_choices
from db.store import Store


@dataclass(frozen=True)
class ColumnChoices:
    """What a person chose where the guess was wrong."""

    columns: Mapping[str, str] = field(default_factory=dict)  # heading -> field, "" to ignore it
    dates: str = ""  # DAY_FIRST or MONTH_FIRST of db.importing.readers.sniff; empty: not chosen


def remember_choices(store: Store, headings: Sequence[str], choices: ColumnChoices) -> None:
    """Store the choices for these headings in place of earlier ones; empty choices delete those."""
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
        if choices != ColumnChoices():
            connection.execute(insert(column_choices).values(values))


def recall_choices(store: Store, headings: Sequence[str]) -> ColumnChoices:
    """The last choices for these headings, in this order; empty if there are none."""
    query = select(column_choices).where(column_choices.c.headings == _key(headings))
    with store.read() as connection:
        row = connection.execute(query).first()
    if row is None:
        return ColumnChoices()
    # The field may have been dropped by a later version of the code.
    columns = {name: kind for name, kind in row.columns.items() if not kind or kind in HEADINGS}
    return ColumnChoices(columns, row.dates)


def _key(headings: Sequence[str]) -> str:
    return hashlib.sha256(json.dumps(list(headings)).encode()).hexdigest()
