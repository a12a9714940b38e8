"""The history of imports: the files, the rows that could not be used, and a way to undo an import."""

from datetime import datetime
from functools import partial
from typing import Literal

import pandas as pd
import streamlit as st

from app.auth.permissions import may_operate, operators_only
from app.cached_reads import open_store
from app.frame.page import empty_state, error_box, escape_markdown
from app.logs.refused_rows import show_refused_rows
from app.text import language, t
from app.text.messages import message_text
from app.text.numbers import count, date_and_time
from db.errors import StoreError
from db.importing.edits import EditedCell, edited_cells
from db.importing.history import ImportEntry, import_history, rejected_rows, undo_import


def file_name(entry: ImportEntry) -> str:
    """The name of an import: its file, what an edit changed, or the demo shop."""
    if entry.words is not None:
        return message_text(entry.words)
    return t("welcome.demo") if entry.kind == "demo" else entry.file


def show_past_imports() -> None:
    """The imports, the newest first; and for the chosen one its rejected rows and a form that undoes it."""
    entries = import_history(open_store())[::-1]
    if undone := st.session_state.pop("undone", None):
        st.success(undone, icon=":material/undo:")
    if not entries:
        empty_state(t("data.history.none"), t("data.history.none.next"))
        return
    st.dataframe(
        _table(entries),
        hide_index=True,
        key="history",
        alt=t("data.history"),
        height=_table_height(entries),
    )
    by_number = {entry.id: entry for entry in entries}
    with st.container(border=True):
        chosen = st.selectbox(
            t("data.history.which"),
            list(by_number),
            index=next((k for k, one in enumerate(entries) if not one.undone), 0),
            format_func=lambda number: f"{number} · {file_name(by_number[number])}",
            # A new key after each import, or an older choice would stick.
            key=f"past-{entries[0].id}",
            width=520,
        )
        entry = by_number[int(chosen)]
        if entry.rejected:
            show_refused_rows(
                t("data.history.refused", n=count(entry.rejected)),
                partial(rejected_rows, open_store(), entry.id),
                f"import-{entry.id}",
                f"refused-rows-{entry.id}",
                open=False,
            )
        if entry.undone:
            st.caption(t("data.history.is_undone"))
        elif entry.words is not None:
            _show_edit(entry)
        elif may_operate():
            _undo_form(entry)


def _table_height(entries: list[ImportEntry]) -> Literal["content"] | int:
    return "content" if len(entries) <= 8 else 320


def _table(entries: list[ImportEntry]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            t("job.number"): [entry.id for entry in entries],
            t("data.history.file"): [file_name(entry) for entry in entries],
            t("data.history.kind"): [t(f"data.history.kind.{entry.kind}") for entry in entries],
            t("data.history.accepted"): [count(entry.accepted) for entry in entries],
            t("data.history.rejected"): [count(entry.rejected) for entry in entries],
            t("data.history.when"): [
                date_and_time(datetime.fromisoformat(entry.created_at).astimezone(), language())
                for entry in entries
            ],
            t("data.history.state"): [
                t("data.history.undone" if entry.undone else "data.history.stands")
                for entry in entries
            ],
        }
    )


def _show_edit(entry: ImportEntry) -> None:
    """Draws what the edit says, and a button that takes it back: the same edit is quickly made again."""
    cells = edited_cells(open_store(), entry.id)
    st.dataframe(
        pd.DataFrame(
            {
                t("edit.of"): [one.name for one in cells],
                t("edit.id"): [one.id for one in cells],
                t("edit.cell"): [t(f"edit.cell.{one.attribute}") for one in cells],
                t("edit.value"): [_value(one) for one in cells],
            }
        ),
        hide_index=True,
        key=f"edit-{entry.id}",
        height="content" if len(cells) <= 8 else 320,
        alt=file_name(entry),
    )
    if may_operate() and st.button(
        t("data.undo.edit"), key=f"undo-{entry.id}", icon=":material/undo:"
    ):
        _undo(entry)


def _value(cell: EditedCell) -> str:
    if cell.attribute == "status":
        return t(f"shelf.status.{cell.value}")
    if cell.attribute == "contactable":
        return t(f"people.contactable.{'yes' if cell.value else 'no'}")
    return count(int(cell.value))


def _undo_form(entry: ImportEntry) -> None:
    """Undoes the import once its number is typed in, because an undo cannot be undone."""
    with st.popover(t("data.undo"), icon=":material/undo:", key=f"undo-{entry.id}"):
        st.markdown(f"**{entry.id} · {escape_markdown(file_name(entry))}**")
        st.caption(t("data.undo.what"))
        with st.form(f"undo-form-{entry.id}", border=False):
            typed = st.text_input(
                t("data.undo.type", number=entry.id), key=f"undo-number-{entry.id}"
            )
            asked = st.form_submit_button(t("data.undo.button"), type="primary", key="undo-submit")
        if not asked:
            return
        if typed.strip() != str(entry.id):
            st.warning(t("data.undo.mismatch", number=entry.id))
            return
        _undo(entry)


@operators_only
def _undo(entry: ImportEntry) -> None:
    try:
        with st.spinner(t("data.undo.running")):
            report = undo_import(open_store(), entry.id)
    except StoreError as error:
        error_box(t("data.undo.failed"), message_text(error))
        return
    if report.edit:
        st.session_state["undone"] = t(
            "data.undo.edit.done", what=escape_markdown(file_name(entry))
        )
        st.rerun()
    st.session_state["undone"] = t(
        "data.undo.done",
        number=entry.id,
        groups=count(report.groups),
        users=count(report.users),
        items=count(report.items),
        kept=count(report.kept),
    )
    st.rerun()
