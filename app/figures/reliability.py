"""The reliability diagram: promised against observed probability, with confidence intervals."""

from collections.abc import Callable, Sequence
from math import ceil, floor, log10

import plotly.graph_objects as go

from app.figures.palette import Palette, apply_layout, task_colour
from app.model_quality import Bin

EDGE = 0.06  # decades beyond the last point, which 100 % would cut in half


def reliability_points(
    task: str,
    bins: Sequence[Bin],
    axis_promised: str,
    axis_observed: str,
    tooltip: str,
    share: Callable[[float], str],
    colours: Palette,
) -> go.Figure:
    """One point per bin on two logarithmic axes; on the dotted diagonal, observed equals promised.

    A bin in which nothing came true is drawn at the bottom.

    Args:
        task: "items" or "participants", for the colour.
        bins: By ascending promised probability, at least one.
        axis_promised: Title of the horizontal axis.
        axis_observed: Title of the vertical one.
        tooltip: Its text, with the blanks ``{promised}``, ``{observed}``, ``{low}``, ``{high}`` and ``{right}``.
        share: Formats a share, however small.
        colours: Palette of the theme.

    """
    intervals = [one.interval() for one in bins]
    lows = [low for low, _ in intervals if low > 0]
    foot = min([one.promised for one in bins] + lows) / 1.5
    top = min(1.0, max([one.promised for one in bins] + [high for _, high in intervals]) * 1.5)
    heights = [max(one.observed, foot) for one in bins]
    hover = [
        tooltip.format(
            promised=share(one.promised),
            observed=share(one.observed),
            low=share(low),
            high=share(high),
            right=round(one.right),
        )
        for one, (low, high) in zip(bins, intervals, strict=True)
    ]
    figure = go.Figure(
        [
            go.Scatter(
                x=[foot, top],
                y=[foot, top],
                mode="lines",
                line={"color": colours.muted, "dash": "dot", "width": 1.5},
                hoverinfo="skip",
            ),
            go.Scatter(
                x=[one.promised for one in bins],
                y=heights,
                mode="markers",
                marker={"size": 9, "color": task_colour(task, colours)},
                error_y={
                    "type": "data",
                    "array": [
                        max(0.0, high - height)
                        for height, (_, high) in zip(heights, intervals, strict=True)
                    ],
                    "arrayminus": [
                        max(0.0, height - max(low, foot))
                        for height, (low, _) in zip(heights, intervals, strict=True)
                    ],
                    "color": colours.muted,
                    "thickness": 1.5,
                    "width": 3,
                },
                customdata=hover,
                hovertemplate="%{customdata}<extra></extra>",
            ),
        ]
    )
    apply_layout(figure, colours, height=320)
    ticks = decade_ticks(foot, top)
    for update, title, shown in (
        # A narrow window has room for two labels below the chart.
        (figure.update_xaxes, axis_promised, ticks[:: max(1, (len(ticks) + 1) // 2)]),
        (figure.update_yaxes, axis_observed, ticks),
    ):
        update(
            title_text=title,
            type="log",
            range=[log10(foot), log10(top) + EDGE],
            tickvals=shown,
            ticktext=[share(tick) for tick in shown],
            tickangle=0,
        )
    figure.update_layout(showlegend=False, margin_r=28)
    return figure


def decade_ticks(low: float, high: float) -> list[float]:
    """The powers of ten between two shares; 1, 2 and 5 times those where there are fewer than two."""
    powers = [10.0**k for k in range(ceil(log10(low)), floor(log10(high)) + 1)]
    if len(powers) >= 2:
        return powers
    finer = [
        m * 10.0**k for k in range(floor(log10(low)), ceil(log10(high)) + 1) for m in (1, 2, 5)
    ]
    return [tick for tick in finer if low <= tick <= high]
