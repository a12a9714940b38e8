"""A benchmark's rows as a page for people."""

import operator
from collections.abc import Callable, Sequence
from typing import Any

from train.compare.markdown import (
    COLUMNS,
    TASKS,
    by_run,
    cell,
    cells,
    commands,
    headings,
    layouts,
    table,
)
from train.compare.paper_figures import paper_rows
from train.compare.results import Row

# What a reader must know of the protocols that are not the one in the page's first lines.
ASKED = {
    "popular": "The wrong answers are drawn by popularity: items by launches, participants by joins, and one more "
    "each, so that everybody can be drawn.",
    "full": "The right answer among all items, or all users. Left out are the items that the initiator has launched "
    "before; in Task II herself, who joined her for the item before, and the group's other participants. Coverage is "
    "the share of all items or users that anybody is shown among the first ten, popularity the mean of "
    "log(1 + launches or joins) over these.",
    "newcomers": "Of 5 % of the users nothing was learned; then their logs, but not those of the test, were let in "
    "without learning anything anew. Cold and warm go by what was known in the end.",
}
PARTS = {
    "cold": "Cold initiators: no launch, failed launch or join among the training groups ({sizes}).",
    "warm": "Warm initiators ({sizes}).",
    "hidden": "Lists about users who came after training: as initiator in Task I, as participant in Task II ({sizes}).",
    "before": "The same lists while nothing was known of these users ({sizes}).",
    "shown": "Lists about users who were there all along ({sizes}).",
}


def benchmark_report(rows: Sequence[Row], leads: Sequence[Row] = ()) -> str:
    """Markdown: a section for each protocol, seed and state of the data, then the paper's tables.

    ``leads`` are rows of ``train.compare.leads``.
    """
    parts = [
        "# Systems compared",
        "One right answer among 10 and among 100 candidates, drawn once by seed and scored by every system; below "
        "each figure its 95 % bootstrap interval over groups. Task I ranks items for an initiator, Task II "
        "participants for an initiator and an item.",
    ]
    sections: dict[tuple[Any, ...], list[Row]] = {}
    for run in by_run(rows):
        sections.setdefault((*_on_what(run[0]), *_full_rankings(run)), []).extend(run)
    for chosen in sections.values():
        keys = {row["key"] for row in chosen}
        parts += _section_parts(chosen, [lead for lead in leads if lead["key"] in keys])
    return "\n\n".join([*parts, *_paper_parts()]) + "\n"


def _on_what(row: Row) -> tuple[Any, ...]:
    return row["protocol"], row["seed"], row["data_version"], row["test_groups"]


def _full_rankings(run: Sequence[Row]) -> list[int]:
    """How many right answers were ranked among everyone, by task: either may be asked about other groups."""
    return [row["lists"] for row in run if row["metric"] == "mrr"]


def _section_parts(rows: list[Row], leads: list[Row]) -> list[str]:
    first = rows[0]
    asked = [ASKED[first["protocol"]]] if first["protocol"] in ASKED else []
    parts: list[str] = []
    for part, sentence in PARTS.items():
        if part in first:
            parts.append(sentence.format(sizes=_sizes(rows, part)))
            parts += _figures_tables(rows, operator.itemgetter(part))
    return [
        f"## Protocol {first['protocol']}, seed {first['seed']}",
        f"{first['training_groups']} groups to learn from, {first['test_groups']} to be tested on, "
        f"data version {first['data_version']}.",
        *asked,
        commands(rows),
        *_figures_tables(rows, lambda row: row),
        *_leads_tables(leads),
        *parts,
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
    found: dict[str, int] = {}
    for row in rows:
        found.setdefault(row["task"], row[part]["lists"])
    return ", ".join(f"{found[task]} lists of Task {roman}" for task, roman in TASKS)


def _figures_tables(rows: list[Row], pick: Callable[[Row], Row]) -> list[str]:
    tables = []
    for columns in layouts(rows):
        lines = []
        for run in by_run(rows):
            found = cells(run)
            lines.append([run[0]["system"], *(cell(pick(found[column])) for column in columns)])
        tables.append(table(["system", *headings(columns)], lines))
    return tables


def _leads_tables(leads: list[Row]) -> list[str]:
    if not leads:
        return []
    tables = []
    for columns in layouts(leads):
        lines = []
        for run in by_run(leads):
            found = cells(run)
            lines.append([run[0]["over"], *(_lead(found.get(column)) for column in columns)])
        tables.append(table(["over", *headings(columns)], lines))
    return [
        f"By how much {leads[0]['system']} leads over the same lists, with the 95 % interval of the difference; in "
        f"bold where that holds no zero.",
        *tables,
    ]


def _lead(figure: Row | None) -> str:
    if figure is None:
        return "none"
    said = f"{figure['value']:+.4f}"
    if figure["low"] > 0 or figure["high"] < 0:
        said = f"**{said}**"
    return f"{said}<br>{figure['low']:+.4f} to {figure['high']:+.4f}"


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
        table(["system", *headings(COLUMNS)], lines),
    ]


def _printed(row: Row) -> str:
    return f"~~{row['value']:.4f}~~" if row["impossible"] else f"{row['value']:.4f}"
