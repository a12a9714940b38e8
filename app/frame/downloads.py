"""CSV files to download, which no spreadsheet runs as formulas."""

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.text import t
from db.safe_csv import spreadsheet_csv


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """The frame as UTF-8 CSV, its cells and headings safe from formula injection.

    The byte order mark tells spreadsheets the encoding, which they would otherwise guess wrong for Chinese.
    """
    return spreadsheet_csv(frame).encode("utf-8-sig")


def csv_download(
    label: str,
    table: pd.DataFrame,
    name: str,
    heading: str,
    place: DeltaGenerator | None = None,
    primary: bool = False,
) -> None:
    """A button that downloads ``table`` as ``name``.csv.

    Args:
        label: The button's words.
        table: What to download.
        name: Of the file, without its ending; also tells the page's buttons apart.
        heading: Prefix of the catalogue's keys for the headings: "column" for ``column.rank``.
        place: Where to draw the button.
        primary: Whether it is the page's main button.

    """
    (st if place is None else place).download_button(
        label,
        csv_bytes(table.rename(columns=lambda column: t(f"{heading}.{column}"))),
        file_name=f"{name}.csv",
        mime="text/csv",
        icon=":material/download:",
        key=f"download-{name}",
        type="primary" if primary else "secondary",
        on_click="ignore",
    )
