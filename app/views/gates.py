"""Gates: which experts a model relies on over the whole shop, by task, by slice, and next to another version."""

from collections.abc import Mapping
from datetime import UTC, datetime

import numpy as np
import streamlit as st

from app.cached_reads import open_store
from app.experts.cases import browse_cases
from app.experts.gate_counts import GateCount, gate_counter
from app.experts.panels import Panel, show_slice_means, show_spread, slices_of
from app.experts.slices import DIMENSIONS
from app.frame.page import empty_state, error_box, escape_markdown, heading, wrapping_columns
from app.onboarding import require_model
from app.text import language, t
from app.text.messages import message_text
from app.text.numbers import count, date_and_time, duration
from db.logs import Task
from db.messages import Term
from db.models import registry
from db.read_logs import data_version
from db.settings import settings
from engine.gates import MIN_PER_STRATUM, ShopGates
from engine.recommender import Recommender

ALONE = ""  # no second version
POLL = 0.25  # seconds between two looks at a running count


def version_names() -> dict[str, str]:
    """The name of each version, the newest first: its preset, when it was trained, and whether it serves."""
    serving = registry.serving(open_store())
    found = {}
    for entry in registry.versions(open_store()):
        made = date_and_time(datetime.fromtimestamp(entry.created_at, UTC).astimezone(), language())
        name = t("gates.version", preset=t(f"preset.{entry.preset}"), made=made)
        mark = serving is not None and serving.version == entry.version
        found[entry.version] = t("gates.version.serving", version=name) if mark else name
    return found


def choose_versions(known: Mapping[str, str], answering: str) -> list[str]:
    """Draws the choice of a version and of a second one; returns those chosen."""
    if st.session_state.get("gates-version") not in known:
        st.session_state["gates-version"] = answering
    with st.container(horizontal=True, gap="medium"):
        chosen = st.selectbox(
            t("gates.version.label"),
            list(known),
            format_func=known.__getitem__,
            key="gates-version",
            width=360,
        )
        others = [version for version in known if version != chosen]
        if st.session_state.get("gates-beside") not in others:
            st.session_state["gates-beside"] = ALONE
        beside = st.selectbox(
            t("gates.beside"),
            [ALONE, *others],
            format_func={ALONE: t("gates.beside.none"), **known}.__getitem__,
            key="gates-beside",
            help=None if others else t("gates.beside.missing"),
            width=360,
        )
    return [chosen] if beside == ALONE else [chosen, beside]


def wait_for_count(version: str, recommender: Recommender) -> GateCount:
    """The count of a version; draws a progress bar until it is done."""
    counting = gate_counter().request(
        open_store(),
        settings().models,
        version,
        data_version(open_store()),
        recommender if recommender.version == version else None,
    )
    place = st.empty()
    while not counting.done.wait(POLL):
        left = counting.seconds_left()
        words = t("gates.counting") if counting.share > 0 else t("gates.counting.start")
        if left is not None:
            words = t("list.dot").join([words, t("training.left", time=duration(left, language()))])
        place.progress(min(counting.share, 1.0), text=words)
    place.empty()
    return counting


def show_sample(gates: ShopGates, save_error: Term | None) -> None:
    """Draws which groups were counted, and why the count could not be saved, where it could not."""
    cases = gates.cases
    groups = round(cases.stands_for.sum())
    everything = len(cases) == groups
    st.caption(
        t(
            "gates.counted.all" if everything else "gates.counted.drawn",
            groups=count(groups),
            cases=count(len(cases)),
            least=count(MIN_PER_STRATUM),
            items=count(len(np.unique(cases.items))),
            initiators=count(len(np.unique(cases.initiators))),
        )
    )
    if save_error:
        st.caption(
            t(
                "gates.unkept",
                reason=escape_markdown(message_text(save_error)),
                folder=escape_markdown(str(settings().models)),
            )
        )


def make_panels(found: Mapping[str, ShopGates], known: Mapping[str, str]) -> list[Panel]:
    """Both tasks of one version, or the chosen task of two."""
    if len(found) == 1:
        ((version, gates),) = found.items()
        return [Panel(version, task, gates, t(f"evaluation.{task}")) for task in gates.experts]
    shared = [task for task in Task if all(task in g.experts for g in found.values())]
    if not shared:
        return []
    task = st.segmented_control(
        t("evaluation.task"),
        shared,
        format_func=lambda task: t(f"evaluation.{task}"),
        default=shared[0],
        required=True,
        key="gates-task",
    )
    return [Panel(version, Task(task), gates, known[version]) for version, gates in found.items()]


def show_spreads(panels: list[Panel]) -> None:
    """Draws the distribution of the weights, with the experts that are idle or dominate."""
    st.header(t("gates.spread"), anchor=False)
    st.caption(t("gates.spread.lead"))
    for column, panel in zip(wrapping_columns(len(panels), "spreads"), panels, strict=True):
        with column:
            st.markdown(f"### {panel.title}")
            show_spread(panel)


def show_slices(panels: list[Panel]) -> str | None:
    """Draws the weights by slice; returns the chosen dimension, ``None`` where there is none."""
    cuts = {
        dimension: [slices_of(dimension, panel) for panel in panels] for dimension in DIMENSIONS
    }
    usable = [dimension for dimension, found in cuts.items() if all(found)]
    if not usable:
        return None
    st.header(t("gates.slices"), anchor=False)
    if st.session_state.get("gates-dimension") not in usable:
        st.session_state["gates-dimension"] = usable[0]
    dimension = str(
        st.segmented_control(
            t("gates.dimension"),
            usable,
            format_func=lambda name: t(f"gates.dimension.{name}"),
            required=True,
            key="gates-dimension",
            label_visibility="collapsed",
        )
    )
    st.caption(t(f"gates.dimension.{dimension}.what"))
    columns = wrapping_columns(len(panels), "slices")
    for column, panel, cut in zip(columns, panels, cuts[dimension], strict=True):
        with column:
            st.markdown(f"### {panel.title}")
            if cut is not None:
                show_slice_means(panel, cut)
    return dimension


def page() -> None:
    """Draws the page."""
    recommender = require_model(at_moment=False)
    if recommender is None:
        return
    known = version_names()
    chosen = choose_versions(known, recommender.version)
    found: dict[str, ShopGates] = {}
    save_error: Term | None = None
    for version in chosen:
        counted = wait_for_count(version, recommender)
        if counted.gates is None:
            error_box(t("gates.trouble"), message_text(counted.error or ""))
        else:
            found[version] = counted.gates
            save_error = counted.save_error or save_error
    if not found:
        return
    first = next(iter(found.values()))
    if not len(first.cases):
        empty_state(t("gates.none"), t("gates.none.next"))
        return
    show_sample(first, save_error)
    st.caption(t("gates.before"))
    st.caption(t("gates.banks"))
    panels = make_panels(found, known)
    if not panels:
        empty_state(t("gates.apart"), t("gates.apart.next"))
        return
    show_spreads(panels)
    browse_cases(panels, show_slices(panels))


heading(t("gates.title"), t("gates.lead"))
page()
