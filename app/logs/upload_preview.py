"""The preview of an uploaded file: how it will be read, and the choices where that is wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import streamlit as st

from app.cached_reads import open_store
from app.frame.page import error_box, escape_markdown
from app.logs.uploads import SavedUpload
from app.text import t
from app.text.messages import message_text
from app.text.numbers import file_size
from db.errors import InputError
from db.importing.answers import (
    DAY_FIRST,
    MONTH_FIRST,
    NO_ANSWERS,
    Answers,
    recall_answers,
)
from db.importing.background import Upload
from db.importing.column_mapping import (
    FRIENDSHIPS,
    HEADINGS,
    ColumnsError,
)
from db.importing.preview import Preview
from db.importing.readers.encoding import ENCODINGS
from db.importing.readers.header import DELIMITERS

SHOWN_ROWS = 5
WIDTH = 195  # pixels of a choice: four side by side in a wide window, two in a narrow one
_FRIEND_FIELDS = ("user", "friend")
_GUESS = ""  # the choice to keep what was recognised


def preview_upload(saved: SavedUpload, kind: str) -> Upload | None:
    """Draws the file and the choices; returns how to import it, ``None`` where it cannot be imported yet.

    Args:
        saved: The file.
        kind: "groups", "failed" or "friendships".

    """
    key = f"{saved.id}-{kind}"
    reading = _chosen_reading(key)
    try:
        guess = saved.preview(kind, reading)
    except InputError as error:
        error_box(
            t("data.preview.failed", file=escape_markdown(saved.source.name)), message_text(error)
        )
        if not saved.source.head.startswith(b"PAR1"):
            _reading_choices(key, None)
        return None
    headings = tuple(guess.mapping)
    remembered = recall_answers(open_store(), headings)
    if remembered.dates and not reading.dates:
        reading = replace(reading, dates=remembered.dates)
    columns = _chosen_columns(key, guess, remembered.columns)
    # The import reads the file exactly as shown, even where the chosen columns would lead to another guess.
    exact = Answers(
        encoding=guess.encoding,
        delimiter=guess.delimiter,
        heading_line=guess.heading_line,
        dates=reading.dates or guess.dates,
        columns=columns,
    )
    seen = saved.preview(kind, exact)
    shape = t(f"data.shape.{seen.shape}") if seen.shape else t("data.shape.unknown")
    form = seen.format if seen.format == "beibei" else seen.format.upper()
    with st.container(border=True):
        st.markdown(
            f"**{t('data.preview', file=escape_markdown(seen.file), format=form, shape=shape)}** "
            f":gray[{_recognised(seen)}]"
        )
        st.dataframe(
            seen.rows.head(SHOWN_ROWS),
            hide_index=True,
            height="content",
            alt=t("data.preview.alt", file=seen.file),
        )
        if seen.problem:
            st.warning(_problem_text(seen.problem))
        elif remembered != NO_ANSWERS:
            st.caption(t("data.columns.remembered"))
        _show_choices(key, seen, guess, remembered)
    if seen.problem:
        return None
    return Upload(
        path=saved.path,
        name=saved.source.name,
        kind=kind,
        answers=replace(reading, columns=columns),
    )


def _recognised(seen: Preview) -> str:
    """The encoding, delimiter, heading line, order of dates and size of the file."""
    parts = [] if seen.format == "parquet" else [seen.encoding.upper()]
    if seen.format == "csv":
        parts += [t(_delimiter(seen.delimiter)), t("data.heading_in", line=seen.heading_line)]
    if seen.dates:
        parts.append(t("data.dates.said", order=t(f"data.dates.{seen.dates}")))
    parts.append(file_size(seen.size))
    return t("list.dot").join(parts)


def _problem_text(problem: ColumnsError) -> str:
    """Which field no column has, or two have."""
    if problem.doubled:
        return t("data.columns.doubled", field=t(f"field.{problem.doubled}"))
    fields = t("list.and").join(t(f"field.{name}") for name in problem.missing)
    return t("data.columns.missing", fields=fields)


def _show_choices(key: str, seen: Preview, guess: Preview, remembered: Answers) -> None:
    """Draws the field of each column in one line, and beneath it the choices."""
    if seen.problem is None:
        st.caption(
            t("data.preview.mapping")
            + t("list.and").join(
                f"{escape_markdown(heading)} → {t(f'field.{kind}') if kind else t('data.preview.ignored')}"
                for heading, kind in seen.mapping.items()
            )
        )
    if seen.format == "beibei":
        return  # its columns are fixed and its cells are numbers
    with st.expander(
        t("data.columns"), expanded=seen.problem is not None, icon=":material/view_column:"
    ):
        if seen.format != "parquet":
            _reading_choices(key, seen)
        _column_choices(key, seen, guess, remembered.columns)


def _chosen_reading(key: str) -> Answers:
    state = st.session_state
    return Answers(
        encoding=state.get(f"encoding-{key}") or "",
        delimiter=state.get(f"delimiter-{key}") or "",
        heading_line=state.get(f"heading-{key}") or 0,
        dates=state.get(f"dates-{key}") or "",
    )


def _reading_choices(key: str, seen: Preview | None) -> None:
    """Draws the choices of encoding, delimiter, heading line and order of dates."""

    def guessed(value: str) -> str:
        return t("data.guessed", value=value) if value else t("data.guessed.nothing")

    table = seen is None or seen.format == "csv"
    with st.container(horizontal=True):
        encoding = seen.encoding.upper() if seen else ""
        st.selectbox(
            t("data.encoding"),
            [_GUESS, *ENCODINGS],
            format_func=lambda name: name.upper() if name else guessed(encoding),
            key=f"encoding-{key}",
            width=WIDTH,
        )
        if table:
            delimiter = t(_delimiter(seen.delimiter)) if seen and seen.delimiter else ""
            st.selectbox(
                t("data.delimiter"),
                [_GUESS, *DELIMITERS],
                format_func=lambda sign: t(_delimiter(sign)) if sign else guessed(delimiter),
                key=f"delimiter-{key}",
                width=WIDTH,
            )
            line = str(seen.heading_line) if seen else ""
            st.selectbox(
                t("data.heading_line"),
                range(11),
                format_func=lambda number: str(number) if number else guessed(line),
                key=f"heading-{key}",
                width=WIDTH,
            )
        order = t(f"data.dates.{seen.dates}") if seen and seen.dates else ""
        st.selectbox(
            t("data.dates"),
            [_GUESS, DAY_FIRST, MONTH_FIRST],
            format_func=lambda one: t(f"data.dates.{one}") if one else guessed(order),
            key=f"dates-{key}",
            help=t("data.dates.help"),
            width=WIDTH,
        )


def _delimiter(sign: str) -> str:
    names = {",": "comma", "\t": "tab", ";": "semicolon", "|": "bar"}
    return f"data.delimiter.{names[sign]}"


def _chosen_columns(key: str, guess: Preview, remembered: Mapping[str, str]) -> dict[str, str]:
    """The field of every column; empty where the user keeps the guess."""
    state = st.session_state
    chosen = {
        heading: state.get(f"column-{key}-{heading}", remembered.get(heading, field or ""))
        for heading, field in guess.mapping.items()
    }
    guessed = {heading: field or "" for heading, field in guess.mapping.items()}
    return {} if chosen == guessed else chosen


def _column_choices(key: str, seen: Preview, guess: Preview, remembered: Mapping[str, str]) -> None:
    """Draws the choice of each column's field, with the column's first value as an example."""
    kinds: Sequence[str] = _FRIEND_FIELDS if seen.shape == FRIENDSHIPS else tuple(HEADINGS)
    with st.container(horizontal=True):
        for heading, guessed in guess.mapping.items():
            now = remembered.get(heading, guessed or _GUESS)
            options = [_GUESS, *kinds] if now in (_GUESS, *kinds) else [_GUESS, now, *kinds]
            with st.container(width=WIDTH):
                st.selectbox(
                    escape_markdown(heading) or t("data.column.unnamed"),
                    options,
                    index=options.index(now),
                    format_func=lambda kind: (
                        t(f"field.{kind}") if kind else t("data.preview.ignored")
                    ),
                    key=f"column-{key}-{heading}",
                )
                if example := _example(seen, heading):
                    st.caption(t("data.column.example", value=escape_markdown(example)))


def _example(seen: Preview, heading: str) -> str:
    """The column's first value that is not blank."""
    if heading not in seen.rows:
        return ""
    return next((value[:40] for value in seen.rows[heading] if value.strip()), "")
