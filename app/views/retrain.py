"""Retrain: start a training, watch it, stop it; promote a version or go back to the one before."""

from collections.abc import Callable
from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from app import training
from app.measures import MAIN, main_figure
from app.progress import watch
from app.shell import heading, nothing, plain, trouble
from app.state import choose_model
from app.stores import open_store, shop_counts
from app.text import language, t
from app.text.numbers import MISSING, duration, minute
from db import jobs, registry
from db.errors import StoreError
from db.reading import data_version

PRESETS = ("demo", "default", "paper")


def local(seconds: int | None) -> datetime | None:
    """A moment of the workbench on the server's clock."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).astimezone()


def new_training(latest: list[jobs.Job]) -> None:
    """The running training, or the form that starts one."""
    job = training.active(latest)
    if job is not None:
        with st.container(border=True):
            st.markdown(f"#### {t('retrain.running', number=job.id)}")
            waiting = sum(entry.state == training.WAITING for entry in latest if entry.id != job.id)
            if waiting:
                st.caption(t("retrain.queued", n=waiting))
            watch(job.id)
    if shop_counts().groups == 0:
        nothing(t("retrain.no_data"), t("retrain.no_data.next"))
        return
    serving = registry.serving(open_store())
    if serving is not None and serving.data_version != data_version(open_store()):
        st.info(t("retrain.stale"), icon=":material/update:")
    with st.container(border=True):
        st.markdown(f"#### {t('retrain.start')}")
        preset = st.radio(
            t("retrain.preset"),
            PRESETS,
            format_func=lambda preset: t(f"preset.{preset}"),
            captions=[t(f"preset.{preset}.what") for preset in PRESETS],
            key="preset",
        )
        promote = st.toggle(
            t("retrain.promote"),
            value=serving is None,
            key="promote",
            help=t("retrain.promote.help"),
        )
        if st.button(
            t("retrain.button"), type="primary", icon=":material/play_arrow:", key="start"
        ):
            training.start(open_store(), str(preset), promote)
            st.rerun()


def versions() -> None:
    """The versions, which of them serves, and the buttons that change it."""
    st.subheader(t("retrain.versions"), anchor=False)
    known = registry.versions(open_store())
    if not known:
        nothing(t("retrain.versions.none"), t("retrain.versions.none.next"))
        return
    serving = registry.serving(open_store())
    current = None if serving is None else serving.version
    rows = []
    for version in known:
        row = {
            t("retrain.version"): version.version,
            t("retrain.state"): t(
                "retrain.serving" if version.version == current else "retrain.ready"
            ),
            t("retrain.preset"): t(f"preset.{version.preset}"),
            t("retrain.made"): minute(local(version.created_at), language()),
        }
        figure = main_figure(version.metrics)
        rows.append(row | {MAIN: MISSING if figure is None else f"{figure:.3f}"})
    st.table(pd.DataFrame(rows), hide_index=True, border="horizontal")
    st.caption(t("retrain.main.help", metric=MAIN))
    left, right = st.columns(2, gap="large", vertical_alignment="bottom")
    with left:
        promotion(known, serving)
    with right:
        if len(known) > 1 and st.button(
            t("retrain.rollback"), icon=":material/undo:", key="rollback"
        ):
            change(lambda: registry.rollback(open_store()))


def promotion(known: list[registry.ModelVersion], serving: registry.ModelVersion | None) -> None:
    """Chooses a version to serve; a worse one needs a second consent."""
    others = {
        version.version: version
        for version in known
        if serving is None or version.version != serving.version
    }
    if not others:
        return
    chosen = st.selectbox(t("retrain.promote.which"), list(others), key="promote_version")
    consent = True
    if serving is not None:
        new, old = main_figure(others[chosen].metrics), main_figure(serving.metrics)
        if new is not None and old is not None and new < old:
            consent = st.checkbox(
                t("retrain.promote.worse", metric=MAIN, new=f"{new:.3f}", old=f"{old:.3f}"),
                key=f"worse-{chosen}",
            )
    if st.button(
        t("retrain.promote.button"),
        icon=":material/rocket_launch:",
        disabled=not consent,
        key="promote_button",
    ):
        change(lambda: registry.promote(open_store(), chosen))


def change(action: Callable[[], registry.ModelVersion]) -> None:
    """Does it, says what serves now, or says why it did not work."""
    try:
        version = action()
    except StoreError as error:
        trouble(t("retrain.trouble"), str(error))
        return
    choose_model(None)
    st.session_state["promoted"] = version.version
    st.rerun()


def log(latest: list[jobs.Job]) -> None:
    """The latest trainings and how they ended."""
    st.subheader(t("retrain.jobs"), anchor=False)
    if not latest:
        st.caption(t("retrain.jobs.none"))
        return
    rows = []
    for job in latest:
        took = None
        if job.started_at is not None and job.finished_at is not None:
            took = duration(job.finished_at - job.started_at, language())
        rows.append(
            {
                t("job.number"): job.id,
                t("job.state"): t(f"job.state.{job.state}"),
                t("retrain.preset"): t(f"preset.{job.arguments['preset']}"),
                t("job.started"): minute(local(job.created_at), language()),
                t("job.took"): took or "",
                t("job.message"): job.message,
            }
        )
    st.dataframe(pd.DataFrame(rows), hide_index=True, key="jobs")


def page() -> None:
    """The whole page."""
    promoted = st.session_state.pop("promoted", None)
    if promoted is not None:
        st.success(t("retrain.promoted", version=plain(promoted)), icon=":material/check_circle:")
    latest = training.looked_after(open_store())
    new_training(latest)
    versions()
    log(latest)


heading(t("retrain.title"), t("retrain.lead"))
page()
