"""Ranked lists: a row a candidate with chance and reasons in full; a click on the name marks it.

Rows are widgets keyed by ids, so a mark can never slip to what another list shows in the same row.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from app.frame.downloads import csv_bytes
from app.frame.page import escape_markdown
from app.text import t
from app.text.numbers import percent
from app.text.reasons import reason_text
from engine.results import Ranked

HEIGHT = 560  # pixels of a list before it scrolls
WIDTHS = [5, 3, 6]  # of name with facts, chance, reasons


@dataclass(frozen=True)
class Row:
    """One candidate as it is shown."""

    result: Ranked
    facts: Sequence[str]  # short, beneath the name


def show_ranked_list(
    rows: Sequence[Row],
    chosen: str | None,
    choose: Callable[[str | None], None],
    key: str,
) -> None:
    """Draws the rows in their order and calls ``choose`` with the id that a person clicks on.

    Args:
        rows: What to show.
        chosen: The id that is marked, where it is among them.
        choose: Called with an id, or with ``None`` when the marked one is clicked again.
        key: Tells the lists of a page apart.

    """
    top = max((row.result.probability for row in rows), default=0.0) or 1.0
    with st.container(height=HEIGHT if len(rows) > 5 else "content", key=f"list-{key}"):
        for row in rows:
            _row(row, row.result.id == chosen, choose, key, top)


def _row(
    row: Row, marked: bool, choose: Callable[[str | None], None], key: str, top: float
) -> None:
    result = row.result
    name, chance, why = st.columns(WIDTHS, gap="medium", vertical_alignment="center")
    with name:
        st.button(
            f"{result.rank}\\. {escape_markdown(result.name)}",
            key=f"{key}-{result.id}",
            type="primary" if marked else "tertiary",
            icon=":material/check_circle:" if marked else ":material/radio_button_unchecked:",
            on_click=choose,
            args=(None if marked else result.id,),
            wrap=True,
        )
        badge = f":gray-badge[{t('newcomer')}] " if result.newcomer else ""
        st.caption(badge + escape_markdown(t("list.dot").join(row.facts)))
    with chance:
        # The bar compares the rows of a list; the number is the chance itself.
        st.progress(result.probability / top, text=percent(result.probability))
    with why:
        st.caption("  \n".join(escape_markdown(reason_text(reason)) for reason in result.reasons))


def download_button(table: pd.DataFrame, results: Sequence[Ranked], name: str) -> None:
    """A button that hands out the whole list, with ids, under headings in the page's language."""
    listed = table.copy()
    listed.insert(1, "id", [result.id for result in results])
    st.download_button(
        t("download"),
        csv_bytes(listed.rename(columns=lambda column: t(f"column.{column}"))),
        file_name=f"{name}.csv",
        mime="text/csv",
        icon=":material/download:",
        key=f"download-{name}",
        on_click="ignore",
    )
