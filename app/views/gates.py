"""Gates: which experts the model that answers relies on, over a sample of past groups."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from app.figures.palette import palette
from app.figures.spread import gate_spread, idle_experts
from app.onboarding import ready
from app.reasons import expert_name
from app.shell import heading, nothing
from app.stores import gates_of_sample
from app.text import t

SIZES = (25, 50, 100, 200)


def spread(task: str, experts: tuple[str, ...], weights: NDArray[np.float64]) -> None:
    """One task's experts, and those that it hardly uses."""
    labels = [expert_name(expert) for expert in experts]
    st.markdown(f"#### {t(f'task.{task}')}")
    st.plotly_chart(
        gate_spread(
            task, experts, labels, weights, t("why.gate.axis"), palette(st.context.theme.type)
        ),
        key=f"spread-{task}",
        config={"displayModeBar": False},
    )
    idle = idle_experts(labels, weights)
    st.caption(t("gates.idle", experts=t("list.and").join(idle)) if idle else t("gates.no_idle"))


def page() -> None:
    """The whole page."""
    recommender = ready()
    if recommender is None:
        return
    size = st.segmented_control(t("gates.sample"), SIZES, default=50, required=True, key="sample")
    with st.spinner(t("gates.counting")):
        tasks = gates_of_sample(recommender, int(size or 50))
    if not tasks:
        nothing(t("gates.none"), t("gates.none.next"))
        return
    st.caption(t("gates.spread", n=len(next(iter(tasks.values()))[1])))
    for column, (task, (experts, weights)) in zip(
        st.columns(len(tasks), gap="large"), tasks.items(), strict=True
    ):
        with column:
            spread(task, experts, weights)


heading(t("gates.title"), t("gates.lead"))
page()
