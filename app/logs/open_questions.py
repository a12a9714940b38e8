"""What the product could not find out about an upload, with a choice for each answer."""

from collections.abc import Callable
from functools import partial

import pandas as pd
import streamlit as st

from app.frame.page import escape_markdown
from app.logs.answering import GUESS, WIDE, choose, holder, say, say_column, say_holder, say_state
from app.logs.reading import FIELD, Reading, is_answered, state_of
from app.logs.reading_choices import encoding_name, field_name
from app.logs.uploads import KeptUpload
from app.text import known, t
from app.text.messages import message_text
from app.text.numbers import count
from app.url_state import show_in_widget
from db.importing.answers import (
    CONTACTABLE,
    FAILED,
    HIDDEN,
    IN_STOCK,
    NOT_CONTACTABLE,
    OFF,
    ON,
    OPEN,
    PAID,
    SOLD_OUT,
    SUCCESSFUL,
    VOID,
)
from db.importing.questions import Question

MEANINGS = (
    *(PAID, VOID, SUCCESSFUL, FAILED, OPEN),
    *(ON, OFF, HIDDEN, IN_STOCK, SOLD_OUT, CONTACTABLE, NOT_CONTACTABLE),
)
MEANING_WIDTH = 290  # pixels of the choice of a meaning, which must not be cut


def show_questions(upload: KeptUpload, reading: Reading) -> None:
    """Draws every question that the upload has raised, also those that are answered, so that no answer slips away."""
    if not upload.asked:
        return
    left = sum(not is_answered(one, upload.answers) for one in upload.asked)
    title = t("data.ask", n=count(left)) if left else t("data.ask.done")
    mark = ":material/help:" if left else ":material/check_circle:"
    with st.container(border=True, key=f"questions-{upload.id}"):
        st.markdown(f"**{mark} {title}**")
        for number, question in enumerate(upload.asked):
            _show_question(upload, question, reading, f"ask-{upload.id}-{number}")


def _show_question(upload: KeptUpload, question: Question, reading: Reading, key: str) -> None:
    if question.kind == "states":
        _ask_states(upload, question, key)
    elif question.kind == "encoding":
        _ask_encoding(upload, question, reading, key)
    elif question.kind.startswith(FIELD):
        field = question.kind.removeprefix(FIELD)
        _ask(
            question,
            holder(upload.answers, field),
            lambda heading: say_holder(upload, field, heading),
            key,
            partial(_with_example, reading.preview.rows),
        )
    elif question.kind == "columns":
        _ask(
            question,
            upload.answers.columns.get(question.column),
            lambda field: say_column(upload, question.column, field),
            key,
            field_name,
        )
    else:
        _ask(
            question,
            getattr(upload.answers, question.kind, ""),
            lambda value: say(upload, **{question.kind: value or GUESS}),
            key,
            partial(_choice, question.kind),
        )


def _ask(
    question: Question,
    answer: str | None,
    say_it: Callable[[str | None], None],
    key: str,
    words: Callable[[str], str],
) -> None:
    """Draws a question that has one answer."""
    choose(
        _asked(question),
        question.choices,
        answer,
        say_it,
        key,
        words=words,
        placeholder=t("data.ask.none"),
        width=WIDE,
        optional=True,
    )


def _asked(question: Question) -> str:
    """The question in words."""
    field = question.kind.removeprefix(FIELD) if question.kind.startswith(FIELD) else ""
    kind = "field" if field else question.kind
    if not known(f"data.ask.{kind}"):
        return escape_markdown(message_text(question.message))
    words = t("list.and").join(word for word, _ in question.values[:3])
    example = question.message.values.get("example", "")
    return t(
        f"data.ask.{kind}",
        field=field_name(field),
        column=escape_markdown(question.column),
        words=escape_markdown(words or _text(example)),
        n=count(_cells(question)),
    )


def _text(value: object) -> str:
    """A value of a message without quotation marks."""
    return t("list.and").join(value) if isinstance(value, tuple) else str(value)


def _cells(question: Question) -> int:
    """How many cells, or groups, are in question."""
    known = question.message.values.get("n", 0)
    return sum(cells for _, cells in question.values) or (known if isinstance(known, int) else 0)


def _ask_states(upload: KeptUpload, question: Question, key: str) -> None:
    st.markdown(_asked(question))
    with st.container(horizontal=True):
        for place, (word, cells) in enumerate(question.values):
            choose(
                t("data.ask.word", word=escape_markdown(word), n=count(cells)),
                sorted(question.choices, key=MEANINGS.index),
                state_of(question, word, upload.answers),
                partial(_say_state, upload, question.column, word),
                f"{key}-{place}",
                words=lambda meaning: t(f"data.meaning.{meaning}"),
                placeholder=t("data.ask.none"),
                width=MEANING_WIDTH,
                optional=True,
            )


def _say_state(upload: KeptUpload, column: str, word: str, meaning: str | None) -> None:
    say_state(upload, column, word, meaning)


def _ask_encoding(upload: KeptUpload, question: Question, reading: Reading, key: str) -> None:
    show_in_widget(key, reading.preview.encoding)

    def changed() -> None:
        say(upload, encoding=st.session_state[key])

    st.radio(
        _asked(question),
        list(reading.encodings),
        key=key,
        on_change=changed,
        format_func=lambda name: escape_markdown(reading.encodings[name]),
        captions=[encoding_name(name) for name in reading.encodings],
    )


def _choice(kind: str, choice: str) -> str:
    """An answer in words, where it has some."""
    for key in (f"data.{kind}.{choice}", f"data.meaning.{choice}"):
        if known(key):
            return t(key)
    return choice


def _with_example(rows: pd.DataFrame, heading: str) -> str:
    """A heading with the column's first value that is not blank."""
    if heading not in rows:
        return heading
    value = next((value[:24] for value in rows[heading] if value.strip()), "")
    return t("data.ask.column", column=heading, value=value) if value else heading
