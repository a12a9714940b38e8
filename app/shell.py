"""The frame around every page: language, what serves, how empty and failed states look."""

import streamlit as st

from app.brand import ICON, LOGO
from app.stores import open_store, shop_counts
from app.text import LANGUAGES, language, t
from app.text.numbers import compact
from db import registry


def frame() -> None:
    """Sets the browser tab, a wide page and the logo."""
    st.set_page_config(page_title="MAMGBR", page_icon=ICON, layout="wide")
    st.logo(LOGO, size="large")


def language_switch() -> None:
    """The switch in the sidebar; light and dark are in Streamlit's menu and follow the system."""
    st.session_state["language"] = language()
    with st.sidebar:
        st.segmented_control(
            t("sidebar.language"),
            list(LANGUAGES),
            format_func=LANGUAGES.__getitem__,
            key="language",
            required=True,
            on_change=_remember_language,
        )


def _remember_language() -> None:
    st.query_params["lang"] = st.session_state["language"]


def status() -> None:
    """What the pages speak of, at the foot of the sidebar: the shop's size, the serving model."""
    counts, tongue = shop_counts(), language()
    serving = registry.serving(open_store())
    with st.sidebar:
        if counts.groups:
            st.caption(
                t(
                    "sidebar.data",
                    users=compact(counts.users, tongue),
                    items=compact(counts.items, tongue),
                    groups=compact(counts.groups, tongue),
                )
            )
        if serving is not None:
            st.caption(t("sidebar.model", version=plain(serving.version)))


def heading(title: str, lead: str) -> None:
    """A page's title and the sentence that says what it is for."""
    st.title(title, anchor=False)
    st.caption(lead)


def trouble(what: str, sentence: str) -> None:
    """Something failed: what, and the error's own sentence with the next step."""
    with st.container(border=True):
        st.markdown(f"**:material/error: {what}**")
        st.write(plain(sentence))


def nothing(what: str, next_step: str) -> None:
    """There is nothing to show yet: what is missing, and what to do next."""
    with st.container(border=True):
        st.markdown(f"**{what}**")
        st.write(next_step)


_MARKDOWN = str.maketrans({mark: "\\" + mark for mark in "\\`*_{}[]<>()#+-.!|~$:"})


def plain(text: str) -> str:
    """The text with everything escaped that Markdown would read as a command; names come from
    uploaded files.
    """
    return text.translate(_MARKDOWN)
