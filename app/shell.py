"""The frame around every page: title, language, and how empty and failed states look."""

import streamlit as st

from app.text import LANGUAGES, language, t


def frame() -> None:
    """Sets the browser tab's title and a wide page."""
    st.set_page_config(
        page_title="MAMGBR",
        page_icon=":material/groups:",
        layout="wide",
        initial_sidebar_state="auto",
    )


def settings_in_sidebar() -> None:
    """The language switch; light and dark are in Streamlit's own menu and follow the system."""
    current = language()
    st.session_state["language"] = current
    with st.sidebar:
        st.segmented_control(
            t("sidebar.language"),
            list(LANGUAGES),
            format_func=LANGUAGES.__getitem__,
            key="language",
            required=True,
            on_change=lambda: st.query_params.update(lang=st.session_state["language"]),
        )


def heading(title: str, lead: str) -> None:
    """A page's title and the sentence that says what it is for."""
    st.title(title, anchor=False)
    st.caption(lead)


def trouble(what: str, sentence: str) -> None:
    """Something failed: what, and the error's own sentence with the next step."""
    with st.container(border=True):
        st.markdown(f"#### :material/error: {what}")
        st.write(plain(sentence))


def nothing(what: str, next_step: str) -> None:
    """There is nothing to show yet: what is missing, and what to do next."""
    with st.container(border=True):
        st.markdown(f"#### {what}")
        st.write(next_step)


_MARKDOWN = str.maketrans({mark: "\\" + mark for mark in "\\`*_{}[]<>()#+-.!|~$:"})


def plain(text: str) -> str:
    """The text with everything escaped that Markdown would read as a command; names come from
    uploaded files.
    """
    return text.translate(_MARKDOWN)
