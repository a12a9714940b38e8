"""The panels of the page Gates, side by side: both tasks of a version, or one task of two versions."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from app.cached_reads import item_frame
from app.experts.slices import (
    OTHER,
    UNKNOWN,
    ExpertVerdict,
    Slices,
    cut_into_slices,
    find_standouts,
    judge_experts,
    slice_means,
)
from app.figures.experts import gate_histograms, slice_bars
from app.figures.palette import palette
from app.frame.page import escape_markdown
from app.text import language, t
from app.text.numbers import compact, percent
from app.text.reasons import expert_name
from db.logs import Task
from engine.gates import ShopGates

BARE = {"displayModeBar": False}
STANDOUTS = 3  # slices that are described in words
ALL = ""  # the choice of all slices


@dataclass(frozen=True)
class Panel:
    """One task of one version."""

    version: str
    task: Task
    gates: ShopGates
    title: str

    @property
    def experts(self) -> list[str]:
        """The experts' names in the engine."""
        return self.gates.experts[self.task]

    @property
    def labels(self) -> list[str]:
        """The experts' names in the page's language."""
        return [expert_name(expert) for expert in self.experts]

    @property
    def weights(self) -> NDArray[np.float32]:
        """The gate's weights, [N, experts]."""
        return self.gates.weights[self.task]

    @property
    def key(self) -> str:
        """Tells the panel's widgets from those of others."""
        return f"{self.task}-{self.version}"


def show_spread(panel: Panel) -> None:
    """Draws the distribution of each expert's weight over all groups; a click on a bar shows its cases."""
    roles = judge_experts(panel.weights, panel.gates.cases.stands_for)
    titles = [
        t("gates.row", expert=label, mean=percent(one.mean), leads=percent(one.leads))
        for label, one in zip(panel.labels, roles, strict=True)
    ]
    key = f"spread-{panel.key}"
    st.plotly_chart(
        gate_histograms(
            panel.task,
            panel.experts,
            titles,
            panel.weights.astype(float),
            panel.gates.cases.stands_for,
            t("why.gate.axis"),
            t("gates.bar", low="{low}", high="{high}", share="{share}"),
            palette(st.context.theme.type),
        ),
        key=key,
        config=BARE,
        on_select=lambda: _bar_picked(key, panel),
        selection_mode="points",
    )
    st.markdown("\n".join(f"- {sentence}" for sentence in describe_verdicts(roles, panel.labels)))


def describe_verdicts(verdicts: Sequence[ExpertVerdict], labels: Sequence[str]) -> list[str]:
    """Sentences on the experts that dominate or are idle; one sentence where there are none."""
    sentences = [
        t(
            "gates.dominates",
            expert=labels[one.expert],
            mean=percent(one.mean),
            leads=percent(one.leads),
        )
        for one in verdicts
        if one.dominates
    ]
    sentences += [
        t(
            "gates.idle",
            expert=labels[one.expert],
            mean=percent(one.mean),
            most=percent(one.most),
        )
        for one in verdicts
        if one.idle
    ]
    return sentences or [t("gates.balanced")]


def slices_of(dimension: str, panel: Panel) -> Slices | None:
    """The panel's cases cut by a dimension; ``None`` where there is only one slice."""
    return cut_into_slices(dimension, panel.gates, item_frame()["category"])


def slice_label(cut: Slices, place: int) -> str:
    """A slice's name in the page's language."""
    return slice_name(cut.dimension, cut.keys[place])


def slice_name(dimension: str, key: str) -> str:
    """The name of a slice by its dimension and key; the shop's own categories keep their names."""
    if dimension != "category":
        return t(f"gates.slice.{dimension}.{key}")
    return {OTHER: t("gates.slice.other"), UNKNOWN: t("gates.slice.unknown")}.get(key, key)


def show_slice_means(panel: Panel, cut: Slices) -> None:
    """Draws the mean weights in every slice; a click on a bar shows its cases."""
    means = slice_means(cut, panel.gates, panel.task)
    names = [slice_label(cut, place) for place in range(len(cut.keys))]
    key = f"slices-{cut.dimension}-{panel.key}"
    st.plotly_chart(
        slice_bars(
            panel.task,
            panel.experts,
            panel.labels,
            [
                t("gates.slice.sized", slice=name, n=compact(groups, language()))
                for name, groups in zip(names, means.groups, strict=True)
            ],
            means.means,
            t("gates.mean.axis"),
            palette(st.context.theme.type),
        ),
        key=key,
        config=BARE,
        on_select=lambda: _slice_picked(key, panel, cut),
        selection_mode="points",
    )
    overall = np.average(panel.weights, axis=0, weights=panel.gates.cases.stands_for)
    standouts = find_standouts(means, overall)[:STANDOUTS]
    sentences = [
        t(
            "gates.stands_out",
            expert=panel.labels[one.expert],
            slice=escape_markdown(names[one.slice]),
            there=percent(one.there),
            overall=percent(one.overall),
        )
        for one in standouts
    ]
    st.markdown("\n".join(f"- {sentence}" for sentence in sentences or [t("gates.alike")]))


def _selected_bar(key: str) -> list[int | float] | None:
    """The custom data of the bar selected in a chart; ``None`` where the selection was cleared."""
    points = st.session_state[key].selection.points
    return list(points[0]["customdata"]) if points else None


def _bar_picked(key: str, panel: Panel) -> None:
    data = _selected_bar(key)
    st.session_state["cases-range"] = (0, 100)
    if data is None:
        return
    expert, low, high = int(data[0]), round(100 * data[1]), round(100 * data[2])
    st.session_state["cases-panel"] = panel.key
    st.session_state[f"cases-expert-{panel.key}"] = panel.experts[expert]
    st.session_state["cases-range"] = (low, high)
    st.toast(
        t("gates.picked.bar", expert=panel.labels[expert], low=low, high=high),
        icon=":material/south:",
    )


def _slice_picked(key: str, panel: Panel, cut: Slices) -> None:
    data = _selected_bar(key)
    chosen = f"cases-slice-{cut.dimension}"
    if data is None:
        st.session_state[chosen] = ALL
        return
    place, expert = int(data[0]), int(data[1])
    st.session_state["cases-panel"] = panel.key
    st.session_state[f"cases-expert-{panel.key}"] = panel.experts[expert]
    st.session_state["cases-range"] = (0, 100)
    st.session_state[chosen] = cut.keys[place]
    st.toast(
        t("gates.picked.slice", slice=escape_markdown(slice_label(cut, place))),
        icon=":material/south:",
    )
