"""Data: what the store holds, an upload with its report, and the history of imports."""

from datetime import datetime

import pandas as pd
import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from app.access import may_operate, operators_only
from app.downloads import csv_bytes
from app.entrance import readers_note
from app.shell import heading, nothing, plain, trouble
from app.stores import open_store, shop_counts
from app.text import language, t
from app.text.numbers import count, minute
from app.uploads import as_files, previewed, too_large
from db.errors import StoreError
from db.history import ImportEntry
from db.imports import ImportReport, RefusedImportError, history, import_files, undo_import
from db.settings import settings

KINDS = ("groups", "failed", "friendships")
SHOWN_ROWS = 5
SHOWN_ERRORS = 1000  # the download has them all


def holdings() -> None:
    """The store's counts."""
    counts = shop_counts()
    cells = [
        (t("data.users"), counts.users),
        (t("data.items"), counts.items),
        (t("data.successful"), counts.successful),
        (t("data.failed"), counts.failed),
        (t("data.open"), counts.open),
        (t("data.joins"), counts.joins),
        (t("data.friendships"), counts.friendships),
    ]
    with st.container(horizontal=True, gap="medium"):
        for name, value in cells:
            st.metric(name, count(value), width="content")


def upload() -> None:
    """Files, what they hold, how they are read, and the button that imports them."""
    st.subheader(t("data.upload"), anchor=False)
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
    # The number in the key empties the box after an import.
    filled = st.session_state.setdefault("imports_done", 0)
    files = st.file_uploader(t("data.files"), accept_multiple_files=True, key=f"files-{filled}")
    large = [file for file in files if too_large(file)]
    for file in large:
        st.warning(t("data.too_large", file=plain(file.name), megabytes=limit))
    files = [file for file in files if file not in large]
    if not files:
        return
    for file in files:
        show_preview(file, kind)
    strict = st.checkbox(t("data.strict"), key="strict")
    if st.button(t("data.import"), type="primary", key="import", icon=":material/upload:"):
        take_in(files, kind, strict)


def show_preview(file: UploadedFile, kind: str) -> None:
    """The first rows, and what each heading is taken for."""
    try:
        preview = previewed(file, kind)
    except StoreError as error:
        trouble(t("data.preview.failed", file=plain(file.name)), str(error))
        return
    shape = t(f"data.shape.{preview.shape}")
    title = t("data.preview", file=plain(file.name), format=preview.format, shape=shape)
    with st.expander(title, expanded=True):
        st.dataframe(preview.rows.head(SHOWN_ROWS), hide_index=True, height="content")
        st.caption(
            t("data.preview.mapping")
            + t("list.and").join(
                f"{plain(heading)} → {plain(field) if field else t('data.preview.ignored')}"
                for heading, field in preview.mapping.items()
            )
        )


@operators_only
def take_in(files: list[UploadedFile], kind: str, strict: bool) -> None:
    """Imports the files as one batch and keeps what became of them for the next run of the page."""
    try:
        with st.spinner(t("data.importing")), as_files(files, kind) as logs:
            reports = import_files(open_store(), logs, strict=strict)
    except RefusedImportError as error:
        trouble(t("data.import.failed"), str(error))
        for report in error.reports:
            refused_rows(report)
        return
    except StoreError as error:
        trouble(t("data.import.failed"), str(error))
        return
    st.session_state["reports"] = reports
    st.session_state["imports_done"] += 1
    st.rerun()


def reports() -> None:
    """What became of the last files, counted after they were written."""
    for report in st.session_state.get("reports", []):
        sentence = t(
            "data.report",
            file=plain(report.file),
            accepted=count(report.accepted),
            rejected=count(report.rejected),
        )
        show = st.warning if report.rejected else st.success
        show(sentence)
        for note in report.notes:
            st.caption(plain(note))
        refused_rows(report)
    if st.session_state.get("reports"):
        st.info(t("data.retrain"), icon=":material/model_training:")


def refused_rows(report: ImportReport) -> None:
    """The rows that could not be used: line, column, value, what is wrong; and their download."""
    if not report.errors:
        return
    frame = report.error_frame()
    with st.expander(t("data.report.errors", file=plain(report.file)), expanded=True):
        st.dataframe(
            frame.drop(columns="row").head(SHOWN_ERRORS),
            hide_index=True,
            column_config={name: t(f"data.error.{name}") for name in frame.columns},
        )
        st.download_button(
            t("download"),
            csv_bytes(frame),
            file_name="refused-rows.csv",
            mime="text/csv",
            icon=":material/download:",
            key=f"refused-{report.sha256}",
            on_click="ignore",
        )


def file_name(entry: ImportEntry) -> str:
    """What an import is called: its file, or the demo shop."""
    return t("welcome.demo") if entry.kind == "demo" else entry.file


def past_imports() -> None:
    """The history of imports, the newest first, and the way to take one back."""
    st.subheader(t("data.history"), anchor=False)
    entries = history(open_store())[::-1]
    if not entries:
        nothing(t("data.history.none"), t("data.history.none.next"))
        return
    st.dataframe(
        pd.DataFrame(
            {
                t("job.number"): [entry.id for entry in entries],
                t("data.history.file"): [file_name(entry) for entry in entries],
                t("data.history.accepted"): [entry.accepted for entry in entries],
                t("data.history.rejected"): [entry.rejected for entry in entries],
                t("data.history.when"): [
                    minute(datetime.fromisoformat(entry.created_at).astimezone(), language())
                    for entry in entries
                ],
                t("data.history.state"): [
                    t("data.history.undone" if entry.undone else "data.history.stands")
                    for entry in entries
                ],
            }
        ),
        hide_index=True,
        key="history",
    )
    standing = {entry.id: file_name(entry) for entry in entries if not entry.undone}
    if standing and may_operate():
        with st.popover(t("data.undo"), icon=":material/undo:"):
            chosen = st.selectbox(
                t("data.undo.which"),
                list(standing),
                format_func=lambda number: f"{number} · {standing[number]}",
                # Another key after each import, or the choice would stay with an older one.
                key=f"undo-{next(iter(standing))}",
            )
            st.caption(t("data.undo.what"))
            if st.button(t("data.undo.button"), key="undo", type="primary"):
                take_back(int(chosen))


@operators_only
def take_back(number: int) -> None:
    """Undoes an import, or says why that is not possible."""
    try:
        undo_import(open_store(), number)
    except StoreError as error:
        trouble(t("data.undo.failed"), str(error))
        return
    st.session_state.pop("reports", None)
    st.toast(t("data.undo.done"))
    st.rerun()


heading(t("data.title"), t("data.lead"))
holdings()
readers_note()
if may_operate():
    upload()
reports()
past_imports()
