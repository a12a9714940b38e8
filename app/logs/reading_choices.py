"""Everything that was recognised in an upload, as choices that change it."""

from collections.abc import Mapping, Sequence
from functools import partial

import streamlit as st

from app.frame.page import escape_markdown
from app.logs.answering import GUESS, WIDE, WIDTH, choose, say, say_column
from app.logs.reading import TEXT_FORMATS
from app.logs.uploads import KeptUpload
from app.text import known, t
from db.importing.answers import COMMA, DAY_FIRST, MONTH_FIRST, POINT, Answers
from db.importing.attributes.headings import ITEM_HEADINGS, USER_HEADINGS
from db.importing.column_mapping import FRIENDSHIPS, HEADINGS, ITEMS, USERS
from db.importing.preview import Preview
from db.importing.readers.encoding import ENCODINGS
from db.importing.readers.header import DELIMITERS

KINDS = (GUESS, "items", "users", "groups", "orders", "failed", "friendships")
_LOGS = ("failed", "friendships")  # that no heading tells from groups
_FIELDS = {
    FRIENDSHIPS: ("user", "friend"),
    ITEMS: tuple(ITEM_HEADINGS),
    USERS: tuple(USER_HEADINGS),
}
_LINES = 11  # heading lines to choose from


def show_reading_choices(
    upload: KeptUpload, seen: Preview | None, encodings: Mapping[str, str]
) -> None:
    """Draws the choices of how the file is read.

    Args:
        upload: The file.
        seen: How it is read now; ``None`` where it cannot be.
        encodings: Each in which the file is text, with some of the words read so.

    """
    answers, form = upload.answers, seen.format if seen else ""

    def kind_chosen(kind: str) -> None:
        upload.kind = kind if kind in _LOGS else "groups"
        say(upload, kind=GUESS if kind in _LOGS else kind)

    with st.container(horizontal=True):
        choose(
            t("data.kind"),
            KINDS,
            upload.kind if upload.kind in _LOGS else answers.kind,
            kind_chosen,
            f"kind-{upload.id}",
            words=lambda kind: t(f"data.kind.{kind}") if kind else _guessed(_kind_seen(seen)),
        )
        if seen and len(seen.sheets) > 1:
            choose(
                t("data.sheet"),
                seen.sheets,
                seen.sheet,
                partial(_say, upload, "sheet"),
                f"sheet-{upload.id}",
            )
        if form in ("", *TEXT_FORMATS):
            choose(
                t("data.encoding"),
                [GUESS, *dict.fromkeys([*encodings, *ENCODINGS])],
                answers.encoding,
                partial(_say, upload, "encoding"),
                f"encoding-{upload.id}",
                words=lambda name: (
                    _with_sample(name, encodings)
                    if name
                    else _guessed(encoding_name(seen.encoding) if seen else "")
                ),
                help=t("data.encoding.help"),
                width=WIDE,
            )
        if form in ("", "csv"):
            now = delimiter_name(seen.delimiter) if seen and seen.delimiter else ""
            choose(
                t("data.delimiter"),
                [GUESS, *DELIMITERS],
                answers.delimiter,
                partial(_say, upload, "delimiter"),
                f"delimiter-{upload.id}",
                words=lambda sign: delimiter_name(sign) if sign else _guessed(now),
            )
        if form not in ("parquet", "jsonl", "json", "beibei"):
            choose(
                t("data.heading_line"),
                range(_LINES),
                answers.heading_line,
                lambda line: say(upload, heading_line=line),
                f"heading-{upload.id}",
                words=lambda line: (
                    str(line) if line else _guessed(str(seen.heading_line) if seen else "")
                ),
            )
        if form != "beibei":
            order = t(f"data.dates.{seen.dates}") if seen and seen.dates else ""
            choose(
                t("data.dates"),
                [GUESS, DAY_FIRST, MONTH_FIRST],
                answers.dates,
                partial(_say, upload, "dates"),
                f"dates-{upload.id}",
                words=lambda one: t(f"data.dates.{one}") if one else _guessed(order),
                help=t("data.dates.help"),
            )
            choose(
                t("data.decimals"),
                [GUESS, POINT, COMMA],
                answers.decimals,
                partial(_say, upload, "decimals"),
                f"decimals-{upload.id}",
                words=lambda one: t(f"data.decimals.{one}") if one else _guessed(""),
            )
    if seen and form != "beibei":
        _column_choices(upload, seen)


