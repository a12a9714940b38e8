"""Figures of merit as points with their intervals."""

from collections.abc import Sequence

import plotly.graph_objects as go

from app.figures.palette import Palette, dressed, task_colour
from app.measures import Measure

ROW = 36  # pixels a figure takes


def interval_points(
    task: str, figures: Sequence[Measure], axis: str, sales: str, colours: Palette
) -> go.Figure:
    """One row a figure: a point, a line as wide as its 95 % interval, and a diamond for a list sorted by sales.

    Args:
        task: "items" or "participants", for the colour.
        figures: What to draw, top to bottom.
        axis: Title of the value axis.
        sales: What the diamonds are called.
        colours: Palette of the theme.

    """
    above = [0.0 if entry.high is None else entry.high - entry.value for entry in figures]
    below = [0.0 if entry.low is None else entry.value - entry.low for entry in figures]
    figure = go.Figure(
        go.Scatter(
            x=[entry.value for entry in figures],
            y=[entry.name for entry in figures],
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
            y=[entry.name for entry in known],
            mode="markers",
            marker={"size": 9, "symbol": "diamond-open", "color": colours.muted},
            hovertemplate=f"{sales}: %{{x:.3f}}<extra></extra>",
        )
    dressed(figure, colours, height=90 + ROW * len(figures))
    figure.update_xaxes(title_text=axis, range=[0, 1])
    figure.update_yaxes(autorange="reversed", showgrid=False, type="category")
    figure.update_layout(margin_t=24, showlegend=False)
    return figure
