"""Evaluation: how well the model that answers ranked groups it had not seen."""

import pandas as pd
import streamlit as st

from app.figures.intervals import interval_points
from app.figures.palette import palette
from app.measures import TASKS, measures
from app.onboarding import ready
from app.shell import heading, nothing
from app.text import t


def page() -> None:
    """The whole page."""
    recommender = ready()
    if recommender is None:
        return
    figures = measures(recommender.manifest.get("metrics", {}))
    st.subheader(t("sidebar.model", version=recommender.version), anchor=False)
    if not figures:
        nothing(t("evaluation.none"), t("evaluation.none.next"))
        return
    colours = palette(st.context.theme.type)
    columns = st.columns(2, gap="large")
    for column, task in zip(columns, TASKS, strict=True):
        chosen = [figure for figure in figures if figure.task == task]
        if chosen:
            with column:
                st.markdown(f"#### {t(f'evaluation.{task}')}")
                st.plotly_chart(
                    interval_points(task, chosen, t("evaluation.axis"), colours),
                    key=f"figures-{task}",
                    config={"displayModeBar": False},
                )
    st.caption(t("evaluation.note"))
    with st.expander(t("evaluation.figures")):
        st.dataframe(
            pd.DataFrame(
                {
                    t("evaluation.task"): [t(f"evaluation.{entry.task}") for entry in figures],
                    t("evaluation.metric"): [entry.name for entry in figures],
                    t("evaluation.value"): [entry.value for entry in figures],
                    t("evaluation.low"): [entry.low for entry in figures],
                    t("evaluation.high"): [entry.high for entry in figures],
                }
            ),
            hide_index=True,
            height="content",
        )


heading(t("evaluation.title"), t("evaluation.lead"))
page()
