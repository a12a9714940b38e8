"""Evaluation: how well the model that answers ranks, beside other systems, and how far its chances can be believed."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app.benchmark.benchmark_section import benchmark
from app.benchmark.sweep_section import sweeps
from app.cached_reads import open_store
from app.figures.intervals import interval_points
from app.figures.palette import palette
from app.figures.reliability import reliability_points
from app.frame.page import empty_state, escape_markdown, heading
from app.model_quality import TASKS, MetricValue, Reliability, metric_values, reliability
from app.onboarding import require_model
from app.text import t
from app.text.numbers import count, fine_percent, one_in, percent
from db.logs import Task
from db.read_logs import data_version
from db.settings import settings
from engine.recommender import Recommender

BARE = {"displayModeBar": False}
BLANKS = ("promised", "observed", "low", "high", "right")  # the chart fills them for each point


def validation(figures: Sequence[MetricValue]) -> None:
    """What the training measured on groups kept aside, by task."""
    columns = st.columns(2, gap="large")
    for column, task in zip(columns, TASKS, strict=True):
        chosen = [figure for figure in figures if figure.metric.task == task]
        if chosen:
            with column:
                st.markdown(f"### {t(f'evaluation.{task}')}")
                st.plotly_chart(
                    interval_points(
                        task,
                        chosen,
                        t("evaluation.axis"),
                        t("evaluation.sales"),
                        palette(st.context.theme.type),
                    ),
                    key=f"figures-{task}",
                    config=BARE,
                )
    st.caption(t("evaluation.note"))
    if any(entry.sales is not None for entry in figures):
        st.caption(t("evaluation.sales.note"))
    with st.expander(t("evaluation.figures")):
        st.dataframe(
            pd.DataFrame(
                {
                    t("evaluation.task"): [
                        t(f"evaluation.{entry.metric.task}") for entry in figures
                    ],
                    t("evaluation.metric"): [entry.metric.at.upper() for entry in figures],
                    t("evaluation.value"): [entry.value for entry in figures],
                    t("evaluation.low"): [entry.low for entry in figures],
                    t("evaluation.high"): [entry.high for entry in figures],
                    t("evaluation.sales"): [entry.sales for entry in figures],
                }
            ),
            hide_index=True,
            height="content",
        )


def believed(found: dict[Task, Reliability]) -> None:
    """What the chances promised and what came true, by task, with a sentence in words."""
    st.subheader(t("reliability.title"), anchor=False)
    st.caption(t("reliability.lead"))
    for column, (task, one) in zip(st.columns(2, gap="large"), found.items(), strict=False):
        with column:
            st.markdown(f"#### {t(f'evaluation.{task}')}")
            st.plotly_chart(
                reliability_points(
                    task,
                    one.bins,
                    t("reliability.promised"),
                    t("reliability.observed"),
                    t("reliability.tooltip", **{blank: f"{{{blank}}}" for blank in BLANKS}),
                    fine_percent,
                    palette(st.context.theme.type),
                ),
                key=f"reliability-{task}",
                config=BARE,
            )
            st.write(t(f"reliability.{one.grade}", error=percent(one.error), n=count(one.cases)))
            last = one.bins[-1]
            st.write(
                t(
                    f"reliability.{one.verdict}",
                    hoped=_odds(last.promised),
                    came=_odds(last.observed),
                )
            )


def _odds(chance: float) -> str:
    """A chance in words: "1 in 4.8"; what is likelier than not as a percentage."""
    return percent(chance) if chance > 0.5 else t("reliability.odds", n=one_in(chance))


def serving(recommender: Recommender) -> None:
    """The version that answers, as it measured itself."""
    figures = metric_values(recommender.manifest.metrics)
    st.header(t("sidebar.model", version=escape_markdown(recommender.version)), anchor=False)
    if figures:
        validation(figures)
    else:
        empty_state(t("evaluation.none"), t("evaluation.none.next"))
    calibration = recommender.manifest.calibration
    found = {task: one for task in TASKS if (one := reliability(calibration.get(task))) is not None}
    if found:
        believed(found)


def page() -> None:
    """The whole page."""
    recommender = require_model()
    if recommender is None:
        return
    folder = settings().benchmarks
    serving(recommender)
    st.divider()
    benchmark(folder, data_version(open_store()))
    st.divider()
    sweeps(folder, recommender.manifest.settings.model_dump())


heading(t("evaluation.title"), t("evaluation.lead"))
page()
