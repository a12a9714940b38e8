"""Reads JSON: an object a line, or the objects of a list. Their values have types, and people may be lists."""

import json
import reprlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import numpy as np

from db.importing.attributes.recognition import heading_field
from db.importing.column_mapping import ColumnMapping
from db.importing.readers.chunk import ROWS_PER_CHUNK, Chunk, RowError
from db.importing.readers.encoding import Lines, printable
from db.importing.readers.json_depth import DEEPEST, TooDeepError, is_too_deep, load_json
from db.importing.readers.json_lists import document_rows, flat
from db.importing.readers.sniff import Layout
from db.importing.readers.source import SourceFile, unpacked
from db.importing.readers.typed_values import typed_chunk
from db.messages import Message

_TOO_DEEP = Message("db.row.too_deep", {"n": DEEPEST})
_CUT = reprlib.Repr()  # writes the first levels alone
_CUT.maxother = _CUT.maxstring = 100


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
        values, numbers, unreadable = [], [], []
        for number, row in batch:
            if is_too_deep(row):
                unreadable.append(RowError(number, "", "", _TOO_DEEP, printable(_CUT.repr(row))))
            elif isinstance(row, dict):
                values.append(row)
                numbers.append(number)
            else:
                text = printable(str(row))
                unreadable.append(RowError(number, "", "", Message("db.row.no_object"), text))
        yield _chunk(values, numbers, layout.mapping, _row_as_json(values), unreadable, 0)
    yield _chunk([], [], layout.mapping, _row_as_json([]), [], source.length)


def _json_chunk(
    batch: Sequence[tuple[int, str]],
    mapping: ColumnMapping,
    unreadable: list[RowError],
    read: int,
) -> Chunk:
    rows, numbers, texts = [], [], []
    for number, line in batch:
        problem = Message("db.row.not_json")
        try:
            row = load_json(line)
        except TooDeepError:
            row, problem = None, _TOO_DEEP
        except ValueError:
            row = None
        if isinstance(row, dict):
            rows.append(flat(row))
            numbers.append(number)
            texts.append(line)
        else:
            unreadable.append(RowError(number, "", "", problem, printable(line.strip())))
    return _chunk(rows, numbers, mapping, lambda k: printable(texts[k].strip()), unreadable, read)


def _row_as_json(rows: Sequence[Mapping[str, Any]]) -> Callable[[int], str]:
    return lambda k: printable(json.dumps(rows[k], ensure_ascii=False, default=str))


def _chunk(
    rows: Sequence[Mapping[str, Any]],
    numbers: list[int],
    mapping: ColumnMapping,
    row_text: Callable[[int], str],
    unreadable: list[RowError],
    read: int,
) -> Chunk:
    values = {
        field: [row.get(heading) for row in rows]
        for field, heading in _headings_by_field(rows, mapping).items()
    }
    return typed_chunk(np.array(numbers, np.int64), values, row_text, unreadable, read)


def _headings_by_field(rows: Sequence[Mapping[str, Any]], mapping: ColumnMapping) -> dict[str, str]:
    """Field -> heading; later objects may have keys that the first lines did not have."""
    known = dict(zip(mapping.headings, mapping.fields, strict=True))
    found = {field: heading for heading, field in known.items() if field is not None}
    for key in {key for row in rows for key in row} - known.keys():
        field = heading_field(key, mapping.shape)
        if field is not None and field not in found:
            found[field] = key
    return found
