"""Trainings that run or wait: a bar, the time left, losses and metrics, the log, and buttons to cancel them."""

from collections.abc import Callable, Sequence

import pandas as pd
import streamlit as st

from app.auth.permissions import may_operate
from app.cached_reads import open_store
from app.figures.curves import course_lines
from app.figures.palette import palette
from app.frame.page import error_box, escape_markdown
from app.model_quality import MAIN, metric_label
from app.retraining import training
from app.text import known, language, t
from app.text.messages import setting_changes
from app.text.numbers import duration
from app.text.reasons import label_or_name
from db.jobs import queue as jobs
from db.jobs.queue import Point
from db.logs import Metric

SECONDS_BETWEEN_LOOKS = 2.0
SHOWN_METRICS = tuple(map(str, MAIN))
TOO_LATE_TO_CANCEL = ("waiting", "compare", "done")  # the new version is being recorded


def stage_name(stage: str) -> str:
    """The name of a stage of the training."""
    key = f"training.stage.{stage}"
    return t(key) if known(key) else stage


def headline(job: jobs.Job, recent: list[jobs.Job]) -> str:
    """One line: the stage, the epoch and the time left."""
    if job.state == training.QUEUED:
        return t("training.waiting")
    progress = job.progress
    if job.cancel_requested and progress.stage not in TOO_LATE_TO_CANCEL:
        return t("training.cancelling")
    parts = [stage_name(progress.stage)]
    if progress.epoch and progress.epochs:
        parts.append(t("training.epoch", epoch=progress.epoch, epochs=progress.epochs))
    left = training.seconds_left(job, recent)
    if left is not None:
        parts.append(t("training.left", time=duration(left, language())))
    return " · ".join(parts)


def job_title(job: jobs.Job) -> str:
    """The preset and what was changed of it: "Quick · Attention heads 8"."""
    if job.task is None:
        return t("job.unknown")
    key = f"preset.{job.task.preset}"
    preset = t(key) if known(key) else job.task.preset
    return " · ".join([preset, *setting_changes(job.task.changes)])


def show_progress(recent: list[jobs.Job], with_queue: bool = False) -> None:
    """Draws the first job of the queue and redraws it until it ends, then reruns the page.

    ``with_queue`` also shows the waiting jobs, each with a button that takes it off the queue.
    """
    order = tuple(job.id for job in training.job_queue(recent))
    st.fragment(_redraw, run_every=SECONDS_BETWEEN_LOOKS)(order, with_queue)


def _redraw(order: tuple[int, ...], with_queue: bool) -> None:
    store = open_store()
    recent = training.recent_jobs(store)
    now = training.job_queue(recent)
    if not now or now[0].id != order[0] or (with_queue and tuple(j.id for j in now) != order):
        # The whole page changes when a training ends: a new version, another state of the queue.
        st.rerun()
    job = now[0]
    if training.is_stuck(recent):
        error_box(t("training.stuck"), t("training.stuck.next", file=training.log_file()))
        if may_operate() and st.button(t("training.retry"), key=f"retry-{job.id}"):
            training.restart_worker()
        return
    fraction = min(max(job.progress.fraction, 0.0), 1.0)
    st.progress(fraction, text=headline(job, recent))
    show_curves(job)
    if with_queue:
        show_log(job)
    if may_operate() and st.button(
        t("training.cancel"),
        key=f"cancel-{job.id}",
        icon=":material/stop_circle:",
        disabled=job.cancel_requested or job.progress.stage in TOO_LATE_TO_CANCEL,
    ):
        training.cancel(store, job.id)
        st.toast(t("training.cancelling"))
    if with_queue:
        _show_waiting(now[1:])


def _show_waiting(waiting: list[jobs.Job]) -> None:
    """The waiting jobs, the next one first."""
    if waiting:
        st.markdown(f"**{t('training.queue')}**")
    for place, job in enumerate(waiting, start=1):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(
                f"{place}\\. {t('retrain.running', number=job.id)} · {escape_markdown(job_title(job))}",
                width="stretch",
            )
            if may_operate() and st.button(
                t("training.withdraw", number=job.id), key=f"withdraw-{job.id}"
            ):
                training.cancel(open_store(), job.id)
                st.rerun()


def show_curves(job: jobs.Job) -> None:
    """The losses and metrics of a training so far, or as they were when it ended."""
    curves = job.progress.curves
    losses = _frame(curves.losses, lambda name: label_or_name(f"loss.{name}", name))
    shown = [
        (epoch, {name: value for name, value in values.items() if name in SHOWN_METRICS})
        for epoch, values in curves.metrics
    ]
    metrics = _frame(shown, lambda name: metric_label(Metric.parse(name)))
    charts = [
        (name, frame, axis)
        for name, frame, axis, fewest in (
            ("loss", losses, t("training.axis.loss"), 2),
            ("metric", metrics, t("training.axis.figure"), 1),
        )
        if len(frame) >= fewest
    ]
    if not charts:
        return
    colours = palette(st.context.theme.type)
    columns = st.columns(len(charts), gap="medium")
    for column, (name, frame, axis) in zip(columns, charts, strict=True):
        with column:
            st.plotly_chart(
                course_lines(frame, t("training.axis.epoch"), axis, colours),
                key=f"{name}-chart-{job.id}",
                config={"displayModeBar": False},
            )


def _frame(points: Sequence[Point], label: Callable[[str], str]) -> pd.DataFrame:
    rows = {
        epoch: {label(name): value for name, value in values.items()} for epoch, values in points
    }
    return pd.DataFrame.from_dict(rows, orient="index").sort_index()


def show_log(job: jobs.Job, expanded: bool = False) -> None:
    """The end of the training's log."""
    lines = job.folder.log_lines()
    if not lines:
        return
    with st.expander(t("training.log"), icon=":material/article:", expanded=expanded):
        st.code(
            "\n".join(lines), language=None, wrap_lines=True, height=min(60 + 22 * len(lines), 320)
        )
