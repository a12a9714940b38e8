"""Data: what the store holds, an upload with its report, and the history of imports."""

import pandas as pd
import streamlit as st
from db.imports import import_files
from streamlit.runtime.uploaded_file_manager import UploadedFile

from app.shell import plain, trouble
from app.stores import open_store, shop_counts
from app.text import t
from app.text.numbers import count
from app.uploads import as_files, previewed, too_large
from db.errors import StoreError
from db.settings import settings

KINDS = ("groups", "failed", "friendships")


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
    st.markdown(f"### {t('data.upload')}")
    limit = settings().upload_mb
    st.caption(t("data.upload.what", megabytes=limit))
    kind = st.segmented_control(
        t("data.kind"),
        KINDS,
        default="groups",
        required=True,
        key="kind",
        format_func=lambda kind: t(f"data.kind.{kind}"),
    )
    # A number in the key empties the box after an import.
    round_number = st.session_state.setdefault("upload_round", 0)
    files = st.file_uploader(t("data.files"), accept_multiple_files=True, key=f"up-{round_number}")
    large = [file for file in files if too_large(file)]
    for file in large:
        st.warning(t("data.too_large", file=plain(file.name), megabytes=limit))
    files = [file for file in files if file not in large]
    if not files:
        return
    for file in files:
        show_preview(file)
    strict = st.checkbox(t("data.strict"), key="strict")
    if st.button(t("data.import"), type="primary", key="import", icon=":material/upload:"):
        take_in(files, str(kind), strict)


def show_preview(file: UploadedFile) -> None:
    """The first rows and what each heading is taken for."""
    try:
        preview = previewed(file)
    except StoreError as error:
        trouble(t("data.preview.failed", file=plain(file.name)), str(error))
        return
    title = t("data.preview", file=plain(file.name), format=plain(preview.format))
    with st.expander(title, expanded=True):
        st.dataframe(preview.rows, hide_index=True, height="content")
        st.caption(t("data.preview.mapping"))
        st.dataframe(
            pd.DataFrame(
                {
                    heading: [field or t("data.preview.ignored")]
                    for heading, field in preview.mapping.items()
                }
            ),
            hide_index=True,
        )


def take_in(files: list[UploadedFile], kind: str, strict: bool) -> None:
    """Imports the files as one batch and keeps the reports for the next run of the page."""
    try:
        with st.spinner(t("data.importing")), as_files(files) as paths:
            groups = paths if kind == "groups" else []
            failed = paths if kind == "failed" else []
            friendships = paths if kind == "friendships" else []
            reports = import_files(
                open_store(), groups, failed=failed, friendships=friendships, strict=strict
            )
    except StoreError as error:
        trouble(t("data.import.failed"), str(error))
        return
    st.session_state["reports"] = reports
    st.session_state["upload_round"] += 1
    st.rerun()
