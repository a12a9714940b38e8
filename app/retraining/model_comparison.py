"""Two versions compared: on the same later groups, and by what their own validations reported."""

import streamlit as st

from app.cached_reads import open_store
from app.figures.intervals import VersionMetrics, version_points
from app.figures.palette import palette
from app.frame.page import empty_state, escape_markdown
from app.model_quality import TASKS, nothing_later
from app.retraining.difference_table import difference_table, verdict_sentence
from app.retraining.later_groups import show_later_comparison
from app.retraining.model_versions import local_time, preset_name
from app.system_report import readable_manifest
from app.text import language, t
from app.text.numbers import date_and_time
from db.models import registry
from db.models.comparison import Difference, differences
from db.models.registry import ModelVersion
from db.settings import settings


def show_comparison() -> None:
    """Draws the choice of two versions and their comparison."""
    known = registry.versions(open_store())
    if len(known) < 2:
        empty_state(t("compare.one"), t("compare.one.next"))
        return
    named = {version.version: version for version in known}
    serving = registry.serving_name(open_store())
    rest = [name for name in named if name != serving]
    left, right = st.columns(2, gap="large")
    new = left.selectbox(
        t("compare.new"),
        list(named),
        index=list(named).index(rest[0]),
        key="compare_new",
        format_func=lambda name: _label(named[name], serving),
    )
    base = serving if serving in named else rest[-1]
    old = right.selectbox(
        t("compare.old"),
        list(named),
        index=list(named).index(base),
        key="compare_old",
        format_func=lambda name: _label(named[name], serving),
    )
    if new == old:
        st.info(t("compare.same"), icon=":material/info:")
        return
    show_later_comparison(named[new], named[old])
    _compare(named[new], named[old])


def _label(version: ModelVersion, serving: str | None) -> str:
    parts = [
        version.version,
        preset_name(version.preset),
        date_and_time(local_time(version.created_at), language()),
    ]
    return " · ".join([*parts, t("retrain.serving")] if version.version == serving else parts)


def _compare(new: ModelVersion, old: ModelVersion) -> None:
    st.markdown(f"## {t('compare.own')}")
    found = differences(new.metrics, old.metrics)
    if not found:
        empty_state(t("evaluation.none"), t("evaluation.none.next"))
        return
    same = new.data_version == old.data_version
    if not same:
        st.warning(t("compare.other_data"), icon=":material/difference:")
    _say_ways(new, old)
    st.markdown(f"**{verdict_sentence(found, same)}**")
    for column, task in zip(st.columns(2, gap="large"), TASKS, strict=True):
        rows = [one for one in found if one.metric.task == task]
        if rows:
            with column:
                st.markdown(f"### {t(f'evaluation.{task}')}")
                st.plotly_chart(
                    version_points(
                        task,
                        [one.metric.at.upper() for one in rows],
                        _side(new, rows),
                        _side(old, rows),
                        t("evaluation.axis"),
                        palette(st.context.theme.type),
                    ),
                    key=f"compared-{task}",
                    config={"displayModeBar": False},
                )
    st.dataframe(difference_table(found), hide_index=True, key="differences", height="content")
    st.caption(t("compare.note"))


def _say_ways(new: ModelVersion, old: ModelVersion) -> None:
    """Warns where one validation asked each launch as of its own moment, and the other as of the cut."""
    daily = {
        version.version: bool(nothing_later(readable_manifest(settings().models / version.version)))
        for version in (new, old)
    }
    if len(set(daily.values())) == 2:
        names = {("daily" if asked else "alone"): name for name, asked in daily.items()}
        st.warning(
            t("compare.own.ways", **{way: escape_markdown(name) for way, name in names.items()}),
            icon=":material/event_available:",
        )


def _side(version: ModelVersion, rows: list[Difference]) -> VersionMetrics:
    figures = [version.metrics.get(str(row.metric), {}) for row in rows]
    return VersionMetrics(
        version.version,
        [figure.get("value") for figure in figures],
        [figure.get("low") for figure in figures],
        [figure.get("high") for figure in figures],
    )
