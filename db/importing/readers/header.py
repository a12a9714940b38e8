"""Finds the heading of a CSV file: its line, its cells and the delimiter between them."""

import csv
import io
from collections.abc import Container, Sequence
from dataclasses import dataclass
from itertools import pairwise

from db.errors import InputError
from db.importing.column_mapping import field_of

DELIMITERS = ",\t;|"
_HEADING_LINES = 10  # that are searched for a heading: exports put a title above it


@dataclass(frozen=True)
class Heading:
    """The heading of a CSV file."""

    line: int  # from 1
    delimiter: str
    cells: tuple[str, ...]
    known: int  # cells whose meaning is known


def find_heading(
    text: str, name: str, named: Container[str] = (), delimiter: str = "", line: int = 0
) -> Heading:
    """The line with the most headings that are known or ``named``, the earliest of equals.

    Without any, the first line of the table that begins the file. ``delimiter`` and ``line`` were
    chosen by a person; empty and 0 are guessed. Raises InputError if no line has columns.
    """
    lines = text.split("\n")
    if line > len(lines):
        raise InputError("db.file.heading_line", name=name, n=len(lines), line=line)
    numbers = (
        [line] if line else [k + 1 for k, row in enumerate(lines[:_HEADING_LINES]) if row.strip()]
    )
    candidates = [
        _heading(lines, number, sign, named)
        for number in numbers
        for sign in (delimiter or DELIMITERS)
    ]
    # Below the first line, a single known word may be the content of a cell.
    known = [one for one in candidates if one.known > (one.line != numbers[0])]
    if known:
        return max(known, key=lambda one: (one.known, -one.line))
    if line:
        return max(candidates, key=lambda one: len(one.cells))
    return _start_of_table(lines, numbers, candidates, name)


def _start_of_table(
    lines: Sequence[str], numbers: Sequence[int], candidates: Sequence[Heading], name: str
) -> Heading:
    """The first line that has as many cells as the next one, and at least two."""
    widths = {(one.line, one.delimiter): len(one.cells) for one in candidates}
    following = dict(pairwise(numbers))
    tables = [
        one
        for one in candidates
        if len(one.cells) > 1
        and widths.get((following.get(one.line, 0), one.delimiter)) == len(one.cells)
    ]
    if not tables:
        first = next(row for row in lines if row.strip())[:80]
        raise InputError("db.file.no_heading", name=name, line=(first,))
    return max(tables, key=lambda one: (-one.line, len(one.cells)))


def _heading(lines: Sequence[str], number: int, delimiter: str, named: Container[str]) -> Heading:
    cells = _cells("\n".join(lines[number - 1 : number + 9]), delimiter)
    known = sum(field_of(cell) is not None or cell in named for cell in cells)
    return Heading(number, delimiter, tuple(cells), known)


def _cells(text: str, delimiter: str) -> list[str]:
    try:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        return [cell.strip() for cell in next(rows, [])]
    except csv.Error:  # a quotation mark that is never closed
        return []
