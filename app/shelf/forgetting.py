"""Forgetting a person for good: who, what goes, and a confirmation in writing."""

import streamlit as st

from app.auth.permissions import operators_only
from app.cached_reads import open_store, user_card
from app.frame.page import error_box, escape_markdown
from app.text import t
from app.text.messages import message_text
from app.text.numbers import count
from db.errors import StoreError
from db.forget import forget_user
from db.messages import Message
from db.queries.entities import Person, UserCard
from db.queries.search import search_users
from db.settings import settings

MATCHES = 20
_SAID = "forgotten"  # in the session: what the last one's erasure said


def show_forgetting() -> None:
    """Draws the search, what will be erased, and the form that erases it."""
    said: Message | None = st.session_state.pop(_SAID, None)
    if said is not None:
        st.success(escape_markdown(message_text(said)), icon=":material/delete_forever:")
    with st.expander(t("forget.title"), icon=":material/person_off:"):
        st.caption(t("forget.what"))
        person = _choose()
        card = None if person is None else user_card(person.id)
        if person is not None and card is not None:
            _confirm(person, card)


def _choose() -> Person | None:
    text = st.text_input(
        t("forget.search"), key="forget-text", placeholder=t("people.search.hint"), width=320
    )
    if not text.strip():
        return None
    found = search_users(open_store(), text, MATCHES)
    if not found:
        st.caption(t("forget.nobody", text=escape_markdown(text.strip())))
        return None
    return st.selectbox(
        t("forget.which"),
        found,
        index=0 if len(found) == 1 else None,
        format_func=_label,
        key=f"forget-which-{text}",
        placeholder=t("forget.choose"),
        width=320,
    )


def _label(person: Person) -> str:
    return person.id if person.name == person.id else f"{person.name} · {person.id}"


def _confirm(person: Person, card: UserCard) -> None:
    st.markdown(
        t(
            "forget.erases",
            who=escape_markdown(_label(person)),
            launches=count(card.launches),
            joins=count(card.joins),
            friends=count(card.friends),
        )
    )
    st.warning(t("forget.for_good"), icon=":material/warning:")
    with st.form(f"forget-{person.id}", border=False):
        typed = st.text_input(t("forget.type", id=escape_markdown(person.id)), key="forget-typed")
        asked = st.form_submit_button(t("forget.button"), type="primary", key="forget-submit")
    if not asked:
        return
    if typed.strip() != person.id:
        st.warning(t("forget.mismatch", id=escape_markdown(person.id)))
        return
    _forget(person.id)


@operators_only
def _forget(id: str) -> None:
    try:
        with st.spinner(t("forget.running")):
            report = forget_user(open_store(), id, settings().models)
    except StoreError as error:
        error_box(t("forget.failed"), message_text(error))
        return
    for key in ("forget-text", "forget-typed"):
        st.session_state.pop(key, None)
    st.session_state[_SAID] = report.message
    st.rerun()
