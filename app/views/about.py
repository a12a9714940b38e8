"""About: versions, settings, places and the serving model, with a report to download."""

import platform
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from app.cached_reads import open_recommender, open_store, running_code
from app.frame.page import escape_markdown, heading
from app.model_quality import metric_values, nothing_later, with_interval
from app.retraining.training import log_file
from app.system_report import (
    Section,
    describe_machine,
    describe_settings,
    format_report,
    installed_packages,
    readable_manifest,
    redact_secrets,
    shipped_documents,
)
from app.text import known, language, t
from app.text.messages import message_text
from app.text.numbers import count, date_and_time, file_size
from db.errors import EngineError
from db.models import registry
from db.queries.statistics import folder_bytes, store_bytes
from db.read_logs import data_version
from db.settings import settings
from engine.bundle.manifest import Counts


def versions_section() -> Section:
    """The project, Python and the main packages, with their licences."""
    rows = [
        ("MAMGBR", running_code(), "MIT"),
        ("Python", platform.python_version(), "PSF-2.0"),
        *((package.name, package.version, package.licence) for package in installed_packages()),
        (t("about.machine"), describe_machine(), ""),
    ]
    columns = (t("about.what"), t("about.version"), t("about.licence"))
    return Section(t("about.versions"), columns, rows)


def settings_section() -> Section:
    """Every setting, described in the session's language where the catalogue has it."""
    rows = []
    for one in describe_settings(settings()):
        key = f"about.setting.{one.name}"
        value, default = (
            one.value or t("about.setting.none"),
            one.default or t("about.setting.none"),
        )
        rows.append((one.variable, value, default, t(key) if known(key) else one.sentence))
    columns = (
        t("about.variable"),
        t("about.value"),
        t("about.default"),
        t("about.meaning"),
    )
    return Section(t("about.settings"), columns, rows)


def places_section() -> Section:
    """Where things are and how large they are."""
    chosen, store, log = settings(), open_store(), log_file()
    where = str(store.path.resolve()) if store.path else redact_secrets(store.place)
    folders = {"models": chosen.models, "results": chosen.benchmarks}
    rows = [
        (t("about.place.store"), where, file_size(store_bytes(store))),
        *(
            (t(f"about.place.{name}"), str(folder.resolve()), file_size(folder_bytes(folder)))
            for name, folder in folders.items()
        ),
        (t("about.place.log"), str(log.resolve()), size_of(log)),
        *((t("about.place.document"), str(path), size_of(path)) for path in shipped_documents()),
    ]
    columns = (t("about.what"), t("about.where"), t("about.room"))
    return Section(t("about.places"), columns, rows)


def size_of(path: Path) -> str:
    """A file's size, or that there is no such file yet."""
    return file_size(path.stat().st_size) if path.exists() else t("about.missing")


def model_section() -> Section:
    """The serving model's manifest in short, and the hardware that it runs on."""
    serving = registry.serving(open_store())
    title, columns = t("about.model"), (t("about.what"), t("about.value"))
    if serving is None:
        return Section(title, columns, [(t("about.version"), t("about.model.none"))])
    manifest = readable_manifest(settings().models / serving.version)
    made = datetime.fromtimestamp(serving.created_at).astimezone()
    current = serving.data_version == data_version(open_store())
    rows = [
        (t("about.version"), serving.version),
        (t("retrain.preset"), t(f"preset.{serving.preset}")),
        (t("retrain.made"), date_and_time(made, language())),
        (t("about.model.code"), manifest.code_version if manifest else ""),
        (
            t("about.model.data"),
            t(
                "about.model.data.current" if current else "about.model.data.older",
                version=serving.data_version,
            ),
        ),
        *(_counts(manifest.counts) if manifest else ()),
        *_figures(serving.metrics, "about.model.metric"),
        *_figures(nothing_later(manifest), "about.model.metric.nothing_later"),
        (t("about.model.room"), file_size(folder_bytes(settings().models / serving.version))),
        (t("about.provider"), provider()),
    ]
    return Section(title, columns, rows)


def _figures(metrics: Mapping[str, Any], key: str) -> list[tuple[str, str]]:
    return [
        (
            t(key, task=t(f"evaluation.{one.metric.task}"), metric=one.metric.at.upper()),
            with_interval(one),
        )
        for one in metric_values(metrics)
    ]


def _counts(counts: Counts) -> list[tuple[str, str]]:
    sizes = {"users": counts.users, "items": counts.items, "groups": counts.groups}
    return [(t(f"about.model.{name}"), count(size)) for name, size in sizes.items()]


def provider() -> str:
    """The execution provider of the serving model; why it cannot be opened, where it cannot."""
    try:
        return open_recommender(None).provider
    except EngineError as error:
        return message_text(error)


def show_section(section: Section) -> None:
    """Draws a section as a table."""
    st.header(section.title, anchor=False)
    cells = [[escape_markdown(cell) for cell in row] for row in section.rows]
    st.table(
        pd.DataFrame(cells, columns=list(section.columns)), hide_index=True, border="horizontal"
    )


def show_settings(section: Section) -> None:
    """Draws the settings with their descriptions beneath, which would not fit beside them on a narrow page."""
    st.header(section.title, anchor=False)
    for variable, value, default, sentence in section.rows:
        st.markdown(f"**{escape_markdown(variable)}**: {escape_markdown(value)}")
        st.caption(escape_markdown(t("about.setting", sentence=sentence, default=default)))


def report_buttons(sections: Sequence[Section]) -> None:
    """Draws the buttons that download or copy the page as text."""
    text = format_report(sections)
    with st.container(horizontal=True, gap="small"):
        st.download_button(
            t("about.download"),
            text,
            file_name="mamgbr-about.txt",
            mime="text/plain",
            icon=":material/download:",
            key="about-download",
            on_click="ignore",
        )
        with st.popover(t("about.copy"), icon=":material/content_copy:"):
            st.caption(t("about.copy.how"))
            st.code(text, language=None, height=360)


def page() -> None:
    """Draws the page; the model comes last, since it may have to be opened."""
    head = st.container()
    sections = [versions_section(), settings_section(), places_section()]
    show_section(sections[0])
    show_settings(sections[1])
    show_section(sections[2])
    with st.spinner(t("about.opening")):
        sections.append(model_section())
    show_section(sections[-1])
    with head:
        report_buttons(sections)


heading(t("about.title"), t("about.lead"))
page()
