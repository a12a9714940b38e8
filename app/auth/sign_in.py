"""The door: a page to sign in where that is asked for, and who is signed in at the foot of the sidebar.

A link that is opened before signing in: kept by the browser's tab, since the way back leads to the first page.

The identity provider sends people back to one fixed address. What they had opened is remembered in the tab's own
session storage, which survives the way there and back, is seen by no other tab, and ends with it.
"""

import streamlit as st

from app.auth import permissions
from app.frame.page import error_box, escape_markdown
from app.text import t

_KEY = "mamgbr.opened"
_KEEP = f"<script>sessionStorage.setItem('{_KEY}', location.pathname + location.search)</script>"
# Taken out before it is followed, so that a link that fails is not followed again and again.
_FOLLOW = f"""<script>
const opened = sessionStorage.getItem('{_KEY}')
sessionStorage.removeItem('{_KEY}')
if (opened && opened !== location.pathname + location.search) location.replace(opened)
</script>"""


def remember_address() -> None:
    """Has the tab remember its address; for the page that asks to sign in."""
    st.html(_KEEP, unsafe_allow_javascript=True)


def return_to_address() -> None:
    """Once a session, sends a tab that has just signed in to the address that it had opened."""
    if not st.session_state.get("link_followed"):
        st.session_state["link_followed"] = True
        st.html(_FOLLOW, unsafe_allow_javascript=True)


def admit_session() -> bool:
    """Whether the pages may be drawn; where not, what to do first stands there instead."""
    if permissions.may_read():
        if permissions.sign_in_mode() == "on":
            return_to_address()
        return True
    if permissions.sign_in_mode() == "shut":
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
    """Who this session belongs to, what she may do, and the way out."""
    if permissions.sign_in_mode() != "on":
        return
    said = permissions.identity_claims()
    name = str(said.get("name") or said.get("email") or said.get("sub") or "")
    with st.sidebar:
        role = t("access.operator" if permissions.may_operate() else "access.reader")
        st.caption(f"{escape_markdown(name)} · {role}")
        if st.button(t("access.sign_out"), key="sign_out", icon=":material/logout:"):
            st.logout()


def show_not_allowed() -> None:
    """An action that is not this person's to take."""
    error_box(t("access.refused"), t("access.refused.next"))


def show_read_only_note() -> None:
    """Says that this page can be read and not used, where that is so."""
    if not permissions.may_operate():
        key = "access.read_only" if permissions.configured_operators() else "access.nobody"
        st.info(t(key), icon=":material/lock:")
