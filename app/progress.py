"""A training as it runs: a bar, the epoch, the losses, the time left, and a button to stop it."""

import pandas as pd
import streamlit as st

from app import training
from app.access import may_operate
from app.figures.palette import palette
from app.figures.training import loss_lines
from app.reasons import named
from app.shell import plain, trouble
from app.stores import open_store
from app.text import known, language, t
from app.text.numbers import duration
from db import jobs

SECONDS_BETWEEN_LOOKS = 1.0


def stage_name(stage: str) -> str:
    """What a stage of the training is called."""
    key = f"training.stage.{stage}"
    return t(key) if known(key) else stage


def headline(job: jobs.Job) -> str:
    """One line: the stage, the epoch and the time left."""
    if job.state == training.WAITING:
        return t("training.waiting")
    progress = job.progress or {}
    parts = [stage_name(str(progress.get("stage", "start")))]
    if progress.get("epoch") and progress.get("epochs"):
        parts.append(t("training.epoch", epoch=progress["epoch"], epochs=progress["epochs"]))
    if progress.get("eta_seconds") is not None:
        parts.append(t("training.left", time=duration(progress["eta_seconds"], language())))
    return " · ".join(parts)


def watch(number: int) -> None:
    """Draws job ``number`` and redraws it every second until it ends, then reruns the page."""
    st.fragment(_look, run_every=SECONDS_BETWEEN_LOOKS)(number)


def _look(number: int) -> None:
    store = open_store()
    latest = training.looked_after(store)
    job = next((entry for entry in latest if entry.id == number), None)
    if job is None or job.state not in (training.WAITING, training.WORKING):
        # The whole page changes when a training ends: a new version, another state of the queue.
        st.rerun()
    if training.stuck(latest):
        trouble(t("training.stuck"), t("training.stuck.next", file=training.log_file()))
        if may_operate() and st.button(t("training.retry"), key=f"retry-{number}"):
            training.retry()
        return
    fraction = float((job.progress or {}).get("fraction") or 0.0)
    st.progress(min(max(fraction, 0.0), 1.0), text=headline(job))
    _losses(job)
    if may_operate() and st.button(
        t("training.cancel"), key=f"cancel-{number}", icon=":material/stop_circle:"
    ):
        training.cancel(store, number)
        st.toast(t("training.cancelling"))


def _losses(job: jobs.Job) -> None:
    """Keeps every epoch's losses of the job that is watched, and draws them from the second epoch
    on.
    """
    progress = job.progress or {}
    seen: dict[int, dict[str, float]] = st.session_state.setdefault(f"losses-{job.id}", {})
    if progress.get("losses") and progress.get("epoch") is not None:
        seen[int(progress["epoch"])] = {
            named(f"loss.{name}", name): float(value) for name, value in progress["losses"].items()
        }
    if len(seen) > 1:
        frame = pd.DataFrame.from_dict(seen, orient="index").sort_index()
        figure = loss_lines(
            frame, t("training.axis.epoch"), t("training.axis.loss"), palette(st.context.theme.type)
        )
        st.plotly_chart(figure, key=f"loss-chart-{job.id}", config={"displayModeBar": False})


def failed(job: jobs.Job) -> None:
    """The state of a job that failed: its own sentence."""
    trouble(
        t("training.failed"), job.message or t("training.failed.silent", file=training.log_file())
    )


def ended_sentence(job: jobs.Job) -> str:
    """The sentence a finished job left, safe to show."""
    return plain(job.message or "")
