"""Evaluation: how well the serving model ranks, how other systems compare, and how reliable its chances are."""

from collections.abc import Sequence
from datetime import datetime

import pandas as pd
import streamlit as st

from app.benchmark.benchmark_section import benchmark
from app.benchmark.sweep_section import sweeps
from app.cached_reads import open_store
from app.figures.intervals import interval_points
from app.figures.palette import palette
from app.figures.reliability import reliability_points
from app.frame.page import empty_state, escape_markdown, heading
from app.model_quality import (
    MAIN,
    NOTHING_LATER,
    TASKS,
    MetricValue,
    Reliability,
    metric_label,
    metric_values,
    nothing_later,
    reliability,
    with_interval,
)
from app.onboarding import require_model
from app.text import language, t
from app.text.numbers import count, day, fine_percent, one_in, percent
from db.logs import Task
from db.read_logs import data_version
from db.settings import settings
from engine.bundle.manifest import Manifest
from engine.recommender import Recommender

NO_MODE_BAR = {"displayModeBar": False}
BLANKS = ("promised", "observed", "low", "high", "right")  # filled by the chart for each point


def validation_metrics(manifest: Manifest, values: Sequence[MetricValue]) -> None:
    """Draws what the training measured on validation groups: a chart for each task, and all metrics in a table."""
    st.caption(_validated_on(manifest))
    columns = st.columns(2, gap="large")
    for column, task in zip(columns, TASKS, strict=True):
        chosen = [value for value in values if value.metric.task == task]
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
                    config=NO_MODE_BAR,
                )
    st.caption(t("evaluation.note"))
    if any(entry.get("drift") is not None for entry in manifest.metrics.values()):
        st.caption(t("evaluation.drift"))
    if any(entry.sales is not None for entry in values):
        st.caption(t("evaluation.sales.note"))
    if nothing_later(manifest):
        _with_and_without_new_logs(manifest)
    rows = [_metric_row(t(f"evaluation.{entry.metric.task}"), entry) for entry in values]
    for part, metrics in manifest.metrics_by_part.items():
        for one in metric_values(metrics):
            asked = t(f"evaluation.{one.metric.task}")
            rows.append(_metric_row(t(f"evaluation.part.{part}", task=asked), one))
    with st.expander(t("evaluation.figures")):
        st.dataframe(pd.DataFrame(rows), hide_index=True, height="content")


def _validated_on(manifest: Manifest) -> str:
    """Which groups the validation asked about, and what was known of each."""
    if manifest.validated_from is None:
        return t("evaluation.validated.random")
    way = "daily" if nothing_later(manifest) else "time"
    return t(f"evaluation.validated.{way}", day=_cut(manifest))


def _cut(manifest: Manifest) -> str:
    return day(datetime.fromisoformat(manifest.validated_from or ""), language())


def _with_and_without_new_logs(manifest: Manifest) -> None:
    """Draws the main metrics of the validation groups, asked daily and with nothing known since the training."""
    st.markdown(f"### {t('ways.title')}")
    st.caption(t("ways.lead", day=_cut(manifest)))
    rows = []
    for way, metrics in (("daily", manifest.metrics), (NOTHING_LATER, nothing_later(manifest))):
        found = {one.metric: one for one in metric_values(metrics)}
        figures = {metric_label(metric): with_interval(found.get(metric)) for metric in MAIN}
        rows.append({t("ways.logs"): t(f"ways.{way}")} | figures)
    cells = pd.DataFrame(rows).map(escape_markdown)  # tables render Markdown, too
    st.table(cells, hide_index=True, border="horizontal")


def _metric_row(what: str, entry: MetricValue) -> dict[str, str | float | None]:
    return {
        t("evaluation.task"): what,
        t("evaluation.metric"): entry.metric.at.upper(),
        t("evaluation.value"): entry.value,
        t("evaluation.low"): entry.low,
        t("evaluation.high"): entry.high,
        t("evaluation.sales"): entry.sales,
    }


def reliability_charts(found: dict[Task, Reliability]) -> None:
    """Draws predicted chances against what came true, a chart for each task, and says what that means."""
    st.subheader(t("reliability.title"), anchor=False)
    st.caption(t("reliability.lead", shown=max(one.shown for one in found.values())))
    for column, (task, one) in zip(st.columns(2, gap="large"), found.items(), strict=False):
        with column:
            st.markdown(f"#### {t(f'evaluation.{task}')}")
            st.caption(t(f"reliability.of.{task}"))
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
                config=NO_MODE_BAR,
            )
            st.write(
                t(
                    f"reliability.{one.grade}",
                    error=percent(one.error),
                    noise=percent(one.noise),
                    n=count(one.cases),
                )
            )
            highest = one.highest
            st.write(
                t(
                    f"reliability.{highest.verdict}",
                    hoped=_odds(highest.promised),
                    came=_odds(highest.observed),
                )
            )


def _odds(chance: float) -> str:
    """A chance in words: "1 in 4.8", or a percentage above one half."""
    return percent(chance) if chance > 0.5 else t("reliability.odds", n=one_in(chance))


def serving_model(recommender: Recommender) -> None:
    """Draws what the serving version measured in its training."""
    values = metric_values(recommender.manifest.metrics)
    st.header(t("sidebar.model", version=escape_markdown(recommender.version)), anchor=False)
    if values:
        validation_metrics(recommender.manifest, values)
    else:
        empty_state(t("evaluation.none"), t("evaluation.none.next"))
    calibration = recommender.manifest.calibration
    found = {task: one for task in TASKS if (one := reliability(calibration.get(task))) is not None}
    if found:
        reliability_charts(found)


def page() -> None:
    """Draws the page."""
    recommender = require_model(at_moment=False)
    if recommender is None:
        return
    folder = settings().benchmarks
    serving_model(recommender)
    st.divider()
    benchmark(folder, data_version(open_store()))
    st.divider()
    sweeps(folder, recommender.manifest.settings.model_dump())


heading(t("evaluation.title"), t("evaluation.lead"))
page()
