"""The rows of a file that could not be used: line, column, value, problem, and their download."""

from collections.abc import Callable
from functools import partial

import pandas as pd
import streamlit as st

from app.frame.downloads import take_away
from app.text import language, t
from app.text.messages import text_in
from app.text.numbers import count

SHOWN = 200  # the download has them all


def show_refused_rows(label: str, rows: Callable[[], pd.DataFrame], name: str, open: bool) -> None:
    """Draws the first rows and the buttons that download them all.

    Args:
        label: What is shown, in words.
        rows: Returns a row per problem with the columns line, column, value, problem (a message) and row.
        name: Of the downloaded file, without its ending; also tells the lists of a page apart.
        open: Whether the rows are shown at once.

    """
    with st.expander(label, expanded=open):
        frame = problems_in_words(rows, language())
        st.dataframe(
            frame.drop(columns="row").head(SHOWN),
            hide_index=True,
            height="content" if len(frame) <= 10 else 400,
            column_config={name: t(f"data.error.{name}") for name in frame.columns},
            alt=label,
        )
        if len(frame) > SHOWN:
            st.caption(t("data.report.first", n=count(SHOWN), all=count(len(frame))))
        take_away(
            t("data.report.download"),
            partial(problems_in_words, rows, language()),
            name,
            "data.error",
        )


def problems_in_words(rows: Callable[[], pd.DataFrame], tongue: str) -> pd.DataFrame:
    """The rows with their ``problem``, a message or a text, in the language ``tongue``."""
    frame = rows()
    return frame.assign(problem=[text_in(problem, tongue) for problem in frame["problem"]])
