"""What the store holds, drawn: counted once for each version of the data."""

import streamlit as st

from app.figures.holdings import (
    STATES,
    binned,
    by_period,
    counted_bars,
    coverage_bars,
    degree_bars,
    launches_over_time,
    success_over_time,
)
from app.figures.palette import palette
from app.shell import nothing
from app.stores import open_store
from app.text import t
from app.text.numbers import count, percent
from db import holdings as counted
from db.reading import data_version
from db.settings import settings

_QUIET = {"displayModeBar": False}


@st.cache_data(show_spinner=False, max_entries=4)
def _holdings(data: str) -> counted.Holdings:
    return counted.holdings(open_store())


def holdings() -> None:
    """The charts of the store, or what to do where it is empty."""
    version = data_version(open_store())
    if version == "empty":
        nothing(t("holdings.none"), t("holdings.none.next"))
        return
    with st.spinner(t("holdings.counting")):
        held = _holdings(f"{settings().db} {version}")
    _over_time(held)
    left, right = st.columns(2, gap="medium")
    with left:
        _sizes(held)
    with right:
        _coverage(held)
    _degrees(held)


def _over_time(held: counted.Holdings) -> None:
    known, total = held.coverage["group.launched_at"]
    if not known:
        st.caption(t("holdings.undated", groups=count(total)))
        return
    colours = palette(st.context.theme.type)
    periods, unit = by_period(held.daily)
    left, right = st.columns(2, gap="medium")
    with left:
        st.subheader(t(f"holdings.launches.{unit}"), anchor=False)
        names = {state: t(f"data.{state}") for state in STATES}
        figure = launches_over_time(periods, unit, names, t("holdings.groups"), colours)
        st.plotly_chart(figure, key="launches", config=_QUIET)
    with right:
        st.subheader(t(f"holdings.success.{unit}"), anchor=False)
        figure = success_over_time(periods, unit, t("holdings.success"), colours)
        st.plotly_chart(figure, key="success", config=_QUIET)
    if known < total:
        st.caption(t("holdings.partly_dated", known=count(known), groups=count(total)))


def _sizes(held: counted.Holdings) -> None:
    st.subheader(t("holdings.sizes"), anchor=False)
    if held.sizes.empty:
        st.caption(t("holdings.sizes.none"))
        return
    people = binned(held.sizes)
    colours = palette(st.context.theme.type)
    figure = counted_bars(
        [str(label) for label in people.index[people.index != "1"]],
        people[people.index != "1"].tolist(),
        t("holdings.people"),
        t("holdings.groups"),
        colours.items,
        colours,
    )
    st.plotly_chart(figure, key="sizes", config=_QUIET)
    mean = (held.sizes.index.to_numpy() * held.sizes.to_numpy()).sum() / held.sizes.sum()
    st.caption(t("holdings.sizes.mean", mean=f"{mean:.2f}"))


def _coverage(held: counted.Holdings) -> None:
    st.subheader(t("holdings.coverage"), anchor=False)
    facts = {name: pair for name, pair in held.coverage.items() if pair[1]}
    figure = coverage_bars(
        [t(f"holdings.coverage.{name}") for name in facts],
        [known for known, _ in facts.values()],
        [total for _, total in facts.values()],
        t("holdings.coverage.axis"),
        palette(st.context.theme.type),
    )
    st.plotly_chart(figure, key="coverage", config=_QUIET)
    missing = [name for name in ("user.name", "item.name") if not held.coverage[name][0]]
    if missing:
        st.caption(t("holdings.coverage.nameless"))


def _degrees(held: counted.Holdings) -> None:
    """How many groups people launch and join, and how many friends they declared."""
    st.subheader(t("holdings.degrees"), anchor=False)
    colours = palette(st.context.theme.type)
    charts = (
        ("launches", held.launches, colours.items),
        ("joins", held.joins, colours.participants),
        ("friends", held.friends, colours.shared),
    )
    users = held.coverage["user.name"][1]
    shown = [chart for chart in charts if not chart[1].empty]
    for place, (name, spread, ink) in zip(st.columns(len(shown) or 1), shown, strict=False):
        with place:
            st.markdown(f"**{t(f'holdings.degrees.{name}')}**")
            figure = degree_bars(binned(spread), t("holdings.users"), ink, colours)
            st.plotly_chart(figure, key=f"degrees-{name}", config=_QUIET)
            share = percent(float(spread.sum()) / users)
            st.caption(t(f"holdings.degrees.{name}.what", n=count(spread.sum()), share=share))
    if held.friends.empty:
        st.caption(t("holdings.friendless"))
