"""The report on a file, the same after a check and after an import."""

from functools import partial

import streamlit as st

from app.cached_reads import open_store
from app.frame.page import escape_markdown
from app.logs.refused_rows import show_refused_rows
from app.logs.stored_entities import show_stored_entities
from app.logs.stored_groups import show_stored_groups
from app.text import t
from app.text.messages import message_text
from app.text.numbers import count
from db.importing import background
from db.importing.background import ImportFolder, ImportOutcome
from db.importing.report import ImportReport
from db.messages import Message

# Notes that the figures or the card of the upload already tell.
_OF_ENTITIES = {"items": "db.note.items_by_shelf", "users": "db.note.users_by_wish"}
SHOWN_ELSEWHERE = {
    "db.note.groups_by_state",
    "db.note.ignored_columns",
    *_OF_ENTITIES.values(),
}
# Notes on what is missing or may be wrong.
WORTH_A_LOOK = {
    "db.note.held_back",
    "db.note.encoding_doubt",
    "db.note.shared_ids",
    "db.note.no_failed_launch",
    "db.note.one_user_everywhere",
    "db.note.one_order_a_group",
    "db.note.all_at_midnight",
    "db.note.launches_at_night",
    "db.note.future_launches",
    "db.note.initiators_by_line",
}


def show_report(
    folder: ImportFolder, number: int, report: ImportReport, outcome: ImportOutcome
) -> None:
    """Draws what became of a file, or what would: rows, groups by state, notes, examples, refused rows.

    Args:
        folder: Of the import or the check, which has the refused rows.
        number: The file's place in it.
        report: On this file.
        outcome: Of the import or the check.

    """
    file = escape_markdown(report.file)
    written = outcome.message is None and not outcome.dry
    key = "data.report" if written else "data.report.dry"
    sentence = t(key, file=file, accepted=count(report.accepted), rejected=count(report.rejected))
    (st.warning if report.rejected else st.success if written else st.info)(sentence)
    _show_counts(report)
    show_notes(report)
    if written and report.questions:
        st.caption(t("data.report.unanswered", n=count(len(report.questions))))
    if report.examples:
        with st.expander(
            t("data.stored.done" if written else "data.stored", n=count(len(report.examples))),
            icon=":material/groups:",
            expanded=not written,
        ):
            show_stored_groups(report.examples, t("data.stored.alt", file=report.file))
    if report.entities:
        n = count(len(report.entities))
        with st.expander(
            t(f"data.stored.{report.kind}", n=n), icon=":material/list:", expanded=not written
        ):
            show_stored_entities(report.entities, t("data.stored.alt", file=report.file))
    if report.rejected:
        show_refused_rows(
            t("data.report.errors", file=file),
            partial(background.row_errors, open_store(), folder, number, report),
            f"{folder.path}-{number}",
            f"refused-rows-{number + 1}",
            open=not report.questions,
        )


def show_notes(report: ImportReport) -> None:
    """Draws the notes, a line each; those that ask people to check something come first."""
    notes = [note for note in report.notes if note.key not in SHOWN_ELSEWHERE]
    odd = [note for note in notes if note.key in WORTH_A_LOOK]
    lines = [f"- :material/warning: {_text(note)}" for note in odd]
    lines += [f"- {_text(note)}" for note in notes if note not in odd]
    if lines:
        st.markdown("\n".join(lines))


def _text(note: Message) -> str:
    return escape_markdown(message_text(note))


def _show_counts(report: ImportReport) -> None:
    """How many groups, people and items the file brings, or what it says of items or people."""
    cells = _entity_counts(report) if report.kind in _OF_ENTITIES else _group_counts(report)
    with st.container(horizontal=True, gap="medium"):
        for label, value in cells:
            if value not in ("0", "–"):
                st.metric(label, value, width="content")


def _group_counts(report: ImportReport) -> list[tuple[str, str]]:
    new, states = report.new, report.states
    groups = sum(states.values())
    return [
        (t("data.new.groups"), count(groups)),
        *((t(f"data.{state}"), count(states[state])) for state in ("successful", "failed", "open")),
        (t("data.joins"), count(new.get("members"))),
        (t("data.new.users"), count(new.get("users"))),
        (t("data.new.items"), count(new.get("items"))),
        (t("data.friendships"), count(new.get("friendships"))),
    ]


def _entity_counts(report: ImportReport) -> list[tuple[str, str]]:
    """New and known ones, and what the file says of the shelf or of people's wishes."""
    said = {
        name: number
        for note in report.notes
        if note.key == _OF_ENTITIES[report.kind]
        for name, number in note.values.items()
        if isinstance(number, int)
    }
    new = report.new.get(report.kind, 0)
    cells = [
        (t(f"data.new.{report.kind}"), count(new)),
        (t(f"data.known.{report.kind}"), count(said.get("n", new) - new)),
    ]
    cells += [
        (t(f"shelf.list.{state}"), count(said[state]))
        for state in ("on", "off", "hidden", "sold_out")
        if state in said
    ]
    if "not_contactable" in said:
        cells.append((t("people.list.unasked"), count(said["not_contactable"])))
    return cells
