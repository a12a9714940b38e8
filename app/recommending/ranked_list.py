"""Ranked lists: one row per candidate with its share and reasons; a click on the name selects it.

Rows are widgets keyed by id, so a selection never moves to the candidate that another list shows in the same row.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from app.frame.downloads import take_away
from app.frame.page import escape_markdown
from app.recommending.never_again import QUIET_BUTTONS
from app.text import t
from app.text.reasons import reason_text, share_text
from db.logs import Task
from engine.results import Ranked

HEIGHT = 560  # pixels of a list before it scrolls
WIDTHS = [10, 6, 12, 2]  # of name with facts, share, reasons, and what keeps it out of all lists


@dataclass(frozen=True)
class Row:
    """One candidate of the list."""

    result: Ranked
    facts: Sequence[str]  # short, shown beneath the name
    note: str | None = None  # in Markdown: why it cannot be had, or a remark


def show_ranked_list(
    task: Task,
    rows: Sequence[Row],
    chosen: str | None,
    choose: Callable[[str | None], None],
    key: str,
    show_never: Callable[[str], None] | None = None,
) -> None:
    """Draws the rows in their order.

    Args:
        task: What the rows are candidates of, which says what their percentage is a share of.
        rows: What to show.
        chosen: The selected id; it need not be among the rows.
        choose: Called with the id that is clicked, or with ``None`` when it is the selected one.
        key: Tells the lists of a page apart.
        show_never: Draws, for an id, the button that keeps a candidate out of all lists.

    """
    top = max((row.result.probability for row in rows), default=0.0) or 1.0
    with st.container(height=HEIGHT if len(rows) > 5 else "content", key=f"list-{key}"):
        st.html(QUIET_BUTTONS)
        for row in rows:
            _row(task, row, row.result.id == chosen, choose, key, top, show_never)


def _row(
    task: Task,
    row: Row,
    marked: bool,
    choose: Callable[[str | None], None],
    key: str,
    top: float,
    show_never: Callable[[str], None] | None,
) -> None:
    result = row.result
    name, share, why, never = st.columns(WIDTHS, gap="medium", vertical_alignment="center")
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
        badge = f":gray-badge[{t('new_to_model')}] " if result.newcomer else ""
        st.caption(badge + escape_markdown(t("list.dot").join(row.facts)))
        if row.note is not None:
            st.markdown(row.note)
    with share:
        # The bar compares the rows of the list; the number is the share itself.
        st.progress(result.probability / top, text=share_text(task, result.probability))
    with why:
        st.caption("  \n".join(escape_markdown(reason_text(reason)) for reason in result.reasons))
    if show_never is not None and result.unavailable is None:
        with never:
            show_never(result.id)


def download_list(table: pd.DataFrame, results: Sequence[Ranked], name: str) -> None:
    """Draws the buttons that download the whole list, with ids, under headings in the page's language."""
    listed = table.copy()
    listed.insert(1, "id", [result.id for result in results])
    take_away(t("download"), listed, name, "column")
