"""The report on a file, the same after a check and after an import."""

from functools import partial

import streamlit as st

from app.frame.page import escape_markdown
from app.logs.refused_rows import show_refused_rows
from app.logs.stored_groups import show_stored_groups
from app.text import t
from app.text.messages import message_text
from app.text.numbers import count
from db.importing import background
from db.importing.background import ImportFolder, ImportOutcome
from db.importing.report import ImportReport


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
    if report.rejected:
        show_refused_rows(
            t("data.report.errors", file=file),
            partial(background.row_errors, folder, number),
            f"{folder.path}-{number}",
            f"refused-rows-{number + 1}",
            open=not report.questions,
        )


def show_notes(report: ImportReport) -> None:
    """Draws the notes, a line each."""
    said = [escape_markdown(message_text(note)) for note in report.notes]
    if said:
        st.markdown("\n".join(f"- {note}" for note in said))


def _show_counts(report: ImportReport) -> None:
    """How many groups, people and items the file brings, and how large its groups are."""
    new, states = report.new, report.states
    groups = sum(states.values())
    cells = [
        ("data.new.groups", count(groups)),
        *((f"data.{state}", count(states[state])) for state in ("successful", "failed", "open")),
        ("data.joins", count(new.get("members"))),
        ("data.new.users", count(new.get("users"))),
        ("data.new.items", count(new.get("items"))),
        ("data.friendships", count(new.get("friendships"))),
    ]
    if groups and new.get("members"):
        cells.insert(1, ("data.people_a_group", f"{1 + new['members'] / groups:.1f}"))
    with st.container(horizontal=True, gap="medium"):
        for key, value in cells:
            if value not in ("0", "–"):
                st.metric(t(key), value, width="content")
