"""Reads CSV and the Beibei format: rows keep their line numbers, and broken ones are named."""

import csv
import io
from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np

from db.importing.readers.chunk import LONGEST_LINE, ROWS, Chunk, RowError
from db.importing.readers.encoding import Lines, shown
from db.importing.readers.ids import split_participants, tidy_ids
from db.importing.readers.sniff import Layout
from db.importing.readers.source import Opened, unpacked

_ID_FIELDS = ("group", "initiator", "user", "item", "friend")

Row = tuple[int, list[str]]  # line where it begins, cells


def read_csv(opened: Opened, layout: Layout) -> Iterator[Chunk]:
    """The rows of a CSV file with a heading."""
    csv.field_size_limit(LONGEST_LINE)
    with unpacked(opened.path, opened.name) as stream:
        lines = Lines(stream, layout.encoding)
        for _ in islice(lines, layout.heading_line - 1):
            pass  # what stands above the heading: a title, blank lines
        rows = _csv_rows(lines, layout)
        next(rows)  # the heading
        while batch := list(islice(rows, ROWS)):
            yield _csv_chunk(batch, layout, lines.take_too_long(), stream.tell())
        yield _csv_chunk([], layout, lines.take_too_long(), opened.length)


def read_beibei(opened: Opened, layout: Layout) -> Iterator[Chunk]:
    """The rows of a file in the Beibei format: initiator, item and any number of participants."""
    with unpacked(opened.path, opened.name) as stream:
        lines = Lines(stream, layout.encoding)
        rows = (
            (lines.number, line.rstrip("\r\n").split("\t"))
            for line in lines
            if line and not line.isspace()
        )
        while batch := list(islice(rows, ROWS)):
            lines.recent.clear()
            yield _beibei_chunk(batch, layout, lines.take_too_long(), stream.tell())
        yield _beibei_chunk([], layout, lines.take_too_long(), opened.length)


def _csv_rows(lines: Lines, layout: Layout) -> Iterator[Row]:
    """Every row that is not blank; where a quotation mark swallowed lines, the lines themselves."""
    width = len(layout.mapping.headings)
    fields = layout.mapping.fields
    ids = [k for k, field in enumerate(fields) if field in _ID_FIELDS]
    joined = fields.index("participants") if "participants" in fields else None
    reader = csv.reader(lines, delimiter=layout.delimiter)
    while True:
        lines.recent.clear()
        begins = lines.number + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:  # a cell longer than any line may be
            row = []
        if len(lines.recent) > 1 and (
            _swallowed(row, width, ids)
            or (joined is not None and _swallowed_in_list(lines.recent, row[joined], layout))
        ):
            yield from _one_by_one(list(lines.recent), begins, layout.delimiter)
        elif any(map(str.strip, row)):
            yield begins, row


def _swallowed(row: Sequence[str], width: int, ids: Sequence[int]) -> bool:
    """Whether a row over several lines looks like lines behind an unclosed quotation mark."""
    return len(row) != width or any("\n" in row[k].strip() for k in ids)


def _swallowed_in_list(lines: Sequence[str], cell: str, layout: Layout) -> bool:
    """The same for participants, who may stand on lines of their own inside the quotation marks."""
    if "\n" not in cell.strip():
        return False
    if sum(line.count('"') for line in lines) % 2:
        return True  # the mark is never closed
    width = len(layout.mapping.headings)
    inner = cell.strip().split("\n")[1:]
    return any(len(line.split(layout.delimiter)) >= width > 1 for line in inner)


def _one_by_one(lines: Sequence[str], begins: int, delimiter: str) -> Iterator[Row]:
    for number, line in enumerate(lines, start=begins):
        row = next(csv.reader([line], delimiter=delimiter), [])
        if any(map(str.strip, row)):
            yield number, row


def _csv_chunk(
    batch: Sequence[Row], layout: Layout, unreadable: list[RowError], read: int
) -> Chunk:
    width = len(layout.mapping.headings)
    rows: list[Row] = []
    for number, cells in batch:
        if len(cells) == width:
            rows.append((number, cells))
        elif len(cells) > width and not any(cells[width:]):
            rows.append((number, cells[:width]))
        else:
            unreadable.append(_ragged(number, cells, width, layout.delimiter))
    columns = list(zip(*[cells for _, cells in rows], strict=True)) or [()] * width
    named = {
        field: [cell.strip() for cell in columns[k]]
        for k, field in enumerate(layout.mapping.fields)
        if field is not None
    }
    for field in named.keys() & set(_ID_FIELDS):
        named[field] = tidy_ids(named[field])
    joined = named.pop("participants", None)
    return Chunk(
        lines=np.array([number for number, _ in rows], np.int64),
        columns=named,
        participants=None if joined is None else [_people(cell) for cell in joined],
        row_text=lambda k: _as_line(rows[k][1], layout.delimiter),
        unreadable=unreadable,
        read=read,
    )


def _people(cell: str) -> list[str]:
    people = split_participants(cell)
    return people if all(map(str.isalnum, people)) else tidy_ids(people)


def _beibei_chunk(
    batch: Sequence[Row], layout: Layout, unreadable: list[RowError], read: int
) -> Chunk:
    friends = layout.mapping.fields == ("user", "friend")
    rows: list[Row] = []
    for number, cells in batch:
        if len(cells) == 2 or (len(cells) > 2 and not friends):
            rows.append((number, cells))
        else:
            found = f"The line has {len(cells)} columns. "
            wanted = "two users" if friends else "initiator, item and participants"
            problem = f"{found}Write {wanted}, with tabs between them."
            unreadable.append(RowError(number, "", "", problem, _as_line(cells, "\t")))
    first, second = layout.mapping.fields[:2]
    return Chunk(
        lines=np.array([number for number, _ in rows], np.int64),
        columns={
            str(first): [cells[0].strip() for _, cells in rows],
            str(second): [cells[1].strip() for _, cells in rows],
        },
        participants=None if friends else [list(map(str.strip, cells[2:])) for _, cells in rows],
        row_text=lambda k: _as_line(rows[k][1], "\t"),
        unreadable=unreadable,
        read=read,
    )


def _ragged(number: int, cells: Sequence[str], width: int, delimiter: str) -> RowError:
    more = "Put a cell that holds the delimiter in quotation marks."
    less = "Fill in the missing cells, and check that quotation marks come in pairs."
    problem = (
        f"The row has {len(cells)} cells where the heading has {width}. "
        f"{more if len(cells) > width else less}"
    )
    return RowError(number, "", "", problem, _as_line(cells, delimiter))


def _as_line(cells: Sequence[str], delimiter: str) -> str:
    line = io.StringIO()
    csv.writer(line, delimiter=delimiter, lineterminator="").writerow(cells)
    return shown(line.getvalue())
