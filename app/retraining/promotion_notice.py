"""Says in every open session when another version has begun to serve, and offers to switch to it."""

import streamlit as st

from app.shell import plain
from app.state import choose_model
from app.stores import open_store
from app.text import t
from db import registry
from db.errors import StoreError

SECONDS_BETWEEN_LOOKS = 10.0
SEEN = "serving_seen"


def notice() -> None:
    """Looks now and then, by one small query, whether the version that this session knows still serves."""
    st.fragment(_look, run_every=SECONDS_BETWEEN_LOOKS)()


def follow(version: str | None) -> None:
    """Takes note that this session knows ``version`` to serve."""
    st.session_state[SEEN] = version


def told(serving: str) -> bool:
    """Whether the notice tells this session already that ``serving`` has begun to serve."""
    return st.session_state.get(SEEN) not in (None, serving)


def _look() -> None:
    try:
        now = registry.serving_name(open_store())
    except StoreError:
        return  # the page itself says so; the next look may find it mended
    seen = st.session_state.get(SEEN)
    if seen is None:  # the first look, or the first model of all
        follow(now)
        return
    if now is None or now == seen:
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(
            f":material/campaign: {t('notice.promoted', new=plain(now), old=plain(seen))}",
            width="stretch",
        )
        if st.button(t("notice.switch"), key="notice_switch"):
            follow(now)
            choose_model(None)
            st.rerun()
