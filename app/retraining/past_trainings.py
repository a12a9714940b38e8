"""The trainings so far: settings, duration, figures, how they ended; and one of them in full.

How a training is called, how it ended and what can be done then: a sentence in the page's language, and its log.
"""

import pandas as pd
import streamlit as st

from app.auth.permissions import may_operate
from app.cached_reads import open_store
from app.frame.page import empty_state, error_box, escape_markdown
from app.model_quality import MAIN, metric_label, metric_value
from app.retraining import training
from app.retraining.model_versions import local_time
from app.retraining.progress import course, log_lines, named_job
from app.text import language, t
from app.text.messages import message_text
from app.text.numbers import date_and_time, duration, metric_text
from db.jobs import queue as jobs
from db.logs import Metric


def past(latest: list[jobs.Job]) -> None:
    """A row a training, the newest first, and the one that is chosen below."""
    if not latest:
        empty_state(t("retrain.jobs.none"), t("retrain.versions.none.next"))
        return
    st.dataframe(
        pd.DataFrame([_row(job) for job in latest]), hide_index=True, key="jobs", height="content"
    )
    over = {job.id: job for job in latest if job.state not in (training.WAITING, training.WORKING)}
    if not over:
        return
    number = st.selectbox(
        t("jobs.which"),
        list(over),
        format_func=lambda one: f"{t('retrain.running', number=one)} · {named_job(over[one])}",
        # Another key after each training, or the choice would stay with an older one.
        key=f"job-{next(iter(over))}",
    )
    job = over[number]
    with st.container(border=True):
        st.markdown(escape_markdown(sentence(job)))
        start_again(job, "redo")
        course(job)
        log_lines(job, expanded=job.state == "failed")


def _row(job: jobs.Job) -> dict[str, object]:
    took = ""
    if job.started_at is not None and job.finished_at is not None:
        took = duration(job.finished_at - job.started_at, language())
    metrics = (job.progress or {}).get("metrics") or {}
    return {
        t("job.number"): job.id,
        t("job.state"): t(f"job.state.{job.state}"),
        t("retrain.preset"): named_job(job),
        t("job.started"): date_and_time(local_time(job.created_at), language()),
        t("job.took"): took,
        **{
            metric_label(metric): metric_text(metric_value(metrics, metric)) if metrics else ""
            for metric in MAIN
        },
        t("job.message"): sentence(job),
    }


def sentence(job: jobs.Job) -> str:
    """How the job ended; where it failed for a reason of its own, that is the reason."""
    progress = job.progress or {}
    version = progress.get("version")
    if job.state == "done" and version:
        if progress.get("worse"):
            figures = t("list.and").join(
                metric_label(Metric.parse(name)) for name in progress["worse"]
            )
            return t("job.said.worse", version=version, figures=figures)
        return t(
            "job.said.serves" if progress.get("promoted") else "job.said.ready", version=version
        )
    if job.state == "cancelled":
        return t("job.said.withdrawn" if job.message == jobs.NEVER_BEGAN else "job.said.cancelled")
    if job.message == jobs.LOST:
        return t("job.said.lost")
    return message_text(job.message)


def failed(job: jobs.Job) -> None:
    """The state of a job that failed: its sentence, and a way to try again."""
    error_box(
        t("training.failed"), sentence(job) or t("training.failed.silent", file=training.log_file())
    )
    start_again(job)


def start_again(job: jobs.Job, key: str = "again") -> None:
    """The button that queues the same training once more, from its checkpoint where there is one.

    ``key`` tells the buttons of one job on one page apart.
    """
    if not may_operate() or job.state not in ("failed", "cancelled"):
        return
    resumes = training.resumable(open_store(), job)
    if st.button(
        t("training.resume" if resumes else "training.again"),
        key=f"{key}-{job.id}",
        icon=":material/replay:",
        help=t("training.resume.help" if resumes else "training.again.help"),
    ):
        training.again(open_store(), job)
        st.rerun()


def ended(job: jobs.Job) -> None:
    """What became of a training that has just ended."""
    if job.state == "failed":
        failed(job)
    elif job.state == "done":
        show = st.warning if (job.progress or {}).get("worse") else st.success
        show(escape_markdown(sentence(job)), icon=":material/check_circle:")
    else:
        st.info(escape_markdown(sentence(job)), icon=":material/stop_circle:")
        start_again(job)
