"""Finding an initiator by search, among recent or among random ones; and the initiator's card."""

from collections import Counter
from collections.abc import Callable

import streamlit as st

from app.cached_reads import open_store, random_initiators, recent_initiators
from app.frame.page import escape_markdown
from app.recommending.on_the_shelf import unasked
from app.text import language, t
from app.text.numbers import count, day, percent
from app.url_state import choose_initiator, selection, show_in_widget
from db.queries import entities, search

MATCHES = 12
SUGGESTIONS = 8


def distinct_names(names: dict[str, str]) -> dict[str, str]:
    """What to call each of ``names`` (by id): the name, with the id where two share a name."""
    times = Counter(names.values())
    return {
        id: name if times[name] == 1 or name == id else f"{name} ({id})"
        for id, name in names.items()
    }


def _pick(key: str, choose: Callable[[str], None]) -> None:
    if st.session_state[key] is not None:
        choose(st.session_state[key])


def show_pills(
    words: dict[str, str], key: str, label: str, current: str | None, choose: Callable[[str], None]
) -> None:
    """Draws a row of people or items to click on; the selected one is marked.

    Args:
        words: What to call each, by id.
        key: The widget's key.
        label: What the row is, for screen readers.
        current: The selected id.
        choose: Called with the id that is clicked.

    """
    marked = current if current in words else None
    show_in_widget(key, marked, words.get(marked or "", ""))
    st.pills(
        label,
        list(words),
        format_func=lambda id: escape_markdown(words[id]),
        key=key,
        on_change=_pick,
        args=(key, choose),
        label_visibility="collapsed",
    )


def marked_people(names: dict[str, str]) -> dict[str, str]:
    """What to call each of ``names`` (by id); whoever must not be asked is marked."""
    return {
        id: t("list.dot").join([name, t("unasked.badge")]) if unasked(id) else name
        for id, name in distinct_names(names).items()
    }


def _show_initiators(people: dict[str, str], key: str, label: str) -> None:
    show_pills(marked_people(people), key, label, selection().initiator, choose_initiator)


def search_initiators() -> None:
    """Draws the search box with its matches, or recent or random initiators where nothing is typed."""
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
            _show_initiators(found, "found", t("search.matches"))
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
        people = recent_initiators(SUGGESTIONS)
    else:
        with suggestions:
            st.button(
                t("search.shuffle"), icon=":material/casino:", key="shuffle", on_click=_shuffle
            )
        people = random_initiators(SUGGESTIONS, st.session_state.get("seed", 0))
    _show_initiators(
        {user.id: user.name for user in people}, f"offer-{kind}", t("search.suggestions")
    )


def _shuffle() -> None:
    st.session_state["seed"] = st.session_state.get("seed", 0) + 1


def show_initiator_card(card: entities.UserCard, cold: bool) -> None:
    """Draws the initiator's launches, success rate, joins, circle and last launch.

    ``cold`` marks a user whom the model has not learned about.
    """
    with st.container(border=True):
        mark = f" :gray-badge[{t('new_to_model')}]" if cold else ""
        st.markdown(f"## {escape_markdown(card.name or card.id)}{mark}")
        closed = card.successes + card.failures
        cells = [
            (t("card.launches"), count(card.launches), t("card.launches.help")),
            (
                t("card.success_rate"),
                percent(card.successes / closed if closed else None),
                t("card.success_rate.help", successes=card.successes, closed=closed),
            ),
            (t("card.joins"), count(card.joins), t("card.joins.help")),
            (
                t("card.circle"),
                count(card.circle),
                t("card.circle.help", friends=count(card.friends)),
            ),
        ]
        if card.last_launch is not None:
            cells.append((t("card.last_launch"), day(card.last_launch, language()), ""))
        # A row that wraps: columns would cut labels off on narrow screens.
        with st.container(horizontal=True, gap="medium"):
            for name, value, help_text in cells:
                st.metric(name, value, help=help_text or None, width="content")
        if cold:
            st.caption(t("new_to_model.help"))
