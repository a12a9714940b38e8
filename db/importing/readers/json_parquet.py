"""Reads JSONL and Parquet, whose values have types and whose participants may be lists."""

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from db.errors import InputError
from db.importing.column_mapping import ColumnMapping, field_of
from db.importing.readers.cell_text import clean_cells
from db.importing.readers.chunk import LONGEST_LINE, ROWS_PER_CHUNK, Chunk, RowError
from db.importing.readers.encoding import Lines, printable
from db.importing.readers.ids import split_participants
from db.importing.readers.json_lists import document_rows
from db.importing.readers.sniff import Layout
from db.importing.readers.source import UNPACKED_MULTIPLE, SourceFile, unpacked
from db.messages import Message
from db.settings import settings

MAX_ROWS = 20_000_000  # of a Parquet file: its repeated values take no space in it


def read_jsonl(source: SourceFile, layout: Layout) -> Iterator[Chunk]:
    """The rows of a file with one JSON object a line."""
    with unpacked(source.path, source.name) as stream:
        lines = Lines(stream, layout.outline.encoding)
        numbered = ((lines.number, line) for line in lines if not line.isspace())
        while batch := list(islice(numbered, ROWS_PER_CHUNK)):
            lines.recent.clear()
            yield _json_chunk(batch, layout.mapping, lines.take_too_long(), stream.tell())
        yield _json_chunk([], layout.mapping, lines.take_too_long(), source.length)


def read_json(source: SourceFile, layout: Layout) -> Iterator[Chunk]:
    """The objects of a list, counted from 1 in place of lines."""
    found = layout.outline
    rows = enumerate(document_rows(source, found.encoding, found.path), start=1)
    while batch := list(islice(rows, ROWS_PER_CHUNK)):
        objects = [(number, row) for number, row in batch if isinstance(row, dict)]
        unreadable = [
            RowError(number, "", "", Message("db.row.no_object"), printable(str(row)))
            for number, row in batch
            if not isinstance(row, dict)
        ]
        values = [row for _, row in objects]
        numbers = [number for number, _ in objects]
        yield _chunk(values, numbers, layout.mapping, _row_as_json(values), unreadable, 0)


def read_parquet(source: SourceFile, layout: Layout) -> Iterator[Chunk]:
    """The rows of a Parquet file, counted from 1 in place of lines."""
    try:
        yield from _parquet_chunks(source, layout.mapping)
    except (pa.ArrowException, OSError) as error:
        raise InputError("db.file.damaged_parquet", name=source.name) from error


def parquet_rows(source: SourceFile) -> int:
    """The number of rows by the file's metadata, 0 if it is damaged."""
    try:
        return int(pq.read_metadata(source.path).num_rows)
    except (pa.ArrowException, OSError):
        return 0


def _json_chunk(
    batch: Sequence[tuple[int, str]],
    mapping: ColumnMapping,
    unreadable: list[RowError],
    read: int,
) -> Chunk:
    rows, numbers, texts = [], [], []
    for number, line in batch:
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            row = error
        if isinstance(row, dict):
            rows.append(row)
            numbers.append(number)
            texts.append(line)
        else:
            problem = Message("db.row.not_json")
            unreadable.append(RowError(number, "", "", problem, printable(line.strip())))
    return _chunk(rows, numbers, mapping, lambda k: printable(texts[k].strip()), unreadable, read)


