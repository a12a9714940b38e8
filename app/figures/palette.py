"""The charts' colours in the light and the dark theme, and the layout that all charts share."""

from dataclasses import dataclass

import plotly.graph_objects as go

FONT = "Source Sans Pro, Noto Sans CJK SC, PingFang SC, Microsoft YaHei, sans-serif"


@dataclass(frozen=True)
class Palette:
    """Colours that are legible on a theme's background."""

    text: str
    muted: str  # axes, secondary labels
    grid: str
    background: str  # of tooltips
    items: str  # Task I
    participants: str  # Task II
    shared: str  # the experts that both tasks share
    negative: str
    low: str  # the heatmap's end for "no attention"
    high: str  # the heatmap's end for "all attention"
    marked: str  # background of a highlighted table row


LIGHT = Palette(
    text="#1f2b2a",
    muted="#5b6766",
    grid="#e4e1d8",
    background="#ffffff",
    items="#2a7566",
    participants="#c8643f",
    shared="#5b6fb5",
    negative="#b4483f",
    low="#f4f2ec",
    high="#1d5c50",
    marked="#e2efea",
)
DARK = Palette(
    text="#e4eae7",
    muted="#9fb0ac",
    grid="#2c3738",
    background="#1e2627",
    items="#5fbfa6",
    participants="#e58f6c",
    shared="#8d9fe0",
    negative="#e57f75",
    low="#1c2425",
    high="#7fe0c6",
    marked="#1d3a36",
)


def palette(theme: str | None) -> Palette:
    """The palette of a theme: "dark", or light for anything else."""
    return DARK if theme == "dark" else LIGHT


def task_colour(task: str, colours: Palette) -> str:
    """The colour of a task in all charts."""
    return colours.items if task == "items" else colours.participants


def mix_colours(colour: str, other: str, share: float) -> str:
    """``colour`` mixed with a ``share`` of ``other``; all are "#rrggbb"."""
    pairs = [(int(colour[k : k + 2], 16), int(other[k : k + 2], 16)) for k in (1, 3, 5)]
    return "#" + "".join(f"{round(one + share * (two - one)):02x}" for one, two in pairs)


def legible_ink(fill: str, colours: Palette) -> str:
    """The theme's text or background colour, whichever has more contrast on ``fill``."""
    lightness = {colour: _lightness(colour) for colour in (colours.text, colours.background)}
    return max(lightness, key=lambda colour: abs(lightness[colour] - _lightness(fill)))


def _lightness(colour: str) -> float:
    red, green, blue = (int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5))
    return float((0.3 * red**2.2 + 0.59 * green**2.2 + 0.11 * blue**2.2) ** (1 / 2.2))


def apply_layout(figure: go.Figure, colours: Palette, height: int) -> go.Figure:
    """The figure with the app's margins, fonts and tooltips, on a transparent background."""
    axis = {
        "gridcolor": colours.grid,
        "zerolinecolor": colours.grid,
        "tickfont": {"color": colours.text, "size": 13},
        "title": {"font": {"color": colours.muted, "size": 13}},
        "automargin": True,
        "fixedrange": True,
        "exponentformat": "none",  # 10,000 reads the same in both languages, 10k does not
        "separatethousands": True,
    }
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 16, "t": 8, "b": 8},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": FONT, "color": colours.text, "size": 13},
        hoverlabel={
            "bgcolor": colours.background,
            "bordercolor": colours.grid,
            "font": {"color": colours.text, "family": FONT, "size": 13},
        },
        legend={
            "orientation": "h",
            "yanchor": "bottom",
            "y": 1.02,
            "x": 0,
            "font": {"color": colours.text},
        },
        bargap=0.35,
    )
    figure.update_xaxes(**axis)
    figure.update_yaxes(**axis)
    return figure
