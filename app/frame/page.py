"""The frame around every page: browser tab, logo, language, status, empty and failed states, columns for charts.

Also the few words that Streamlit's widgets show in English only: on Chinese pages, styles replace them.
"""

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.cached_reads import open_store, shop_counts
from app.text import LANGUAGES, language, t
from app.text.numbers import compact
from app.text.plain import escape_markdown as escape_markdown
from db.models import registry


def set_up_page() -> None:
    """Sets the browser tab, the page's width and the logo."""
    st.set_page_config(page_title="MAMGBR", page_icon=ICON, layout="wide")
    st.logo(LOGO, size="large")


def language_switch() -> None:
    """Draws the language switch in the sidebar. Light and dark are in Streamlit's menu and follow the system."""
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


def show_status() -> None:
    """Draws the shop's size and the serving model at the foot of the sidebar."""
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
            st.caption(t("sidebar.model", version=escape_markdown(serving.version)))


def heading(title: str, lead: str) -> None:
    """Draws a page's title and the sentence that says what it is for."""
    st.title(title, anchor=False)
    st.caption(lead)


def error_box(what: str, sentence: str) -> None:
    """Draws a failure: what failed, and the error's sentence with the next step."""
    with st.container(border=True):
        st.markdown(f"**:material/error: {what}**")
        st.write(escape_markdown(sentence))


def empty_state(what: str, next_step: str) -> None:
    """Draws an empty state: what is missing, and what to do next."""
    with st.container(border=True):
        st.markdown(f"**{what}**")
        st.write(next_step)


MIN_COLUMN_WIDTH = "22rem"  # narrower charts squeeze their labels


def wrapping_columns(sizes: int | Sequence[int], key: str) -> list[DeltaGenerator]:
    """Columns for charts that wrap where the page is too narrow; Streamlit's own stay in one row.

    Args:
        sizes: The number of columns, or their proportions.
        key: Unique on the page.

    """
    frame = st.container(key=key)
    frame.html(
        f"<style>.st-key-{key} [data-testid='stColumn'] {{ min-width: {MIN_COLUMN_WIDTH}; }}</style>"
    )
    return frame.columns(sizes, gap="large")


_UPLOAD = "[data-testid='stFileUploaderDropzone'] [data-testid='stBaseButton-secondary'] p"
_SIZES = "[data-testid='stFileUploaderDropzoneInstructions']"
_TYPED = "[data-testid='InputInstructions'] span"


def translate_widgets() -> None:
    """Replaces the English words of Streamlit's widgets on Chinese pages."""
    if language() != "zh":
        return
    rules = [
        *_replaced(_UPLOAD, t("widget.upload"), "0.875rem"),
        f"{_SIZES} {{ display: none; }}",
        *_replaced(_TYPED, t("widget.enter"), "0.75rem"),
        *_replaced(f"[data-testid='stTextArea'] {_TYPED}", t("widget.enter.lines"), "0.75rem"),
    ]
    st.html(f"<style>{' '.join(rules)}</style>")


def _replaced(selector: str, words: str, size: str) -> list[str]:
    return [
        f"{selector} {{ font-size: 0; }}",
        f"{selector}::after {{ content: '{words}'; font-size: {size}; }}",
    ]


# The logo, in tones that read on both themes.
_MARK = (
    '<circle cx="16" cy="10" r="5" fill="#3f9681"/>'
    '<circle cx="8" cy="22" r="4" fill="#d98560"/>'
    '<circle cx="24" cy="22" r="4" fill="#7183c9"/>'
    '<path d="M13.5 14.5 10 18.8M18.5 14.5 22 18.8M12.5 22h7" stroke="#8a9693" '
    'stroke-width="1.8" stroke-linecap="round" fill="none"/>'
)
ICON = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">{_MARK}</svg>'
LOGO = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 150 32" width="150" height="32">'
    f'{_MARK}<text x="40" y="22.5" font-family="Source Sans Pro, Helvetica, Arial, sans-serif" '
    'font-size="19" font-weight="700" letter-spacing="1.2" fill="#3f9681">MAMGBR</text></svg>'
)
