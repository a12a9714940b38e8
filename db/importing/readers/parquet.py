"""Reads Parquet, whose columns have types, in batches whose memory is bounded before they are unpacked."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from db.errors import InputError
from db.importing.column_mapping import ColumnMapping
from db.importing.readers.chunk import LONGEST_LINE, ROWS_PER_CHUNK, Chunk
from db.importing.readers.encoding import UNDECODABLE, printable
from db.importing.readers.header import distinct
from db.importing.readers.sniff import Layout
from db.importing.readers.source import SourceFile
from db.importing.readers.tables import PROJECT, UNPACKED_MULTIPLE
from db.importing.readers.typed_values import typed_chunk
from db.settings import settings

MAX_ROWS = 20_000_000  # of a Parquet file: its repeated values take no space in it
_FREE_ROWS, _ROWS_PER_BYTE = 200_000, 50  # rows that differ take more space
_BATCH_BYTES = 1 << 27  # that a batch may take, in text or in lists
_LISTS_BYTES = 1 << 30  # that the elements of a file's lists may take
_WIDEST = 1_000  # bytes of a value of fixed width: of ids and numbers, which have few
_FEWEST_ROWS = 100  # of a batch whose values may be long

_DAMAGE = (pa.ArrowException, OSError, ValueError, OverflowError, MemoryError, RecursionError)


def read_parquet(source: SourceFile, layout: Layout) -> Iterator[Chunk]:
    """The rows of a Parquet file, counted from 1 in place of lines."""
    begins = 1
    for batch in parquet_batches(source, ROWS_PER_CHUNK, wanted_columns(layout.mapping)):
        by_heading = {heading: python_values(column) for heading, column in batch.items()}
        rows = len(next(iter(by_heading.values()), []))
        values = {
            field: by_heading[heading]
            for heading, field in zip(layout.mapping.headings, layout.mapping.fields, strict=True)
            if field is not None
        }
        lines = np.arange(begins, begins + rows, dtype=np.int64)
        begins += rows
        yield typed_chunk(lines, values, _row_as_json(by_heading), [], begins - 1)
    if begins == 1:
        nothing: dict[str, list[Any]] = {
            field: [] for field in layout.mapping.fields if field is not None
        }
        yield typed_chunk(np.zeros(0, np.int64), nothing, _row_as_json({}), [], 0)


def wanted_columns(mapping: ColumnMapping) -> list[int]:
    """The positions of the columns that hold a field."""
    return [k for k, field in enumerate(mapping.fields) if field is not None]


def parquet_batches(
    source: SourceFile, rows: int, wanted: Sequence[int] | None = None
) -> Iterator[dict[str, pa.Array]]:
    """Columns by their distinct headings, at most ``rows`` at a time; ``wanted`` are their positions.

    Raises InputError if the file is damaged or takes too much memory.
    """
    try:
        schema = pq.read_schema(source.path)
        names = [str(name) for name in schema.names]
        chosen = range(len(names)) if wanted is None else wanted
        nested = any(pa.types.is_nested(schema.field(k).type) for k in chosen)
        _refuse_too_much(pq.read_metadata(source.path), source, nested)
        leaves = _leaves(source.path)
        if (widest := max(leaf.width for leaf in leaves)) > _WIDEST:
            raise InputError("db.file.value_too_long", name=source.name, length=widest)
        # A name may stand twice or contain dots, which pyarrow takes for paths: then all columns are read.
        plain = len(set(names)) == len(names) and not any("." in name for name in names)
        columns = [names[k] for k in chosen] if plain else None
        headings = distinct(names)
        wide = sum(leaf.width for leaf in leaves)
        rows = min(rows // 10 if nested else rows, _BATCH_BYTES // max(wide, 1))
        for batch in _batches(source.path, leaves, rows, columns):
            places = {name: k for k, name in enumerate(batch.schema.names)} if plain else {}
            found = {headings[k]: batch.column(places.get(names[k], k)) for k in chosen}
            _refuse_huge_values(found.values(), source.name)
            yield found
    except _DAMAGE as error:
        raise InputError("db.file.damaged_parquet", name=source.name) from error


def parquet_rows(source: SourceFile) -> int:
    """The number of rows by the file's metadata, 0 if it is damaged."""
    try:
        return int(pq.read_metadata(source.path).num_rows)
    except _DAMAGE:
        return 0


def _row_as_json(columns: Mapping[str, Sequence[Any]]) -> Callable[[int], str]:
    return lambda k: printable(
        json.dumps(
            {name: cells[k] for name, cells in columns.items()}, ensure_ascii=False, default=str
        )
    )


def python_values(column: pa.Array) -> list[Any]:
    """The values as Python has them; a text that is repeated is one object."""
    if pa.types.is_dictionary(column.type):
        words = python_values(column.dictionary)
        return [None if k is None else words[k] for k in column.indices.to_pylist()]
    try:
        values: list[Any] = column.to_pylist()
    except (ValueError, OverflowError, UnicodeDecodeError, pa.ArrowException):
        return [_value(one) for one in column]  # a time in the year 300000, text that is none
    return values


