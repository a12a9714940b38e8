"""Trainings as they run and wait: a bar, the time left, losses and figures, the log, and buttons to stop them."""

from typing import Any

import pandas as pd
import streamlit as st

from app.auth.permissions import may_operate
from app.cached_reads import open_store
from app.figures.curves import course_lines
from app.figures.palette import palette
from app.frame.page import error_box, escape_markdown
from app.model_quality import MAIN, metric_label
from app.retraining import training
from app.retraining.training import lines_of
from app.text import known, language, t
from app.text.messages import setting_changes
from app.text.numbers import duration
from app.text.reasons import label_or_name
from db.jobs import queue as jobs
from db.logs import Metric

SECONDS_BETWEEN_LOOKS = 2.0
SHOWN_FIGURES = tuple(map(str, MAIN))


def stage_name(stage: str) -> str:
    """What a stage of the training is called."""
    key = f"training.stage.{stage}"
    return t(key) if known(key) else stage


def headline(job: jobs.Job, latest: list[jobs.Job]) -> str:
    """One line: the stage, the epoch and the time left."""
    if job.state == training.WAITING:
        return t("training.waiting")
    if job.cancel_requested:
        return t("training.cancelling")
    progress = job.progress or {}
    parts = [stage_name(str(progress.get("stage", "start")))]
    if progress.get("epoch") and progress.get("epochs"):
        parts.append(t("training.epoch", epoch=progress["epoch"], epochs=progress["epochs"]))
    left = training.seconds_left(job, latest)
    if left is not None:
        parts.append(t("training.left", time=duration(left, language())))
    return " · ".join(parts)


def named_job(job: jobs.Job) -> str:
    """The preset and what was changed of it: "Quick · Attention heads 8"."""
    name = str(job.arguments.get("preset", "default"))
    key = f"preset.{name}"
    return " · ".join(
        [t(key) if known(key) else name, *setting_changes(list(job.arguments.get("set", ())))]
    )


def watch(latest: list[jobs.Job], with_queue: bool = False) -> None:
    """Draws the training whose turn it is and redraws it until it ends, then reruns the page.

    ``with_queue`` shows those that wait as well, in their order, each with a button to take it off.
    """
    order = tuple(job.id for job in training.queue(latest))
    st.fragment(_look, run_every=SECONDS_BETWEEN_LOOKS)(order, with_queue)


def _look(order: tuple[int, ...], with_queue: bool) -> None:
    store = open_store()
    latest = training.looked_after(store)
    now = training.queue(latest)
    if not now or now[0].id != order[0] or (with_queue and tuple(j.id for j in now) != order):
        # The whole page changes when a training ends: a new version, another state of the queue.
        st.rerun()
    job = now[0]
    if training.stuck(latest):
        error_box(t("training.stuck"), t("training.stuck.next", file=training.log_file()))
        if may_operate() and st.button(t("training.retry"), key=f"retry-{job.id}"):
            training.retry()
        return
    fraction = float((job.progress or {}).get("fraction") or 0.0)
    st.progress(min(max(fraction, 0.0), 1.0), text=headline(job, latest))
    course(job)
    if with_queue:
        log_lines(job)
    if may_operate() and st.button(
        t("training.cancel"),
        key=f"cancel-{job.id}",
        icon=":material/stop_circle:",
        disabled=job.cancel_requested,
    ):
        training.cancel(store, job.id)
        st.toast(t("training.cancelling"))
    if with_queue:
        _waiting(now[1:])


def _waiting(waiting: list[jobs.Job]) -> None:
    """Those whose turn comes, the next one first."""
    if waiting:
        st.markdown(f"**{t('training.queue')}**")
    for place, job in enumerate(waiting, start=1):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(
                f"{place}\\. {t('retrain.running', number=job.id)} · {escape_markdown(named_job(job))}",
                width="stretch",
            )
            if may_operate() and st.button(
                t("training.withdraw", number=job.id), key=f"withdraw-{job.id}"
            ):
                training.cancel(open_store(), job.id)
                st.rerun()


def course(job: jobs.Job) -> None:
    """The losses and the figures of a training so far, or as they were when it ended."""
    told = (job.progress or {}).get("course") or {}
    losses = _frame(told.get("losses", []), lambda name: label_or_name(f"loss.{name}", name))
    figures = _frame(
        [
            [at, {k: v for k, v in said.items() if k in SHOWN_FIGURES}]
            for at, said in told.get("figures", [])
        ],
        lambda name: metric_label(Metric.parse(name)),
    )
    drawn = [
        (name, frame, axis)
        for name, frame, axis in (
            ("loss", losses, t("training.axis.loss")),
            ("figure", figures, t("training.axis.figure")),
        )
        if len(frame) > (1 if name == "loss" else 0)
    ]
    if not drawn:
        return
    colours = palette(st.context.theme.type)
    for column, (name, frame, axis) in zip(
        st.columns(len(drawn), gap="medium"), drawn, strict=True
    ):
        with column:
            st.plotly_chart(
                course_lines(frame, t("training.axis.epoch"), axis, colours),
                key=f"{name}-chart-{job.id}",
                config={"displayModeBar": False},
            )


def _frame(points: list[Any], name: Any) -> pd.DataFrame:
    rows = {float(at): {name(key): value for key, value in said.items()} for at, said in points}
    return pd.DataFrame.from_dict(rows, orient="index").sort_index()


def log_lines(job: jobs.Job, expanded: bool = False) -> None:
    """The end of what the worker wrote about this training."""
    lines = lines_of(training.log_file(), job.id)
    if not lines:
        return
    with st.expander(t("training.log"), icon=":material/article:", expanded=expanded):
        st.code(
            "\n".join(lines), language=None, wrap_lines=True, height=min(60 + 22 * len(lines), 320)
        )
