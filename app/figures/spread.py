"""How much a task leans on each expert over many groups."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from app.figures.palette import Palette, dressed, task_colour

ROW = 44  # pixels an expert takes
IDLE = 0.02  # a mean weight below this is hardly used


def gate_spread(
    task: str,
    experts: Sequence[str],
    labels: Sequence[str],
    weights: NDArray[np.floating],
    axis: str,
    colours: Palette,
) -> go.Figure:
    """One box an expert: the middle half of its weights over the groups, whiskers and the mean.

    Args:
        task: "items" or "participants".
        experts: [E] names as the engine gives them.
        labels: [E] what to call them.
        weights: [G, E] the gate's weights for G groups; each row sums to 1.
        axis: Title of the weight axis.
        colours: Palette of the theme.

    """
    own = task_colour(task, colours)
    figure = go.Figure(
        [
            go.Box(
                x=weights[:, k],
                y=[label] * len(weights),
                name=label,
                orientation="h",
                boxmean=True,
                boxpoints=False,
                line={"color": colours.shared if expert.startswith("shared") else own, "width": 2},
                hovertemplate=f"{label}: %{{x:.1%}}<extra></extra>",
                showlegend=False,
            )
            for k, (expert, label) in enumerate(zip(experts, labels, strict=True))
        ]
    )
    dressed(figure, colours, height=70 + ROW * len(experts))
    figure.update_xaxes(
        title_text=axis, tickformat=".0%", range=[0, float(weights.max()) * 1.08], nticks=4
    )
    figure.update_yaxes(autorange="reversed", showgrid=False, type="category")
    return figure


def idle_experts(labels: Sequence[str], weights: NDArray[np.floating]) -> list[str]:
    """The experts whose mean weight over all groups is below ``IDLE``."""
    return [label for label, mean in zip(labels, weights.mean(axis=0), strict=True) if mean < IDLE]