def _value(scalar: pa.Scalar) -> Any:
    for one in (lambda: scalar, lambda: scalar.cast(pa.string())):
        try:
            return one().as_py()
        except (ValueError, OverflowError, UnicodeDecodeError, pa.ArrowException):
            continue  # Python has no such time, but Arrow can write it
    return UNDECODABLE  # so that its row is refused


def _refuse_too_much(metadata: pq.FileMetaData, source: SourceFile, nested: bool) -> None:
    limit = settings().upload_mb * UNPACKED_MULTIPLE
    name = source.name
    groups = [metadata.row_group(k) for k in range(metadata.num_row_groups)]
    if sum(group.total_byte_size for group in groups) > limit * 1_000_000:
        raise InputError("db.file.unpacks_too_large", name=name, limit=limit)
    rows = metadata.num_rows
    if nested:  # the elements of lists take as little space as rows do
        rows = max(rows, elements_of_lists(source.path, source.sha256))
        if rows * max(leaf.width for leaf in _leaves(source.path)) > _LISTS_BYTES:
            raise InputError("db.file.unpacks_too_large", name=name, limit=limit)
    allowed = min(MAX_ROWS, _FREE_ROWS + _ROWS_PER_BYTE * source.size)
    if rows > allowed:
        raise InputError("db.file.too_many_rows", name=name, rows=rows, limit=allowed)


@lru_cache(maxsize=16)
def elements_of_lists(path: Path, sha256: str) -> int:
    """The most elements in the lists of a column of the file with this content.

    Raises OSError if the metadata is damaged.
    """
    command = [sys.executable, "-m", "db.importing.readers.parquet_elements", str(path.resolve())]
    done = subprocess.run(command, capture_output=True, check=False, cwd=PROJECT)  # noqa: S603
    if done.returncode:
        raise OSError("damaged metadata")
    return int(done.stdout)


def _refuse_huge_values(columns: Iterable[pa.Array], name: str) -> None:
    """Check before values are repeated: a long one takes no space in the file but much in memory."""
    total = 0
    for column in columns:
        total += column.nbytes
        for part in _flat_parts(column):
            words = part.dictionary if pa.types.is_dictionary(part.type) else part
            if not _is_text(words.type):
                continue
            lengths = pc.fill_null(pc.binary_length(words), 0)
            longest = pc.max(lengths).as_py() or 0
            if longest > LONGEST_LINE:
                raise InputError("db.file.value_too_long", name=name, length=longest)
            if words is not part:
                total += pc.sum(lengths.take(part.indices.drop_null())).as_py() or 0
    if total > _BATCH_BYTES:
        raise InputError("db.file.unpacks_too_large", name=name, limit=_BATCH_BYTES // 1_000_000)


def _flat_parts(column: pa.Array) -> Iterator[pa.Array]:
    """The column, or what its lists and objects hold."""
    waiting = [column]
    while waiting:
        one = waiting.pop()
        if pa.types.is_struct(one.type):
            waiting += one.flatten()
        elif pa.types.is_map(one.type):
            waiting += [one.keys, one.items]
        elif pa.types.is_nested(one.type):
            waiting.append(one.flatten())
        else:
            yield one


@dataclass(frozen=True)
class _Leaf:
    """What a column of the file, or the innermost of its lists and objects, is made of."""

    path: str
    is_text: bool
    width: int  # bytes of a value; of text: of its number in the dictionary


def _leaves(path: Path) -> list[_Leaf]:
    with pq.ParquetFile(path) as file:
        found = [file.schema.column(k) for k in range(len(file.schema))]
    return [
        _Leaf(
            one.path,
            one.physical_type == "BYTE_ARRAY",
            one.length if one.physical_type == "FIXED_LEN_BYTE_ARRAY" else 8,
        )
        for one in found
    ]


def _batches(
    path: Path, leaves: Sequence[_Leaf], rows: int, columns: list[str] | None
) -> Iterator[pa.RecordBatch]:
    """Batches of at least one row, with text as dictionaries: these tell how long values are before they are repeated.

    Text that is encoded by what it shares with the value before cannot be read so, and may be long all the same:
    its batches are small.
    """
    texts = [leaf.path for leaf in leaves if leaf.is_text]
    given = False
    try:
        with pq.ParquetFile(path, read_dictionary=texts) as file:
            for batch in file.iter_batches(max(rows, 1), columns=columns):
                given = True
                yield batch
    except (OSError, pa.ArrowNotImplementedError) as error:
        if given or "DictAccumulator" not in str(error):
            raise
        if any("." in leaf.path for leaf in leaves):
            _refuse_lists_without_bounds(path)
        with pq.ParquetFile(path) as file:
            yield from file.iter_batches(_FEWEST_ROWS, columns=columns)


def _refuse_lists_without_bounds(path: Path) -> None:
    """Raises InputError where lists of such texts take too much memory, as a process of their own finds out."""
    command = [sys.executable, "-m", "db.importing.readers.parquet_elements", str(path.resolve())]
    command.append(str(_FEWEST_ROWS))
    done = subprocess.run(command, capture_output=True, check=False, cwd=PROJECT)  # noqa: S603
    if done.returncode:
        limit = settings().upload_mb * UNPACKED_MULTIPLE
        raise InputError("db.file.unpacks_too_large", name=path.name, limit=limit)


def _is_text(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_string(kind)
        or pa.types.is_large_string(kind)
        or pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
    )
