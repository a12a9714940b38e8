"""CSV text that is safe to open in a spreadsheet: cells that look like formulas are escaped."""

import csv
import io

import pandas as pd


def spreadsheet_csv(frame: pd.DataFrame) -> str:
    """The frame as CSV that a spreadsheet opens without running what a cell says.

    A text that begins like a formula gets an apostrophe before it.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([_harmless(name) for name in frame.columns])
    writer.writerows([_harmless(cell) for cell in row] for row in frame.itertuples(index=False))
    return text.getvalue()


def _harmless(cell: object) -> object:
    dangerous = isinstance(cell, str) and cell.lstrip(" ").startswith(_FORMULA)
    return f"'{cell}" if dangerous else cell


_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
