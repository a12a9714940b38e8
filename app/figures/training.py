"""How the losses fall."""

import pandas as pd
import plotly.graph_objects as go

from app.figures.palette import Palette, dressed


def loss_lines(frame: pd.DataFrame, axis_epoch: str, axis_loss: str, colours: Palette) -> go.Figure:
    """One line a loss over the epochs.

    Args:
        frame: [epochs, losses], indexed by epoch.
        axis_epoch: Title of the epoch axis.
        axis_loss: Title of the loss axis.
        colours: Palette of the theme.

    """
    inks = [colours.items, colours.participants, colours.shared, colours.muted]
    figure = go.Figure(
        [
            go.Scatter(
                x=frame.index,
                y=frame[name],
                name=str(name),
                mode="lines+markers",
                line={"color": inks[k % len(inks)], "width": 2},
                hovertemplate=f"{name}: %{{y:.4f}}<extra></extra>",
            )
            for k, name in enumerate(frame.columns)
        ]
    )
    dressed(figure, colours, height=260)
    figure.update_xaxes(title_text=axis_epoch, dtick=max(1, len(frame) // 10))
    figure.update_yaxes(title_text=axis_loss)
    figure.update_layout(margin_t=36)
    return figure
