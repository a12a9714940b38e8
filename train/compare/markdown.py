"""Rows of figures as Markdown tables."""

from collections.abc import Iterable, Sequence

from train.compare.results import Row

TASKS = (("items", "I"), ("participants", "II"))
METRICS = ("mrr@10", "ndcg@10", "mrr@100", "ndcg@100")
COLUMNS = [(task, metric) for task, _ in TASKS for metric in METRICS]


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
