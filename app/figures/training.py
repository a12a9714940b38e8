"""How losses fall and figures rise while a training runs."""

import pandas as pd
import plotly.graph_objects as go

from app.figures.palette import Palette, dressed

FEW = 25  # points that are marked one by one


def course_lines(
    frame: pd.DataFrame, axis_epoch: str, axis_value: str, colours: Palette
) -> go.Figure:
    """One line a loss, or a figure, over the epochs.

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
    dressed(figure, colours, height=260)
    figure.update_xaxes(title_text=axis_epoch, rangemode="tozero")
    figure.update_yaxes(title_text=axis_value)
    figure.update_layout(margin_t=36)
    return figure
