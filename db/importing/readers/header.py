"""Finds the heading of a table: its lines, its cells and the delimiter between them."""

import csv
import io
from collections.abc import Container, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice, pairwise

from db.errors import InputError
from db.importing.attributes.recognition import known_heading
from db.importing.readers.cell_text import clean_heading

DELIMITERS = ",\t;|"
HEADING_ROWS = 30  # that are searched for a heading: exports put a title above it
_LONGEST_HEADING = 10  # lines of one row, where cells have line breaks

Row = tuple[int, int, Sequence[str]]  # first and last line, cells


@dataclass(frozen=True)
class Heading:
    """The heading of a table."""

    line: int  # from 1, where it begins
    last_line: int
    delimiter: str  # empty if the format has none
    cells: tuple[str, ...]  # made distinct: a repeated heading has its number behind it
    known: int  # cells whose meaning is known


def find_heading(
    text: str, name: str, named: Container[str] = (), delimiter: str = "", line: int = 0
) -> Heading:
    """The heading of a CSV file: the row with the most headings that are known or ``named``.

    Without any, the first line of the table that begins the file. ``delimiter`` and ``line`` were
    chosen by a person; empty and 0 are guessed. Raises InputError if no line has columns.
    """
    lines = text.split("\n")
    if line > len(lines):
        raise InputError("db.file.heading_line", name=name, n=len(lines), line=line)
    tables = {sign: _csv_rows(lines, sign, line) for sign in (delimiter or DELIMITERS)}
    candidates = [
        one for sign, rows in tables.items() for one in _candidates(rows, sign, named, line)
    ]
    first_lines = min((rows[0][0] for rows in tables.values() if rows), default=1)
    if best := _best(candidates, first_lines):
        return best
    if line:
        return max(candidates, key=lambda one: len(one.cells))
    return _start_of_table(candidates, name, next(row for row in lines if row.strip())[:80])


def find_heading_in_sheet(
    rows: Sequence[tuple[int, Sequence[str]]], name: str, named: Container[str] = (), line: int = 0
) -> Heading:
    """The same for the first rows of a sheet, which have numbers; ``line`` is one of these."""
    found: list[Row] = [(number, number, cells) for number, cells in rows if number >= line]
    if line and (not found or found[0][0] != line):
        last = rows[-1][0] if rows else 0
        raise InputError("db.file.heading_line", name=name, n=last, line=line)
    candidates = _candidates(found[: HEADING_ROWS + 1], "", named, line)
    if best := _best(candidates, found[0][0]):
        return best
    if line:
        return candidates[0]
    return _start_of_table(candidates, name, " ".join(filter(None, found[0][2]))[:80])


def rows_below(text: str, delimiter: str, line: int, count: int) -> list[list[str]]:
    """The first rows of CSV below a line that can be read."""
    below = io.StringIO("\n".join(text.split("\n")[line:]), newline="")
    found = csv.reader(below, delimiter=delimiter, skipinitialspace=True)
    rows: list[list[str]] = []
    with suppress(csv.Error):  # reported with its line when the file is imported
        rows.extend(row for row in islice(found, 2 * count) if any(row))
    return rows[:count]


def distinct(headings: Sequence[str]) -> tuple[str, ...]:
    """The headings, with a number behind those that are empty or repeated: 商品, 商品 (2)."""
    seen: dict[str, int] = {}
    names = []
    for heading in headings:
        seen[heading] = seen.get(heading, 0) + 1
        names.append(heading if heading and seen[heading] == 1 else f"{heading} ({seen[heading]})")
    return tuple(names)


def _best(candidates: Sequence[Heading], first_line: int) -> Heading | None:
    # Below the first line, a single known word may be the content of a cell.
    known = [one for one in candidates if one.known > (one.line != first_line)]
    return max(known, key=lambda one: (one.known, -one.line), default=None)


