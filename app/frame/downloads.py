"""CSV files that are safe to open in a spreadsheet."""

import pandas as pd

from db.safe_csv import spreadsheet_csv


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """The frame as UTF-8 CSV whose cells and headings never run as formulas (CSV injection).

    The byte order mark makes spreadsheets read Chinese rightly.
    """
    return spreadsheet_csv(frame).encode("utf-8-sig")