def _parquet_chunks(source: SourceFile, mapping: ColumnMapping) -> Iterator[Chunk]:
    wanted = [
        heading
        for heading, field in zip(mapping.headings, mapping.fields, strict=True)
        if field is not None
    ]
    schema = pq.read_schema(source.path)
    texts = [name for name in wanted if _is_text(schema.field(name).type)]
    flat = not any(pa.types.is_nested(schema.field(name).type) for name in wanted)
    with pq.ParquetFile(source.path, read_dictionary=texts) as file:
        _refuse_too_much(file.metadata, source.name)
        begins = 1
        # The size of lists cannot be checked before they are unpacked, so they come in smaller batches.
        for batch in file.iter_batches(
            ROWS_PER_CHUNK if flat else ROWS_PER_CHUNK // 10, columns=wanted
        ):
            _refuse_huge_values(batch, source.name)
            rows = batch.to_pylist()
            numbers = list(range(begins, begins + len(rows)))
            begins += len(rows)
            yield _chunk(rows, numbers, mapping, _row_as_json(rows), [], begins - 1)


def _row_as_json(rows: Sequence[Mapping[str, Any]]) -> Callable[[int], str]:
    return lambda k: printable(json.dumps(rows[k], ensure_ascii=False, default=str))


def _refuse_too_much(metadata: pq.FileMetaData, name: str) -> None:
    limit = settings().upload_mb * UNPACKED_MULTIPLE
    groups = [metadata.row_group(k) for k in range(metadata.num_row_groups)]
    if sum(group.total_byte_size for group in groups) > limit * 1_000_000:
        raise InputError("db.file.unpacks_too_large", name=name, limit=limit)
    if metadata.num_rows > MAX_ROWS:
        raise InputError("db.file.too_many_rows", name=name, rows=metadata.num_rows, limit=MAX_ROWS)


def _refuse_huge_values(batch: pa.RecordBatch, name: str) -> None:
    """Check before unpacking: a repeated long value takes no space in the file but much in memory."""
    for column in batch.columns:
        values = column.dictionary if pa.types.is_dictionary(column.type) else column
        if _is_text(values.type):
            longest = pc.max(pc.binary_length(values)).as_py() or 0
            if longest > LONGEST_LINE:
                raise InputError("db.file.value_too_long", name=name, length=longest)


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _chunk(
    rows: Sequence[Mapping[str, Any]],
    numbers: list[int],
    mapping: ColumnMapping,
    row_text: Callable[[int], str],
    unreadable: list[RowError],
    read: int,
) -> Chunk:
    headings = _headings_by_field(rows, mapping)
    columns: dict[str, list[str]] = {}
    participants: list[list[str]] | None = None
    as_given = False
    for field, heading in headings.items():
        values = [row.get(heading) for row in rows]
        if field == "participants":
            participants = [_participant_ids(value) for value in values]
            as_given = any(isinstance(value, list | tuple) for value in values)
        else:
            columns[field] = clean_cells([_cell(value) for value in values])
    lines = np.array(numbers, np.int64)
    return Chunk(lines, columns, participants, row_text, unreadable, read, as_given)


def _headings_by_field(rows: Sequence[Mapping[str, Any]], mapping: ColumnMapping) -> dict[str, str]:
    """Field -> heading; later objects may have keys that the first lines did not have."""
    known = dict(zip(mapping.headings, mapping.fields, strict=True))
    found = {field: heading for heading, field in known.items() if field is not None}
    for key in {key for row in rows for key in row} - known.keys():
        field = field_of(key)
        if field is not None and field not in found:
            found[field] = key
    return found


def _participant_ids(value: object) -> list[str]:
    if isinstance(value, str):
        return split_participants(value.strip())
    if isinstance(value, list | tuple):
        return [_cell(_id_of(person)) for person in value]
    cell = _cell(value)
    return [cell] if cell else []


def _id_of(person: object) -> object:
    """The id of a participant, whom an API may write as an object."""
    if isinstance(person, dict):
        ids = (
            person[key] for key in person if field_of(str(key)) in ("record", "user", "initiator")
        )
        return next(ids, person)
    return person


def _cell(value: object) -> str:
    """A value as the text of a cell: 12.0 becomes 12, a missing value becomes empty."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, float | Decimal):
        number = float(value)
        if math.isnan(number):
            return ""
        return str(int(value)) if number.is_integer() else str(value)
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
