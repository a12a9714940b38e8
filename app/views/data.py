"""Data: upload, check and import logs; the contents of the store; past imports."""

import streamlit as st

from app.auth.permissions import may_operate
from app.auth.sign_in import show_read_only_note
from app.cached_reads import open_store, shop_counts
from app.frame.page import error_box, escape_markdown, heading
from app.logs.importing import is_importing, show_outcome, show_running_imports, start_import
from app.logs.past_imports import show_past_imports
from app.logs.store_statistics import show_statistics
from app.logs.upload_preview import preview_upload
from app.logs.uploads import SavedUpload, exceeds_limit, save_uploads
from app.text import t
from app.text.messages import message_text
from app.text.numbers import count, percent
from db.importing.background import Upload
from db.importing.history import import_history
from db.messages import Message
from db.settings import settings

KINDS = ("groups", "failed", "friendships")


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
    """Draws the uploader, a preview of each file, and the buttons that check and import them."""
    limit = settings().upload_mb
    st.caption(t("data.upload.what", megabytes=limit))
    kind = str(
        st.segmented_control(
            t("data.kind"),
            KINDS,
            default="groups",
            required=True,
            key="kind",
            format_func=lambda kind: t(f"data.kind.{kind}"),
        )
    )
    # The number in the key empties the uploader after an import.
    imports = st.session_state.setdefault("imports_done", 0)
    files = st.file_uploader(
        t("data.files"),
        accept_multiple_files=True,
        key=f"files-{imports}",
        max_upload_size=limit,
    )
    large = [file for file in files if exceeds_limit(file)]
    for file in large:
        st.warning(t("data.too_large", file=escape_markdown(file.name), megabytes=limit))
    with st.spinner(t("data.looking")):
        saved = save_uploads([file for file in files if file not in large])
    uploads: list[Upload | None] = []
    for one in saved:
        if isinstance(one, Message):
            error_box(t("data.preview.failed.any"), message_text(one))
            uploads.append(None)
        else:
            uploads.append(preview_upload(one, kind))
    if saved:
        import_buttons(uploads, [one for one in saved if isinstance(one, SavedUpload)])


def import_buttons(uploads: list[Upload | None], saved: list[SavedUpload]) -> None:
    """Draws the buttons that import and check, and what has to be confirmed before.

    ``uploads`` has ``None`` for each file that cannot be imported yet.
    """
    ready = [one for one in uploads if one is not None]
    blocked = len(ready) < len(uploads)
    strict = st.checkbox(t("data.strict"), key="strict")
    force = False
    imported = {entry.sha256: entry for entry in import_history(open_store()) if not entry.undone}
    for one in saved:
        entry = imported.get(one.source.sha256)
        if entry is not None:
            st.warning(t("data.again", file=escape_markdown(one.source.name), number=entry.id))
            force = True
    if force:
        force = st.checkbox(t("data.again.allow"), key="again")
        blocked = blocked or not force
    if blocked and not force:
        st.caption(t("data.not_ready"))
    with st.container(horizontal=True):
        disabled = blocked or is_importing()
        if st.button(
            t("data.import"),
            type="primary",
            key="import",
            icon=":material/upload:",
            disabled=disabled,
        ):
            start_import(ready, dry=False, strict=strict, force=force)
        if st.button(
            t("data.check"),
            key="check",
            icon=":material/fact_check:",
            disabled=disabled,
            help=t("data.check.help"),
        ):
            start_import(ready, dry=True, strict=strict, force=force)


def show_upload_tab() -> None:
    """Draws the upload, and beneath it the running import and the last one's outcome."""
    show_read_only_note()
    if may_operate():
        upload_form()
    show_running_imports()
    show_outcome()


heading(t("data.title"), t("data.lead"))
show_counts()
files, held, past = st.tabs(
    [t("data.upload"), t("data.holdings"), t("data.history")], key="section", on_change="rerun"
)
if files.open:
    with files:
        show_upload_tab()
if held.open:
    with held:
        show_statistics()
if past.open:
    with past:
        show_past_imports()
