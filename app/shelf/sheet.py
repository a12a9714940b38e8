"""A list whose cells are edited in place, each edit written at once, with a button that takes it back.

The rows stay as they are while one edits, also those that an edit takes off the list: they go when one looks at
something else, or when somebody else has changed the shelf.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import streamlit as st

from app.auth.permissions import may_operate, operators_only
from app.cached_reads import open_store
from app.frame.page import escape_markdown
from app.text import t
from app.text.messages import message_text
from db.errors import StoreError
from db.importing.edits import Cell, Conflict, EditReport
from db.importing.history import undo_import
from db.messages import Message
from db.queries.shelf import shelf_version

HEIGHT = 480  # pixels of a long list
FEW = 12  # rows that are shown without scrolling

# New values and the ones that stood there, both by attribute.
Write = Callable[[Mapping[str, tuple[Mapping[str, Any], Mapping[str, Any]]]], EditReport]


@dataclass
class Sheet:
    """The rows that a session looks at."""

    looks_at: tuple[object, ...]  # list, filters, order, page
    ids: list[str]
    version: str  # of the shelf
    number: int = 0  # a new one forgets what was typed in
    shown: pd.DataFrame = field(default_factory=pd.DataFrame)  # as last drawn

    def key(self, name: str) -> str:
        """Of the editor."""
        return f"sheet-{name}-{self.number}"


def write_edits(name: str, write: Write) -> None:
    """Writes what was typed into the list since it was drawn; called before anything is read.

    ``write`` gets, by id, the new values and those that stood there when they were typed.
    """
    sheet = _kept(name)
    if sheet is None or not may_operate():
        return
    typed = st.session_state.get(sheet.key(name), {}).get("edited_rows", {})
    new: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {}
    emptied = False
    for row, cells in typed.items():
        before = sheet.shown.iloc[int(row)]
        for attribute, value in cells.items():
            seen = None if pd.isna(before[attribute]) else before[attribute]
            if value is None and seen is not None:
                emptied = True
            elif value is not None and value != seen:
                now, then = new.setdefault(sheet.ids[int(row)], ({}, {}))
                now[attribute], then[attribute] = value, seen
    if emptied:
        _say(name, Message("app.cell_emptied"))
        sheet.number += 1
    if new:
        _write(name, sheet, write, new)


@operators_only
def _write(
    name: str,
    sheet: Sheet,
    write: Write,
    new: Mapping[str, tuple[Mapping[str, Any], Mapping[str, Any]]],
) -> None:
    before = shelf_version(open_store())
    try:
        report = write(new)
    except StoreError as error:
        _say(name, error.message)
        sheet.number += 1
        return
    _say(name, report)
    if report.conflicts:
        sheet.number += 1  # shows what stands
    elif sheet.version == before:
        sheet.version = shelf_version(open_store())


def show_sheet(
    name: str,
    looks_at: tuple[object, ...],
    ids: Callable[[], Sequence[str]],
    table: Callable[[Sequence[str]], pd.DataFrame],
    editable: Sequence[str],
    columns: Mapping[str, Any],
    alt: str,
) -> None:
    """Draws the list.

    Args:
        name: Tells the lists of a page apart.
        looks_at: What is listed; the same means the same rows.
        ids: Returns which rows.
        table: Returns a row for each id.
        editable: Columns of the table that may be edited.
        columns: Streamlit's configuration of the columns.
        alt: What it shows, in words.

    """
    version = shelf_version(open_store())
    sheet = _kept(name)
    if sheet is None or (sheet.looks_at, sheet.version) != (looks_at, version):
        number = 0 if sheet is None else sheet.number + 1
        sheet = Sheet(looks_at, list(ids()), version, number)
        st.session_state[_place(name)] = sheet
    sheet.shown = table(sheet.ids)
    height: Any = "content" if len(sheet.ids) <= FEW else HEIGHT
    if may_operate():
        st.data_editor(
            sheet.shown,
            key=sheet.key(name),
            hide_index=True,
            height=height,
            disabled=[str(column) for column in sheet.shown if column not in editable],
            column_config=dict(columns),
            placeholder="",
            alt=alt,
        )
    else:
        st.dataframe(
            sheet.shown,
            hide_index=True,
            height=height,
            column_config=dict(columns),
            placeholder="",
            alt=alt,
        )


def show_last_edit(name: str, how: str, conflict: Callable[[Conflict], str]) -> None:
    """Draws what the last edit was, with a button that takes it back, and what it left to somebody else's.

    Before the first one, ``how`` says how to edit. The place stays as high, so that the list beneath does not move.
    """
    said: EditReport | Message | None = st.session_state.get(f"said-{name}")
    edit = said if isinstance(said, EditReport) else None
    for one in edit.conflicts if edit is not None else ():
        st.warning(conflict(one), icon=":material/sync_problem:")
    key = f"edited-{name}"
    with st.container(horizontal=True, vertical_alignment="center", key=key):
        st.html(f"<style>.st-key-{key} {{ min-height: 2.75rem; }}</style>", width="content")
        if isinstance(said, Message):
            st.markdown(f":material/info: {escape_markdown(message_text(said))}", width="content")
        elif edit is None or edit.words is None or edit.import_id is None:
            if how:
                st.caption(how, width="content")
        else:
            words = escape_markdown(message_text(edit.words))
            st.markdown(f":material/check_circle: {t('shelf.saved', what=words)}", width="content")
            st.button(
                t("shelf.undo"),
                key=f"undo-edit-{name}",
                icon=":material/undo:",
                type="tertiary",
                on_click=_take_back,
                args=(name, edit),
            )


@operators_only
def _take_back(name: str, edit: EditReport) -> None:
    if edit.import_id is None or edit.words is None:
        return
    try:
        undo_import(open_store(), edit.import_id)
    except StoreError as error:
        _say(name, error.message)
        return
    _say(name, Message("app.edit_undone", {"what": edit.words}))


def _say(name: str, said: EditReport | Message) -> None:
    st.session_state[f"said-{name}"] = said


def _kept(name: str) -> Sheet | None:
    sheet: Sheet | None = st.session_state.get(_place(name))
    return sheet


def _place(name: str) -> str:
    return f"rows-of-{name}"


def cell_text(words: Mapping[Any, str], value: Cell | None) -> str:
    """A cell in words, for a sentence."""
    return t("shelf.nothing_said") if value is None else words.get(value, str(value))
