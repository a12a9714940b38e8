"""An upload on the Data page: what was recognised, what is asked, what will be stored, and what a check found."""

import streamlit as st

from app.frame.page import error_box, escape_markdown
from app.logs.checks import Check, latest_check
from app.logs.importing import is_importing, start_import
from app.logs.open_questions import show_questions
from app.logs.reading import (
    TEXT_FORMATS,
    Reading,
    column_questions,
    encoding_question,
    is_answered,
    read_upload,
)
from app.logs.reading_choices import (
    answers_in_words,
    delimiter_name,
    encoding_name,
    field_name,
    show_reading_choices,
)
from app.logs.report import show_notes, show_report
from app.logs.stored_entities import show_stored_entities
from app.logs.stored_groups import show_stored_groups
from app.logs.uploads import KeptUpload, remove_uploads
from app.text import t
from app.text.messages import message_text
from app.text.numbers import count, file_size
from db.errors import StoreError
from db.importing.preview import Preview
from db.importing.questions import Question
from db.importing.report import ImportReport

SHOWN_ROWS = 5


def show_upload(upload: KeptUpload, known: bool) -> Reading | None:
    """Draws the upload; returns how it is read, ``None`` where it cannot be imported yet.

    ``known`` says whether the very same file was imported before.
    """
    with st.container(border=True, key=f"upload-{upload.id}"):
        _heading(upload)
        if upload.source is None:
            assert upload.problem is not None, "unusable uploads have a problem"  # noqa: S101
            st.warning(escape_markdown(message_text(upload.problem)))
            return None
        try:
            with st.spinner(t("data.looking"), show_time=True):
                reading = read_upload(upload)
        except StoreError as error:
            error_box(
                t("data.preview.failed", file=escape_markdown(upload.name)), message_text(error)
            )
            with st.expander(t("data.change"), icon=":material/tune:"):
                show_reading_choices(upload, None, {})
            return None
        return _show_reading(upload, reading, known)


def _heading(upload: KeptUpload) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        size = f" :gray[{file_size(upload.source.size)}]" if upload.source else ""
        st.markdown(f"**{escape_markdown(upload.name)}**{size}")
        if st.button(
            t("data.remove"),
            key=f"remove-{upload.id}",
            icon=":material/close:",
            type="tertiary",
            help=t("data.remove.help", file=escape_markdown(upload.name)),
        ):
            remove_uploads([upload.id])
            st.rerun()


def _show_reading(upload: KeptUpload, reading: Reading, known: bool) -> Reading | None:
    seen, check = reading.preview, latest_check(upload)
    st.caption(_recognised(seen))
    _show_recalled(upload, reading, known)
    _note_questions(upload, reading, check)
    show_questions(upload, reading)
    with st.expander(t("data.change"), icon=":material/tune:"):
        show_reading_choices(upload, seen, reading.encodings)
    if check is not None:
        if check.outdated(upload):
            st.info(t("data.check.outdated"), icon=":material/sync:")
        show_report(check.folder, check.number, check.report, check.outcome)
    elif reading.report is not None:
        _show_sample(upload, reading, reading.report)
    with st.expander(t("data.raw"), icon=":material/table_rows:", expanded=bool(seen.problem)):
        st.dataframe(
            seen.rows.head(SHOWN_ROWS),
            hide_index=True,
            height="content",
            alt=t("data.preview.alt", file=seen.file),
        )
    return None if seen.problem else reading


