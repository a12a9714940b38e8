"""A benchmark's rows as a page for people.

Rows of figures as Markdown tables.
"""

import operator
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from train.benchmark.paper_figures import paper_rows
from train.benchmark.results import COLUMNS, METRICS, TASKS, Row

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

    ``leads`` are rows of ``train.benchmark.paired_differences``.
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


def table(headings: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """A table with these headings."""
    rows = [headings, ["---"] * len(headings), *lines]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def cell(figure: Row | None) -> str:
    """A figure above its interval; "none" where nothing was measured."""
    if figure is None or figure["value"] is None:
        return "none"
    if figure["low"] is None:  # a share of what exists, not a mean over lists
        return f"{figure['value']:.4f}"
    return f"{figure['value']:.4f}<br>{figure['low']:.4f} to {figure['high']:.4f}"


def layouts(rows: Iterable[Row]) -> list[list[tuple[str, str]]]:
    """The columns, as task and metric, of each table that the rows take.

    The sampled metrics of both tasks stand side by side; of a full ranking there are too many, and each task has its
    own table.
    """
    found = list(dict.fromkeys((row["task"], row["metric"]) for row in rows))
    if all(metric in METRICS for _, metric in found):
        return [COLUMNS]
    return [[column for column in found if column[0] == task] for task, _ in TASKS]


def headings(columns: Iterable[tuple[str, str]]) -> list[str]:
    """What stands above them, e.g. "I MRR@10"."""
    roman = dict(TASKS)
    return [f"{roman[task]} {_said(metric)}" for task, metric in columns]


def _said(metric: str) -> str:
    """A metric as people write it: "MRR@10", "Recall@10"."""
    name, _, cut = metric.partition("@")
    word = name.upper() if name in ("mrr", "ndcg") else name.capitalize()
    return f"{word}@{cut}" if cut else word


def by_run(rows: Sequence[Row]) -> list[list[Row]]:
    """The rows of each run, in the order in which the runs were measured."""
    return [
        [row for row in rows if row["key"] == key] for key in dict.fromkeys(r["key"] for r in rows)
    ]


def cells(run: Sequence[Row]) -> dict[tuple[str, str], Row]:
    """A run's figures by task and metric."""
    return {(row["task"], row["metric"]): row for row in run}


def commands(rows: Sequence[Row]) -> str:
    """The commands that made the rows."""
    return "```sh\n" + "\n".join(dict.fromkeys(row["command"] for row in rows)) + "\n```"