def _candidates(
    rows: Sequence[Row], delimiter: str, named: Container[str], line: int
) -> list[Heading]:
    """Each row as a heading, and each pair of rows that make one; of a chosen line alone."""
    if line:
        rows = rows[:2]
    found = [_heading(row, row[2], delimiter, named) for row in rows[: 1 if line else HEADING_ROWS]]
    for upper, lower in pairwise(rows):
        if cells := _joined(upper[2], lower[2]):
            both = _heading((upper[0], lower[1], cells), cells, delimiter, named)
            alone = [_heading(row, row[2], delimiter, named).known for row in (upper, lower)]
            words = sum(bool(cell.strip()) for cell in upper[2])
            tells = words > 1 and list(map(known_heading, cells)) != list(
                map(known_heading, lower[2])
            )
            if both.known > max(alone) - (tells and alone[0] < both.known):
                found.append(both)
    return found


def _heading(row: Row, cells: Sequence[str], delimiter: str, named: Container[str]) -> Heading:
    clean = [clean_heading(cell) for cell in cells]
    while not delimiter and clean and not clean[-1]:
        clean.pop()  # a sheet is as wide as its widest row
    names = distinct(clean)
    known = sum(
        known_heading(cell) is not None or name in named
        for cell, name in zip(clean, names, strict=True)
    )
    return Heading(row[0], row[1], delimiter, names, known)


def _joined(upper: Sequence[str], lower: Sequence[str]) -> list[str]:
    """The headings of two rows, where the upper has a word over several of the lower; else nothing.

    A column without a lower heading has the upper one; beneath a word that stands over several
    columns, the heading is both (商品 over ID), or the lower one if that alone has a known meaning.
    """
    if len(upper) != len(lower):
        return []
    cells, over, spans = [], "", False
    for k, (above, below) in enumerate(zip(upper, lower, strict=True)):
        over = above.strip() or (over if below.strip() else "")
        alone = not (k + 1 < len(upper) and not upper[k + 1].strip() and lower[k + 1].strip())
        if above.strip() and alone:  # a word over one column
            if below.strip() in ("", above.strip()):
                cells.append(above)
                continue
            if known_heading(below) is None and known_heading(f"{over} {below}") is None:
                return []  # the lower row is content
        spans = spans or bool(below.strip())
        both = f"{over} {below}"
        cells.append(
            below if known_heading(both) is None and known_heading(below) is not None else both
        )
    return cells if spans else []


def _start_of_table(candidates: Sequence[Heading], name: str, shown: str) -> Heading:
    """The first row that has as many cells as the next one, and at least two."""
    singles: dict[str, list[Heading]] = {}
    for one in candidates:
        singles.setdefault(one.delimiter, []).append(one)
    tables = [
        one
        for rows in singles.values()
        for one, following in pairwise(rows)
        if len(one.cells) > 1 and len(following.cells) == len(one.cells)
    ]
    if not tables:
        raise InputError("db.file.no_heading", name=name, line=(shown,))
    return max(tables, key=lambda one: (-one.line, len(one.cells)))


def _csv_rows(lines: Sequence[str], delimiter: str, line: int) -> list[Row]:
    """The first rows from ``line`` on that are not blank.

    A row over many lines is what an unclosed quotation mark has swallowed: its first line stands alone.
    """
    rows: list[Row] = []
    at = max(line - 1, 0)
    while at < len(lines) and len(rows) <= HEADING_ROWS and (line or at <= HEADING_ROWS):
        piece = lines[at : at + _LONGEST_HEADING]
        reader = csv.reader(
            (row + "\n" for row in piece), delimiter=delimiter, skipinitialspace=True
        )
        try:
            cells = next(reader, [])
            taken = reader.line_num
        except csv.Error:
            cells, taken = [], 1
        if taken > 1 and sum(row.count('"') for row in piece[:taken]) % 2:
            taken = 1
            cells = next(
                csv.reader(io.StringIO(piece[0]), delimiter=delimiter, skipinitialspace=True), []
            )
        if any(map(str.strip, cells)):
            rows.append((at + 1, at + taken, [cell.strip() for cell in cells]))
        at += max(taken, 1)
    return rows
