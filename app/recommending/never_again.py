"""Never this item for this shop, never ask this person: one click in a list, and its undo."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

import streamlit as st

from app.auth.permissions import may_operate, operators_only
from app.cached_reads import entity_names, open_store
from app.caching import usable_moment
from app.frame.page import escape_markdown
from app.text import t
from app.text.messages import message_text
from db.errors import UserFacingError
from db.importing.edits import EditReport, ItemEdit, UserEdit, edit_items, edit_users
from db.importing.history import undo_import

LAST = "never-again"  # in the session: what was last said, until it is dismissed


Kind = Literal["items", "users"]


@dataclass(frozen=True)
class Said:
    """What a click said, in words; ``edit`` is the import that its undo takes back, ``None`` where it failed."""

    kind: Kind
    words: str
    edit: int | None


@operators_only
def never_launch(item: str) -> None:
    """Hides the item from every list of this shop."""
    name = entity_names("items", [item])[item]
    edit = partial(edit_items, open_store(), [ItemEdit(item, status="hidden")])
    _say("items", edit, t("never.item.done", item=escape_markdown(name)))


@operators_only
def never_ask(user: str) -> None:
    """Notes that the person must not be asked: no list names them any more."""
    name = entity_names("users", [user])[user]
    edit = partial(edit_users, open_store(), [UserEdit(user, contactable=False)])
    _say("users", edit, t("never.user.done", user=escape_markdown(name)))


def _say(kind: Kind, edit: Callable[[], EditReport], words: str) -> None:
    try:
        st.session_state[LAST] = Said(kind, words, edit().import_id)
        st.toast(words, icon=":material/visibility_off:")
    except UserFacingError as error:
        st.session_state[LAST] = Said(kind, escape_markdown(message_text(error)), None)


@operators_only
def _undo(kind: Kind, edit: int) -> None:
    try:
        undo_import(open_store(), edit)
        st.session_state.pop(LAST, None)
        st.toast(t("never.undone"), icon=":material/undo:")
    except UserFacingError as error:
        st.session_state[LAST] = Said(kind, escape_markdown(message_text(error)), None)


def show_last_said(kind: Kind) -> None:
    """Draws what was last said in a list of items, or of people, with its undo, until somebody dismisses it."""
    said: Said | None = st.session_state.get(LAST)
    if said is None or said.kind != kind:
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=LAST):
        st.markdown(f":material/visibility_off: {said.words}", width="stretch")
        if said.edit is not None:
            st.button(
                t("never.undo"),
                key="never-undo",
                icon=":material/undo:",
                on_click=_undo,
                args=(kind, said.edit),
            )
        st.button(
            t("never.dismiss"),
            key="never-dismiss",
            type="tertiary",
            on_click=st.session_state.pop,
            args=(LAST, None),
        )


def show_never_launch(item: str) -> None:
    """Draws the button that hides an item from every list; nothing for readers, and nothing in lists that look back.

    There the shop's words count from when they were said: the item would stay.
    """
    if usable_moment() is None:
        _button(t("never.item.short"), t("never.item"), f"never.item-{item}", never_launch, item)


def show_never_ask(user: str) -> None:
    """Draws the button that says that a person must not be asked, a wish that counts always; nothing for readers."""
    _button(t("never.user.short"), t("never.user"), f"never.user-{user}", never_ask, user)


# The icon alone is shown; the words stay, for who hears the page, and the tooltip.
QUIET_BUTTONS = """<style>
[class*='st-key-never-item-'] [data-testid='stMarkdownContainer'],
[class*='st-key-never-user-'] [data-testid='stMarkdownContainer'] {
  position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
}
</style>"""


def _button(label: str, help: str, key: str, never: Callable[[str], None], id: str) -> None:
    if may_operate():
        st.button(
            label,
            key=key,
            icon=":material/visibility_off:",
            type="tertiary",
            help=help,
            on_click=never,
            args=(id,),
        )
