"""How a gate distributes its weight over the experts: over all groups, and by slice."""

import textwrap
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from app.figures.palette import Palette, apply_layout, legible_ink, mix_colours, task_colour
from app.text.plain import escape_chart_text

BINS = 20  # of the weight axis, 5 % each
ROW = 78  # pixels per expert, its name included
BAR = 0.62  # height of the highest bar, as a share of the row
SLICE = 38  # pixels per slice
LINE = 16  # pixels per further line of a slice's name
LEGIBLE = 0.09  # smaller shares have no room for their number


def expert_colours(task: str, experts: Sequence[str], colours: Palette) -> list[str]:
    """A colour per expert: the task's for its own experts, another for the shared ones, fading along each."""
    banks = [expert.startswith("shared") for expert in experts]
    found = []
    for k, shared in enumerate(banks):
        place, size = banks[:k].count(shared), banks.count(shared)
        base = colours.shared if shared else task_colour(task, colours)
        found.append(mix_colours(base, colours.background, 0.5 * place / max(size - 1, 1)))
    return found


def weight_shares(
    weights: NDArray[np.floating], stands_for: NDArray[np.floating]
) -> NDArray[np.float64]:
    """The share of all groups in which each expert's weight falls into each bin of [0, 1]: [experts, BINS]."""
    edges = np.linspace(0, 1, BINS + 1)
    inside = np.clip(weights, 0, 1)
    counted = [np.histogram(column, edges, weights=stands_for)[0] for column in inside.T]
    return np.array(counted, float) / stands_for.sum()


def gate_histograms(
    task: str,
    experts: Sequence[str],
    titles: Sequence[str],
    weights: NDArray[np.floating],
    stands_for: NDArray[np.floating],
    axis: str,
    tooltip: str,
    colours: Palette,
) -> go.Figure:
    """A histogram per expert of its weight over the groups, with its mean as a line.

    Each histogram is scaled to its highest bar. A bar's ``customdata`` is [expert, low, high], for selections.

    Args:
        task: "items" or "participants".
        experts: [E] names in the engine.
        titles: [E] of the histograms.
        weights: [N, E] the gate's weights for N groups; each row sums to 1.
        stands_for: [N] the number of the shop's groups that each stands for.
        axis: Title of the weight axis.
        tooltip: Its text, with the blanks ``{low}``, ``{high}`` and ``{share}``.
        colours: Palette of the theme.

    """
    shares = weight_shares(weights, stands_for)
    means = np.average(weights, axis=0, weights=stands_for)
    edges = np.linspace(0, 1, BINS + 1)
    figure = go.Figure()
    for k, ink in enumerate(expert_colours(task, experts, colours)):
        ends = list(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True))
        figure.add_bar(
            x=(edges[:-1] + edges[1:]) / 2,
            # Every bar that is not empty stays visible and can be selected.
            y=np.where(shares[k] > 0, np.maximum(BAR * shares[k] / shares[k].max(), 0.02), 0),
            base=-k,
            width=0.9 / BINS,
            marker_color=ink,
            customdata=[[k, low, high] for low, high in ends],
            hovertext=[
                tooltip.format(low=f"{low:.0%}", high=f"{high:.0%}", share=f"{share:.1%}")
                for (low, high), share in zip(ends, shares[k], strict=True)
            ],
            hovertemplate="%{hovertext}<extra></extra>",
            showlegend=False,
        )
        figure.add_scatter(
            x=[means[k]] * 2,
            y=[-k, -k + BAR + 0.04],
            mode="lines",
            line={"color": colours.text, "width": 2, "dash": "dot"},
            hoverinfo="skip",
            showlegend=False,
        )
        figure.add_annotation(
            x=0,
            y=-k + BAR + 0.06,
            text=titles[k],
            showarrow=False,
            xanchor="left",
            yanchor="bottom",
            font={"size": 13, "color": colours.text},
        )
    apply_layout(figure, colours, height=60 + ROW * len(experts))
    figure.update_xaxes(title_text=axis, tickformat=".0%", range=[-0.005, 1.005], nticks=6)
    figure.update_yaxes(
        range=[-len(experts) + 0.94, BAR + 0.34],
        tickvals=[-k for k in range(len(experts))],
        showticklabels=False,
        zeroline=False,
    )
    figure.update_layout(barmode="overlay")
    return figure


def slice_bars(
    task: str,
    experts: Sequence[str],
    labels: Sequence[str],
    slices: Sequence[str],
    means: NDArray[np.floating],
    axis: str,
    colours: Palette,
) -> go.Figure:
    """One bar per slice, divided among the experts by their mean weight. ``customdata`` is [slice, expert].

    Args:
        task: "items" or "participants".
        experts: [E] names in the engine.
        labels: [E] names in the page's language.
        slices: [S] names of the slices, from top to bottom.
        means: [S, E] mean weights; each row sums to 1.
        axis: Title of the weight axis.
        colours: Palette of the theme.

    """
    places = list(range(len(slices)))
    figure = go.Figure(
        [
            go.Bar(
                x=means[:, k],
                y=places,
                orientation="h",
                name=label,
                marker={"color": ink, "line": {"color": colours.background, "width": 1}},
                text=[f"{mean:.0%}" if mean >= LEGIBLE else "" for mean in means[:, k]],
                textposition="inside",
                insidetextanchor="middle",
                textangle=0,
                textfont={"color": legible_ink(ink, colours), "size": 12},
                constraintext="none",
                customdata=[[place, k] for place in places],
                hovertext=[f"{escape_chart_text(name)}<br>{label}" for name in slices],
                hovertemplate="%{hovertext}: %{x:.1%}<extra></extra>",
            )
            for k, (label, ink) in enumerate(
                zip(labels, expert_colours(task, experts, colours), strict=True)
            )
        ]
    )
    names = [textwrap.wrap(name, 22) for name in slices]
    row = SLICE + LINE * (max(map(len, names), default=1) - 1)
    apply_layout(figure, colours, height=130 + row * len(slices))
    figure.update_xaxes(title_text=axis, tickformat=".0%", range=[0, 1.001], nticks=5)
    figure.update_yaxes(
        tickvals=places,
        ticktext=["<br>".join(map(escape_chart_text, lines)) for lines in names],
        autorange="reversed",
        showgrid=False,
        zeroline=False,
    )
    figure.update_layout(barmode="stack", legend_traceorder="normal", bargap=0.25)
    return figure
