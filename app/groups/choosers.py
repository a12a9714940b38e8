"""Choosing many initiators or items for a campaign: by search, from suggestions, from a pasted list or a file.

The chosen ids are kept in the address and the session, as ``app.url_state`` keeps a selection.
"""

from typing import Literal

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from app.cached_reads import (
    entity_names,
    item_frame,
    item_search,
    open_store,
    recent_initiators,
)
from app.frame.page import escape_markdown
from app.logs.uploads import temporary_copy
from app.recommending.initiator_search import MATCHES, SUGGESTIONS, distinct_names
from app.recommending.item_search import bestsellers
from app.recommending.on_the_shelf import unasked, why_unavailable
from app.text import t
from app.text.messages import message_text
from app.text.numbers import count
from app.url_state import show_in_widget
from db.errors import InputError
from db.messages import Message
from db.queries import search
from db.queries.id_lists import (
    LARGEST_FILE,
    IdList,
    look_up_id_columns,
    look_up_ids,
    parse_id_list,
    read_id_columns,
)

Kind = Literal["initiators", "items"]
Entity = Literal["users", "items"]
ENTITIES: dict[Kind, Entity] = {"initiators": "users", "items": "items"}
MAX_CHOSEN = 200  # ids of a kind, so that the address stays short enough to send


def chosen_ids(kind: Kind) -> IdList:
    """The chosen ids, and the ids of a link that are not in the store."""
    in_link = st.query_params.get_all(kind)
    if in_link:
        st.session_state[f"chosen-{kind}"] = list(dict.fromkeys(in_link))[:MAX_CHOSEN]
    ids: list[str] = st.session_state.get(f"chosen-{kind}", [])
    found = look_up_ids(open_store(), ENTITIES[kind], ids)
    if ids and not in_link:
        st.query_params[kind] = ids  # the user has been to another page
    return IdList([id for id in ids if id in set(found.known)], found.unknown)


def set_chosen(kind: Kind, ids: list[str]) -> None:
    """Chooses ``ids`` and no others."""
    kept = list(dict.fromkeys(ids))[:MAX_CHOSEN]
    st.session_state[f"chosen-{kind}"] = kept
    if kept:
        st.query_params[kind] = kept
    else:
        st.query_params.pop(kind, None)


def add_chosen(kind: Kind, ids: list[str]) -> None:
    """Adds ``ids`` to those chosen."""
    set_chosen(kind, [*st.session_state.get(f"chosen-{kind}", []), *ids])


def add_id_list(kind: Kind, text: str, files: list[UploadedFile]) -> None:
    """Adds the ids of a pasted list and of files; keeps unknown ids and unreadable files to be named."""
    store, entity = open_store(), ENTITIES[kind]
    found = [look_up_ids(store, entity, parse_id_list(text))]
    errors = []
    for file in files:
        try:
            with temporary_copy(file) as path:
                found.append(look_up_id_columns(store, entity, read_id_columns(path, file.name)))
        except InputError as error:
            errors.append(error.message)
    add_chosen(kind, [id for part in found for id in part.known])
    unknown = list(dict.fromkeys(id for part in found for id in part.unknown))
    st.session_state[f"unknown-{kind}"] = unknown
    st.session_state[f"file-errors-{kind}"] = errors


def last_unknown_ids(kind: Kind) -> list[str]:
    """The ids of the last list that are not in the store."""
    unknown: list[str] = st.session_state.get(f"unknown-{kind}", [])
    return unknown


def last_file_errors(kind: Kind) -> list[Message]:
    """Why the last files could not be read."""
    errors: list[Message] = st.session_state.get(f"file-errors-{kind}", [])
    return errors


NAMED = 10  # unknown ids that the warning lists


def choose_ids(kind: Kind) -> list[str]:
    """Draws the chooser of one kind; returns the known ids that are chosen, in the order of choosing."""
    with st.container(border=True, height="stretch"):
        st.markdown(f"## {t(f'campaign.{kind}')}", help=t(f"campaign.{kind}.help"))
        picked = chosen_ids(kind)
        offered = _search(kind, set(picked.known))
        _chips(kind, picked.known)
        with st.container(horizontal=True):
            _list_upload(kind)
            if len(offered) > 1:
                st.button(
                    t("campaign.add_all", n=len(offered)),
                    key=f"add-all-{kind}",
                    type="tertiary",
                    icon=":material/playlist_add:",
                    on_click=add_chosen,
                    args=(kind, offered),
                )
        _show_problems(kind, list(dict.fromkeys([*picked.unknown, *last_unknown_ids(kind)])))
    return picked.known


