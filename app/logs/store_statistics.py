"""What the store holds, drawn: counted once for each version of the data."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.cached_reads import open_store
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
from db.queries import statistics as counted
from db.read_logs import data_version
from db.settings import settings

_QUIET = {"displayModeBar": False}
WIDTH = 470  # pixels of a chart: two beside each other in a wide window


@st.cache_data(show_spinner=False, max_entries=4)
def _holdings(data: str) -> counted.StoreStatistics:
    return counted.store_statistics(open_store())


def show_statistics() -> None:
    """The charts of the store, or what to do where it is empty."""
    version = data_version(open_store())
    if version == "empty":
        empty_state(t("holdings.none"), t("holdings.none.next"))
        return
    with st.spinner(t("holdings.counting")):
        held = _holdings(f"{settings().db} {version}")
    known, total = held.coverage["group.launched_at"]
    if not known:
        st.caption(t("holdings.undated", groups=count(total)))
    elif known < total:
        st.caption(t("holdings.partly_dated", known=count(known), groups=count(total)))
    with st.container(horizontal=True, gap="medium"):
        if known:
            _over_time(held)
        _sizes(held)
        _coverage(held)
        _degrees(held)
    if held.friends.empty:
        st.caption(t("holdings.friendless"))


def _card(title: str) -> DeltaGenerator:
    """The place of one chart under its title; as many stand beside each other as the window holds."""
    card = st.container(width=WIDTH)
    card.subheader(title, anchor=False)
    return card


def _over_time(held: counted.StoreStatistics) -> None:
    colours = palette(st.context.theme.type)
    periods, unit = launches_by_period(held.daily)
    with _card(t(f"holdings.launches.{unit}")):
        names = {state: t(f"data.{state}") for state in STATES}
        figure = launches_over_time(periods, unit, names, t("holdings.groups"), colours)
        st.plotly_chart(figure, key="launches", config=_QUIET)
    with _card(t(f"holdings.success.{unit}")):
        figure = success_over_time(periods, unit, t("holdings.success"), colours)
        st.plotly_chart(figure, key="success", config=_QUIET)


def _sizes(held: counted.StoreStatistics) -> None:
    with _card(t("holdings.sizes")):
        if held.sizes.empty:
            st.caption(t("holdings.sizes.none"))
            return
        people = bin_degrees(held.sizes).drop("1")  # nobody is a group alone
        colours = palette(st.context.theme.type)
        figure = count_bars(
            list(people.index),
            people.tolist(),
            t("holdings.people"),
            t("holdings.groups"),
            colours.items,
            colours,
        )
        st.plotly_chart(figure, key="sizes", config=_QUIET)
        mean = (held.sizes.index.to_numpy() * held.sizes.to_numpy()).sum() / held.sizes.sum()
        st.caption(t("holdings.sizes.mean", mean=f"{mean:.2f}"))


def _coverage(held: counted.StoreStatistics) -> None:
    facts = {name: pair for name, pair in held.coverage.items() if pair[1]}
    with _card(t("holdings.coverage")):
        figure = coverage_bars(
            [t(f"holdings.coverage.{name}") for name in facts],
            [known for known, _ in facts.values()],
            [total for _, total in facts.values()],
            t("holdings.coverage.axis"),
            palette(st.context.theme.type),
        )
        st.plotly_chart(figure, key="coverage", config=_QUIET)
        if not (held.coverage["user.name"][0] and held.coverage["item.name"][0]):
            st.caption(t("holdings.coverage.nameless"))


def _degrees(held: counted.StoreStatistics) -> None:
    """How many groups people launch and join, and how many friends they declared."""
    colours = palette(st.context.theme.type)
    users = held.coverage["user.name"][1]
    for name, spread, ink in (
        ("launches", held.launches, colours.items),
        ("joins", held.joins, colours.participants),
        ("friends", held.friends, colours.shared),
    ):
        if spread.empty:
            continue
        with _card(t(f"holdings.degrees.{name}")):
            figure = degree_bars(bin_degrees(spread), t("holdings.users"), ink, colours)
            st.plotly_chart(figure, key=f"degrees-{name}", config=_QUIET)
            share = percent(float(spread.sum()) / users)
            st.caption(t(f"holdings.degrees.{name}.what", n=count(spread.sum()), share=share))
