"""The benchmark's tables: cells sort by their number and show a text; some rows and cells are highlighted."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
from pandas.io.formats.style import Styler

from app.benchmark.names import IN_PAPER, metric_name, system_name
from app.figures.palette import Palette
from app.text import known, language, t
from app.text.numbers import MISSING, count, memory, metric_text, short_duration, signed
from db.logs import Metric, Task
from engine.benchmark.comparison import MIXING, OURS, Run, best_system, metrics_of, parts_of
from engine.benchmark.records import Estimate, PairedDifference, PaperRecord, Part


@dataclass(frozen=True)
class Cell:
    """The number that a cell sorts by, its text, and whether it is the best of its column or not to be relied on."""

    value: float | None
    text: str
    best: bool = False
    faint: bool = False


def styled_table(
    heading: str,
    names: Sequence[str],
    columns: Mapping[str, Sequence[Cell]],
    marked: Collection[int],
    colours: Palette,
) -> Styler:
    """The names under ``heading``, then the columns; ``marked`` rows have a background of their own."""
    values = {
        title: pd.Series([cell.value for cell in cells], dtype=float)
        for title, cells in columns.items()
    }
    styler = pd.DataFrame({heading: list(names), **values}).style
    for title, cells in columns.items():
        for row, cell in enumerate(cells):
            styler = styler.format(_constant(cell.text), subset=pd.IndexSlice[[row], [title]])

    styles = {heading: [_style(row in marked, None, colours) for row in range(len(names))]}
    for title, cells in columns.items():
        styles[title] = [_style(row in marked, cell, colours) for row, cell in enumerate(cells)]
    return styler.apply(lambda frame: pd.DataFrame(styles, index=frame.index), axis=None)


def _style(marked: bool, cell: Cell | None, colours: Palette) -> str:
    """A cell's CSS; Streamlit's tables heed background, colour and weight."""
    style = f"background-color: {colours.marked}; color: {colours.text};" if marked else ""
    if cell is not None and cell.best:
        return f"{style} font-weight: bold; color: {colours.items};"
    return f"{style} color: {colours.muted};" if cell is not None and cell.faint else style


def _constant(text: str) -> Callable[[object], str]:
    """Formats one cell as this text, whatever its number."""
    return lambda value: text


def estimate_text(estimate: Estimate) -> str:
    """The value, and its 95 % interval where it has one: ``0.618 (0.611–0.625)``."""
    if estimate.low is None or estimate.high is None:
        return metric_text(estimate.value)
    return (
        f"{metric_text(estimate.value)} ({metric_text(estimate.low)}–{metric_text(estimate.high)})"
    )


def _systems_table(
    runs: Sequence[Run], columns: Mapping[str, Sequence[Cell]], colours: Palette
) -> Styler:
    names = [system_name(run.system) for run in runs]
    ours = [place for place, run in enumerate(runs) if run.system == OURS]
    return styled_table(t("benchmark.system"), names, columns, ours, colours)


def _column(runs: Sequence[Run], metric: Metric, part: Part = Part.ALL) -> list[Cell]:
    best = best_system(runs, metric, part)
    return [
        Cell(
            run.estimate(metric, part).value,
            estimate_text(run.estimate(metric, part)),
            run.system == best,
            run.system in MIXING,
        )
        for run in runs
    ]


def values_table(runs: Sequence[Run], task: Task, colours: Palette) -> Styler:
    """A row a system, a column a metric of the task."""
    columns = {metric_name(metric): _column(runs, metric) for metric in metrics_of(runs, task)}
    return _systems_table(runs, columns, colours)


def differences_table(
    runs: Sequence[Run], differences: Sequence[PairedDifference], colours: Palette
) -> Styler:
    """A row a system that MAMGBR is compared with, in the order of the runs; a column a metric."""
    found = {(one.over, one.metric): one for one in differences}
    compared = {one.over for one in differences}
    systems = [run.system for run in runs if run.system in compared]
    columns = {
        metric_name(metric): [_difference(found.get((system, metric))) for system in systems]
        for metric in dict.fromkeys(one.metric for one in differences)
    }
    names = [system_name(system) for system in systems]
    return styled_table(t("benchmark.over"), names, columns, [], colours)


def _difference(difference: PairedDifference | None) -> Cell:
    """Bold where MAMGBR is ahead for certain, faint where it may be chance."""
    if difference is None:
        return Cell(None, MISSING)
    ends = (difference.low, difference.high)
    low, high = (signed(number, 4).removeprefix("+") for number in ends)
    text = t("compare.change.interval", change=signed(difference.value, 4), low=low, high=high)
    certain = difference.certain
    return Cell(difference.value, text, best=certain and difference.value > 0, faint=not certain)


def parts_table(runs: Sequence[Run], metric: Metric, colours: Palette) -> Styler:
    """A row a system, a column a part of the lists, with the number of its lists."""
    columns = {}
    for part in [Part.ALL, *parts_of(runs, metric)]:
        lists = max(run.estimate(metric, part).lists for run in runs)
        title = t("benchmark.part.lists", part=t(f"part.{part}"), n=count(lists))
        columns[title] = _column(runs, metric, part)
    return _systems_table(runs, columns, colours)


def cost_table(runs: Sequence[Run], colours: Palette) -> Styler:
    """A row a system: seconds of training and of scoring, memory at the peak, processor."""
    columns = {
        t("cost.learning"): [_seconds(run.cost.training) for run in runs],
        t("cost.scoring"): [_seconds(run.cost.scoring) for run in runs],
        t("cost.memory"): [Cell(run.cost.peak_mib, memory(run.cost.peak_mib)) for run in runs],
        t("cost.device"): [
            Cell(float(run.cost.device != "cpu"), device_name(run.cost.device)) for run in runs
        ],
    }
    if any(run.cost.updating is not None for run in runs):
        columns[t("cost.updating")] = [_seconds(run.cost.updating) for run in runs]
    return _systems_table(runs, columns, colours)


def _seconds(seconds: float | None) -> Cell:
    return Cell(seconds, MISSING if seconds is None else short_duration(seconds, language()))


def device_name(device: str) -> str:
    """The processor or the graphics card, in words."""
    key = f"device.{device}"
    return t(key) if known(key) else device


def paper_table(
    runs: Sequence[Run], paper: Sequence[PaperRecord], task: Task, colours: Palette
) -> Styler:
    """A row a system of the paper: each metric as measured here and as printed, impossible values marked."""
    by_system = {run.system: run for run in runs}
    systems = list(dict.fromkeys(record.system for record in paper))
    printed = {(record.system, record.metric): record for record in paper if record.task == task}
    columns: dict[str, list[Cell]] = {}
    for metric in dict.fromkeys(metric for _, metric in printed):
        here = [by_system.get(IN_PAPER.get(system, "")) for system in systems]
        values = [None if run is None else run.estimate(metric).value for run in here]
        columns[t("paper.here", metric=metric_name(metric))] = [
            Cell(value, metric_text(value)) for value in values
        ]
        columns[t("paper.printed", metric=metric_name(metric))] = [
            _printed(printed.get((system, metric))) for system in systems
        ]
    ours = [place for place, system in enumerate(systems) if IN_PAPER.get(system) == OURS]
    return styled_table(t("benchmark.system"), systems, columns, ours, colours)


def _printed(record: PaperRecord | None) -> Cell:
    if record is None:
        return Cell(None, MISSING)
    text = f"{metric_text(record.value)} ✗" if record.impossible else metric_text(record.value)
    return Cell(record.value, text, faint=record.impossible)


def paper_value_of(paper: Sequence[PaperRecord], system: str, metric: Metric) -> PaperRecord | None:
    """What the paper prints for a system of the benchmark."""
    return next(
        (
            record
            for record in paper
            if IN_PAPER.get(record.system) == system and record.metric == metric
        ),
        None,
    )
