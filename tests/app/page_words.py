"""What a page of Streamlit's test harness says, and what the catalogue says."""

from app.text import catalogue
from app.text.plain import BREAK

KINDS = (
    "title",
    "header",
    "subheader",
    "markdown",
    "caption",
    "info",
    "warning",
    "success",
    "code",
)


def said(test):
    """Everything that a page says in words, without the marks that keep it from being Markdown.

    A page that raised an error fails here.
    """
    assert [error.message for error in test.exception] == []
    text = "\n".join(str(element.value) for kind in KINDS for element in getattr(test, kind))
    return unmarked(text)


def unmarked(text):
    """The text without the marks that keep it from being Markdown."""
    return text.replace(BREAK, "").replace("\\", "")


def english(key, **values):
    """The English words of a key."""
    return catalogue("en")[key].format(**values)


def button(test, label):
    """The first button whose label has these words."""
    found = [entry for entry in test.button if label in unmarked(entry.label)]
    assert found, f"no button {label!r} among {[entry.label for entry in test.button]}"
    return found[0]
