"""Charts that compare systems: each one's value and interval beside the paper's, and how varied its lists are."""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from app.figures.palette import Palette, apply_layout, task_colour

ROW = 34  # pixels a system takes
CROWD = 8  # points whose names still fit beside each other


@dataclass(frozen=True)
class SystemPoint:
    """One system's value, and what the paper prints for it."""

    name: str
    value: float
    low: float | None = None
    high: float | None = None
    ours: bool = False  # drawn in the task's colour
    mixes: bool = False  # its scores depend on the other candidates: drawn last, whatever its value
    printed: float | None = None
    impossible: bool = False  # no ranking can give the printed value


@dataclass(frozen=True)
class ChartText:
    """The chart's axis title, legend entries and note."""

    axis: str
    measured: str
    printed: str
    impossible: str
    chance: str


def compared_points(
    task: str,
    systems: Sequence[SystemPoint],
    chance: float | None,
    text: ChartText,
    colours: Palette,
) -> go.Figure:
    """A row a system, the best on top, those that mix candidates at the bottom; open points are the paper's values.

    ``task`` gives the colour of our own system; ``chance`` is a random ranking's value, drawn as a line.
    """
    ordered = sorted(systems, key=lambda system: (system.mixes, -system.value))
    figure = go.Figure(_measured(task, ordered, text, colours))
    for impossible, name, symbol in (
        (False, text.printed, "diamond-open"),
        (True, text.impossible, "x-thin-open"),
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
                "text": text.chance,
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
    figure.update_xaxes(title_text=text.axis, range=[min(known) - room, max(known) + room])
    figure.update_yaxes(
        autorange="reversed",
        showgrid=False,
        type="category",
        categoryorder="array",
        categoryarray=[system.name for system in ordered],
    )
    figure.update_layout(margin_t=44, showlegend=len(figure.data) > 1)
    return figure


def _measured(
    task: str, systems: Sequence[SystemPoint], text: ChartText, colours: Palette
) -> go.Scatter:
    inks = [
        task_colour(task, colours) if s.ours else colours.muted if s.mixes else colours.shared
        for s in systems
    ]
    return go.Scatter(
        x=[system.value for system in systems],
        y=[system.name for system in systems],
        mode="markers",
        name=text.measured,
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
class VarietyPoint:
    """How varied a system's lists are: how much of everything they show, and how popular it is."""

    name: str
    coverage: float  # share of all items or users that appear in any top ten
    popularity: float  # typical launches of an item, or joins of a user, in the top tens
    ours: bool = False


def variety_points(
    task: str,
    systems: Sequence[VarietyPoint],
    axis_popularity: str,
    axis_coverage: str,
    colours: Palette,
) -> go.Figure:
    """One point a system: further right it shows what is popular, further up it shows more of what there is.

    With more than ``CROWD`` systems only ours and those at the ends are labelled; the tooltips name all.
    """
    named = list(systems)
    if len(systems) > CROWD:
        named = [system for system in systems if system.ours]
        named += [end(systems, key=key) for end in (min, max) for key in (_coverage, _popularity)]
    figure = go.Figure(
        go.Scatter(
            x=[system.popularity for system in systems],
            y=[system.coverage for system in systems],
            text=[system.name if system in named else "" for system in systems],
            hovertext=[system.name for system in systems],
            mode="markers+text",
            textposition=[
                "top left" if system.popularity > middle(systems) else "top right"
                for system in systems
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
    figure.update_xaxes(title_text=axis_popularity, tickformat=",.0f", nticks=6)
    figure.update_yaxes(title_text=axis_coverage, tickformat=".0%", range=[0, top * 1.2])
    figure.update_layout(margin_t=24)
    return figure


def _coverage(system: VarietyPoint) -> float:
    return system.coverage


def _popularity(system: VarietyPoint) -> float:
    return system.popularity


def middle(systems: Sequence[VarietyPoint]) -> float:
    """Half way between the least and the greatest popularity: labels lean inwards from there."""
    return (min(s.popularity for s in systems) + max(s.popularity for s in systems)) / 2
