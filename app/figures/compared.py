"""Systems compared: a point and its interval for each, with the paper's own figure beside; variety of what is shown."""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from app.figures.palette import Palette, apply_layout, task_colour

ROW = 34  # pixels a system takes
CROWD = 8  # points whose names still find room beside one another


@dataclass(frozen=True)
class Compared:
    """One system's figure, and what the paper prints for it."""

    name: str
    value: float
    low: float | None = None
    high: float | None = None
    ours: bool = False  # drawn in the task's colour
    leaks: bool = False  # sees the answers: drawn last, whatever its figure
    printed: float | None = None
    impossible: bool = False  # what is printed


@dataclass(frozen=True)
class Words:
    """What the chart says."""

    axis: str
    measured: str
    printed: str
    impossible: str
    chance: str


def compared_points(
    task: str, systems: Sequence[Compared], chance: float | None, words: Words, colours: Palette
) -> go.Figure:
    """A row a system, the best on top, those that leak at the foot; open points are the paper's figures.

    Args:
        task: "items" or "participants"; gives the colour of our own system.
        systems: Whom to draw, in any order.
        chance: Where a ranking at random stands, drawn as a line; ``None`` draws none.
        words: Title of the axis and entries of the legend.
        colours: Palette of the theme.

    """
    ordered = sorted(systems, key=lambda system: (system.leaks, -system.value))
    figure = go.Figure(_measured(task, ordered, words, colours))
    for impossible, name, symbol in (
        (False, words.printed, "diamond-open"),
        (True, words.impossible, "x-thin-open"),
    ):
        beside = [
            system
            for system in ordered
            if system.printed is not None and system.impossible is impossible
        ]
        if beside:
            figure.add_trace(
                go.Scatter(
                    x=[system.printed for system in beside],
                    y=[system.name for system in beside],
                    mode="markers",
                    name=name,
                    marker={
                        "size": 9,
                        "symbol": symbol,
                        "color": colours.muted,
                        "line": {"width": 2, "color": colours.muted},
                    },
                    hovertemplate=f"%{{y}}: %{{x:.4f}} · {name}<extra></extra>",
                )
            )
    apply_layout(figure, colours, height=130 + ROW * len(ordered))
    if chance is not None:
        figure.add_vline(
            x=chance,
            line={"color": colours.muted, "dash": "dot", "width": 1.5},
            annotation={
                "text": words.chance,
                "font": {"color": colours.muted, "size": 12},
                "yref": "paper",
                "y": 0,
                "yanchor": "bottom",
                "xanchor": "left",
            },
        )
    ends = [end for system in ordered for end in (system.low, system.high, system.printed)]
    known = [end for end in [*ends, chance, *(s.value for s in ordered)] if end is not None]
    room = 0.08 * (max(known) - min(known) or 0.1)
    figure.update_xaxes(title_text=words.axis, range=[min(known) - room, max(known) + room])
    figure.update_yaxes(
        autorange="reversed",
        showgrid=False,
        type="category",
        categoryorder="array",
        categoryarray=[system.name for system in ordered],
    )
    figure.update_layout(margin_t=44, showlegend=len(figure.data) > 1)
    return figure


def _measured(task: str, systems: Sequence[Compared], words: Words, colours: Palette) -> go.Scatter:
    inks = [
        task_colour(task, colours) if s.ours else colours.muted if s.leaks else colours.shared
        for s in systems
    ]
    return go.Scatter(
        x=[system.value for system in systems],
        y=[system.name for system in systems],
        mode="markers",
        name=words.measured,
        cliponaxis=False,
        marker={"size": [13 if system.ours else 9 for system in systems], "color": inks},
        error_x={
            "type": "data",
            "array": [0.0 if s.high is None else s.high - s.value for s in systems],
            "arrayminus": [0.0 if s.low is None else s.value - s.low for s in systems],
            "color": colours.muted,
            "thickness": 2,
            "width": 4,
        },
        customdata=[
            "" if s.low is None or s.high is None else f" [{s.low:.4f}, {s.high:.4f}]"
            for s in systems
        ],
        hovertemplate="%{y}: %{x:.4f}%{customdata}<extra></extra>",
    )


@dataclass(frozen=True)
class Variety:
    """How varied a system's lists are: the share of everything that anybody is shown, and how well known it is."""

    name: str
    coverage: float
    fame: float  # typical launches of an item, or joins of a person, among the ten shown
    ours: bool = False


def variety_points(
    task: str, systems: Sequence[Variety], axis_fame: str, axis_coverage: str, colours: Palette
) -> go.Figure:
    """One point a system: to the right it shows what is famous, further up it shows more of what there is.

    Beyond ``CROWD`` systems, names stand only beside ours and those at the ends; the tooltips name all.
    """
    named = list(systems)
    if len(systems) > CROWD:
        named = [system for system in systems if system.ours]
        named += [end(systems, key=key) for end in (min, max) for key in (_coverage, _fame)]
    figure = go.Figure(
        go.Scatter(
            x=[system.fame for system in systems],
            y=[system.coverage for system in systems],
            text=[system.name if system in named else "" for system in systems],
            hovertext=[system.name for system in systems],
            mode="markers+text",
            textposition=[
                "top left" if system.fame > middle(systems) else "top right" for system in systems
            ],
            textfont={"size": 12, "color": colours.text},
            cliponaxis=False,
            marker={
                "size": [13 if system.ours else 9 for system in systems],
                "color": [
                    task_colour(task, colours) if system.ours else colours.shared
                    for system in systems
                ],
            },
            hovertemplate="%{hovertext}: %{y:.1%} · %{x:,.0f}<extra></extra>",
        )
    )
    apply_layout(figure, colours, height=380)
    top = max((system.coverage for system in systems), default=1.0)
    figure.update_xaxes(title_text=axis_fame, tickformat=",.0f", nticks=6)
    figure.update_yaxes(title_text=axis_coverage, tickformat=".0%", range=[0, top * 1.2])
    figure.update_layout(margin_t=24)
    return figure


def _coverage(system: Variety) -> float:
    return system.coverage


def _fame(system: Variety) -> float:
    return system.fame


def middle(systems: Sequence[Variety]) -> float:
    """Half way between the least and the greatest fame: labels lean inwards from there."""
    return (min(s.fame for s in systems) + max(s.fame for s in systems)) / 2
