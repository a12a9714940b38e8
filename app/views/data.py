"""Data: upload, check and import logs; the shelf and the people; the contents of the store; past imports."""

import streamlit as st

from app.auth.permissions import may_operate
from app.auth.sign_in import show_read_only_note
from app.cached_reads import open_store, shop_counts
from app.frame.page import escape_markdown, heading
from app.logs.checks import latest_check
from app.logs.importing import is_importing, show_outcome, show_running_imports, start_import
from app.logs.past_imports import show_past_imports
from app.logs.reading import Reading
from app.logs.shop_clock import show_shop_clock
from app.logs.store_statistics import show_statistics
from app.logs.upload_card import show_upload
from app.logs.uploads import KeptUpload, add_uploads, uploads
from app.shelf.items import show_items
from app.shelf.people import show_people
from app.text import t
from app.text.numbers import count, percent
from db.importing.history import ImportEntry, import_history
from db.settings import settings


def show_counts() -> None:
    """Draws the store's counts."""
    counts = shop_counts()
    ended = counts.successful + counts.failed
    cells = [
        (t("data.users"), count(counts.users)),
        (t("data.items"), count(counts.items)),
        (t("data.successful"), count(counts.successful)),
        (t("data.failed"), count(counts.failed)),
        (t("data.open"), count(counts.open)),
        (t("data.success_rate"), percent(counts.successful / ended if ended else None)),
        (t("data.joins"), count(counts.joins)),
        (t("data.friendships"), count(counts.friendships)),
    ]
    with st.container(horizontal=True, gap="medium"):
        for name, value in cells:
            st.metric(name, value, width="content")


def upload_form() -> None:
    """Draws the uploader, each upload with what is asked about it, and the buttons that check and import them."""
    limit = settings().upload_mb
    st.caption(t("data.upload.what", megabytes=limit))
    # A new key empties the uploader once its files are kept.
    number = st.session_state.setdefault("uploader", 0)
    files = st.file_uploader(
        t("data.files"),
        accept_multiple_files=True,
        key=f"files-{number}",
        max_upload_size=limit,
    )
    if files:
        with st.spinner(t("data.looking"), show_time=True):
            add_uploads(files)
        st.session_state["uploader"] = number + 1
        st.rerun()
    kept = uploads()
    imported = {entry.sha256: entry for entry in import_history(open_store()) if not entry.undone}
    again = {
        upload.id: imported[upload.source.sha256]
        for upload in kept
        if upload.source and upload.source.sha256 in imported
    }
    readings = [show_upload(upload, upload.id in again) for upload in kept]
    if kept:
        import_buttons(kept, readings, again)


def import_buttons(
    kept: list[KeptUpload], readings: list[Reading | None], again: dict[str, ImportEntry]
) -> None:
    """Draws the buttons that import and check, and what has to be confirmed before.

    Args:
        kept: The uploads.
        readings: ``None`` for each upload that cannot be imported yet.
        again: The earlier import of each upload that was imported before.

    """
    blocked = None in readings
    questions = sum(len(reading.questions) for reading in readings if reading is not None)
    # A widget that is not drawn forgets its state, so the choice is kept beside it.
    st.session_state.setdefault("strict", st.session_state.get("strict-kept", False))
    strict = st.checkbox(t("data.strict"), key="strict")
    st.session_state["strict-kept"] = strict
    for upload in kept:
        if upload.id in again:
            number = again[upload.id].id
            st.warning(t("data.again", file=escape_markdown(upload.name), number=number))
    force = bool(again)
    if force:
        force = st.checkbox(t("data.again.allow"), key="again")
        blocked = blocked or not force
    if blocked and not force:
        st.caption(t("data.not_ready"))
    elif questions:
        st.caption(t("data.ask.open", n=count(questions)))
    with st.container(horizontal=True):
        disabled = blocked or is_importing()
        if st.button(
            t("data.import.without" if questions else "data.import"),
            type="secondary" if questions else "primary",
            key="import",
            icon=":material/upload:",
            disabled=disabled,
        ):
            start_import(kept, dry=False, strict=strict, force=force, ask=not questions)
        if st.button(
            t("data.check.again" if any(map(latest_check, kept)) else "data.check"),
            key="check",
            icon=":material/fact_check:",
            disabled=disabled,
            help=t("data.check.help"),
        ):
            start_import(kept, dry=True, strict=strict, force=force, ask=False)


def show_upload_tab() -> None:
    """Draws the upload, and beneath it the running import and the last one's outcome."""
    show_read_only_note()
    show_shop_clock()
    if may_operate():
        upload_form()
    show_running_imports()
    show_outcome()


heading(t("data.title"), t("data.lead"))
show_counts()
TABS = ("data.upload", "data.shelf", "data.people", "data.holdings", "data.history")
files, shelf, people, held, past = st.tabs(
    [t(name) for name in TABS], key="section", on_change="rerun"
)
if files.open:
    with files:
        show_upload_tab()
if shelf.open:
    with shelf:
        show_items()
if people.open:
    with people:
        show_people()
if held.open:
    with held:
        show_statistics()
if past.open:
    with past:
        show_past_imports()
