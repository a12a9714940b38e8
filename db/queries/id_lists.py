"""Lists of ids that people bring: typed, pasted or in a file; and which of them the store knows."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sqlalchemy import bindparam, select

from db.errors import InputError
from db.importing.readers.sniff import guess_encoding
from db.importing.readers.source import examine, unpacked
from db.schema import items, users
from db.store import Store

LARGEST = 1_000_000  # bytes of a file that is a list and no logs, unpacked
_KEYS = 5_000  # of one IN (...), below SQLite's limit on bound values
_BETWEEN = re.compile(r"[\n\r\t,;，；、|]+")
_DELIMITERS = ",;\t|"


@dataclass(frozen=True)
class IdList:
    """Ids in the order in which they came, each once."""

    known: list[str]
    unknown: list[str]  # the store has nobody, or nothing, of this id


def in_text(text: str) -> list[str]:
    """The entries of a pasted list: lines, or parted by commas, semicolons, tabs or bars.

    An entry keeps its inner spaces: they may belong to an id.
    """
    return [part.strip() for part in _BETWEEN.split(text) if part.strip()]


def in_file(path: Path, name: str) -> list[list[str]]:
    """The columns of a file with a list, headings among them; blank cells are left out.

    Raises InputError: empty, too large for a list, damaged, or no text.
    """
    opened = examine(path, name)
    with unpacked(path, name) as stream:
        content = stream.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise InputError(f"{name} is larger than 1 MB. Upload a list of ids; logs go to Data.")
    text = content.decode(guess_encoding(opened), "replace")
    first = text.lstrip().split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=first.count)
    columns: list[list[str]] = []
    for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
        columns += [[] for _ in range(len(row) - len(columns))]
        for column, cell in zip(columns, row, strict=False):
            if cell.strip():
                column.append(cell.strip())
    return columns


def look_up(store: Store, kind: Literal["users", "items"], entries: Sequence[str]) -> IdList:
    """Which of the entries are ids of the store.

    An entry with spaces that is no id is taken apart, for lists that part their ids by spaces.
    """
    ids = _known(store, kind, [word for entry in entries for word in (entry, *entry.split())])
    known: dict[str, None] = {}
    unknown: dict[str, None] = {}
    for entry in entries:
        words = [entry] if entry in ids else entry.split()
        for word in words:
            (known if word in ids else unknown)[word] = None
    return IdList(list(known), list(unknown))


def look_up_columns(
    store: Store, kind: Literal["users", "items"], columns: Sequence[Sequence[str]]
) -> IdList:
    """Which ids of a file are ids of the store, from the column in which most are.

    The headings need no names to be understood, and the first cell of the column, where it is no
    id, is taken for one.
    """
    found = [(look_up(store, kind, column), column) for column in columns]
    if not found:
        return IdList([], [])
    best, column = max(found, key=lambda pair: len(pair[0].known))
    heading = column[0] if best.known and column[0] not in best.known else None
    return IdList(best.known, [id for id in best.unknown if id not in (heading or "").split()])


def _known(store: Store, kind: Literal["users", "items"], ids: Iterable[str]) -> set[str]:
    table = users if kind == "users" else items
    wanted = list(dict.fromkeys(ids))
    query = select(table.c.external_id).where(
        table.c.external_id.in_(bindparam("ids", expanding=True))
    )
    found: set[str] = set()
    with store.read() as connection:
        for start in range(0, len(wanted), _KEYS):
            part = {"ids": wanted[start : start + _KEYS]}
            found.update(connection.execute(query, part).scalars())
    return found
