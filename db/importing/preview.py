"""A look at a log file before it is imported.

What staged rows would bring to the store, counted before anything is written.
"""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import Connection, Table, bindparam, func, select

from db.errors import InputError
from db.importing.column_mapping import ColumnsError, guess_fields
from db.importing.readers.encoding import decode_head, shown
from db.importing.readers.sniff import Outline, Reading, mapping_of, outline
from db.importing.readers.source import Opened, examine
from db.importing.staged import Staged
from db.logs import FAILED, OPEN, SUCCESSFUL
from db.schema import items, users
from db.store import Store


@dataclass(frozen=True)
class Preview:
    """How a file would be read, and its first rows as they stand in it."""

    file: str
    size: int  # bytes
    sha256: str
    format: str  # csv, jsonl, parquet or beibei
    shape: str  # groups, orders or friendships: what a row is; empty where a column is missing
    encoding: str
    delimiter: str  # empty where the format has none
    mapping: dict[str, str | None]  # heading -> field, None where the column is ignored
    rows: pd.DataFrame  # text, under the file's own headings, made different where they are not
    heading_line: int = 1  # of a CSV file
    dates: str = ""  # which comes first in 01/02/2025; empty where nothing tells
    problem: ColumnsError | None = None  # why the columns make no log as they are understood


def preview(
    path: Path | str,
    form: str = "auto",
    kind: str = "groups",
    columns: Mapping[str, str] | None = None,
    name: str = "",
    rows: int = 20,
    reading: Reading | None = None,
) -> Preview:
    """How the file would be imported with the same arguments.

    Raises InputError where its content fits no format. Columns that make no log are a ``problem``
    of the preview: a person can say what they hold.
    """
    return preview_opened(examine(Path(path), name), form, kind, columns, rows, reading)


def preview_opened(
    opened: Opened,
    form: str = "auto",
    kind: str = "groups",
    columns: Mapping[str, str] | None = None,
    rows: int = 20,
    reading: Reading | None = None,
) -> Preview:
    """The same of a file that was examined before."""
    found = outline(opened, form, kind, columns, reading)
    try:
        mapping = mapping_of(found, columns)
        fields, shape, problem = list(mapping.fields), mapping.shape, None
    except ColumnsError as error:
        fields, shape, problem = guess_fields(found.headings, columns or {}), "", error
    return Preview(
        file=opened.name,
        size=opened.size,
        sha256=opened.sha256,
        format=found.format,
        shape=shape,
        encoding=found.encoding,
        delimiter=found.delimiter,
        mapping=dict(zip(found.headings, fields, strict=True)),
        rows=_first_rows(opened, found, rows),
        heading_line=found.heading_line,
        dates=found.dates,
        problem=problem,
    )


def _first_rows(opened: Opened, found: Outline, count: int) -> pd.DataFrame:
    if found.format == "parquet":
        return _parquet_rows(opened, count)
    text = decode_head(opened.head, found.encoding)
    headings = found.headings
    if found.format == "jsonl":
        objects = _objects(text, count)
        cells = [[_as_text(row.get(heading)) for heading in headings] for row in objects]
    elif found.format == "beibei":
        # What stands behind the second tab are all participants.
        lines = [line for line in text.split("\n") if line.strip()][:count]
        cells = [line.split("\t", len(headings) - 1) for line in lines]
    else:
        below = "\n".join(text.split("\n")[found.heading_line - 1 :])
        cells = _csv_rows(below, found.delimiter, count)
    padded = [(row + [""] * len(headings))[: len(headings)] for row in cells]
    return pd.DataFrame([[shown(cell) for cell in row] for row in padded], columns=_apart(headings))


def _csv_rows(text: str, delimiter: str, count: int) -> list[list[str]]:
    """The first rows below the heading, as far as they can be read."""
    found = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows: list[list[str]] = []
    with suppress(csv.Error):  # reported with its line when the file is imported
        rows.extend(row for row in islice(found, count + 10) if any(row))
    return rows[1 : count + 1]


def _parquet_rows(opened: Opened, count: int) -> pd.DataFrame:
    try:
        with pq.ParquetFile(opened.path) as file:
            batch = next(file.iter_batches(count), None)
    except (pa.ArrowException, OSError) as error:
        raise InputError(
            f"{opened.name} is a damaged or cut-off Parquet file. Copy or export it again."
        ) from error
    return pd.DataFrame() if batch is None else batch.to_pandas().astype(str)


def _apart(headings: tuple[str, ...]) -> list[str]:
    """The headings, with a number behind those that are empty or stand twice."""
    seen: dict[str, int] = {}
    names = []
    for heading in headings:
        seen[heading] = seen.get(heading, 0) + 1
        names.append(heading if heading and seen[heading] == 1 else f"{heading} ({seen[heading]})")
    return names


def _objects(text: str, count: int) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for line in text.split("\n"):
        try:
            row = json.loads(line)
        except ValueError:
            continue  # reported with its line when the file is imported
        if isinstance(row, dict):
            found.append(row)
        if len(found) == count:
            break
    return found


def _as_text(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


_KEYS = 5_000  # of one IN (...), below SQLite's limit on bound values
_STATES = {"successful": SUCCESSFUL, "failed": FAILED, "open": OPEN}


def states_of(staged: Staged) -> dict[str, int]:
    """How many groups of each state there are."""
    return {name: int(np.sum(staged.status == code)) for name, code in _STATES.items()}


def expected(store: Store, files: Sequence[Staged]) -> list[dict[str, int]]:
    """New users, items, groups, members and friendships of each file, as an import would report.

    What an earlier one of the files brings is not new in a later one.
    """
    seen_users: set[str] = set()
    seen_items: set[str] = set()
    brought = []
    with store.read() as connection:
        for staged in files:
            fresh_users = [id for id in staged.users if id not in seen_users]
            fresh_items = [id for id in staged.items if id not in seen_items]
            seen_users.update(fresh_users)
            seen_items.update(fresh_items)
            pairs = np.unique(np.sort(staged.friendships, axis=1), axis=0)  # [F, 2]
            brought.append(
                {
                    "users": len(fresh_users) - _known(connection, users, fresh_users),
                    "items": len(fresh_items) - _known(connection, items, fresh_items),
                    "groups": len(staged.group_id),
                    "members": len(staged.member),
                    "friendships": len(pairs),
                }
            )
    return brought


def _known(connection: Connection, table: Table, ids: Sequence[str]) -> int:
    """How many of ``ids`` the table has."""
    query = (
        select(func.count())
        .select_from(table)
        .where(table.c.external_id.in_(bindparam("ids", expanding=True)))
    )
    return sum(
        connection.execute(query, {"ids": ids[start : start + _KEYS]}).scalar_one()
        for start in range(0, len(ids), _KEYS)
    )
