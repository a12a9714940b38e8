"""The process that unpacks a workbook or the tables of a web page, apart from the product's own process.

Reading such files takes memory that their size does not tell, and a damaged one may end the process that reads it.
"""

import csv
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

_WHOLE = 10**15  # below, a spreadsheet's number has all its digits
_EXACT = 2**53  # up to here, a float is a whole number

Row = tuple[int, Sequence[str]]  # number in the sheet from 1, cells


def limit_resources(megabytes: int, seconds: int) -> None:
    """Bound this process's memory and time, where the system can."""
    with suppress(ImportError):  # Windows
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))


def main() -> None:
    """Write every sheet of a file as CSV, its rows' numbers first, and tell on stdout what was written.

    Arguments: the file, its format, its encoding, the folder to write to, megabytes, seconds. Prints a JSON
    object for each sheet: name, hidden, file, rows; or one with the ``error``, or with the ``errno`` of the system.
    """
    try:
        _unpack()
    except OSError as error:
        print(json.dumps({"errno": error.errno or 0}))
        raise


def _unpack() -> None:
    path, form, encoding, folder, megabytes, seconds = sys.argv[1:]
    limit_resources(int(megabytes), int(seconds))
    sheets = html_tables(path, encoding) if form == "html" else workbook_sheets(path)
    for number, (name, hidden, rows) in enumerate(sheets):
        file = Path(folder, f"{number}.csv")
        with file.open("w", encoding="utf-8", errors="surrogatepass", newline="") as target:
            writer = csv.writer(target)
            count = 0
            for row, cells in rows:
                if any(cells):
                    writer.writerow((row, *cells))
                    count += 1
        print(json.dumps({"name": name, "hidden": hidden, "file": file.name, "rows": count}))


def workbook_sheets(path: str) -> Iterator[tuple[str, bool, Iterator[Row]]]:
    """Name, whether it is hidden, and rows of every sheet that has cells."""
    from python_calamine import PasswordError, SheetTypeEnum, SheetVisibleEnum, load_workbook

    try:
        with load_workbook(path) as workbook:
            for found in workbook.sheets_metadata:
                if found.typ != SheetTypeEnum.WorkSheet:
                    continue
                sheet = workbook.get_sheet_by_name(found.name)
                if sheet.start is not None:
                    yield found.name, found.visible != SheetVisibleEnum.Visible, sheet_rows(sheet)
    except PasswordError:
        print(json.dumps({"error": "password"}))


def sheet_rows(sheet: Any) -> Iterator[Row]:
    """The rows as text; the value of a merged cell stands in all its rows, in its first column."""
    left = sheet.start[1]
    fill: dict[
        int, list[tuple[int, int]]
    ] = {}  # row -> the (row, column) that each merged cell is copied from
    for (top, first), (bottom, _) in sheet.merged_cell_ranges or ():
        for row in range(top + 1, min(bottom, sheet.end[0]) + 1):
            fill.setdefault(row, []).append((top, first - left))
    tops = {place for places in fill.values() for place in places}
    values: dict[tuple[int, int], str] = {}
    for row, cells in enumerate(sheet.iter_rows()):
        texts = [cell if type(cell) is str else cell_text(cell) for cell in cells]
        for place in fill.get(row, ()):
            if 0 <= place[1] < len(texts):
                texts[place[1]] = values.get(place, "")
        if tops:
            values |= {(row, k): texts[k] for k in range(len(texts)) if (row, k) in tops}
        yield row + 1, texts


def cell_text(value: object) -> str:
    """A cell's value as text: whole numbers in digits, times as 2026-05-01 10:00:00.

    A number of more digits than a spreadsheet keeps is written as 1.23456789012346E+17, which tells that.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return number_text(value)
    if isinstance(value, datetime):
        rounded = value + timedelta(microseconds=500_000)
        return rounded.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)


def number_text(value: float) -> str:
    """A number in digits where all of them are known."""
    if value != value or value in (float("inf"), float("-inf")):
        return ""
    if value == int(value):
        whole = int(value)
        if abs(whole) < _WHOLE or (abs(whole) <= _EXACT and whole % 10):
            return str(whole)
        return f"{value:.14E}"
    return f"{value:.15g}"


def html_tables(path: str, encoding: str) -> Iterator[tuple[str, bool, Iterator[Row]]]:
    """The rows of all tables of a web page, as one sheet; a cell over several rows stands in each."""
    yield "", False, _html_rows(path, encoding)


def _html_rows(path: str, encoding: str) -> Iterator[Row]:
    from lxml import etree

    parser = etree.HTMLPullParser(events=("end",), tag="tr", huge_tree=True)
    number = 0
    below: dict[int, tuple[int, str]] = {}  # column -> rows that a cell still spans, its text
    with open(path, encoding=encoding, errors="replace") as file:
        while block := file.read(1 << 16):
            parser.feed(block)
            for _, row in parser.read_events():
                number += 1
                yield number, _html_cells(row, below)
                row.clear()
                while row.getprevious() is not None:
                    del row.getparent()[0]
    with suppress(etree.ParseError):  # of nothing at all
        parser.close()
    for _, row in parser.read_events():
        number += 1
        yield number, _html_cells(row, below)


def _html_cells(row: Any, below: dict[int, tuple[int, str]]) -> list[str]:
    """The texts of a row's cells; ``below`` is what cells of earlier rows span, and is brought up to date."""
    texts: list[str] = []

    def spanned() -> None:
        while len(texts) in below:
            column = len(texts)
            left, text = below.pop(column)
            if left > 1:
                below[column] = (left - 1, text)
            texts.append(text)

    for cell in row.iterchildren("td", "th"):
        spanned()
        text = _html_text(cell)
        if (rows := _span(cell, "rowspan")) > 1:
            below[len(texts)] = (rows - 1, text)
        texts.append(text)
        texts += [""] * (_span(cell, "colspan") - 1)
    spanned()
    return texts


def _html_text(cell: Any) -> str:
    """The text of a cell, a line for each <br>."""
    for line_break in cell.iter("br"):
        line_break.tail = "\n" + (line_break.tail or "")
    return "".join(cell.itertext()).strip()


def _span(cell: Any, name: str) -> int:
    text = cell.get(name, "1").strip()
    return min(int(text), 1000) if text.isdecimal() and text.isascii() else 1


if __name__ == "__main__":
    main()
