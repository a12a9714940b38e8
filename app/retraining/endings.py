"""How a training is called, how it ended and what can be done then: a sentence in the page's language, and its log."""

import streamlit as st

from app.access import may_operate
from app.errors import said_error
from app.figure_names import named_figure
from app.retraining import training
from app.retraining.setting_words import said
from app.shell import plain, trouble
from app.stores import open_store
from app.text import known, t
from db import jobs


def named_job(job: jobs.Job) -> str:
    """The preset and what was changed of it: "Quick · Attention heads 8"."""
    name = str(job.arguments.get("preset", "default"))
    key = f"preset.{name}"
    return " · ".join([t(key) if known(key) else name, *said(list(job.arguments.get("set", ())))])


def sentence(job: jobs.Job) -> str:
    """How the job ended; where it failed for a reason of its own, that is the reason."""
    progress = job.progress or {}
    version = progress.get("version")
    if job.state == "done" and version:
        if progress.get("worse"):
            figures = t("list.and").join(named_figure(name) for name in progress["worse"])
            return t("job.said.worse", version=version, figures=figures)
        return t(
            "job.said.serves" if progress.get("promoted") else "job.said.ready", version=version
        )
    if job.state == "cancelled":
        return t("job.said.withdrawn" if job.message == jobs.NEVER_BEGAN else "job.said.cancelled")
    if job.message == jobs.LOST:
        return t("job.said.lost")
    return said_error(job.message)


def failed(job: jobs.Job) -> None:
    """The state of a job that failed: its sentence, and a way to try again."""
    trouble(
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
        show(plain(sentence(job)), icon=":material/check_circle:")
    else:
        st.info(plain(sentence(job)), icon=":material/stop_circle:")
        start_again(job)
