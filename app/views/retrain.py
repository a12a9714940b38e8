"""Retrain: start, watch and stop trainings; compare versions, promote one, or roll back."""

import streamlit as st

from app.auth.permissions import may_operate
from app.auth.sign_in import show_read_only_note
from app.cached_reads import open_store, shop_counts
from app.frame.page import empty_state, heading
from app.retraining import training
from app.retraining.later_groups import show_recent_check
from app.retraining.model_comparison import show_comparison
from app.retraining.model_versions import show_versions
from app.retraining.past_trainings import show_ended, show_past_trainings
from app.retraining.progress import show_log, show_progress
from app.retraining.setting_fields import training_form
from app.text import t
from db.jobs import queue as jobs
from db.models import registry
from db.read_logs import data_version

LARGEST_SEED = 2**31 - 1


def show_current(recent: list[jobs.Job]) -> None:
    """Draws the running training and the queue, or how the training that was watched here ended."""
    job = training.next_job(recent)
    if job is not None:
        st.session_state["watched"] = job.id
        with st.container(border=True):
            st.markdown(f"## {t('retrain.running', number=job.id)}")
            show_progress(recent, with_queue=True)
    watched = st.session_state.get("watched")
    ended = [one for one in recent if one.outcome is not None]
    if job is None and ended and (ended[0].state == "failed" or ended[0].id == watched):
        show_ended(ended[0])
        if ended[0].state == "failed":
            show_log(ended[0])


def training_tab() -> None:
    """Draws the form that starts a training, or queues it behind others."""
    if shop_counts().groups == 0:
        empty_state(t("retrain.no_data"), t("retrain.no_data.next"))
        return
    if not may_operate():
        return
    serving = registry.serving(open_store())
    if serving is not None and serving.data_version != data_version(open_store()):
        st.info(t("retrain.stale"), icon=":material/update:")
        show_recent_check(serving)
    request = training_form(None if serving is None else serving.preset)
    seed, promote = st.columns([1, 3], gap="large", vertical_alignment="bottom")
    draw = seed.number_input(
        t("retrain.seed"), 0, LARGEST_SEED, 0, help=t("retrain.seed.help"), key="seed"
    )
    serve = promote.toggle(
        t("retrain.promote"), value=serving is None, key="promote", help=t("retrain.promote.help")
    )
    if st.button(
        t("retrain.button"),
        type="primary",
        icon=":material/play_arrow:",
        key="start",
        disabled=request.problem is not None,
    ):
        training.start(open_store(), request.preset, serve, request.changes, int(draw))
        st.rerun()


def page() -> None:
    """Draws the page."""
    recent = training.recent_jobs(open_store())
    # A container, even if empty, so that the widgets below keep their state, the open tab too.
    with st.container():
        done = st.session_state.pop("done", None)
        if done is not None:
            st.success(done, icon=":material/check_circle:")
        show_read_only_note()
        show_current(recent)
    start, ready, compared, before = st.tabs(
        [t("retrain.start"), t("retrain.versions"), t("compare.title"), t("retrain.jobs")],
        key="retrain_part",
    )
    with start:
        training_tab()
    with ready:
        show_versions()
    with compared:
        show_comparison()
    with before:
        show_past_trainings(recent)


heading(t("retrain.title"), t("retrain.lead"))
page()
