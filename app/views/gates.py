"""Gates: which experts the model that answers relies on, over a sample of past groups."""

import streamlit as st

from app.figures.palette import palette
from app.figures.spread import gate_spread, idle_experts
from app.measures import TASKS
from app.onboarding import ready
from app.reasons import expert_name
from app.shell import heading, nothing
from app.stores import gates
from app.text import t
from engine.recommender import Gates

SIZES = (50, 200, 1000)


def spread(found: Gates) -> None:
    """One task's experts, and those that it hardly uses."""
    labels = [expert_name(expert) for expert in found.experts]
    weights = found.weights.astype(float)
    st.markdown(f"#### {t(f'evaluation.{found.task}')}")
    st.plotly_chart(
        gate_spread(
            found.task,
            found.experts,
            labels,
            weights,
            t("why.gate.axis"),
            palette(st.context.theme.type),
        ),
        key=f"spread-{found.task}",
        config={"displayModeBar": False},
    )
    idle = idle_experts(labels, weights)
    st.caption(t("gates.idle", experts=t("list.and").join(idle)) if idle else t("gates.no_idle"))


def page() -> None:
    """The whole page."""
    recommender = ready()
    if recommender is None:
        return
    size = st.segmented_control(t("gates.sample"), SIZES, default=200, required=True, key="sample")
    with st.spinner(t("gates.counting")):
        found = [gates(recommender, task, int(size or 200)) for task in TASKS]
    if not len(found[0].weights):
        nothing(t("gates.none"), t("gates.none.next"))
        return
    st.caption(t("gates.spread", n=len(found[0].weights)))
    for column, one in zip(st.columns(len(found), gap="large"), found, strict=True):
        with column:
            spread(one)


heading(t("gates.title"), t("gates.lead"))
page()
