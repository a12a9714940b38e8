"""Versions on later groups: two of them beside each other, and the serving one beside what it reported."""

from datetime import datetime

import pandas as pd
import streamlit as st

from app.auth.permissions import may_operate, operators_only
from app.cached_reads import open_store
from app.frame.page import error_box, escape_markdown
from app.model_quality import metric_label
from app.retraining.difference_table import difference_table, verdict_sentence
from app.text import language, t
from app.text.messages import message_text
from app.text.numbers import day, metric_text
from db.errors import StoreError
from db.jobs import comparisons
from db.jobs.comparisons import ComparisonFolder, ComparisonProgress, ComparisonTask
from db.models.later_comparison import (
    AskedGroups,
    LaterComparison,
    RecentCheck,
    read_comparison,
    read_recent,
)
from db.models.registry import ModelVersion
from db.read_logs import data_version
from db.settings import settings

SECONDS_BETWEEN_LOOKS = 1.0


def show_later_comparison(new: ModelVersion, old: ModelVersion) -> None:
    """Draws how two versions do on the same later groups, or a button that finds it out."""
    task = ComparisonTask(new=new.version, old=old.version)
    found = read_comparison(settings().models, new.version, old.version)
    st.markdown(f"## {t('compare.later')}")
    if found is None:
        st.write(t("compare.later.none"))
    elif found.impossible is not None or found.asked is None:
        st.info(_impossible(found), icon=":material/info:")
    else:
        st.markdown(f"**{verdict_sentence(found.differences())}**")
        st.dataframe(
            difference_table(found.differences()),
            hide_index=True,
            key="later_differences",
            height="content",
        )
        st.caption(" ".join([said_of(found.asked), _tuned(found), t("compare.later.decides")]))
    label = t("compare.later.start" if found is None else "compare.later.again")
    _show_job(task, label, found)


def show_recent_check(serving: ModelVersion) -> None:
    """Draws what the serving version reaches now beside what its validation reported, or a button that finds it out."""
    task = ComparisonTask(new=serving.version)
    found = read_recent(settings().models, serving.version)
    with st.container(border=True):
        st.markdown(f"**{t('recheck.title')}**")
        if found is None:
            st.write(t("recheck.none"))
        elif found.impossible is not None or found.asked is None:
            st.write("" if found.impossible is None else message_text(found.impossible))
        else:
            _show_recent(found, found.asked)
        label = t("recheck.start" if found is None else "recheck.again")
        _show_job(task, label, found)


def said_of(asked: AskedGroups, key: str = "compare.later.asked") -> str:
    """Which groups were asked, in the words of ``key``."""
    return t(key, n=asked.count, since=_day(asked.since), last=_day(asked.last))


def why_by_validation(new: ModelVersion, old: ModelVersion) -> str:
    """That two versions are judged by their own validations, and why."""
    found = read_comparison(settings().models, new.version, old.version)
    if found is None or found.impossible is None:
        return t("versions.promote.validation")
    return t("versions.promote.not_later", reason=escape_markdown(message_text(found.impossible)))


def _show_recent(found: RecentCheck, asked: AskedGroups) -> None:
    if found.decayed:
        names = t("list.and").join(metric_label(one.metric) for one in found.decayed)
        said = t("recheck.decayed", figures=names)
        if found.harder:
            said = f"{said} {t('recheck.harder')}"
        st.warning(said, icon=":material/trending_down:")
    else:
        st.success(t("recheck.fine"), icon=":material/check:")
    st.dataframe(_recent_table(found), hide_index=True, key="recent_differences", height="content")
    st.caption(said_of(asked))


def _recent_table(found: RecentCheck) -> pd.DataFrame:
    rows = zip(found.differences(), found.metrics.values(), strict=True)
    return pd.DataFrame(
        [
            {
                t("evaluation.metric"): metric_label(one.metric),
                t("recheck.now"): _interval(recent.now, recent.low, recent.high),
                t("recheck.reported"): _interval(
                    recent.reported, recent.reported_low, recent.reported_high
                ),
                t("compare.verdict"): t(f"recheck.is.{one.verdict}"),
                t("recheck.sales"): t(
                    "recheck.sales.both",
                    now=metric_text(recent.sales),
                    then=metric_text(recent.reported_sales),
                ),
            }
            for one, recent in rows
        ]
    )


def _interval(value: float, low: float, high: float) -> str:
    return t(
        "compare.change.interval",
        change=metric_text(value),
        low=metric_text(low),
        high=metric_text(high),
    )


def _impossible(found: LaterComparison) -> str:
    reason = "" if found.impossible is None else message_text(found.impossible)
    return escape_markdown(f"{t('compare.later.impossible')} {reason}".strip())


def _tuned(found: LaterComparison) -> str:
    if not found.tuned:
        return t("compare.later.unseen")
    if len(found.tuned) == 1:
        return t("compare.later.tuned_one", version=escape_markdown(found.tuned[0]))
    return t("compare.later.tuned_both")


def _day(moment: str) -> str:
    return day(datetime.fromisoformat(moment), language())


def _show_job(
    task: ComparisonTask, label: str, found: LaterComparison | RecentCheck | None
) -> None:
    """Draws the progress of the comparison while it runs, else a button that starts it; ``found`` is what is kept."""
    store = open_store()
    changed = found is not None and found.data_version != data_version(store)
    if comparisons.under_way(store, task) is not None:
        st.fragment(_redraw, run_every=SECONDS_BETWEEN_LOOKS)(task)
        return
    failure = comparisons.last_failure(store, task, kept=found is not None and not changed)
    if failure is not None:
        error_box(t("retrain.trouble"), message_text(failure))
    if changed:
        st.caption(t("compare.later.changed"))
    if not may_operate():
        return
    kind = "compare" if task.old else "recheck"
    if st.button(label, key=f"{kind}_later", icon=":material/query_stats:"):
        try:
            start_comparison(task)
        except StoreError as error:
            error_box(t("retrain.trouble"), message_text(error))
            return
        st.rerun()


def _redraw(task: ComparisonTask) -> None:
    folder = comparisons.under_way(open_store(), task)
    if folder is None:
        st.rerun()
    progress = folder.progress() or ComparisonProgress()
    running = t("compare.later.running" if task.old else "recheck.running")
    st.progress(progress.share, text=running)


@operators_only
def start_comparison(task: ComparisonTask) -> ComparisonFolder:
    """Starts a comparison in a process of its own; raises StoreError where that fails."""
    return comparisons.start(open_store(), task)
