"""The benchmark's tables: every system with its figures, by kind of user, beside the paper's, and what it cost.

Tables whose cells sort by their number and read as people write it, with rows and cells that stand out.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
from pandas.io.formats.style import Styler

from app.benchmark.names import IN_PAPER, metric_name, system_name
from app.benchmark.records import PARTS, WHOLE, Figure, Lead, Printed, Run
from app.benchmark.standings import LEAKING, OURS, best_of, figure_of, metrics_of
from app.figures.palette import Palette
from app.text import known, language, t
from app.text.numbers import MISSING, count, memory, metric_text, short_duration, signed


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


def figure_text(figure: Figure) -> str:
    """The figure, and its 95 % interval where it has one: ``0.618 (0.611–0.625)``."""
    if figure.low is None or figure.high is None:
        return metric_text(figure.value)
    return f"{metric_text(figure.value)} ({metric_text(figure.low)}–{metric_text(figure.high)})"


def _sheet(runs: Sequence[Run], columns: Mapping[str, Sequence[Cell]], colours: Palette) -> Styler:
    names = [system_name(run.system) for run in runs]
    ours = [place for place, run in enumerate(runs) if run.system == OURS]
    return sheet(t("benchmark.system"), names, columns, ours, colours)


def _column(runs: Sequence[Run], task: str, metric: str, part: str = WHOLE) -> list[Cell]:
    best = best_of(runs, task, metric, part)
    figures = [figure_of(run, task, metric, part) for run in runs]
    return [
        Cell(figure.value, figure_text(figure), run.system == best, run.system in LEAKING)
        for run, figure in zip(runs, figures, strict=True)
    ]


def ranked(runs: Sequence[Run], task: str, metric: str) -> list[Run]:
    """The runs, the best of this metric first; those without a figure last, and those that leak after them."""
    return sorted(
        runs,
        key=lambda run: (run.system in LEAKING, -(figure_of(run, task, metric).value or -1.0)),
    )


def figures_sheet(runs: Sequence[Run], task: str, colours: Palette) -> Styler:
    """A row a system, a column a metric of the task."""
    columns = {
        metric_name(metric): _column(runs, task, metric) for metric in metrics_of(runs, task)
    }
    return _sheet(runs, columns, colours)


def leads_sheet(runs: Sequence[Run], leads: Sequence[Lead], colours: Palette) -> Styler:
    """A row a system that was measured on the same lists, in the order of the runs; a column a metric."""
    found = {(lead.over, lead.metric): lead for lead in leads}
    systems = [run.system for run in runs if any(lead.over == run.system for lead in leads)]
    columns = {
        metric_name(metric): [_lead(found.get((system, metric))) for system in systems]
        for metric in dict.fromkeys(lead.metric for lead in leads)
    }
    return sheet(t("benchmark.over"), [*map(system_name, systems)], columns, [], colours)


def _lead(lead: Lead | None) -> Cell:
    """Bold where it is certain, faint where it may be chance."""
    if lead is None:
        return Cell(None, MISSING)
    low, high = (signed(number, 4).removeprefix("+") for number in (lead.low, lead.high))
    said = t("compare.change.interval", change=signed(lead.value, 4), low=low, high=high)
    return Cell(lead.value, said, best=lead.low > 0, faint=lead.low <= 0 <= lead.high)


def parts_of(runs: Sequence[Run], task: str, metric: str) -> list[str]:
    """The parts of the lists that any run tells apart, in their order."""
    return [part for part in PARTS if any((task, metric, part) in run.figures for run in runs)]


def parts_sheet(runs: Sequence[Run], task: str, metric: str, colours: Palette) -> Styler:
    """A row a system, a column a part of the lists, with how many lists it has."""
    columns = {}
    for part in [WHOLE, *parts_of(runs, task, metric)]:
        lists = max(figure_of(run, task, metric, part).lists for run in runs)
        title = t("benchmark.part.lists", part=t(f"part.{part}"), n=count(lists))
        columns[title] = _column(runs, task, metric, part)
    return _sheet(runs, columns, colours)


def cost_sheet(runs: Sequence[Run], colours: Palette) -> Styler:
    """A row a system: seconds to learn and to score, memory at the peak, processor."""
    tongue = language()
    columns = {
        t("cost.learning"): [_seconds(run.cost.learning, tongue) for run in runs],
        t("cost.scoring"): [_seconds(run.cost.scoring, tongue) for run in runs],
        t("cost.memory"): [Cell(run.cost.peak_mib, memory(run.cost.peak_mib)) for run in runs],
        t("cost.device"): [
            Cell(float(run.cost.device != "cpu"), device_name(run.cost.device)) for run in runs
        ],
    }
    if any(run.cost.updating is not None for run in runs):
        columns[t("cost.updating")] = [_seconds(run.cost.updating, tongue) for run in runs]
    return _sheet(runs, columns, colours)


def _seconds(seconds: float | None, tongue: str) -> Cell:
    return Cell(seconds, MISSING if seconds is None else short_duration(seconds, tongue))


def device_name(device: str) -> str:
    """What did the work: processor or graphics card."""
    key = f"device.{device}"
    return t(key) if known(key) else device


def paper_sheet(
    runs: Sequence[Run], printed: Sequence[Printed], task: str, colours: Palette
) -> Styler:
    """A row a system of the paper: each metric as measured here and as printed, impossible figures crossed."""
    by_system = {run.system: run for run in runs}
    systems = list(dict.fromkeys(figure.system for figure in printed))
    cells = {(one.system, one.metric): one for one in printed if one.task == task}
    columns: dict[str, list[Cell]] = {}
    for metric in dict.fromkeys(metric for _, metric in cells):
        here = [by_system.get(IN_PAPER.get(system, "")) for system in systems]
        figures = [Figure(value=None) if r is None else figure_of(r, task, metric) for r in here]
        columns[t("paper.here", metric=metric_name(metric))] = [
            Cell(figure.value, metric_text(figure.value)) for figure in figures
        ]
        columns[t("paper.printed", metric=metric_name(metric))] = [
            _printed(cells.get((system, metric))) for system in systems
        ]
    ours = [place for place, system in enumerate(systems) if IN_PAPER.get(system) == OURS]
    return sheet(t("benchmark.system"), systems, columns, ours, colours)


def _printed(figure: Printed | None) -> Cell:
    if figure is None:
        return Cell(None, MISSING)
    said = metric_text(figure.value)
    return Cell(figure.value, f"{said} ✗" if figure.impossible else said, faint=figure.impossible)


def printed_for(printed: Sequence[Printed], system: str, task: str, metric: str) -> Printed | None:
    """What the paper prints for one of our systems."""
    return next(
        (
            one
            for one in printed
            if IN_PAPER.get(one.system) == system and (one.task, one.metric) == (task, metric)
        ),
        None,
    )
