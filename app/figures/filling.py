"""The chance that a group fills, by its size."""

from collections.abc import Sequence

import plotly.graph_objects as go

from app.figures.palette import Palette, dressed


def rounded(chance: float) -> str:
    """A whole percentage that rounds no chance to certainty, or to none."""
    if 0 < chance < 0.005:
        return "<1%"
    return ">99%" if 0.995 <= chance < 1 else f"{chance:.0%}"


def filling_bars(
    chances: Sequence[float],
    needed: int | None,
    axis_size: str,
    axis_chance: str,
    colours: Palette,
) -> go.Figure:
    """One bar a group size; the item's own minimum stands out.

    Args:
        chances: [n] chance that a group of 2, 3, ..., n + 1 people fills; the initiator counts as
            one of them.
        needed: The item's minimum size in people, or ``None`` where the shop gives none.
        axis_size: Title of the size axis.
        axis_chance: Title of the chance axis.
        colours: Palette of the theme.

    """
    sizes = [size + 2 for size in range(len(chances))]
    figure = go.Figure(
        go.Bar(
            x=[str(size) for size in sizes],
            y=list(chances),
            marker_color=[
                colours.participants if size == needed else colours.shared for size in sizes
            ],
            text=[rounded(chance) for chance in chances],
            textposition="outside",
            textfont={"size": 12},
            constraintext="none",
            cliponaxis=False,
            hovertemplate="%{x}: %{y:.1%}<extra></extra>",
        )
    )
    dressed(figure, colours, height=250)
    figure.update_xaxes(title_text=axis_size, type="category", showgrid=False)
    figure.update_yaxes(
        title_text=axis_chance, tickformat=".0%", range=[0, min(1.0, max(0.1, *chances)) * 1.15]
    )
    figure.update_layout(margin_t=18)
    return figure
