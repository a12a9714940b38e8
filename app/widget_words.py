"""The few words that Streamlit's widgets show on their own, in Chinese: they take none from the app.

So the styles of the page put other words in their place. What the uploaders say of sizes is hidden, as the pages
say it themselves.
"""

import streamlit as st

from app.text import language, t

_UPLOAD = "[data-testid='stFileUploaderDropzone'] [data-testid='stBaseButton-secondary'] p"
_SIZES = "[data-testid='stFileUploaderDropzoneInstructions']"
_TYPED = "[data-testid='InputInstructions'] span"


def widgets_in_chinese() -> None:
    """Draws the styles where the page is in Chinese."""
    if language() != "zh":
        return
    rules = [
        *_instead(_UPLOAD, t("widget.upload"), "0.875rem"),
        f"{_SIZES} {{ display: none; }}",
        *_instead(_TYPED, t("widget.enter"), "0.75rem"),
        *_instead(f"[data-testid='stTextArea'] {_TYPED}", t("widget.enter.lines"), "0.75rem"),
    ]
    st.html(f"<style>{' '.join(rules)}</style>")


def _instead(place: str, words: str, size: str) -> list[str]:
    return [
        f"{place} {{ font-size: 0; }}",
        f"{place}::after {{ content: '{words}'; font-size: {size}; }}",
    ]
