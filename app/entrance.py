"""The door: a page to sign in where that is asked for, and who is signed in at the foot of the sidebar."""

import streamlit as st

from app import access
from app.link_kept import follow_link, keep_link
from app.shell import plain, trouble
from app.text import t


def admitted() -> bool:
    """Whether the pages may be drawn; where not, what to do first stands there instead."""
    if access.may_read():
        if access.sign_in() == "on":
            follow_link()
        return True
    if access.sign_in() == "shut":
        trouble(t("access.shut"), t("access.shut.next"))
    elif not access.can_sign_in():
        trouble(t("access.missing"), t("access.missing.next"))
    else:
        with st.container(border=True, width=480):
            st.markdown(f"## {t('access.title')}")
            st.write(t("access.lead"))
            keep_link()
            if st.button(t("access.sign_in"), type="primary", key="sign_in"):
                st.login()
    return False


def signed_in_as() -> None:
    """Who this session belongs to, what she may do, and the way out."""
    if access.sign_in() != "on":
        return
    said = access.claims()
    name = str(said.get("name") or said.get("email") or said.get("sub") or "")
    with st.sidebar:
        role = t("access.operator" if access.may_operate() else "access.reader")
        st.caption(f"{plain(name)} · {role}")
        if st.button(t("access.sign_out"), key="sign_out", icon=":material/logout:"):
            st.logout()


def refused() -> None:
    """An action that is not this person's to take."""
    trouble(t("access.refused"), t("access.refused.next"))


def readers_note() -> None:
    """Says that this page can be read and not used, where that is so."""
    if not access.may_operate():
        key = "access.read_only" if access.wanted_operators() else "access.nobody"
        st.info(t(key), icon=":material/lock:")
