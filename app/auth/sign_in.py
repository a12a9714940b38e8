"""The sign-in page, and the signed-in user at the foot of the sidebar."""

import streamlit as st

from app.auth import permissions
from app.frame.page import error_box, escape_markdown
from app.server.inline_scripts import FOLLOW_ADDRESS, KEEP_ADDRESS
from app.text import t


def remember_address() -> None:
    """Keeps the tab's address in its session storage; for the sign-in page."""
    st.html(f"<script>{KEEP_ADDRESS}</script>", unsafe_allow_javascript=True)


def return_to_address() -> None:
    """Sends a tab that has just signed in to the address that it had opened, once a session."""
    if not st.session_state.get("link_followed"):
        st.session_state["link_followed"] = True
        st.html(f"<script>{FOLLOW_ADDRESS}</script>", unsafe_allow_javascript=True)


def admit_session() -> bool:
    """Whether the pages may be drawn; otherwise draws the sign-in, or what keeps it from working."""
    if permissions.may_read():
        if permissions.sign_in_mode() == "required":
            return_to_address()
        return True
    if permissions.sign_in_mode() == "locked":
        error_box(t("access.shut"), t("access.shut.next"))
    elif not permissions.can_sign_in():
        error_box(t("access.missing"), t("access.missing.next"))
    else:
        with st.container(border=True, width=480):
            st.markdown(f"## {t('access.title')}")
            st.write(t("access.lead"))
            remember_address()
            if st.button(t("access.sign_in"), type="primary", key="sign_in"):
                st.login()
    return False


def show_account() -> None:
    """Draws the signed-in user's name and role, and the button to sign out."""
    if permissions.sign_in_mode() != "required":
        return
    claims = permissions.identity_claims()
    name = str(claims.get("name") or claims.get("email") or claims.get("sub") or "")
    with st.sidebar:
        role = t("access.operator" if permissions.may_operate() else "access.reader")
        st.caption(f"{escape_markdown(name)} · {role}")
        if st.button(t("access.sign_out"), key="sign_out", icon=":material/logout:"):
            st.logout()


def show_not_allowed() -> None:
    """Says that the user may not take this action."""
    error_box(t("access.refused"), t("access.refused.next"))


def show_read_only_note() -> None:
    """Says that a reader may look at this page but not act on it."""
    if not permissions.may_operate():
        key = "access.read_only" if permissions.configured_operators() else "access.nobody"
        st.info(t(key), icon=":material/lock:")
