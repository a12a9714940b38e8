"""Rows of figures as Markdown tables."""

from collections.abc import Iterable, Sequence

from train.results import Row

TASKS = (("items", "I"), ("participants", "II"))
METRICS = ("mrr@10", "ndcg@10", "mrr@100", "ndcg@100")
COLUMNS = [(task, metric) for task, _ in TASKS for metric in METRICS]
HEADINGS = [f"{roman} {metric.upper()}" for _, roman in TASKS for metric in METRICS]


def table(headings: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """A table with these headings."""
    rows = [headings, ["---"] * len(headings), *lines]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def cell(figure: Row | None) -> str:
    """A figure above its interval; "none" where nothing was measured."""
    if figure is None or figure["value"] is None:
        return "none"
    return f"{figure['value']:.4f}<br>{figure['low']:.4f} to {figure['high']:.4f}"


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
