"""A look at a log file before it is imported."""

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from db.readers.layout import Layout, decode_head, guess_layout
from db.readers.opening import Opened, examine
from db.readers.text import shown


@dataclass(frozen=True)
class Preview:
    """How a file would be read, and its first rows as they stand in it."""

    file: str
    size: int  # bytes
    sha256: str
    format: str  # csv, jsonl, parquet or beibei
    shape: str  # groups, orders or friendships: what a row is
    encoding: str
    delimiter: str  # empty where the format has none
    mapping: dict[str, str | None]  # heading -> field, None where the column is ignored
    rows: pd.DataFrame  # text, under the file's own headings


def preview(
    path: Path | str,
    form: str = "auto",
    kind: str = "groups",
    columns: Mapping[str, str] | None = None,
    name: str = "",
    rows: int = 20,
) -> Preview:
    """How the file would be imported with the same arguments; InputError where it would not."""
    opened = examine(Path(path), name)
    layout = guess_layout(opened, form, kind, columns)
    return Preview(
        file=opened.name,
        size=opened.size,
        sha256=opened.sha256,
        format=layout.format,
        shape=layout.mapping.shape,
        encoding=layout.encoding,
        delimiter=layout.delimiter,
        mapping=dict(zip(layout.mapping.headings, layout.mapping.fields, strict=True)),
        rows=_first_rows(opened, layout, rows),
    )


def _first_rows(opened: Opened, layout: Layout, count: int) -> pd.DataFrame:
    if layout.format == "parquet":
        with pq.ParquetFile(opened.path) as file:
            batch = next(file.iter_batches(count), None)
        return pd.DataFrame() if batch is None else batch.to_pandas().astype(str)
    text = decode_head(opened.head, layout.encoding)
    headings = list(layout.mapping.headings)
    if layout.format == "jsonl":
        objects = _objects(text, count)
        return pd.DataFrame(
            [[shown(_as_text(row.get(heading))) for heading in headings] for row in objects],
            columns=headings,
        )
    if layout.format == "beibei":
        # What stands behind the second tab are all participants.
        lines = [line for line in text.splitlines() if line.strip()][:count]
        cells = [line.split("\t", len(headings) - 1) for line in lines]
    else:
        found = csv.reader(io.StringIO(text, newline=""), delimiter=layout.delimiter)
        cells = [row for row in islice(found, count + 10) if any(row)][1 : count + 1]
    padded = [(row + [""] * len(headings))[: len(headings)] for row in cells]
    return pd.DataFrame([[shown(cell) for cell in row] for row in padded], columns=headings)


def _objects(text: str, count: int) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for line in text.splitlines():
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
