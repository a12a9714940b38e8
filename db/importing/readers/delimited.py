"""Reads CSV, sheets and the Beibei format; rows keep their line numbers, and broken rows are reported."""

import csv
import io
from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np

from db.importing.readers.cell_text import clean_cells
from db.importing.readers.chunk import LONGEST_LINE, ROWS_PER_CHUNK, Chunk, RowError
from db.importing.readers.encoding import Lines, printable
from db.importing.readers.ids import are_lists, split_participants, tidy_ids
from db.importing.readers.sniff import Layout, table_of
from db.importing.readers.source import SourceFile, unpacked
from db.messages import Message

_ID_FIELDS = ("group", "parent", "record", "order", "initiator", "user", "item", "friend")

Row = tuple[int, list[str]]  # line where it begins, cells


def read_csv(source: SourceFile, layout: Layout) -> Iterator[Chunk]:
    """The rows of a CSV file with a heading."""
    csv.field_size_limit(LONGEST_LINE)
    with unpacked(source.path, source.name) as stream:
        lines = Lines(stream, layout.outline.encoding)
        for _ in islice(lines, layout.outline.last_heading_line):
            pass  # titles and blank lines, and the heading beneath them
        rows = _csv_rows(lines, layout)
        while batch := list(islice(rows, ROWS_PER_CHUNK)):
            yield _csv_chunk(batch, layout, lines.take_too_long(), stream.tell())
        yield _csv_chunk([], layout, lines.take_too_long(), source.length)


def read_table(source: SourceFile, layout: Layout) -> Iterator[Chunk]:
    """The rows of a sheet or of a web page's tables; what stands beside the table is left out."""
    width = len(layout.mapping.headings)
    table = table_of(source, layout.outline)
    rows = (
        (number, (cells + [""] * (width - len(cells)))[:width])
        for number, cells in table.read()
        if number > layout.outline.last_heading_line and any(cells[:width])
    )
    done = 0
    while batch := list(islice(rows, ROWS_PER_CHUNK)):
        done += len(batch)
        yield _csv_chunk(batch, layout, [], round(done / table.rows * source.length))
    yield _csv_chunk([], layout, [], source.length)


def read_beibei(source: SourceFile, layout: Layout) -> Iterator[Chunk]:
    """The rows of a file in the Beibei format: initiator, item and any number of participants."""
    with unpacked(source.path, source.name) as stream:
        lines = Lines(stream, layout.outline.encoding)
        rows = (
            (lines.number, line.rstrip("\r\n").split("\t"))
            for line in lines
            if line and not line.isspace()
        )
        while batch := list(islice(rows, ROWS_PER_CHUNK)):
            lines.recent.clear()
            yield _beibei_chunk(batch, layout, lines.take_too_long(), stream.tell())
        yield _beibei_chunk([], layout, lines.take_too_long(), source.length)


def _csv_rows(lines: Lines, layout: Layout) -> Iterator[Row]:
    """Every row that is not blank; the lines themselves where an open quotation mark swallowed some."""
    width = len(layout.mapping.headings)
    delimiter = layout.outline.delimiter
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
    while True:
        lines.recent.clear()
        first_line = lines.number + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:  # a cell longer than LONGEST_LINE
            row = []
        if len(lines.recent) > 1 and _swallowed_lines(row, width, lines.recent, delimiter):
            yield from _line_by_line(list(lines.recent), first_line, delimiter)
        elif any(map(str.strip, row)):
            yield first_line, row


def _swallowed_lines(row: Sequence[str], width: int, lines: Sequence[str], delimiter: str) -> bool:
    """Whether a row over several lines is the lines behind an unclosed quotation mark.

    It has another number of cells, an odd number of quotation marks, or lines that are rows themselves.
    """
    if len(row) != width or sum(line.count('"') for line in lines) % 2:
        return True
    inner = [line for cell in row for line in cell.split("\n")[1:]]
    return any(len(line.split(delimiter)) >= width > 1 for line in inner)


def _line_by_line(lines: Sequence[str], first_line: int, delimiter: str) -> Iterator[Row]:
    for number, line in enumerate(lines, start=first_line):
        row = next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), [])
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
            key = "db.row.more_cells" if len(cells) > width else "db.row.fewer_cells"
            problem = Message(key, {"found": len(cells), "wanted": width})
            text = _as_line(cells, layout.outline.delimiter)
            unreadable.append(RowError(number, "", "", problem, text))
    columns = list(zip(*[cells for _, cells in rows], strict=True)) or [()] * width
    named = {
        field: clean_cells(columns[k])
        for k, field in enumerate(layout.mapping.fields)
        if field is not None
    }
    for field in named.keys() & set(_ID_FIELDS):
        named[field] = tidy_ids(named[field])
    participants = named.pop("participants", None)
    return Chunk(
        lines=np.array([number for number, _ in rows], np.int64),
        columns=named,
        participants=(
            None if participants is None else [_participant_ids(cell) for cell in participants]
        ),
        row_text=lambda k: _as_line(rows[k][1], layout.outline.delimiter),
        unreadable=unreadable,
        read=read,
        people_as_given=participants is not None and are_lists(participants),
    )


def _participant_ids(cell: str) -> list[str]:
    ids = split_participants(cell)
    if all(map(str.isalnum, ids)):
        return ids
    return [id for id in tidy_ids(clean_cells(ids)) if id]


def _beibei_chunk(
    batch: Sequence[Row], layout: Layout, unreadable: list[RowError], read: int
) -> Chunk:
    friendships = layout.mapping.fields == ("user", "friend")
    rows: list[Row] = []
    for number, cells in batch:
        if len(cells) == 2 or (len(cells) > 2 and not friendships):
            rows.append((number, cells))
        else:
            key = "db.row.not_two_users" if friendships else "db.row.not_a_launch"
            problem = Message(key, {"found": len(cells)})
            unreadable.append(RowError(number, "", "", problem, _as_line(cells, "\t")))
    first, second = layout.mapping.fields[:2]
    return Chunk(
        lines=np.array([number for number, _ in rows], np.int64),
        columns={
            str(first): [cells[0].strip() for _, cells in rows],
            str(second): [cells[1].strip() for _, cells in rows],
        },
        participants=(
            None if friendships else [list(map(str.strip, cells[2:])) for _, cells in rows]
        ),
        row_text=lambda k: _as_line(rows[k][1], "\t"),
        unreadable=unreadable,
        read=read,
    )


def _as_line(cells: Sequence[str], delimiter: str) -> str:
    line = io.StringIO()
    csv.writer(line, delimiter=delimiter or ",", lineterminator="").writerow(cells)
    return printable(line.getvalue())
