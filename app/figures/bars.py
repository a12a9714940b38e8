"""Bar charts: the gate's weights, and what the score loses without each input."""

from collections.abc import Callable, Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike

from app.figures.palette import Palette, apply_layout, task_colour
from app.text.numbers import signed
from engine.results import Contribution

ROW = 34  # pixels per bar, label included


def gate_bars(
    task: str,
    experts: Sequence[str],
    weights: ArrayLike,
    label: Callable[[str], str],
    axis: str,
    colours: Palette,
) -> go.Figure:
    """One bar per expert, in the model's order, as long as its gate weight.

    Args:
        task: "items" or "participants", for the colour of its own experts.
        experts: [E] names in the engine; those that begin with "shared" take the shared colour.
        weights: [E] gate weights, summing to 1.
        label: Returns an expert's name in the page's language.
        axis: Title of the weight axis.
        colours: Palette of the theme.

    """
    shares = np.asarray(weights, dtype=float)
    own = task_colour(task, colours)
    figure = go.Figure(
        go.Bar(
            x=shares,
            y=[label(expert) for expert in experts],
            orientation="h",
            marker_color=[
                colours.shared if expert.startswith("shared") else own for expert in experts
            ],
            text=[f"{share:.0%}" for share in shares],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{x:.1%}<extra></extra>",
        )
    )
    apply_layout(figure, colours, height=56 + ROW * len(experts))
    top = min(1.0, float(shares.max(initial=0.0)) * 1.18 + 0.02)
    figure.update_xaxes(title_text=axis, tickformat=".0%", range=[0, top], nticks=4)
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_layout(margin_r=44)
    return figure


def contribution_bars(
    contributions: Sequence[Contribution],
    label: Callable[[str], str],
    axis: str,
    task: str,
    colours: Palette,
) -> go.Figure:
    """What the score loses (to the right) or gains (to the left) without each input, the largest effect on top."""
    ordered = sorted(contributions, key=lambda entry: -abs(entry.change))
    changes = np.array([entry.change for entry in ordered], dtype=float)
    figure = go.Figure(
        go.Bar(
            x=changes,
            y=[label(entry.input) for entry in ordered],
            orientation="h",
            marker_color=[
                task_colour(task, colours) if change >= 0 else colours.negative
                for change in changes
            ],
            text=[_signed(change) for change in changes],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{x:+.3f}<extra></extra>",
        )
    )
    apply_layout(figure, colours, height=56 + ROW * len(ordered))
    reach = max(float(np.abs(changes).max(initial=0.0)), 1e-6)
    low = min(0.0, float(changes.min(initial=0.0)))
    high = max(0.0, float(changes.max(initial=0.0)))
    figure.update_xaxes(
        title_text=axis,
        range=[low - (0.4 * reach if low < 0 else 0.02 * reach), high + 0.25 * reach],
        zeroline=True,
        zerolinecolor=colours.muted,
        nticks=5,
    )
    figure.update_yaxes(autorange="reversed", showgrid=False)
    return figure


def _signed(change: float) -> str:
    """A change with its sign; "0" where it rounds to nothing."""
    return signed(change, 2) if round(change, 2) else "0"
