"""The trainings so far: settings, duration, figures, how they ended; and one of them in full."""

import pandas as pd
import streamlit as st

from app.figure_names import named_figure
from app.retraining import training
from app.retraining.endings import named_job, sentence, start_again
from app.retraining.model_versions import MAIN, local, value_of
from app.retraining.progress import course, log_lines
from app.shell import nothing, plain
from app.text import language, t
from app.text.numbers import duration, merit, minute
from db import jobs


def past(latest: list[jobs.Job]) -> None:
    """A row a training, the newest first, and the one that is chosen below."""
    if not latest:
        nothing(t("retrain.jobs.none"), t("retrain.versions.none.next"))
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
        st.markdown(plain(sentence(job)))
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
        t("job.started"): minute(local(job.created_at), language()),
        t("job.took"): took,
        **{named_figure(name): merit(value_of(metrics, name)) if metrics else "" for name in MAIN},
        t("job.message"): sentence(job),
    }
