"""A benchmark's rows as a page for people."""

from collections.abc import Callable, Sequence
from typing import Any

from train.markdown import COLUMNS, HEADINGS, TASKS, by_run, cell, cells, commands, table
from train.paper_figures import paper_rows
from train.results import Row


def benchmark_report(rows: Sequence[Row]) -> str:
    """Markdown: a section for each protocol, seed and state of the data, then the paper's tables."""
    parts = [
        "# Systems compared",
        "One right answer among 10 and among 100 candidates, drawn once by seed and scored by every system; below "
        "each figure its 95 % bootstrap interval over groups. Task I ranks items for an initiator, Task II "
        "participants for an initiator and an item.",
    ]
    for section in dict.fromkeys(map(_section, rows)):
        parts += _section_parts([row for row in rows if _section(row) == section])
    return "\n\n".join([*parts, *_paper_parts()]) + "\n"


def _section(row: Row) -> tuple[Any, ...]:
    return row["protocol"], row["seed"], row["data_version"], row["test_groups"]


def _section_parts(rows: list[Row]) -> list[str]:
    first = rows[0]
    return [
        f"## Protocol {first['protocol']}, seed {first['seed']}",
        f"{first['training_groups']} groups to learn from, {first['test_groups']} to be tested on, "
        f"data version {first['data_version']}.",
        commands(rows),
        _figures_table(rows, lambda row: row),
        f"Cold initiators: no launch, failed launch or join among the training groups ({_sizes(rows, 'cold')}).",
        _figures_table(rows, lambda row: row["cold"]),
        f"Warm initiators ({_sizes(rows, 'warm')}).",
        _figures_table(rows, lambda row: row["warm"]),
        "What it took, each in a process of its own.",
        table(
            ["system", "seconds to learn", "to score", "peak MiB", "device", "code", "adapted"],
            (_cost(run[0]) for run in by_run(rows)),
        ),
    ]


def _cost(run: Row) -> list[str]:
    return [
        run["system"],
        f"{run['seconds']:.1f}",
        f"{run['seconds_scoring']:.1f}",
        str(run["peak_mib"]),
        run["device"],
        run["code_version"],
        run["adaptation"],
    ]


def _sizes(rows: list[Row], part: str) -> str:
    found = {row["task"]: row[part]["lists"] for row in rows}
    return ", ".join(f"{found[task]} lists of Task {roman}" for task, roman in TASKS)


def _figures_table(rows: list[Row], pick: Callable[[Row], Row]) -> str:
    lines = []
    for run in by_run(rows):
        found = cells(run)
        lines.append([run[0]["system"], *(cell(pick(found[column])) for column in COLUMNS)])
    return table(["system", *HEADINGS], lines)


def _paper_parts() -> list[str]:
    printed = paper_rows()
    lines = []
    for system in dict.fromkeys(row["system"] for row in printed):
        found = cells([row for row in printed if row["system"] == system])
        lines.append([system, *(_printed(found[column]) for column in COLUMNS)])
    return [
        "## As printed in the paper (tables 2 and 3)",
        "Measured on other parts of the data, by other code. With one right answer among N the mean NDCG is "
        "bounded by the mean reciprocal rank; pairs that no ranking can give are struck out, and no bar to reach.",
        table(["system", *HEADINGS], lines),
    ]


def _printed(row: Row) -> str:
    return f"~~{row['value']:.4f}~~" if row["impossible"] else f"{row['value']:.4f}"