def _search(kind: Kind, taken: set[str]) -> list[str]:
    """Draws the search box and what it offers to add; returns the ids offered."""
    text = (
        st.text_input(
            t(f"campaign.{kind}.search"),
            type="search",
            key=f"search-{kind}",
            placeholder=t(f"campaign.{kind}.placeholder"),
            icon=":material/search:",
            live="250ms",
            label_visibility="collapsed",
        )
        or ""
    ).strip()
    offered = _matches(kind, text) if text else _suggestions(kind)
    if text and not offered:
        st.caption(t("campaign.none", text=escape_markdown(text)))
    words = {
        id: escape_markdown(name) for id, name in distinct_names(offered).items() if id not in taken
    }
    if not words:
        return []
    key = f"add-{kind}"
    show_in_widget(key, None)  # a click adds the id and leaves nothing selected
    st.pills(
        t("search.matches" if text else f"campaign.{kind}.offered"),
        list(words),
        format_func=lambda id: f":material/{_sign(kind, id)}: {words[id]}",
        key=key,
        on_change=lambda: (
            add_chosen(kind, [st.session_state[key]]) if st.session_state[key] else None
        ),
    )
    return list(words)


def _sign(kind: Kind, id: str) -> str:
    """The icon before what a click adds; it marks who must not be asked and what cannot be had."""
    if kind == "initiators":
        return "do_not_disturb_on" if unasked(id) else "add"
    return "remove_shopping_cart" if why_unavailable(id) else "add"


def _matches(kind: Kind, text: str) -> dict[str, str]:
    if kind == "items":
        return entity_names("items", item_search().search(text, MATCHES))
    return {user.id: user.name for user in search.search_users(open_store(), text, MATCHES)}


def _suggestions(kind: Kind) -> dict[str, str]:
    """The initiators of the latest launches who may be asked, or the bestsellers that can be had."""
    if kind == "items":
        return entity_names("items", bestsellers(item_frame(), SUGGESTIONS))
    return {user.id: user.name for user in recent_initiators(SUGGESTIONS)}


def _chips(kind: Kind, ids: list[str]) -> None:
    """Draws the chosen ids, each with a way to remove it."""
    if not ids:
        return
    words = distinct_names(entity_names(ENTITIES[kind], ids))
    key = f"chips-{kind}"
    show_in_widget(key, ids, "\n".join(words.values()))
    st.multiselect(
        t("campaign.chosen", n=count(len(ids))),
        ids,
        format_func=words.__getitem__,
        key=key,
        on_change=lambda: set_chosen(kind, st.session_state[key]),
        select_all=False,
    )


def _list_upload(kind: Kind) -> None:
    """Draws the boxes for a pasted list and for files."""
    with st.popover(t("campaign.many"), icon=":material/content_paste:"):
        # The number in the keys empties the boxes after a list has been added.
        taken = st.session_state.setdefault(f"taken-{kind}", 0)
        text = st.text_area(
            t(f"campaign.{kind}.paste"),
            key=f"paste-{kind}-{taken}",
            placeholder=t("campaign.paste.placeholder"),
        )
        files = st.file_uploader(
            t(f"campaign.{kind}.file"),
            type=["csv", "txt", "tsv"],
            accept_multiple_files=True,
            key=f"list-{kind}-{taken}",
            help=t("campaign.file.help"),
            max_upload_size=LARGEST_FILE // 1_000_000,  # megabytes
        )
        if st.button(t("campaign.add"), key=f"take-{kind}", type="primary"):
            add_id_list(kind, text or "", files)
            st.session_state[f"taken-{kind}"] = taken + 1
            st.rerun()


def _show_problems(kind: Kind, ids: list[str]) -> None:
    """Draws which files could not be read and which ids are unknown."""
    for sentence in last_file_errors(kind):
        st.warning(escape_markdown(message_text(sentence)))
    if ids:
        listed = t("list.and").join(ids[:NAMED])
        more = t("campaign.unknown.more", n=count(len(ids) - NAMED)) if len(ids) > NAMED else ""
        st.warning(
            t(f"campaign.{kind}.unknown", ids=escape_markdown(listed) + more, n=count(len(ids)))
        )
