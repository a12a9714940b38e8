"""Names as they are: texts out of uploaded files, in which nothing is a link, an icon, a formula or a style.

Streamlit draws most texts as Markdown, and replaces more in them once Markdown is read: addresses by links, icons and
emoji by their names, arrows and dashes by their signs. A backslash stops the former; for the latter the text is broken
in two by an element that holds nothing, so that what is copied from the page is the name and nothing else.
"""

import re
from html import escape

BREAK = ":small[]"  # an empty span
_MARKS = str.maketrans({mark: "\\" + mark for mark in "\\`*_{}[]<>()#+-.!|~$:&="})
_SPACE = re.compile(r"[ \t\r\n\f\v]+")  # begins a line or a block
_REPLACED = re.compile(
    r"(?<=:)(?=[A-Za-z/+])"  # http://, mailto:, :material/delete:, :streamlit:
    r"|(?<=@)(?=[-\w]+\.[-\w])"  # somebody@shop.example
    r"|(?<=www)(?=\.)"
    r"|(?<=-)(?=[->])|(?<=<)(?=[-=])|(?<=[>~])(?==)",  # arrows, dashes, at least, about
    re.IGNORECASE,
)


def escape_markdown(text: str) -> str:
    """The text as Markdown that shows it as it is, on one line."""
    return BREAK.join(part.translate(_MARKS) for part in _REPLACED.split(_SPACE.sub(" ", text)))


def escape_chart_text(text: str) -> str:
    """The text for a label or a tooltip of plotly, which draws some tags of HTML and its entities."""
    return escape(text, quote=False)
