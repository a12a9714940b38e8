"""Past trainings: their settings, duration, metrics and how they ended; and one of them in full."""

import pandas as pd
import streamlit as st

from app.auth.permissions import may_operate
from app.cached_reads import open_store
from app.frame.page import empty_state, error_box, escape_markdown
from app.model_quality import MAIN, metric_label, metric_value
from app.retraining import training
from app.retraining.model_versions import local_time
from app.retraining.progress import job_title, show_curves, show_log
from app.text import language, t
from app.text.messages import message_text
from app.text.numbers import date_and_time, duration, metric_text
from db.jobs import queue as jobs
from db.jobs.queue import TrainingOutcome
from db.logs import Metric


def show_past_trainings(recent: list[jobs.Job]) -> None:
    """A row per training, the newest first, and below it the one that is chosen."""
    if not recent:
        empty_state(t("retrain.jobs.none"), t("retrain.versions.none.next"))
        return
    st.dataframe(
        pd.DataFrame([_row(job) for job in recent]), hide_index=True, key="jobs", height="content"
    )
    ended = {job.id: job for job in recent if job.outcome is not None}
    if not ended:
        return
    number = st.selectbox(
        t("jobs.which"),
        list(ended),
        format_func=lambda one: f"{t('retrain.running', number=one)} · {job_title(ended[one])}",
        # A new key after each training, or an older choice would stick.
        key=f"job-{next(iter(ended))}",
    )
    job = ended[number]
    with st.container(border=True):
        st.markdown(escape_markdown(outcome_text(job.outcome)))
        _start_again_button(job, "redo")
        show_curves(job)
        show_log(job, expanded=job.state == "failed")


def _row(job: jobs.Job) -> dict[str, object]:
    took = ""
    if job.started_at is not None and job.finished_at is not None:
        took = duration(max(0, job.finished_at - job.started_at), language())
    metrics = {} if job.outcome is None else job.outcome.metrics
    return {
        t("job.number"): job.id,
        t("job.state"): t(f"job.state.{job.state}"),
        t("retrain.preset"): job_title(job),
        t("job.started"): date_and_time(local_time(job.created_at), language()),
        t("job.took"): took,
        **{
            metric_label(metric): metric_text(metric_value(metrics, metric)) if metrics else ""
            for metric in MAIN
        },
        t("job.message"): outcome_text(job.outcome),
    }


def outcome_text(outcome: TrainingOutcome | None) -> str:
    """How a training ended, in the session's language; empty while it has not."""
    if outcome is None:
        return ""
    if outcome.worse:  # metrics have other names on the pages than in the message
        metrics = t("list.and").join(metric_label(Metric.parse(name)) for name in outcome.worse)
        if outcome.later_groups:
            return t(
                "job.said.worse_later",
                version=outcome.version,
                figures=metrics,
                n=outcome.later_groups,
            )
        return t("job.said.worse", version=outcome.version, figures=metrics)
    return message_text(outcome.message)


def show_failed(job: jobs.Job) -> None:
    """Why a training failed, and a button that starts it again."""
    error_box(t("training.failed"), outcome_text(job.outcome))
    _start_again_button(job)


def show_ended(job: jobs.Job) -> None:
    """How a training that has just ended went."""
    text = escape_markdown(outcome_text(job.outcome))
    if job.state == "failed":
        show_failed(job)
    elif job.outcome is not None and job.state == "done":
        show = st.warning if job.outcome.worse else st.success
        show(text, icon=":material/check_circle:")
    else:
        st.info(text, icon=":material/stop_circle:")
        _start_again_button(job)


def _start_again_button(job: jobs.Job, key: str = "again") -> None:
    """Queues the same training once more, from its checkpoint if that still exists.

    ``key`` tells the buttons of one job on one page apart.
    """
    if not may_operate() or job.task is None or job.state not in ("failed", "cancelled"):
        return
    resumes = training.is_resumable(open_store(), job)
    if st.button(
        t("training.resume" if resumes else "training.again"),
        key=f"{key}-{job.id}",
        icon=":material/replay:",
        help=t("training.resume.help" if resumes else "training.again.help"),
    ):
        training.start_again(open_store(), job.task)
        st.rerun()
