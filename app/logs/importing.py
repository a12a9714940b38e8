"""Running imports: how far they are, how fast, and a button that stops them; then how they ended."""

import streamlit as st

from app.auth.permissions import operators_only
from app.cached_reads import open_store
from app.frame.page import error_box, escape_markdown
from app.logs.checks import DONE, RUNNING, UPLOADS
from app.logs.report import show_report
from app.logs.uploads import KeptUpload, remove_uploads
from app.text import language, t
from app.text.messages import message_text
from app.text.numbers import count, duration, short_duration
from db.errors import StoreError
from db.importing import background
from db.importing.background import ImportFolder, ImportOutcome, ImportProgress, Upload
from db.models import registry

SECONDS_BETWEEN_LOOKS = 0.5


@operators_only
def start_import(
    uploads: list[KeptUpload], dry: bool, strict: bool, force: bool, ask: bool
) -> None:
    """Starts an import, or a check, of this session's uploads and redraws the page.

    Where it cannot start, as on a full disk, says why and what to do instead; the uploads stay.
    """
    dismiss()
    files = [
        Upload(upload.source.path, upload.name, upload.kind, upload.answers)
        for upload in uploads
        if upload.source is not None
    ]
    try:
        folder = background.start(open_store(), files, dry=dry, strict=strict, force=force, ask=ask)
    except StoreError as error:
        error_box(t("data.check.failed" if dry else "data.import.failed"), message_text(error))
        return
    st.session_state[RUNNING] = folder
    st.session_state[UPLOADS] = [upload.id for upload in uploads]
    st.rerun()


def dismiss() -> None:
    """Removes the report of this session's last import."""
    folder: ImportFolder | None = st.session_state.pop(DONE, None)
    if folder is not None:
        folder.remove()


def is_importing() -> bool:
    """Whether an import of this session runs."""
    return RUNNING in st.session_state


def show_running_imports() -> None:
    """Draws the imports that run, also those of other sessions, until they end."""
    mine: ImportFolder | None = st.session_state.get(RUNNING)
    folders = background.imports_under_way(open_store())
    if mine is not None and mine not in folders:
        _end(mine)
    shown = [folder for folder in folders if folder == mine or not background.is_check(folder)]
    if shown:
        st.fragment(_redraw, run_every=SECONDS_BETWEEN_LOOKS)(shown)


def _end(folder: ImportFolder) -> None:
    outcome = background.import_outcome(open_store(), folder)
    del st.session_state[RUNNING]
    st.session_state[DONE] = folder
    if outcome.message is None and not outcome.dry:
        remove_uploads(st.session_state.get(UPLOADS, []))
    st.rerun()


def _redraw(folders: list[ImportFolder]) -> None:
    if not all(background.is_running(folder) for folder in folders):
        st.rerun()  # the whole page changes when an import ends
    for folder in folders:
        with st.container(border=True):
            _show_progress(folder)


def _show_progress(folder: ImportFolder) -> None:
    files = escape_markdown(t("list.and").join(background.file_names(folder)))
    mine = folder == st.session_state.get(RUNNING)
    key = "data.checking" if background.is_check(folder) else "data.importing"
    st.markdown(f"**{t(key if mine else 'data.importing.other', file=files)}**")
    progress = background.import_progress(folder)
    st.progress(progress.share, text=progress_line(progress))
    if mine and st.button(
        t("data.stop"),
        key="stop-import",
        icon=":material/stop_circle:",
        disabled=folder.cancel_requested(),
    ):
        _stop(folder)


@operators_only
def _stop(folder: ImportFolder) -> None:
    folder.request_cancel()


def progress_line(progress: ImportProgress) -> str:
    """One line: the stage, rows done and in total, share, rows per second and the time left."""
    parts = [t(f"data.stage.{progress.stage}")]
    done, total, speed = progress.done, progress.total, progress.rows_per_second
    if total:
        parts.append(t("data.rows_of", done=count(done), total=count(total)))
        parts.append(f"{progress.share:.0%}")
    if speed and progress.seconds > 1:
        parts.append(t("data.rows_a_second", n=count(speed)))
        if total > done:
            parts.append(t("training.left", time=duration((total - done) / speed, language())))
    return t("list.dot").join(parts)


def show_outcome() -> None:
    """How this session's last import or check ended."""
    folder: ImportFolder | None = st.session_state.get(DONE)
    if folder is None:
        return
    outcome = background.import_outcome(open_store(), folder)
    if outcome.message is not None:
        failed = t("data.check.failed" if outcome.dry else "data.import.failed")
        error_box(failed, message_text(outcome.message))
        if outcome.earlier_import is not None:
            st.caption(t("data.again.how"))
    if outcome.message is None and not outcome.dry:
        for number, report in enumerate(outcome.reports):
            show_report(folder, number, report, outcome)
        _show_next_steps(outcome)


def _show_next_steps(outcome: ImportOutcome) -> None:
    """What the import means for the recommendations, and where to go from here."""
    serving = registry.serving(open_store())
    with st.container(border=True):
        st.markdown(f"**{t('data.next')}**")
        words = {report.kind for report in outcome.reports} <= {"items", "users"}
        then = "retrain" if serving else "first"
        st.write(t("data.next.words") if words else t(f"data.next.{then}"))
        if outcome.seconds:  # unknown where the history had to tell how it ended
            rows = sum(report.accepted + report.rejected for report in outcome.reports)
            speed = count(rows / outcome.seconds)
            time = short_duration(outcome.seconds, language())
            st.caption(t("data.took", rows=count(rows), time=time, speed=speed))
        with st.container(horizontal=True, vertical_alignment="center"):
            if serving:
                st.page_link(
                    "views/recommend.py", label=t("nav.recommend"), icon=":material/storefront:"
                )
            if words:
                _open_lists(outcome)
            else:
                st.page_link(
                    "views/retrain.py", label=t("nav.retrain"), icon=":material/model_training:"
                )
            if st.button(t("data.done"), key="dismiss-import", type="tertiary"):
                dismiss()
                st.rerun()


def _open_lists(outcome: ImportOutcome) -> None:
    """Draws buttons that open the lists of which the files speak."""
    tabs = {"items": "data.shelf", "users": "data.people"}
    for kind in dict.fromkeys(report.kind for report in outcome.reports):
        st.button(
            t(tabs[kind]),
            key=f"open-{kind}",
            icon=":material/list:",
            type="tertiary",
            on_click=_open_tab,
            args=(t(tabs[kind]),),
        )


def _open_tab(name: str) -> None:
    st.session_state["section"] = name
