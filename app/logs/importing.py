"""An import as it runs: how far it is, how fast, and a button that stops it; then what came of it."""

from pathlib import Path
from typing import Any

import streamlit as st

from app.auth.permissions import operators_only
from app.cached_reads import open_store
from app.frame.page import error_box, escape_markdown
from app.text import language, t
from app.text.messages import message_text, row_error_texts, row_errors_csv
from app.text.numbers import count, duration, short_duration
from db.importing import background
from db.importing.background import Outcome, Progress
from db.messages import Message
from db.models import registry

SECONDS_BETWEEN_LOOKS = 0.5
SHOWN_ERRORS = 200  # the download has them all
_MINE, _DONE = "import-running", "import-done"  # folders, in the session


@operators_only
def begin(uploads: list[background.Upload], dry: bool, strict: bool, force: bool) -> None:
    """Starts an import, or a dry run, of this session and redraws the page."""
    dismiss()
    folder = background.start(open_store(), uploads, dry=dry, strict=strict, force=force)
    st.session_state[_MINE] = folder
    st.rerun()


def dismiss() -> None:
    """Forgets what came of the last import of this session."""
    folder = st.session_state.pop(_DONE, None)
    if folder is not None:
        background.forget(folder)


def busy() -> bool:
    """Whether an import of this session runs."""
    return _MINE in st.session_state


def watch() -> None:
    """Draws the imports that run, those of other sessions too, until they end."""
    mine: Path | None = st.session_state.get(_MINE)
    folders = background.under_way(open_store())
    if mine is not None and mine not in folders:
        _ended(mine)
    shown = [folder for folder in folders if folder == mine or not background.is_dry(folder)]
    if shown:
        st.fragment(_look, run_every=SECONDS_BETWEEN_LOOKS)(shown)


def _ended(folder: Path) -> None:
    del st.session_state[_MINE]
    st.session_state[_DONE] = folder
    ending = background.outcome(folder)
    if not ending.message and not ending.dry:
        # The number in the uploader's key empties it.
        st.session_state["imports_done"] = st.session_state.get("imports_done", 0) + 1
    st.rerun()


def _look(folders: list[Path]) -> None:
    if not all(background.running(folder) for folder in folders):
        st.rerun()  # the whole page changes when an import ends
    for folder in folders:
        with st.container(border=True):
            _bar(folder)


def _bar(folder: Path) -> None:
    files = escape_markdown(t("list.and").join(background.files_of(folder)))
    mine = folder == st.session_state.get(_MINE)
    key = "data.checking" if background.is_dry(folder) else "data.importing"
    st.markdown(f"**{t(key if mine else 'data.importing.other', file=files)}**")
    told = background.progress(folder)
    st.progress(told.share, text=progress_line(told))
    if mine and st.button(t("data.stop"), key="stop-import", icon=":material/stop_circle:"):
        _stop(folder)


@operators_only
def _stop(folder: Path) -> None:
    background.stop(folder)


def progress_line(told: Progress) -> str:
    """One line: the stage, rows of how many, share, rows a second and the time left."""
    parts = [t(f"data.stage.{told.stage}")]
    if told.total:
        parts.append(t("data.rows_of", done=count(told.done), total=count(told.total)))
        parts.append(f"{told.share:.0%}")
    if told.rows_a_second and told.seconds > 1:
        parts.append(t("data.rows_a_second", n=count(told.rows_a_second)))
        if told.total > told.done:
            left = (told.total - told.done) / told.rows_a_second
            parts.append(t("training.left", time=duration(left, language())))
    return t("list.dot").join(parts)


def finished() -> None:
    """What became of the last import or dry run of this session."""
    folder: Path | None = st.session_state.get(_DONE)
    if folder is None:
        return
    ending = background.outcome(folder)
    if ending.message:
        failed = t("data.check.failed" if ending.dry else "data.import.failed")
        error_box(failed, message_text(Message.from_json(ending.message)))
        if ending.known_as is not None:
            st.caption(t("data.again.how"))
    for number, report in enumerate(ending.reports):
        _report(folder, number, report, ending)
    if not ending.message and not ending.dry:
        _next_steps(ending)


def _report(folder: Path, number: int, report: dict[str, Any], ending: Outcome) -> None:
    accepted, rejected = report["accepted"], report["rejected"]
    file = escape_markdown(report["file"])
    if not ending.message:
        key = "data.report.dry" if ending.dry else "data.report"
        sentence = t(key, file=file, accepted=count(accepted), rejected=count(rejected))
        (st.warning if rejected else st.info if ending.dry else st.success)(sentence)
        _brought(report)
    for note in report["notes"]:
        st.caption(escape_markdown(message_text(Message.from_json(note))))
    if rejected:
        _refused_rows(folder, number, file)


def _brought(report: dict[str, Any]) -> None:
    """What the file brings, in figures."""
    new, states = report["new"], report["states"]
    cells = [
        ("data.new.groups", new["groups"]),
        *((f"data.{state}", states[state]) for state in ("successful", "failed", "open")),
        ("data.joins", new["members"]),
        ("data.new.users", new["users"]),
        ("data.new.items", new["items"]),
        ("data.friendships", new["friendships"]),
    ]
    with st.container(horizontal=True, gap="medium"):
        for key, value in cells:
            if value:
                st.metric(t(key), count(value), width="content")


def _refused_rows(folder: Path, number: int, file: str) -> None:
    """The rows that cannot be used: line, column, value, what is wrong; and their download."""
    with st.expander(t("data.report.errors", file=file), expanded=True):
        frame = row_error_texts(background.errors(folder, number))
        st.dataframe(
            frame.drop(columns="row").head(SHOWN_ERRORS),
            hide_index=True,
            height="content" if len(frame) <= 10 else 400,
            column_config={name: t(f"data.error.{name}") for name in frame.columns},
            alt=t("data.report.errors", file=file),
        )
        if len(frame) > SHOWN_ERRORS:
            st.caption(t("data.report.first", n=count(SHOWN_ERRORS), all=count(len(frame))))
        st.download_button(
            t("data.report.download"),
            lambda: row_errors_csv(background.errors(folder, number)),
            file_name="refused-rows.csv",
            mime="text/csv",
            icon=":material/download:",
            key=f"refused-{number}",
            on_click="ignore",
        )


def _next_steps(ending: Outcome) -> None:
    """What an import means for the recommendations, and where to go from here."""
    serving = registry.serving(open_store())
    with st.container(border=True):
        st.markdown(f"**{t('data.next')}**")
        st.write(t("data.next.retrain" if serving else "data.next.first"))
        rows = sum(report["accepted"] + report["rejected"] for report in ending.reports)
        speed = count(rows / max(ending.seconds, 0.001))
        time = short_duration(ending.seconds, language())
        st.caption(t("data.took", rows=count(rows), time=time, speed=speed))
        with st.container(horizontal=True, vertical_alignment="center"):
            if serving:
                st.page_link(
                    "views/recommend.py", label=t("nav.recommend"), icon=":material/storefront:"
                )
            st.page_link(
                "views/retrain.py", label=t("nav.retrain"), icon=":material/model_training:"
            )
            if st.button(t("data.done"), key="dismiss-import", type="tertiary"):
                dismiss()
                st.rerun()
