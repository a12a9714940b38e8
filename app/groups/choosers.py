"""Choosing many initiators or items: by search, from suggestions, from a pasted list or a file."""

import streamlit as st

from app.errors import said_error
from app.groups.chosen import (
    ENTITIES,
    Kind,
    add,
    add_list,
    chosen,
    keep,
    refused_lately,
    unknown_lately,
)
from app.recommending.initiators import MATCHES, SUGGESTIONS, called
from app.shell import plain
from app.stores import item_frame, item_search, names, open_store
from app.text import t
from app.text.numbers import count
from db import directory
from db.id_lists import LARGEST

NAMED = 10  # unknown ids that a sentence lists


def choose_many(kind: Kind) -> list[str]:
    """The box of one kind; returns the known ids that are chosen, in the order of choosing."""
    with st.container(border=True, height="stretch"):
        st.markdown(f"## {t(f'campaign.{kind}')}", help=t(f"campaign.{kind}.help"))
        picked = chosen(kind)
        offered = _search(kind, set(picked.known))
        _chips(kind, picked.known)
        with st.container(horizontal=True):
            _many(kind)
            if len(offered) > 1:
                st.button(
                    t("campaign.add_all", n=len(offered)),
                    key=f"add-all-{kind}",
                    type="tertiary",
                    icon=":material/playlist_add:",
                    on_click=add,
                    args=(kind, offered),
                )
        _unknown(kind, list(dict.fromkeys([*picked.unknown, *unknown_lately(kind)])))
    return picked.known


def _search(kind: Kind, taken: set[str]) -> list[str]:
    """The box and what it offers to add; returns the ids that are offered."""
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
        st.caption(t("campaign.none", text=plain(text)))
    words = {id: plain(name) for id, name in called(offered).items() if id not in taken}
    if not words:
        return []
    key = f"add-{kind}"
    st.session_state[key] = None  # a click adds, and leaves nothing marked
    st.pills(
        t("search.matches" if text else f"campaign.{kind}.offered"),
        list(words),
        format_func=lambda id: f":material/add: {words[id]}",
        key=key,
        on_change=lambda: add(kind, [st.session_state[key]]) if st.session_state[key] else None,
    )
    return list(words)


def _matches(kind: Kind, text: str) -> dict[str, str]:
    if kind == "items":
        return names("items", item_search().search(text, MATCHES))
    return {user.id: user.name for user in directory.search_users(open_store(), text, MATCHES)}


def _suggestions(kind: Kind) -> dict[str, str]:
    """Initiators who launched lately, or the items with the most groups."""
    if kind == "items":
        best = item_frame()["successes"].nlargest(SUGGESTIONS).index
        return names("items", best)
    return {user.id: user.name for user in directory.recent_initiators(open_store(), SUGGESTIONS)}


def _chips(kind: Kind, ids: list[str]) -> None:
    """Those who are chosen, each to be taken away again."""
    if not ids:
        return
    words = called(names(ENTITIES[kind], ids))
    key = f"chips-{kind}"
    st.session_state[key] = ids
    st.multiselect(
        t("campaign.chosen", n=count(len(ids))),
        ids,
        format_func=words.__getitem__,
        key=key,
        on_change=lambda: keep(kind, st.session_state[key]),
        select_all=False,
    )


def _many(kind: Kind) -> None:
    """A pasted list or a file."""
    with st.popover(t("campaign.many"), icon=":material/content_paste:"):
        # The number in the keys empties the boxes after a list was taken.
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
            max_upload_size=LARGEST // 1_000_000,  # megabytes
        )
        if st.button(t("campaign.add"), key=f"take-{kind}", type="primary"):
            add_list(kind, text or "", files)
            st.session_state[f"taken-{kind}"] = taken + 1
            st.rerun()


def _unknown(kind: Kind, ids: list[str]) -> None:
    """What could not be used, in sentences."""
    for sentence in refused_lately(kind):
        st.warning(plain(said_error(sentence)))
    if ids:
        listed = t("list.and").join(ids[:NAMED])
        more = t("campaign.unknown.more", n=count(len(ids) - NAMED)) if len(ids) > NAMED else ""
        st.warning(t(f"campaign.{kind}.unknown", ids=plain(listed) + more, n=count(len(ids))))
