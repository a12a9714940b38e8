"""The rows of a file that could not be used: how many for which reason, the first of them, and their download."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import pandas as pd
import streamlit as st

from app.frame.downloads import take_away
from app.text import language, t
from app.text.messages import text_in
from app.text.numbers import count
from db.messages import Message

SHOWN = 200  # the download has them all
FEW = 10  # rows that need no summary
_KEPT = "refused-rows"  # in the session: key -> Refused
_MOST_KEPT = 8


@dataclass(frozen=True)
class Refused:
    """What the page shows of the rows."""

    total: int
    first: pd.DataFrame  # line, column, value, problem, row
    reasons: (
        pd.DataFrame
    )  # rows, line (of the first), column, problem (of the first); the most frequent first


def show_refused_rows(
    label: str, rows: Callable[[], pd.DataFrame], key: str, name: str, open: bool
) -> None:
    """Draws the reasons, the first rows and the buttons that download them all.

    Args:
        label: What is shown, in words.
        rows: Returns a row per problem with the columns line, column, value, problem (a message) and row.
        key: Which rows they are; the same key means the same rows.
        name: Of the downloaded file, without its ending; also tells the lists of a page apart.
        open: Whether the rows are shown at once.

    """
    with st.expander(label, expanded=open):
        refused = _refused(rows, key)
        if refused.total > FEW:
            _draw(_in_words(refused.reasons, language()), t("data.report.reasons"))
        _draw(_in_words(refused.first, language()).drop(columns="row"), label)
        if refused.total > SHOWN:
            st.caption(t("data.report.first", n=count(SHOWN), all=count(refused.total)))
        take_away(
            t("data.report.download"), partial(_all_in_words, rows, language()), name, "data.error"
        )


def _refused(rows: Callable[[], pd.DataFrame], key: str) -> Refused:
    """A hundred thousand rows take a second to read: they are read once."""
    kept: dict[str, Refused] = st.session_state.setdefault(_KEPT, {})
    if key not in kept:
        frame = rows()
        kept[key] = Refused(len(frame), frame.head(SHOWN), reasons_of(frame))
    while len(kept) > _MOST_KEPT:
        del kept[next(iter(kept))]
    return kept[key]


def reasons_of(frame: pd.DataFrame) -> pd.DataFrame:
    """Why rows were refused: rows, line and problem of the first, and column; the most frequent first."""
    keys = [one.key if isinstance(one, Message) else str(one) for one in frame["problem"]]
    reasons = (
        frame.assign(key=keys)
        .groupby(["column", "key"], sort=False)
        .agg(rows=("line", "nunique"), line=("line", "first"), problem=("problem", "first"))
        .reset_index()
        .sort_values("rows", ascending=False, kind="stable")
    )
    return reasons[["rows", "line", "column", "problem"]]


def _draw(table: pd.DataFrame, alt: str) -> None:
    st.dataframe(
        table,
        hide_index=True,
        height="content" if len(table) <= FEW else 400,
        column_config={name: t(f"data.error.{name}") for name in table.columns},
        alt=alt,
    )


def _all_in_words(rows: Callable[[], pd.DataFrame], tongue: str) -> pd.DataFrame:
    return _in_words(rows(), tongue)


def _in_words(frame: pd.DataFrame, tongue: str) -> pd.DataFrame:
    """The frame with its ``problem``, a message or a text, in the language ``tongue``."""
    return frame.assign(problem=[text_in(problem, tongue) for problem in frame["problem"]])
