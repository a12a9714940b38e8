"""Choices whose values are answers about an upload; they survive a visit to another page.

A widget's own state is gone once it is not drawn. So each choice shows what the upload's answers say and writes what
is chosen there.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from app.logs.uploads import KeptUpload
from db.importing.answers import Answers

GUESS = ""  # the choice to keep what was recognised
WIDTH = 230  # pixels of a choice: several side by side in a wide window, one in a narrow one


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
) -> None:
    """Draws a choice.

    Args:
        label: What is chosen.
        options: The values to choose from.
        value: The one chosen now; one that is not among the options means none.
        say: Called with another value once it is chosen.
        key: Of the widget.
        words: Puts a value into words.
        placeholder: Shown while none is chosen.
        help: A tooltip.
        width: In pixels.

    """
    st.session_state[key] = value if value in options else None

    def changed() -> None:
        say(st.session_state[key])

    st.selectbox(
        label,
        options,
        index=None,
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


def say_state(upload: KeptUpload, column: str, word: str, meaning: str) -> None:
    """Notes what a word of a column means."""
    key = f"{column}:{word}" if column else word
    upload.answers = replace(upload.answers, states={**upload.answers.states, key: meaning})


def say_column(upload: KeptUpload, heading: str, field: str) -> None:
    """Notes what a column holds; empty ignores it."""
    upload.answers = replace(upload.answers, columns={**upload.answers.columns, heading: field})


def say_holder(upload: KeptUpload, field: str, heading: str) -> None:
    """Notes which column holds a field, in place of another that was said to hold it."""
    others = {name: held for name, held in upload.answers.columns.items() if held != field}
    upload.answers = replace(upload.answers, columns={**others, heading: field})


def holder(answers: Answers, field: str) -> str | None:
    """The column that was said to hold a field."""
    columns: Mapping[str, str] = answers.columns
    return next((heading for heading, held in columns.items() if held == field), None)
