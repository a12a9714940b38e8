"""Lines: a metric over a swept setting (figures 4 and 5 of the paper), losses and metrics over a training."""

import textwrap
from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from app.figures.palette import Palette, apply_layout, task_colour


def sweep_line(
    task: str,
    settings: Sequence[str],
    values: Sequence[float],
    lows: Sequence[float],
    highs: Sequence[float],
    axis_setting: str,
    axis_value: str,
    current: str | None,
    current_name: str,
    colours: Palette,
) -> go.Figure:
    """A line over the values of a setting, evenly spaced, in a band as wide as the 95 % interval; the best is larger.

    Args:
        task: "items" or "participants", for the colour.
        settings: [n] the values of the setting, in the order in which they are drawn.
        values: [n] the metric at each.
        lows: [n] lower ends of the intervals.
        highs: [n] upper ends.
        axis_setting: Title of the setting's axis.
        axis_value: Title of the metric's axis.
        current: The serving model's value, marked by a line; None where it is not among them.
        current_name: Its label.
        colours: Palette of the theme.

    """
    ink = task_colour(task, colours)
    red, green, blue = (int(ink[k : k + 2], 16) for k in (1, 3, 5))
    places = list(range(len(settings)))
    best = max(places, key=lambda place: values[place])
    figure = go.Figure(
        [
            go.Scatter(
                x=[*places, *reversed(places)],
                y=[*highs, *reversed(lows)],
                mode="lines",
                fill="toself",
                fillcolor=f"rgba({red},{green},{blue},0.18)",
                line={"width": 0},
                hoverinfo="skip",
                showlegend=False,
            ),
            go.Scatter(
                x=places,
                y=list(values),
                mode="lines+markers",
                line={"color": ink, "width": 2},
                marker={"size": [13 if place == best else 8 for place in places], "color": ink},
                customdata=[
                    f"{setting}: {value:.4f} [{low:.4f}, {high:.4f}]"
                    for setting, value, low, high in zip(settings, values, lows, highs, strict=True)
                ],
                hovertemplate="%{customdata}<extra></extra>",
                showlegend=False,
            ),
        ]
    )
    apply_layout(figure, colours, height=300)
    if current is not None and current in settings:
        figure.add_vline(
            x=list(settings).index(current),
            line={"color": colours.muted, "dash": "dot", "width": 1.5},
            annotation={
                "text": current_name,
                "font": {"color": colours.muted, "size": 12},
                "yref": "paper",
                "y": 1,
                "yanchor": "bottom",
                "xanchor": "center",
            },
        )
    figure.update_xaxes(
        title_text="<br>".join(textwrap.wrap(axis_setting, width=22)),  # two charts share a row
        tickvals=places,
        ticktext=list(settings),
        range=[-0.4, len(places) - 0.6],
        showgrid=False,
        zeroline=False,
    )
    figure.update_yaxes(title_text=axis_value, nticks=6)
    figure.update_layout(margin_t=28)
    return figure


FEW = 25  # up to here each point is marked


def course_lines(
    frame: pd.DataFrame, axis_epoch: str, axis_value: str, colours: Palette
) -> go.Figure:
    """One line for each loss or metric, over the epochs.

    Args:
        frame: [points, lines], indexed by the epochs that have passed.
        axis_epoch: Title of the epoch axis.
        axis_value: Title of the other axis.
        colours: Palette of the theme.

    """
    inks = [colours.items, colours.participants, colours.shared, colours.muted]
    figure = go.Figure(
        [
            go.Scatter(
                x=frame.index,
                y=frame[name],
                name=str(name),
                mode="lines+markers" if len(frame) <= FEW else "lines",
                line={"color": inks[k % len(inks)], "width": 2},
                hovertemplate=f"{name}: %{{y:.4f}} ({axis_epoch} %{{x:.2f}})<extra></extra>",
            )
            for k, name in enumerate(frame.columns)
        ]
    )
    apply_layout(figure, colours, height=260)
    figure.update_xaxes(title_text=axis_epoch, rangemode="tozero")
    figure.update_yaxes(title_text=axis_value)
    figure.update_layout(margin_t=36)
    return figure
