"""The attention heatmap: how much each token attends to each other token."""

import textwrap
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from app.figures.palette import Palette, apply_layout, legible_ink, mix_colours
from engine.results import TaskExplanation


def attention_matrix(
    task: TaskExplanation, expert: int | None, head: int | None
) -> NDArray[np.float64]:
    """The [tokens, tokens] attention of one expert and head; ``None`` averages over all of them.

    Every row sums to 1.
    """
    attention = np.asarray(task.attention, dtype=np.float64)  # [experts, heads, tokens, tokens]
    by_expert = (
        attention.mean(axis=0) if expert is None else attention[expert]
    )  # [heads, tokens, tokens]
    matrix: NDArray[np.float64] = by_expert.mean(axis=0) if head is None else by_expert[head]
    return matrix


def wrap_label(label: str) -> str:
    """The label wrapped into short lines, which fit under narrow columns."""
    wide = not label.isascii()  # Chinese has no spaces to break at, and wider characters
    return "<br>".join(textwrap.wrap(label, width=5 if wide else 11, break_long_words=wide))


def attention_heatmap(
    matrix: NDArray[np.float64],
    tokens: Sequence[str],
    looks: str,
    looked_at: str,
    tooltip: str,
    colours: Palette,
) -> go.Figure:
    """A heatmap of tokens by tokens: the row attends to the column; each row sums to 1.

    Args:
        matrix: [tokens, tokens] from ``attention_matrix``.
        tokens: What to call each token.
        looks: Title of the rows.
        looked_at: Title of the columns.
        tooltip: Its text, with the blanks ``{row}``, ``{column}`` and ``{share}``.
        colours: Palette of the theme.

    """
    hover = [
        [
            tooltip.format(row=row, column=column, share=f"{matrix[i, j]:.1%}")
            for j, column in enumerate(tokens)
        ]
        for i, row in enumerate(tokens)
    ]
    # Uniform attention takes the middle of the scale, so that preferences stand out.
    top = min(1.0, max(float(matrix.max(initial=0.0)), 2.0 / max(len(tokens), 1)))
    figure = go.Figure(
        go.Heatmap(
            z=matrix,
            x=list(range(len(tokens))),
            y=list(range(len(tokens))),
            zmin=0.0,
            zmax=top,
            colorscale=[[0.0, colours.low], [1.0, colours.high]],
            xgap=2,
            ygap=2,
            customdata=hover,
            hovertemplate="%{customdata}<extra></extra>",
            showscale=False,  # every cell shows its number
        )
    )
    # The numbers are annotations, each in a colour that is legible on its cell.
    for i in range(len(tokens)):
        for j in range(len(tokens)):
            fill = mix_colours(colours.low, colours.high, matrix[i, j] / top)
            figure.add_annotation(
                x=j,
                y=i,
                text=f"{matrix[i, j]:.0%}",
                showarrow=False,
                font={"size": 12, "color": legible_ink(fill, colours)},
            )
    apply_layout(figure, colours, height=150 + 46 * len(tokens))
    # Rows are numbered, so that two tokens with the same label stay two rows.
    ticks = {"tickvals": list(range(len(tokens))), "showgrid": False, "zeroline": False}
    figure.update_xaxes(
        title_text=looked_at,
        ticktext=[wrap_label(token) for token in tokens],
        autotickangles=[0, -45],  # on a narrow page the labels do not fit side by side
        **ticks,
    )
    figure.update_yaxes(title_text=looks, ticktext=list(tokens), autorange="reversed", **ticks)
    return figure
