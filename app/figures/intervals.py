"""Metrics as points with their confidence intervals, of one model version or of two compared."""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from app.figures.palette import Palette, apply_layout, task_colour
from app.model_quality import MetricValue

ROW = 36  # pixels per metric


def interval_points(
    task: str, figures: Sequence[MetricValue], axis: str, sales: str, colours: Palette
) -> go.Figure:
    """One row per metric: a point, its 95 % confidence interval, and a diamond for a list sorted by sales.

    Args:
        task: "items" or "participants", for the colour.
        figures: The metrics, from top to bottom.
        axis: Title of the value axis.
        sales: Name of the diamonds.
        colours: Palette of the theme.

    """
    above = [0.0 if entry.high is None else entry.high - entry.value for entry in figures]
    below = [0.0 if entry.low is None else entry.value - entry.low for entry in figures]
    figure = go.Figure(
        go.Scatter(
            x=[entry.value for entry in figures],
            y=[entry.metric.at.upper() for entry in figures],
            mode="markers+text",
            text=[f"{entry.value:.3f}" for entry in figures],
            textposition="top center",
            cliponaxis=False,
            marker={"size": 10, "color": task_colour(task, colours)},
            error_x={
                "type": "data",
                "array": above,
                "arrayminus": below,
                "color": colours.muted,
                "thickness": 2,
                "width": 5,
            },
            customdata=[
                "" if entry.low is None else f" [{entry.low:.3f}, {entry.high:.3f}]"
                for entry in figures
            ],
            hovertemplate="%{y}: %{x:.3f}%{customdata}<extra></extra>",
        )
    )
    known = [entry for entry in figures if entry.sales is not None]
    if known:
        figure.add_scatter(
            x=[entry.sales for entry in known],
            y=[entry.metric.at.upper() for entry in known],
            mode="markers",
            marker={"size": 9, "symbol": "diamond-open", "color": colours.muted},
            hovertemplate=f"{sales}: %{{x:.3f}}<extra></extra>",
        )
    apply_layout(figure, colours, height=90 + ROW * len(figures))
    figure.update_xaxes(title_text=axis, range=[0, 1])
    figure.update_yaxes(autorange="reversed", showgrid=False, type="category")
    figure.update_layout(margin_t=24, showlegend=False)
    return figure


VERSION_ROW = 52  # pixels per metric
OFFSET = 0.16  # of each point from the middle of its row


@dataclass(frozen=True)
class VersionMetrics:
    """A version's metrics in the order of the rows; ``None`` for those that it does not bring."""

    name: str
    values: Sequence[float | None]
    lows: Sequence[float | None]
    highs: Sequence[float | None]


def version_points(
    task: str,
    rows: Sequence[str],
    new: VersionMetrics,
    old: VersionMetrics,
    axis: str,
    colours: Palette,
) -> go.Figure:
    """One row per metric: the new version's point above the old one's, with their intervals.

    Args:
        task: "items" or "participants", for the colour of the new version.
        rows: Names of the metrics, from top to bottom.
        new: The version in question.
        old: The version that it is compared with, in grey.
        axis: Title of the value axis.
        colours: Palette of the theme.

    """
    figure = go.Figure(
        [
            _points(rows, new, -OFFSET, task_colour(task, colours), "circle"),
            _points(rows, old, OFFSET, colours.muted, "diamond"),
        ]
    )
    apply_layout(figure, colours, height=110 + VERSION_ROW * len(rows))
    figure.update_xaxes(title_text=axis)
    figure.update_yaxes(
        tickvals=list(range(len(rows))),
        ticktext=list(rows),
        range=[len(rows) - 0.5, -0.5],
        showgrid=False,
        zeroline=False,
    )
    figure.update_layout(margin_t=56)
    return figure


def _points(
    rows: Sequence[str], side: VersionMetrics, shift: float, colour: str, symbol: str
) -> go.Scatter:
    known = [place for place, value in enumerate(side.values) if value is not None]
    values = [float(side.values[place] or 0.0) for place in known]
    lows = [_end(side.lows[place], value) for place, value in zip(known, values, strict=True)]
    highs = [_end(side.highs[place], value) for place, value in zip(known, values, strict=True)]
    return go.Scatter(
        x=values,
        y=[place + shift for place in known],
        name=side.name,
        mode="markers",
        marker={"size": 10, "color": colour, "symbol": symbol},
        error_x={
            "type": "data",
            "array": [high - value for high, value in zip(highs, values, strict=True)],
            "arrayminus": [value - low for low, value in zip(lows, values, strict=True)],
            "color": colour,
            "thickness": 2,
            "width": 5,
        },
        customdata=[
            [rows[place], f"{low:.3f}", f"{high:.3f}"]
            for place, low, high in zip(known, lows, highs, strict=True)
        ],
        hovertemplate=(
            f"{side.name}<br>%{{customdata[0]}}: %{{x:.3f}} "
            "[%{customdata[1]}, %{customdata[2]}]<extra></extra>"
        ),
    )


def _end(bound: float | None, value: float) -> float:
    return value if bound is None else bound
