"""The contents of the store as charts."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.cached_reads import store_statistics
from app.figures.palette import palette
from app.figures.store_statistics import (
    STATES,
    bin_degrees,
    count_bars,
    coverage_bars,
    degree_bars,
    launches_by_period,
    launches_over_time,
    success_over_time,
)
from app.frame.page import empty_state
from app.text import t
from app.text.numbers import count, percent
from db.queries.statistics import StoreStatistics

PLAIN = {"displayModeBar": False}
WIDTH = 470  # pixels of a chart: two side by side in a wide window


def show_statistics() -> None:
    """Draws the charts, or says what to do where the store is empty."""
    with st.spinner(t("holdings.counting")):
        statistics = store_statistics()
    if not any(total for _, total in statistics.coverage.values()):
        empty_state(t("holdings.none"), t("holdings.none.next"))
        return
    known, total = statistics.coverage["group.launched_at"]
    if not known:
        st.caption(t("holdings.undated", groups=count(total)))
    elif known < total:
        st.caption(t("holdings.partly_dated", known=count(known), groups=count(total)))
    with st.container(horizontal=True, gap="medium"):
        if known:
            _over_time(statistics)
        _sizes(statistics)
        _coverage(statistics)
        _degrees(statistics)
    if statistics.friends.empty:
        st.caption(t("holdings.friendless"))


def _card(title: str) -> DeltaGenerator:
    """A chart's container with its title; as many stand side by side as the window is wide."""
    card = st.container(width=WIDTH)
    card.subheader(title, anchor=False)
    return card


def _over_time(statistics: StoreStatistics) -> None:
    colours = palette(st.context.theme.type)
    periods, unit = launches_by_period(statistics.daily)
    with _card(t(f"holdings.launches.{unit}")):
        names = {state: t(f"data.{state}") for state in STATES}
        figure = launches_over_time(periods, unit, names, t("holdings.groups"), colours)
        st.plotly_chart(figure, key="launches", config=PLAIN)
    with _card(t(f"holdings.success.{unit}")):
        figure = success_over_time(periods, unit, t("holdings.success"), colours)
        st.plotly_chart(figure, key="success", config=PLAIN)


def _sizes(statistics: StoreStatistics) -> None:
    with _card(t("holdings.sizes")):
        if statistics.sizes.empty:
            st.caption(t("holdings.sizes.none"))
            return
        people = bin_degrees(statistics.sizes).drop("1")  # a group has at least two people
        colours = palette(st.context.theme.type)
        figure = count_bars(
            list(people.index),
            people.tolist(),
            t("holdings.people"),
            t("holdings.groups"),
            colours.items,
            colours,
        )
        st.plotly_chart(figure, key="sizes", config=PLAIN)
        mean = (
            statistics.sizes.index.to_numpy() * statistics.sizes.to_numpy()
        ).sum() / statistics.sizes.sum()
        st.caption(t("holdings.sizes.mean", mean=f"{mean:.2f}"))


def _coverage(statistics: StoreStatistics) -> None:
    facts = {name: pair for name, pair in statistics.coverage.items() if pair[1]}
    with _card(t("holdings.coverage")):
        figure = coverage_bars(
            [t(f"holdings.coverage.{name}") for name in facts],
            [known for known, _ in facts.values()],
            [total for _, total in facts.values()],
            t("holdings.coverage.axis"),
            palette(st.context.theme.type),
        )
        st.plotly_chart(figure, key="coverage", config=PLAIN)
        if not (statistics.coverage["user.name"][0] and statistics.coverage["item.name"][0]):
            st.caption(t("holdings.coverage.nameless"))


def _degrees(statistics: StoreStatistics) -> None:
    """How many groups users launch and join, and how many friends they have declared."""
    colours = palette(st.context.theme.type)
    users = statistics.coverage["user.name"][1]
    for name, spread, ink in (
        ("launches", statistics.launches, colours.items),
        ("joins", statistics.joins, colours.participants),
        ("friends", statistics.friends, colours.shared),
    ):
        if spread.empty:
            continue
        with _card(t(f"holdings.degrees.{name}")):
            figure = degree_bars(bin_degrees(spread), t("holdings.users"), ink, colours)
            st.plotly_chart(figure, key=f"degrees-{name}", config=PLAIN)
            share = percent(float(spread.sum()) / users)
            st.caption(t(f"holdings.degrees.{name}.what", n=count(spread.sum()), share=share))
