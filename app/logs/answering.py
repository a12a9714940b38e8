"""Choices whose values are answers about an upload; they survive a visit to another page.

A widget's own state is gone once it is not drawn. So each choice shows what the upload's answers say and writes what
is chosen there.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from app.logs.uploads import KeptUpload
from app.url_state import show_in_widget
from db.importing.answers import Answers

GUESS = ""  # the choice to keep what was recognised
WIDTH = 230  # pixels of a choice: several side by side in a wide window, one in a narrow one
WIDE = 460  # of a choice whose label is a question, or whose values are long


def choose(
    label: str,
    options: Sequence[Any],
    value: Any,
    say: Callable[[Any], None],
    key: str,
    words: Callable[[Any], str] = str,
    placeholder: str | None = None,
    help: str | None = None,
    width: int = WIDTH,
    optional: bool = False,
) -> None:
    """Draws a choice.

    Args:
        label: What is chosen.
        options: The values to choose from.
        value: The one chosen now; one that is not among the options means none.
        say: Called with another value once it is chosen, with ``None`` once it is taken back.
        key: Of the widget.
        words: Puts a value into words.
        placeholder: Shown while none is chosen.
        help: A tooltip.
        width: In pixels.
        optional: Whether there may be no value.

    """
    chosen = value if value in options else None
    show_in_widget(key, chosen, "" if chosen is None else words(chosen))

    def changed() -> None:
        say(st.session_state[key])

    st.selectbox(
        label,
        options,
        index=None if optional else 0,
        key=key,
        format_func=words,
        on_change=changed,
        placeholder=placeholder,
        help=help,
        width=width,
    )


def say(upload: KeptUpload, **answers: Any) -> None:
    """Replaces answers about the upload."""
    upload.answers = Answers(**{**vars(upload.answers), **answers})


def say_state(upload: KeptUpload, column: str, word: str, meaning: str | None) -> None:
    """Notes what a word of a column means; ``None`` takes that back."""
    key = f"{column}:{word}" if column else word
    upload.answers = replace(
        upload.answers, states=_with(upload.answers.states, {key: meaning}, without={key, word})
    )


def say_column(upload: KeptUpload, heading: str, field: str | None) -> None:
    """Notes what a column holds; empty ignores it, ``None`` leaves it to the product."""
    columns = _with(upload.answers.columns, {heading: field}, without={heading})
    upload.answers = replace(upload.answers, columns=columns)


def say_holder(upload: KeptUpload, field: str, heading: str | None) -> None:
    """Notes which column holds a field, in place of another that was said to hold it."""
    before = holder(upload.answers, field)
    said: dict[str, str | None] = {} if heading is None else {heading: field}
    columns = _with(upload.answers.columns, said, without={before})
    upload.answers = replace(upload.answers, columns=columns)


def holder(answers: Answers, field: str) -> str | None:
    """The column that was said to hold a field."""
    return next((heading for heading, held in answers.columns.items() if held == field), None)


def _with(
    before: Mapping[str, str], said: Mapping[str, str | None], without: Collection[str | None]
) -> dict[str, str]:
    """What was said before, without some of it and with what is said now."""
    kept = {name: value for name, value in before.items() if name not in without}
    return kept | {name: value for name, value in said.items() if value is not None}
