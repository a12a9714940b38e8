"""What a page needs before it can recommend: data, then a model. Whichever is missing is offered at once."""

from typing import Literal

import streamlit as st

from app.auth.permissions import may_operate, operators_only
from app.auth.sign_in import show_read_only_note
from app.cached_reads import (
    open_recommender,
    open_store,
    recommender_at_moment,
    shop_counts,
)
from app.frame.page import error_box, escape_markdown
from app.retraining import training
from app.retraining.model_versions import is_announced
from app.retraining.past_trainings import show_failed
from app.retraining.progress import show_progress
from app.text import language, t
from app.text.messages import message_text
from app.url_state import choose_model, selection
from db.demo.generate import load_demo
from db.errors import EngineError, StoreError
from db.models import registry
from engine.recommender import Recommender

DATA, RETRAIN = "views/data.py", "views/retrain.py"
ButtonKind = Literal["primary", "secondary"]


def require_model(at_moment: bool = True) -> Recommender | None:
    """The model that answers; ``None`` after drawing what to do first: fill the store, train, or repair.

    ``at_moment``: as of the moment that the session has picked, where it has; else over the logs as they are now.
    """
    if shop_counts().groups == 0:
        _empty_store()
        return None
    chosen = selection().model
    if chosen is None and registry.serving(open_store()) is None:
        _no_model()
        return None
    try:
        with st.spinner(t("model.opening")):  # takes seconds after an import or a promotion
            return recommender_at_moment(chosen) if at_moment else open_recommender(chosen)
    except EngineError as error:
        _unusable_model(chosen, error)
        return None


def _empty_store() -> None:
    """The first visit: offers the demo shop, or an upload of the shop's own logs."""
    st.header(t("welcome.title"), anchor=False)
    st.write(t("welcome.lead"))
    if not may_operate():
        show_read_only_note()
        return
    demo, own = st.columns(2, gap="medium")
    with demo.container(border=True, height="stretch"):
        st.markdown(f"### :material/storefront: {t('welcome.demo')}")
        st.write(t("welcome.demo.what"))
        if st.button(t("welcome.demo.button"), type="primary", key="demo"):
            _open_demo_shop()
    with own.container(border=True, height="stretch"):
        st.markdown(f"### :material/upload_file: {t('welcome.own')}")
        st.write(t("welcome.own.what"))
        if st.button(t("welcome.own.button"), key="own"):
            st.switch_page(DATA)


@operators_only
def _open_demo_shop() -> None:
    store = open_store()
    with st.spinner(t("welcome.demo.filling")):
        try:
            load_demo(store, language="zh" if language() == "zh" else "en")
        except StoreError as error:
            error_box(t("welcome.demo.failed"), message_text(error))
            return
    training.start(store, "demo", promote=True)
    st.rerun()


def _no_model() -> None:
    """There are logs and no model: the first training, as it runs or as it can be started."""
    recent = training.recent_jobs(open_store())
    job = training.next_job(recent)
    if job is not None:
        st.header(t("first.running"), anchor=False)
        st.write(t("first.running.lead"))
        with st.container(border=True):
            show_progress(recent)
        return
    if recent and recent[0].state == "failed":
        show_failed(recent[0])
    st.header(t("first.title"), anchor=False)
    counts = shop_counts()
    st.write(t("first.lead", groups=f"{counts.groups:,}", users=f"{counts.users:,}"))
    if not may_operate():
        show_read_only_note()
        return
    quick, thorough = st.columns(2, gap="medium")
    for column, preset in ((quick, "demo"), (thorough, "default")):
        with column.container(border=True, height="stretch"):
            st.markdown(f"### {t(f'preset.{preset}')}")
            st.write(t(f"preset.{preset}.what"))
            kind: ButtonKind = "primary" if preset == "demo" else "secondary"
            if st.button(t("first.button"), key=f"first-{preset}", type=kind):
                training.start(open_store(), preset, promote=True)
                st.rerun()


def _unusable_model(chosen: str | None, error: EngineError) -> None:
    """Says why a model version cannot answer; offers the serving one where another was asked for."""
    error_box(t("model.trouble"), message_text(error))
    serving = registry.serving(open_store())
    if chosen is not None and serving is not None and serving.version != chosen:
        st.button(t("model.use_serving"), on_click=choose_model, args=(None,), type="primary")
    elif st.button(t("model.to_retrain")):
        st.switch_page(RETRAIN)


def show_other_model_note(shown: str) -> None:
    """Says that a link, or this session, uses another version than the serving one, where it does."""
    serving = registry.serving(open_store())
    if serving is None or serving.version == shown or is_announced(serving.version):
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            t("model.other", shown=escape_markdown(shown), serving=escape_markdown(serving.version))
        )
        st.button(t("model.use_serving"), on_click=choose_model, args=(None,), key="use_serving")
