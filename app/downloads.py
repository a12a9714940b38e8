"""CSV files that are safe to open in a spreadsheet."""

import io

import pandas as pd

# A spreadsheet runs a cell that begins with one of these as a formula, also behind white space or a
# full-width twin.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def harmless(cell: object) -> object:
    """The cell as text that no spreadsheet takes for a formula; numbers stay numbers."""
    if not isinstance(cell, str):
        return cell
    return "'" + cell if cell.startswith(_FORMULA) or cell.lstrip().startswith(_FORMULA) else cell


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """The frame as UTF-8 CSV with a byte order mark, which makes spreadsheets read Chinese rightly.

    Headings and cells that would run as formulas are quoted with an apostrophe (CSV injection).
    """
    safe = frame.map(harmless)
    safe.columns = [harmless(str(name)) for name in frame.columns]
    buffer = io.StringIO()
    safe.to_csv(buffer, index=False, lineterminator="\r\n")
    return buffer.getvalue().encode("utf-8-sig")
