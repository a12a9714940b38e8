"""Finding an initiator: search, recent and random ones; and her card."""

from collections.abc import Callable

import streamlit as st

from app.cached_reads import open_store, random_initiators
from app.frame.page import escape_markdown
from app.text import language, t
from app.text.numbers import count, day, percent
from app.url_state import choose_initiator, selection
from db.queries import entities, search

MATCHES = 12
SUGGESTIONS = 8


def distinct_names(people: dict[str, str]) -> dict[str, str]:
    """What to call each person: the name, with the id behind it only where two of a list share a
    name.

    Args:
        people: Name by id.

    """
    names = list(people.values())
    return {
        number: name if names.count(name) == 1 or name == number else f"{name} ({number})"
        for number, name in people.items()
    }


def _pick(key: str, choose: Callable[[str], None]) -> None:
    if st.session_state[key] is not None:
        choose(st.session_state[key])


def show_pills(
    words: dict[str, str], key: str, label: str, current: str | None, choose: Callable[[str], None]
) -> None:
    """A row of people or items to click on; the one that is looked at is marked.

    Args:
        words: What to call each, by id.
        key: Of the widget.
        label: For those who cannot see the row.
        current: The id that is looked at.
        choose: Called with the id that a person clicks on.

    """
    st.session_state[key] = current if current in words else None
    st.pills(
        label,
        list(words),
        format_func=words.__getitem__,
        key=key,
        on_change=_pick,
        args=(key, choose),
        label_visibility="collapsed",
    )


def _offer(people: dict[str, str], key: str, label: str) -> None:
    show_pills(distinct_names(people), key, label, selection().initiator, choose_initiator)


def search_initiators() -> None:
    """The search box with its matches; without a search, recent and random initiators."""
    store = open_store()
    box, suggestions = st.columns([2, 3], vertical_alignment="bottom", gap="medium")
    with box:
        text = (
            st.text_input(
                t("search.label"),
                type="search",
                key="search",
                placeholder=t("search.placeholder"),
                icon=":material/search:",
                live="250ms",
            )
            or ""
        ).strip()
    if text:
        found = {user.id: user.name for user in search.search_users(store, text, MATCHES)}
        if found:
            _offer(found, "found", t("search.matches"))
        else:
            st.info(t("search.none", text=escape_markdown(text)), icon=":material/person_search:")
        return
    with suggestions:
        kinds = {"recent": t("search.recent"), "random": t("search.random")}
        kind = st.segmented_control(
            t("search.suggestions"),
            list(kinds),
            format_func=kinds.__getitem__,
            default="recent",
            required=True,
            key="suggestions",
            label_visibility="collapsed",
        )
    if kind == "recent":
        people = entities.recent_initiators(store, SUGGESTIONS)
    else:
        with suggestions:
            st.button(
                t("search.shuffle"), icon=":material/casino:", key="shuffle", on_click=_shuffle
            )
        people = random_initiators(SUGGESTIONS, st.session_state.get("seed", 0))
    _offer({user.id: user.name for user in people}, f"offer-{kind}", t("search.suggestions"))


def _shuffle() -> None:
    st.session_state["seed"] = st.session_state.get("seed", 0) + 1


def show_initiator_card(about: entities.UserCard, newcomer: bool) -> None:
    """Who she is: launches, success rate, joins, circle and the last launch."""
    with st.container(border=True):
        mark = f" :gray-badge[{t('newcomer')}]" if newcomer else ""
        st.markdown(f"## {escape_markdown(about.name or about.id)}{mark}")
        closed = about.successes + about.failures
        cells = [
            (t("card.launches"), count(about.launches), t("card.launches.help")),
            (
                t("card.success_rate"),
                percent(about.successes / closed if closed else None),
                t("card.success_rate.help", successes=about.successes, closed=closed),
            ),
            (t("card.joins"), count(about.joins), t("card.joins.help")),
            (
                t("card.circle"),
                count(about.circle),
                t("card.circle.help", friends=count(about.friends)),
            ),
        ]
        if about.last_launch is not None:
            cells.append((t("card.last_launch"), day(about.last_launch, language()), ""))
        # A row that wraps: columns would cut labels off on a narrow screen.
        with st.container(horizontal=True, gap="medium"):
            for name, value, help_text in cells:
                st.metric(name, value, help=help_text or None, width="content")
        if newcomer:
            st.caption(t("newcomer.help"))
