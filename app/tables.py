"""Tables of ranked lists whose selection belongs to an id."""

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from app.downloads import csv_bytes
from app.ranked import position
from app.text import t
from engine.results import Ranked

# Pixels. Streamlit wraps text only in rows higher than 4 rem, and a reason must not be cut off.
ROW, HEADER = 66, 36


def _columns(table: pd.DataFrame) -> dict[str, Any]:
    """How each column of a ranked table is drawn; the widths leave room for the reasons."""
    column = st.column_config
    top = max(float(table["probability"].max()), 1e-4) if len(table) else 1.0
    every = {
        "rank": column.NumberColumn(t("column.rank"), width=40),
        "name": column.TextColumn(t("column.name"), width=180),
        "category": column.TextColumn(t("column.category"), width=80),
        "probability": column.ProgressColumn(
            t("column.probability"),
            help=t("column.probability.help"),
            format="percent",
            min_value=0.0,
            max_value=top,
            width=120,
        ),
        "group_price": column.NumberColumn(t("column.group_price"), format="¥%.2f", width=95),
        "price": column.NumberColumn(t("column.price"), format="¥%.2f", width=85),
        "successes": column.NumberColumn(
            t("column.successes"), help=t("column.successes.help"), format="localized", width=75
        ),
        "tie": column.TextColumn(t("column.tie"), help=t("column.tie.help"), width=170),
        "reasons": column.TextColumn(t("column.reasons"), width=325),
    }
    return {name: every[name] for name in table.columns}


def ranked_frame(
    table: pd.DataFrame,
    results: Sequence[Ranked],
    chosen: str | None,
    choose: Callable[[str | None], None],
    about: str,
    rows: int,
) -> None:
    """Draws a ranked table whose marked row is the chosen id, and calls ``choose`` when a person
    marks another.

    The session's selection is the truth and the widget mirrors it, by a link, the back button or a
    click alike. The widget's key holds what the list is about and every id in its order, so a row
    number never outlives its list.

    Args:
        table: One row a result.
        results: The results in the table's order.
        chosen: The id that is marked, where it is in the list.
        choose: Called with the id of the row that a person marks, or ``None`` when she takes the
            mark away.
        about: Model version, initiator and the like.
        rows: How many rows to show before scrolling.

    """
    ids = [result.id for result in results]
    name = "\x1f".join([about, *ids])
    key = f"ranked-{hashlib.sha256(name.encode()).hexdigest()[:16]}"

    row = position(results, chosen)
    wanted = [] if row is None else [row]

    def marked() -> None:
        picked = st.session_state[key]["selection"]["rows"]
        if picked != wanted:  # the browser also reports the mark that the app has set
            choose(ids[picked[0]] if picked else None)

    if key not in st.session_state or st.session_state[key]["selection"]["rows"] != wanted:
        st.session_state[key] = {"selection": {"rows": wanted}}
    st.dataframe(
        table,
        key=key,
        hide_index=True,
        row_height=ROW,
        height=HEADER + ROW * min(len(table), rows) + 3,
        column_config=_columns(table),
        on_select=marked,
        selection_mode="single-row",
        placeholder="–",
    )


def download(table: pd.DataFrame, results: Sequence[Ranked], name: str) -> None:
    """A button that hands out the whole list, with ids, under the headings that the page shows."""
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