def _kind_seen(seen: Preview | None) -> str:
    return t(f"data.kind.{seen.shape}") if seen and seen.shape else ""


def _with_sample(encoding: str, samples: Mapping[str, str]) -> str:
    name, sample = encoding_name(encoding), samples.get(encoding, "")
    return t("data.encoding.reads", encoding=name, sample=sample) if sample else name


def _say(upload: KeptUpload, name: str, value: str) -> None:
    say(upload, **{name: value})


def _guessed(value: str) -> str:
    return t("data.guessed", value=value) if value else t("data.guessed.nothing")


def _column_choices(upload: KeptUpload, seen: Preview) -> None:
    """Draws the choice of each column's field, with the column's first value as an example."""
    kinds: Sequence[str] = _FIELDS.get(seen.shape, tuple(HEADINGS))
    st.markdown(f"**{t('data.columns.each')}**")
    with st.container(horizontal=True):
        for heading, field in seen.mapping.items():
            now = field or GUESS
            options = [GUESS, *kinds] if now in (GUESS, *kinds) else [GUESS, now, *kinds]
            with st.container(width=WIDTH):
                choose(
                    escape_markdown(heading) or t("data.column.unnamed"),
                    options,
                    now,
                    partial(_say_field, upload, heading),
                    f"column-{upload.id}-{heading}",
                    words=field_name,
                )
                if example := first_value(seen, heading):
                    st.caption(t("data.column.example", value=escape_markdown(example)))


def _say_field(upload: KeptUpload, heading: str, field: str) -> None:
    say_column(upload, heading, field)


def field_name(field: str) -> str:
    """A field in words; "not used" for none."""
    return t(f"field.{field}") if field else t("data.preview.ignored")


def delimiter_name(sign: str) -> str:
    """A delimiter in words."""
    names = {",": "comma", "\t": "tab", ";": "semicolon", "|": "bar"}
    return t(f"data.delimiter.{names[sign]}") if sign in names else sign


def encoding_name(encoding: str) -> str:
    """How a file's characters are written, in words, with the encoding's name behind."""
    name = encoding.lower().removesuffix("-sig").removesuffix("-le").removesuffix("-be")
    key = f"data.encoding.{name}"
    return t(key) if known(key) else encoding.upper()


def first_value(seen: Preview, heading: str) -> str:
    """The column's first value that is not blank."""
    if heading not in seen.rows:
        return ""
    return next((value[:40] for value in seen.rows[heading] if value.strip()), "")


def answers_in_words(answers: Answers) -> str:
    """All that was said about a file, in one line."""
    parts: list[str] = []
    if answers.kind:
        parts.append(t(f"data.kind.{answers.kind}"))
    if answers.sheet:
        parts.append(t("data.sheet_is", sheet=answers.sheet))
    if answers.encoding:
        parts.append(encoding_name(answers.encoding))
    if answers.delimiter:
        parts.append(delimiter_name(answers.delimiter))
    if answers.heading_line:
        parts.append(t("data.heading_in", line=answers.heading_line))
    if answers.dates:
        parts.append(t("data.dates.said", order=t(f"data.dates.{answers.dates}")))
    if answers.decimals:
        parts.append(t(f"data.decimals.{answers.decimals}"))
    parts += [f"{heading} → {field_name(field)}" for heading, field in answers.columns.items()]
    parts += [f"{word} = {t(f'data.meaning.{said}')}" for word, said in answers.states.items()]
    if answers.undecided:
        parts.append(t("data.undecided", meaning=t(f"data.meaning.{answers.undecided}")))
    return t("list.dot").join(map(escape_markdown, parts))