def _show_sample(upload: KeptUpload, reading: Reading, report: ImportReport) -> None:
    """Draws what the first rows become: groups, items or people as they will be stored, and why rows cannot be used."""
    rows = report.accepted + report.rejected
    if reading.groups:
        key = "data.stored.whole" if reading.whole else "data.stored.sample"
        groups = sum(report.states.values())
        st.markdown(f"**{t(key, n=count(groups), rows=count(rows))}**")
        show_stored_groups(reading.groups, t("data.stored.alt", file=upload.name))
        if groups > len(reading.groups):
            st.caption(t("data.stored.first", n=count(len(reading.groups))))
    if reading.entities:
        listed = count(len(reading.entities))
        st.markdown(f"**{t(f'data.stored.{report.kind}', n=listed)}**")
        show_stored_entities(reading.entities, t("data.stored.alt", file=upload.name))
    if report.errors:
        first = report.errors[0]
        key = "data.stored.waiting" if reading.questions else "data.stored.unusable"
        st.warning(
            t(
                key,
                n=count(report.rejected),
                rows=count(rows),
                line=count(first.line),
                problem=escape_markdown(message_text(first.problem)),
            )
        )
    if reading.whole:
        show_notes(report)


def _show_recalled(upload: KeptUpload, reading: Reading, known: bool) -> None:
    """Says which earlier answers hold, and offers to import the file with them at once."""
    if not reading.said.known:
        return
    before = answers_in_words(reading.said.before)
    said = t("data.recalled", answers=before) if before else t("data.recalled.none")
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(f":material/history: {said}", width="stretch")
        if st.button(
            t("data.recalled.import"),
            key=f"again-{upload.id}",
            type="primary",
            disabled=known or is_importing() or bool(reading.questions or reading.preview.problem),
        ):
            start_import([upload], dry=False, strict=False, force=False, ask=True)


def _note_questions(upload: KeptUpload, reading: Reading, check: Check | None) -> None:
    """Adds what this reading and the latest check ask to what the upload was asked before."""
    problem = reading.preview.problem
    found: list[Question] = []
    if problem is not None:
        if problem.doubled:
            found += [
                Question("columns", problem.message, heading, choices=("", problem.doubled))
                for heading, field in reading.preview.mapping.items()
                if field == problem.doubled
            ]
        found += column_questions(problem, reading.preview, reading.said.answers)
    found += encoding_question(reading)
    found += reading.questions
    if check is not None:
        found += check.report.questions  # it has read the whole file
    for question in found:
        _note(upload, question)
    open_now = {(one.kind, one.column) for one in found}
    # What an answer to something else has settled is not asked any more.
    upload.asked = [
        one
        for one in upload.asked
        if (one.kind, one.column) in open_now or is_answered(one, upload.answers)
    ]


def _note(upload: KeptUpload, question: Question) -> None:
    """Notes a question once; a later one about the same column brings its words and counts."""
    for place, earlier in enumerate(upload.asked):
        if (earlier.kind, earlier.column) == (question.kind, question.column):
            words = dict(earlier.values) | dict(question.values)
            upload.asked[place] = Question(
                question.kind, question.message, question.column, tuple(words.items()),
                question.choices,
            )  # fmt: skip
            return
    upload.asked.append(question)


def _recognised(seen: Preview) -> str:
    """In one line: what a row is, how the file is written, which columns hold what, and which are not used."""
    shape = t(f"data.shape.{seen.shape}") if seen.shape else t("data.shape.unknown")
    parts = [shape]
    if len(seen.sheets) > 1:
        parts.append(t("data.sheet_is", sheet=escape_markdown(seen.sheet)))
    elif seen.format in TEXT_FORMATS:
        parts.append(encoding_name(seen.encoding))
    if seen.format == "csv" and seen.delimiter != ",":
        parts.append(delimiter_name(seen.delimiter).split()[0])
    if seen.heading_line > 1:
        parts.append(t("data.heading_in", line=seen.heading_line))
    if seen.dates:
        parts.append(t("data.dates.said", order=t(f"data.dates.{seen.dates}")))
    used = [(heading, field) for heading, field in seen.mapping.items() if field]
    ignored = [escape_markdown(heading) for heading, field in seen.mapping.items() if not field]
    if used:
        columns = (f"{escape_markdown(heading)} → {field_name(field)}" for heading, field in used)
        parts.append(t("list.and").join(columns))
    if ignored and used:
        parts.append(t("data.ignored", columns=t("list.and").join(ignored)))
    return t("list.dot").join(parts)
