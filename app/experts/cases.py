"""The past groups of a slice as a table: who, what, the gate's weights, and a link to Why."""

from collections.abc import Sequence
from urllib.parse import urlencode

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray
from streamlit.elements.lib.column_types import ColumnConfig

from app.cached_reads import entity_names
from app.experts.panels import ALL, Panel, slice_name, slices_of
from app.experts.slices import Slices
from app.text import language, t
from app.text.numbers import count
from app.text.reasons import expert_name

SHOWN = 50  # cases in the table
MAX_HEIGHT = 460  # pixels of the table


def matching_cases(
    cut: Slices | None,
    chosen: str,
    weights: NDArray[np.floating],
    low: float,
    high: float,
) -> NDArray[np.int64]:
    """Indices of the cases of a slice whose weight is in [``low``, ``high``), the highest weight first.

    Args:
        cut: The slices, if any.
        chosen: The key of a slice; ``ALL``, or one that ``cut`` lacks, takes all cases.
        weights: [N] of an expert.
        low: The lowest weight.
        high: The weight above the highest; 1 includes 1.

    """
    kept = (weights >= low) & ((weights < high) | (high >= 1))
    if cut is not None and chosen in cut.keys:
        kept &= cut.codes == cut.keys.index(chosen)
    places = np.flatnonzero(kept)
    return places[np.argsort(-weights[places], kind="stable")]


def case_table(panel: Panel, places: NDArray[np.int64]) -> pd.DataFrame:
    """The cases at the indices ``places``: names, each expert's weight in percent, and the link to the explanation."""
    cases = panel.gates.cases.at(places)
    people = entity_names("users", [*cases.initiators.tolist(), *cases.participants.tolist()])
    items = entity_names("items", cases.items.tolist())
    table = {
        "why": [
            why_address(panel.version, *ids)
            for ids in zip(
                cases.initiators.tolist(),
                cases.items.tolist(),
                cases.participants.tolist(),
                strict=True,
            )
        ],
        "initiator": [people[id] for id in cases.initiators.tolist()],
        "item": [items[id] for id in cases.items.tolist()],
        "participant": [people[id] for id in cases.participants.tolist()],
        **dict(zip(panel.experts, 100 * panel.weights[places].T.astype(float), strict=True)),
    }
    return pd.DataFrame(table)


def why_address(version: str, initiator: str, item: str, participant: str) -> str:
    """The address of this case's explanation, relative to the page Gates."""
    query = {"initiator": initiator, "item": item, "participant": participant, "model": version}
    return f"why?{urlencode(query | {'lang': language()})}"


def browse_cases(panels: Sequence[Panel], dimension: str | None) -> None:
    """Draws the cases of a slice, and the choice of panel, slice, expert and range of its weight."""
    st.header(t("gates.cases"), anchor=False)
    st.caption(t("gates.cases.lead"))
    panel, cut, slice, expert = _choice(panels, dimension)
    low, high = st.slider(
        t("gates.cases.range", expert=expert_name(expert)),
        0,
        100,
        value=(0, 100),
        step=5,
        format="%d%%",
        key="cases-range",
    )
    weights = panel.weights[:, panel.experts.index(expert)]
    places = matching_cases(cut, slice, weights, low / 100, high / 100)
    if not len(places):
        st.info(t("gates.cases.none"), icon=":material/filter_alt_off:")
        return
    groups = panel.gates.cases.stands_for[places].sum()
    shown = places[:SHOWN]
    st.caption(
        t(
            "gates.cases.count",
            groups=count(groups),
            share=f"{groups / panel.gates.cases.stands_for.sum():.1%}",
            shown=count(len(shown)),
            expert=expert_name(expert),
        )
    )
    st.dataframe(
        case_table(panel, shown),
        column_config=_columns(panel.experts),
        hide_index=True,
        key=f"cases-table-{panel.key}",
        height=min(38 + 35 * len(shown), MAX_HEIGHT),
    )


def _choice(
    panels: Sequence[Panel], dimension: str | None
) -> tuple[Panel, Slices | None, str, str]:
    by_key = {panel.key: panel for panel in panels}
    if st.session_state.get("cases-panel") not in by_key:
        st.session_state["cases-panel"] = panels[0].key
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        if len(panels) > 1:
            st.segmented_control(
                t("gates.cases.panel"),
                list(by_key),
                format_func=lambda key: by_key[key].title,
                required=True,
                key="cases-panel",
            )
        panel = by_key[st.session_state["cases-panel"]]
        cut = None if dimension is None else slices_of(dimension, panel)
        slice = ALL if cut is None else _slice_choice(cut)
        expert = st.selectbox(
            t("gates.cases.expert"),
            panel.experts,
            format_func=expert_name,
            key=f"cases-expert-{panel.key}",
            width=240,
        )
    return panel, cut, slice, expert


def _slice_choice(cut: Slices) -> str:
    key = f"cases-slice-{cut.dimension}"
    if st.session_state.get(key) not in cut.keys:
        st.session_state[key] = ALL  # the other version may lack the slice
    return str(
        st.selectbox(
            t(f"gates.dimension.{cut.dimension}"),
            [ALL, *cut.keys],
            format_func=lambda chosen: (
                t("gates.slice.all") if chosen == ALL else slice_name(cut.dimension, chosen)
            ),
            key=key,
            width=280,
        )
    )


def _columns(experts: Sequence[str]) -> dict[str, ColumnConfig]:
    weights = {
        expert: st.column_config.ProgressColumn(
            expert_name(expert), format="%.0f%%", min_value=0, max_value=100, width=110
        )
        for expert in experts
    }
    people = {name: t(f"past.{name}") for name in ("initiator", "item")}
    people["participant"] = t("gates.cases.participant")
    return {
        "why": st.column_config.LinkColumn(
            t("nav.why"), display_text=t("why.open"), width="small", pinned=True
        ),
        **{name: st.column_config.TextColumn(label) for name, label in people.items()},
        **weights,
    }
