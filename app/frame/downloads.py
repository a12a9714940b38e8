"""Lists to take away, as an Excel workbook and as CSV; no spreadsheet runs a cell of either as a formula."""

from collections.abc import Callable
from functools import partial

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.frame.workbook import workbook_bytes
from app.text import catalogue, language, t
from db.safe_csv import spreadsheet_csv

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """The frame as UTF-8 CSV, its cells and headings safe from formula injection.

    The byte order mark tells spreadsheets the encoding, which they would otherwise guess wrong for Chinese.
    """
    return spreadsheet_csv(frame).encode("utf-8-sig")


def take_away(
    label: str,
    table: pd.DataFrame | Callable[[], pd.DataFrame],
    name: str,
    heading: str,
    place: DeltaGenerator | None = None,
    primary: bool = False,
) -> None:
    """Two buttons that download a list: as an Excel workbook, and as CSV.

    Args:
        label: What is downloaded, in words.
        table: The list, or what makes it once somebody clicks; that runs without a session.
        name: Of the file, without its ending; also tells the page's buttons apart.
        heading: Prefix of the catalogue's keys for the headings: "column" for ``column.rank``.
        place: Where to draw the buttons.
        primary: Whether the first is the page's main button.

    """
    row = (st if place is None else place).container(
        horizontal=True, vertical_alignment="center", width="content"
    )
    # Clicks are answered outside the session, which knows the language now.
    words = catalogue(language())
    row.download_button(
        t("download.excel", what=label),
        partial(_as_workbook, table, heading, words),
        file_name=f"{name}.xlsx",
        mime=EXCEL,
        icon=":material/download:",
        key=f"download-{name}-xlsx",
        type="primary" if primary else "secondary",
        on_click="ignore",
    )
    row.download_button(
        t("download.csv"),
        partial(_as_csv, table, heading, words),
        file_name=f"{name}.csv",
        mime="text/csv",
        key=f"download-{name}-csv",
        type="tertiary",
        on_click="ignore",
    )


def _as_workbook(
    table: pd.DataFrame | Callable[[], pd.DataFrame], heading: str, words: dict[str, str]
) -> bytes:
    frame = table if isinstance(table, pd.DataFrame) else table()
    return workbook_bytes(frame, _headings(frame, heading, words), words["download.sheet"])


def _as_csv(
    table: pd.DataFrame | Callable[[], pd.DataFrame], heading: str, words: dict[str, str]
) -> bytes:
    frame = table if isinstance(table, pd.DataFrame) else table()
    return csv_bytes(frame.set_axis(_headings(frame, heading, words), axis="columns"))


def _headings(frame: pd.DataFrame, heading: str, words: dict[str, str]) -> list[str]:
    return [words[f"{heading}.{column}"] for column in frame.columns]
