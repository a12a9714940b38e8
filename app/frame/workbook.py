"""Lists as Excel workbooks: text stays text, shares are percentages, times are times, the heading stays in sight."""

import io
from collections.abc import Hashable, Sequence
from datetime import datetime
from numbers import Real
from typing import Any
from unicodedata import east_asian_width

import pandas as pd
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

WIDEST, NARROWEST = 60, 8  # of a column, in characters; what is longer wraps
LONGEST_TEXT = 32_767  # characters that Excel keeps in a cell
ROWS_MEASURED = 1_000  # for the width of a column

# What the numbers of a column are, by the column's name in the app's tables.
NUMBER_FORMATS = {
    **dict.fromkeys(("launch_share", "spot_share", "track_record", "success_rate"), "0.00%"),
    **dict.fromkeys(("price", "group_price"), "#,##0.00"),
}
TIME_FORMAT = "yyyy-mm-dd hh:mm"


def workbook_bytes(table: pd.DataFrame, headings: Sequence[str], sheet: str) -> bytes:
    """The table as a workbook of one sheet.

    Texts are written as texts, whatever they look like: ids keep their digits and nothing runs as a formula. Cells
    without a value are empty.

    Args:
        table: Its columns are known by their names, see ``NUMBER_FORMATS``.
        headings: One per column, as the reader sees them.
        sheet: The sheet's name, at most 31 characters.

    """
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True, "strings_to_urls": False}) as book:
        page = book.add_worksheet(sheet)
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        for position, (name, heading) in enumerate(zip(table.columns, headings, strict=True)):
            cells = table[name].tolist()
            form = book.add_format({"valign": "top", **_format_of(name, cells)})
            page.set_column(position, position, _width(heading, cells))
            _write(page, 0, position, heading, bold)
            for row, cell in enumerate(cells, 1):
                _write(page, row, position, cell, form)
        page.freeze_panes(1, 0)
        if len(table.columns) and len(table):
            page.autofilter(0, 0, len(table), len(table.columns) - 1)
            # Excel marks ids as mistakes otherwise.
            page.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
    return content.getvalue()


def _format_of(name: Hashable, cells: Sequence[Any]) -> dict[str, Any]:
    if any(isinstance(cell, datetime) for cell in cells):
        return {"num_format": TIME_FORMAT, "align": "left"}
    return {"num_format": NUMBER_FORMATS.get(str(name), "General"), "text_wrap": True}


def _write(page: Worksheet, row: int, column: int, cell: Any, form: Format) -> None:
    if cell is None or cell != cell or cell == "":
        return
    if isinstance(cell, datetime):
        page.write_datetime(row, column, cell, form)
    elif isinstance(cell, Real) and not isinstance(cell, bool):
        page.write_number(row, column, float(cell), form)
    else:
        text = str(cell).encode("utf-8", "replace").decode()
        page.write_string(row, column, text[:LONGEST_TEXT], form)


def _width(heading: str, cells: Sequence[Any]) -> int:
    """The column's width: as its longest cell asks for, and half of its heading, which may wrap."""
    longest = max((_length(cell) for cell in cells[:ROWS_MEASURED]), default=0)
    return min(WIDEST, max(NARROWEST, longest + 2, _length(heading) // 2 + 2))


def _length(cell: Any) -> int:
    """The characters of the cell as a spreadsheet shows it; Chinese ones are two wide."""
    if cell is None or cell != cell:
        return 0
    if isinstance(cell, datetime):
        return len(TIME_FORMAT)
    if isinstance(cell, float):
        return 8
    return max(
        sum(2 if east_asian_width(sign) in "WF" else 1 for sign in line)
        for line in str(cell).split("\n")
    )
