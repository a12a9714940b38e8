"""Lists of ids that people type, paste or upload, and which of them are in the store."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sqlalchemy import select

from db.errors import InputError
from db.importing.readers.encoding import codec_of, guess_encoding
from db.importing.readers.source import examine_file, unpacked
from db.schema import items, users
from db.store import Store, execute_in_chunks, is_in

LARGEST_FILE = 1_000_000  # bytes, unpacked; a larger file is not a list of ids
_SEPARATORS = re.compile(r"[\n\r\t,;，；、|]+")
_DELIMITERS = ",;\t|"


@dataclass(frozen=True)
class IdList:
    """Ids in their order, each once."""

    known: list[str]
    unknown: list[str]  # ids that are not in the store


def parse_id_list(text: str) -> list[str]:
    """The entries of a pasted list, separated by lines, commas, semicolons, tabs or bars.

    An entry keeps its inner spaces: they may belong to the id.
    """
    return [part.strip() for part in _SEPARATORS.split(text) if part.strip()]


def read_id_columns(path: Path, name: str) -> list[list[str]]:
    """The columns of a file with a list, including headings, without blank cells.

    Raises InputError if the file is empty, too large for a list, damaged or not text.
    """
    source = examine_file(path, name)
    with unpacked(path, name) as stream:
        content = stream.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        raise InputError("db.ids.file_too_large", name=name)
    text = content.decode(codec_of(guess_encoding(source).encoding), "replace")
    first = text.lstrip().split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=first.count)
    columns: list[list[str]] = []
    for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
        columns += [[] for _ in range(len(row) - len(columns))]
        for column, cell in zip(columns, row, strict=False):
            if cell.strip():
                column.append(cell.strip())
    return columns


def look_up_ids(store: Store, kind: Literal["users", "items"], entries: Sequence[str]) -> IdList:
    """Which of the entries are ids in the store.

    An entry with spaces that is not an id is split, for lists whose ids are separated by spaces.
    """
    ids = _known(store, kind, [word for entry in entries for word in (entry, *entry.split())])
    known: dict[str, None] = {}
    unknown: dict[str, None] = {}
    for entry in entries:
        words = [entry] if entry in ids else entry.split()
        for word in words:
            (known if word in ids else unknown)[word] = None
    return IdList(list(known), list(unknown))


def look_up_id_columns(
    store: Store, kind: Literal["users", "items"], columns: Sequence[Sequence[str]]
) -> IdList:
    """Which ids of a file are in the store, from the column that has the most of them.

    The first cell of that column is taken for its heading if it is not an id.
    """
    found = [(look_up_ids(store, kind, column), column) for column in columns]
    if not found:
        return IdList([], [])
    best, column = max(found, key=lambda pair: len(pair[0].known))
    heading = column[0] if best.known and column[0] not in best.known else None
    return IdList(best.known, [id for id in best.unknown if id not in (heading or "").split()])


def _known(store: Store, kind: Literal["users", "items"], ids: Iterable[str]) -> set[str]:
    table = users if kind == "users" else items
    wanted = list(dict.fromkeys(ids))
    query = select(table.c.external_id).where(is_in(table.c.external_id))
    with store.read() as connection:
        return {id for (id,) in execute_in_chunks(connection, query, wanted)}
