"""What people say about a file, and how it is remembered for the next file with the same headings.

Every answer is empty where the product is to find out by itself. The command has an option for each,
the Data page a field.
"""

import codecs
import dataclasses
import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from db.errors import InputError
from db.importing.column_mapping import FIELDS, GROUPS, ITEMS, ORDERS, USERS
from db.importing.readers.encoding import ENCODINGS
from db.schema import import_answers
from db.store import Store

DAY_FIRST, MONTH_FIRST = "day", "month"  # in dates such as 01/02/2025
POINT, COMMA = "point", "comma"  # before the decimals of an amount
SUCCESSFUL, FAILED, OPEN = "successful", "failed", "open"  # what a state says about a group
PAID, VOID = "paid", "void"  # what a state says about an order: a join, or none
ON, OFF, HIDDEN = "on", "off", "hidden"  # what a state says about an item
IN_STOCK, SOLD_OUT = "in_stock", "sold_out"  # what a word says about an item's stock
CONTACTABLE, NOT_CONTACTABLE = "contactable", "not_contactable"  # what a word says about a user
_OF_ATTRIBUTES = (ON, OFF, HIDDEN, IN_STOCK, SOLD_OUT, CONTACTABLE, NOT_CONTACTABLE)
_STATES = (SUCCESSFUL, FAILED, OPEN, PAID, VOID, *_OF_ATTRIBUTES)
_KNOWN = {
    "kind": (ITEMS, USERS, GROUPS, ORDERS),
    "dates": (DAY_FIRST, MONTH_FIRST),
    "decimals": (POINT, COMMA),
    "undecided": (SUCCESSFUL, FAILED, OPEN),
}


@dataclass(frozen=True)
class Answers:
    """What a person says about a file; what is empty is guessed."""

    kind: str = ""  # what a row is: ITEMS, USERS, GROUPS or ORDERS of db.importing.column_mapping
    encoding: str = ""  # such as one of db.importing.readers.encoding.ENCODINGS
    sheet: str = ""  # of a workbook, by name
    delimiter: str = ""  # such as one of db.importing.readers.header.DELIMITERS
    heading_line: int = 0  # from 1
    dates: str = ""  # DAY_FIRST or MONTH_FIRST
    decimals: str = ""  # POINT or COMMA
    columns: Mapping[str, str] = field(default_factory=dict)  # heading -> field, "" to ignore it
    # Word -> what it says about a group, an order, an item or a user. "heading:word" holds for one column alone.
    states: Mapping[str, str] = field(default_factory=dict)
    undecided: str = ""  # SUCCESSFUL, FAILED or OPEN: groups without a state and participants

    def updated(self, later: "Answers") -> "Answers":
        """These answers, overridden by those that ``later`` gives; columns and words one by one."""
        mine, new = vars(self), vars(later)
        merged: dict[str, Any] = {
            name: {**mine[name], **new[name]}
            if isinstance(mine[name], Mapping)
            else new[name] or mine[name]
            for name in mine
        }
        return Answers(**merged)

    def check(self) -> None:
        """Raise InputError for an answer that no file can be read with."""
        try:
            codecs.lookup(self.encoding or "utf-8")
        except LookupError as error:
            raise InputError(
                "db.option.encoding", encoding=(self.encoding,), known=", ".join(ENCODINGS)
            ) from error
        if len(self.delimiter) > 1:
            raise InputError("db.option.delimiter", delimiter=(self.delimiter,))
        if self.heading_line < 0:
            raise InputError("db.option.heading_line", line=self.heading_line)
        for name, known in _KNOWN.items():
            given = getattr(self, name)
            if given and given not in known:
                raise InputError(f"db.option.{name}", given=(given,), known=", ".join(known))
        for word, meaning in self.states.items():
            if meaning not in _STATES or not word.strip():
                raise InputError(
                    "db.option.state", word=(word,), meaning=(meaning,), known=", ".join(_STATES)
                )

    def as_json(self) -> dict[str, Any]:
        """The answers that were given."""
        return {
            name: dict(value) if isinstance(value, Mapping) else value
            for name, value in vars(self).items()
            if value
        }


NO_ANSWERS = Answers()


def remember_answers(connection: Connection, headings: Sequence[str], answers: Answers) -> None:
    """Store the answers for these headings in place of earlier ones; empty ones say that none were needed."""
    key = _key(headings)
    connection.execute(delete(import_answers).where(import_answers.c.headings == key))
    connection.execute(
        insert(import_answers).values(
            headings=key, answers=answers.as_json(), said_at=int(time.time())
        )
    )


def is_known_layout(store: Store, headings: Sequence[str]) -> bool:
    """Whether a file with these headings, in this order, was imported before."""
    query = select(import_answers.c.said_at).where(import_answers.c.headings == _key(headings))
    with store.read() as connection:
        return connection.execute(query).first() is not None


def recall_answers(store: Store, headings: Sequence[str]) -> Answers:
    """The last answers for these headings, in this order; empty if there are none."""
    query = select(import_answers.c.answers).where(import_answers.c.headings == _key(headings))
    with store.read() as connection:
        said = connection.execute(query).scalar()
    if said is None:
        return NO_ANSWERS
    # An answer, or the field of a column, may have been dropped by a later version of the code.
    names = {one.name for one in dataclasses.fields(Answers)}
    given = Answers(**{name: value for name, value in said.items() if name in names})
    columns = {name: kind for name, kind in given.columns.items() if not kind or kind in FIELDS}
    return dataclasses.replace(given, columns=columns)


def _key(headings: Sequence[str]) -> str:
    return hashlib.sha256(json.dumps(list(headings)).encode()).hexdigest()
