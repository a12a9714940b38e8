"""The store's contents: groups over time, their success rate and sizes, degrees, and which facts are known."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from app.figures.palette import Palette, apply_layout
from app.text.numbers import whole_percent

STATES = ("successful", "failed", "open")
_DAYS, _WEEKS = 62, 400  # the longest spans shown by day and by week
_ROW = 30  # pixels per bar of the coverage
# Upper ends of the bins of degrees: 1 to 5 alone, then 6-10, 11-20 and so on.
_STEPS = (1, 2, 3, 4, 5, 10, 20, 50, 100)


def launches_by_period(daily: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """The launches by "day", "week" or "month", whichever suits the span of the logs, and which it is.

    Periods without a launch are rows of zeros.
    """
    if daily.empty:
        return daily, "day"
    span = (daily.index.max() - daily.index.min()).days + 1
    unit, rule = (
        ("day", "D") if span <= _DAYS else ("week", "W-MON") if span <= _WEEKS else ("month", "MS")
    )
    if unit == "week":
        return daily.resample(rule, closed="left", label="left").sum(), unit
    return daily.resample(rule).sum(), unit


def bin_degrees(spread: pd.Series) -> pd.Series:
    """The counts by degree in bins: 1 to 5 alone, then 6–10, 11–20, up to 101+."""
    places = np.searchsorted(_STEPS, spread.index.to_numpy())
    sums = np.zeros(len(_STEPS) + 1, np.int64)
    np.add.at(sums, places, spread.to_numpy())
    names = [
        str(high) if high == low + 1 else f"{low + 1}–{high}"
        for low, high in pairwise((0, *_STEPS))
    ]
    shown = int(places.max(initial=-1)) + 1
    return pd.Series(sums, index=[*names, f"{_STEPS[-1] + 1}+"]).iloc[:shown]


def launches_over_time(
    periods: pd.DataFrame, unit: str, names: Mapping[str, str], axis: str, colours: Palette
) -> go.Figure:
    """Stacked bars of the launches by outcome, one stack per period.

    Args:
        periods: [periods, states] launches, from ``launches_by_period``.
        unit: "day", "week" or "month".
        names: Names of the states.
        axis: Title of the axis of counts.
        colours: Palette of the theme.

    """
    inks = {"successful": colours.items, "failed": colours.participants, "open": colours.shared}
    figure = go.Figure(
        [
            go.Bar(
                x=periods.index,
                y=periods[state],
                name=names[state],
                marker_color=inks[state],
                hovertemplate=f"{names[state]}: %{{y:,}}<extra></extra>",
            )
            for state in STATES
            if periods[state].any()
        ]
    )
    apply_layout(figure, colours, height=280)
    figure.update_layout(
        barmode="stack", hovermode="x unified", bargap=0.15, margin_t=36, legend_traceorder="normal"
    )
    figure.update_yaxes(title_text=axis, rangemode="tozero")
    _time_axis(figure, unit)
    return figure


def success_over_time(periods: pd.DataFrame, unit: str, axis: str, colours: Palette) -> go.Figure:
    """The success rate of the groups that have ended, one point per period.

    Periods in which more groups are open than have ended, such as the latest, have no point.

    Args:
        periods: [periods, states] launches, from ``launches_by_period``.
        unit: "day", "week" or "month".
        axis: Title of the axis of shares.
        colours: Palette of the theme.

    """
    ended = periods["successful"] + periods["failed"]
    rates = (periods["successful"] / ended.where(ended > periods["open"])).astype(float)
    figure = go.Figure(
        go.Scatter(
            x=periods.index,
            y=rates,
            customdata=ended,
            mode="lines+markers" if len(periods) < 100 else "lines",
            line={"color": colours.items, "width": 2},
            hovertemplate="%{x|%Y-%m-%d}: %{y:.1%} / %{customdata:,}<extra></extra>",
        )
    )
    apply_layout(figure, colours, height=280)
    figure.update_yaxes(title_text=axis, tickformat=".0%", range=[0, 1.02])
    _time_axis(figure, unit)
    return figure


def count_bars(
    labels: Sequence[str],
    counts: Sequence[int],
    axis: str,
    axis_counts: str,
    ink: str,
    colours: Palette,
) -> go.Figure:
    """One bar per label, as high as its count; the tooltip shows its share, too.

    Args:
        labels: [n] of the bars.
        counts: [n] their heights.
        axis: Title of the axis of labels.
        axis_counts: Title of the axis of counts.
        ink: Colour of the bars.
        colours: Palette of the theme.

    """
    total = sum(counts) or 1
    figure = go.Figure(
        go.Bar(
            x=list(labels),
            y=list(counts),
            customdata=[count / total for count in counts],
            marker_color=ink,
            text=[whole_percent(count / total) for count in counts],
            textposition="outside",
            textfont={"size": 11},
            constraintext="none",
            cliponaxis=False,
            hovertemplate="%{x}: %{y:,} (%{customdata:.2%})<extra></extra>",
        )
    )
    apply_layout(figure, colours, height=260)
    figure.update_xaxes(title_text=axis, type="category", showgrid=False)
    figure.update_yaxes(title_text=axis_counts, range=[0, max(counts, default=1) * 1.15], nticks=5)
    figure.update_layout(margin_t=18)
    return figure


def degree_bars(spread: pd.Series, axis: str, ink: str, colours: Palette) -> go.Figure:
    """One bar per bin of degrees, as long as its number of users; the tooltip shows their share, too.

    Args:
        spread: Users by degree, from ``bin_degrees``.
        axis: Title of the axis of users.
        ink: Colour of the bars.
        colours: Palette of the theme.

    """
    shares = spread.to_numpy() / max(1, spread.sum())
    figure = go.Figure(
        go.Bar(
            x=spread.to_numpy(),
            y=list(spread.index),
            orientation="h",
            customdata=shares,
            marker_color=ink,
            text=[whole_percent(share) for share in shares],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{x:,} (%{customdata:.2%})<extra></extra>",
        )
    )
    apply_layout(figure, colours, height=60 + 24 * len(spread))
    figure.update_xaxes(title_text=axis, nticks=4, range=[0, spread.max() * 1.05])
    figure.update_yaxes(autorange="reversed", showgrid=False, type="category")
    figure.update_layout(margin_r=44)
    return figure


def coverage_bars(
    labels: Sequence[str],
    known: Sequence[int],
    totals: Sequence[int],
    axis: str,
    colours: Palette,
) -> go.Figure:
    """One bar per fact, as long as the share of entities for which it is known.

    Args:
        labels: [n] the facts.
        known: [n] the number of entities for which each is known.
        totals: [n] the number of entities.
        axis: Title of the axis of shares.
        colours: Palette of the theme.

    """
    shares = [one / total if total else 0.0 for one, total in zip(known, totals, strict=True)]
    figure = go.Figure(
        go.Bar(
            x=shares,
            y=list(labels),
            orientation="h",
            customdata=list(zip(known, totals, strict=True)),
            marker_color=colours.items,
            text=[whole_percent(share) for share in shares],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{customdata[0]:,} / %{customdata[1]:,} (%{x:.1%})<extra></extra>",
        )
    )
    apply_layout(figure, colours, height=60 + _ROW * len(labels))
    figure.update_xaxes(
        title_text=axis, tickformat=".0%", range=[0, 1.12], tickvals=[0, 1], tickangle=0
    )
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_layout(margin_r=44)
    return figure


def _time_axis(figure: go.Figure, unit: str) -> None:
    """Numeric dates, which read the same in both languages, and few enough to stay horizontal."""
    figure.update_xaxes(
        tickformat="%m-%d" if unit == "day" else "%Y-%m",
        hoverformat="%Y-%m-%d",
        nticks=4,
        tickangle=0,
    )
