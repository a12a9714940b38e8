"""CSV text that is safe to open in a spreadsheet: cells that look like formulas are escaped."""

import csv
import io

import pandas as pd

# First characters by which a spreadsheet takes a cell for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def spreadsheet_csv(frame: pd.DataFrame) -> str:
    """The frame as CSV that a spreadsheet opens without running the content of a cell.

    A text that begins like a formula gets an apostrophe before it; numbers stay as they are; what is missing is empty.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([_escaped(name) for name in frame.columns])
    writer.writerows([_escaped(cell) for cell in row] for row in frame.itertuples(index=False))
    return text.getvalue()


def _escaped(cell: object) -> object:
    if cell is None or cell != cell:  # neither a number nor a time
        return ""
    if isinstance(cell, int | float):
        return cell
    text = str(cell)
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text
