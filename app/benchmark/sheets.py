"""Tables whose cells sort by their number and read as people write it, with rows and cells that stand out."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
from pandas.io.formats.style import Styler

from app.figures.palette import Palette


@dataclass(frozen=True)
class Cell:
    """What a cell sorts by, what it says, and whether it is the best of its column or hardly counts."""

    value: float | None
    text: str
    best: bool = False
    faint: bool = False


def sheet(
    heading: str,
    names: Sequence[str],
    columns: Mapping[str, Sequence[Cell]],
    marked: Collection[int],
    colours: Palette,
) -> Styler:
    """The names under ``heading``, then the columns; ``marked`` rows stand on a ground of their own."""
    values = {
        title: pd.Series([cell.value for cell in cells], dtype=float)
        for title, cells in columns.items()
    }
    styler = pd.DataFrame({heading: list(names), **values}).style
    for title, cells in columns.items():
        for row, cell in enumerate(cells):
            styler = styler.format(_saying(cell.text), subset=pd.IndexSlice[[row], [title]])

    looks = {heading: [_look(row in marked, None, colours) for row in range(len(names))]}
    for title, cells in columns.items():
        looks[title] = [_look(row in marked, cell, colours) for row, cell in enumerate(cells)]
    return styler.apply(lambda frame: pd.DataFrame(looks, index=frame.index), axis=None)


def _look(marked: bool, cell: Cell | None, colours: Palette) -> str:
    """A cell's CSS; of Streamlit's tables it takes ground, ink and weight."""
    look = f"background-color: {colours.marked}; color: {colours.text};" if marked else ""
    if cell is not None and cell.best:
        return f"{look} font-weight: bold; color: {colours.items};"
    return f"{look} color: {colours.muted};" if cell is not None and cell.faint else look


def _saying(text: str) -> Callable[[object], str]:
    """Writes one cell, whatever its number."""
    return lambda value: text
