"""Benchmarks and sweeps as Markdown tables, for people and for the terminal."""

from collections.abc import Callable, Iterable, Sequence

from db.logs import Metric, Task
from engine.benchmark.comparison import (
    FUTURE,
    SAMPLED_METRICS,
    Comparison,
    Run,
    differences_over,
    metrics_of,
)
from engine.benchmark.pooling import pooled, pooled_differences
from engine.benchmark.records import (
    ONE_PERMUTATION,
    Estimate,
    PairedDifference,
    PaperRecord,
    Part,
)
from engine.benchmark.sweeps import MeasuredSweep
from engine.presets import differing_from_preset
from train.benchmark.paper_figures import paper_records
from train.benchmark.protocols import asking_of
from train.benchmark.report_notes import ONE_PERMUTATION_NOTE, PART_NOTES, PROTOCOL_NOTES, WAY_NOTES
from train.benchmark.tuned_settings import TunedSettings

ROMAN = {Task.ITEMS: "I", Task.PARTICIPANTS: "II"}


def benchmark_report(
    compared: Sequence[Comparison], differences: Sequence[PairedDifference] = ()
) -> str:
    """Markdown: a section for each comparison and seed, then the paper's tables."""
    parts = [
        "# Systems compared",
        "One right answer among 10 and among 100 candidates, drawn once by seed and scored by every system; below "
        "each figure its 95 % bootstrap interval over groups. Task I ranks items for an initiator, Task II "
        "participants for an initiator and an item.",
    ]
    together = pooled(compared)
    more = [one for pool in together for one in pooled_differences(differences, pool)]
    for comparison in [*together, *sorted(compared, key=lambda one: one.protocol != FUTURE)]:
        for seed in comparison.seeds:
            parts += _section(comparison, seed, [*differences, *more])
    return "\n\n".join([*parts, *_paper_section()]) + "\n"


def _section(
    comparison: Comparison, seed: int, differences: Sequence[PairedDifference]
) -> list[str]:
    runs = comparison.with_seed(seed)
    note = PROTOCOL_NOTES.get(comparison.protocol)
    asking = asking_of(runs[0])
    if comparison.way is not None:
        note = f"{note} {WAY_NOTES[comparison.way]}"
    parts: list[str] = []
    for part, sentence in PART_NOTES.items():
        if any(run.has(part) for run in runs):
            parts.append(sentence.format(sizes=_sizes(runs, part)))
            parts += _estimate_tables(runs, part)
    return [
        f"## Protocol {asking}, seed {seed}",
        f"{comparison.training_groups} training groups, {comparison.test_groups} test groups, "
        f"data version {comparison.data_version}.",
        *([note] if note else []),
        *([ONE_PERMUTATION_NOTE] if comparison.drawing == ONE_PERMUTATION else []),
        shell_block(run.command for run in runs),
        *_estimate_tables(runs, Part.ALL),
        *_difference_tables(differences_over(differences, runs)),
        *parts,
        "What each took, in a process of its own.",
        table(
            ["system", "seconds to train", "to score", "peak MiB", "device", "code", "adapted"],
            (_cost(run) for run in runs),
        ),
    ]


def _cost(run: Run) -> list[str]:
    return [
        run.system,
        f"{run.cost.training:.1f}",
        f"{run.cost.scoring:.1f}",
        str(run.cost.peak_mib),
        run.cost.device,
        run.code_version,
        run.adaptation,
    ]


def _sizes(runs: Sequence[Run], part: Part) -> str:
    sizes = []
    for task, roman in ROMAN.items():
        lists = runs[0].estimate(metrics_of(runs, task)[0], part).lists
        if lists or part is not Part.NEW_AMONG_NEW:
            sizes.append(f"{lists} lists of Task {roman}")
    return ", ".join(sizes)


def _estimate_tables(runs: Sequence[Run], part: Part) -> list[str]:
    return [
        table(
            ["system", *headings(columns)],
            (
                [run.system, *(estimate_cell(run.estimate(metric, part)) for metric in columns)]
                for run in runs
            ),
        )
        for columns in column_sets(metrics_in(runs))
    ]


def _difference_tables(differences: Sequence[PairedDifference]) -> list[str]:
    if not differences:
        return []
    found = {(one.key, one.metric): one for one in differences}
    over = {one.key: one.over for one in differences}
    tables = [
        table(
            ["over", *headings(columns)],
            (
                [name, *(_difference_cell(found.get((key, metric))) for metric in columns)]
                for key, name in over.items()
            ),
        )
        for columns in column_sets(one.metric for one in differences)
    ]
    return [
        f"How much higher {differences[0].system} scores over the same lists, with the 95 % interval of the paired "
        f"difference; in bold where that leaves out zero.",
        *tables,
    ]


def _difference_cell(difference: PairedDifference | None) -> str:
    if difference is None:
        return "none"
    value = f"{difference.value:+.4f}"
    value = f"**{value}**" if difference.certain else value
    return f"{value}<br>{difference.low:+.4f} to {difference.high:+.4f}"


def _paper_section() -> list[str]:
    by_system: dict[str, dict[Metric, PaperRecord]] = {}
    for record in paper_records():
        by_system.setdefault(record.system, {})[record.metric] = record
    return [
        "## As printed in the paper (tables 2 and 3)",
        "Measured on other parts of the data, by other code. With one right answer among N, the mean reciprocal rank "
        "bounds the mean NDCG; pairs that no ranking can give are struck out, and are no bar to reach.",
        table(
            ["system", *headings(SAMPLED_METRICS)],
            (
                [system, *(_paper_cell(found[metric]) for metric in SAMPLED_METRICS)]
                for system, found in by_system.items()
            ),
        ),
    ]


def _paper_cell(record: PaperRecord) -> str:
    return f"~~{record.value:.4f}~~" if record.impossible else f"{record.value:.4f}"


def sweep_report(param: str, found: Sequence[MeasuredSweep]) -> str:
    """Markdown: a section for each sweep of the setting, a line a value."""
    parts = [
        f"# Sweep of {param}",
        "One right answer among 10 and among 100 candidates of validation groups, the same for all values; below "
        "each figure its 95 % bootstrap interval over groups. Each training's best evaluation was picked on the same "
        "groups.",
    ]
    for sweep in found:
        changes = differing_from_preset(sweep.preset, dict(sweep.settings))
        others = "".join(f", {name}={value}" for name, value in changes.items())
        parts += [
            f"## Preset {sweep.preset}{others}, seed {sweep.seed}",
            f"{sweep.training_groups} training groups, {sweep.validation_groups} validation groups, "
            f"data version {sweep.data_version}.",
            shell_block(point.command for point in sweep.points),
            table(
                [param, *headings(SAMPLED_METRICS), "seconds", "peak MiB", "code"],
                (
                    [
                        point.setting,
                        *(estimate_cell(point.estimates.get(metric)) for metric in SAMPLED_METRICS),
                        f"{point.seconds:.1f}",
                        str(point.peak_mib),
                        point.code_version,
                    ]
                    for point in sweep.points
                ),
            ),
        ]
    return "\n\n".join(parts) + "\n"


def search_report(found: Sequence[TunedSettings]) -> str:
    """Markdown: what the search for each system took, and what it chose."""
    parts = [
        "# Settings searched",
        "Quality is the mean of MRR@100 and NDCG@100 over validation groups at the best evaluation. Each trial learns "
        "from the groups given; the best two settings of each row and the system's own were then trained on all "
        "training groups, and the best of these is chosen. A setting at an end may be better beyond it: widen its "
        "space and search again.",
        shell_block(one.command for one in found),
        search_table(found),
    ]
    return "\n\n".join(parts) + "\n"


def search_table(found: Sequence[TunedSettings]) -> str:
    """A row for each system and the tasks that share settings."""
    return table(
        [
            "system",
            "tasks",
            "trials (pruned)",
            "groups",
            "evaluations",
            "seconds",
            "quality on all",
            "chosen",
            "at an end",
        ],
        (
            [
                one.system,
                scope.replace("+", " and "),
                f"{len(search.trials)} ({sum(tried.pruned for tried in search.trials)})",
                str(one.groups),
                str(sum(tried.evaluations for tried in search.trained)),
                f"{sum(tried.seconds for tried in search.trained):.0f}",
                f"{search.best.quality:.4f}",
                ", ".join(f"{name} {_short(value)}" for name, value in search.chosen.items()),
                ", ".join(f"{name}: {end}" for name, end in search.at_end.items()) or "none",
            ]
            for one in found
            for scope, search in one.scopes.items()
        ),
    )


def _short(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def plain_tables(
    heading: str,
    rows: Sequence[tuple[str, int, Callable[[Metric], Estimate | None]]],
    metrics: Iterable[Metric],
) -> list[str]:
    """Tables of values without intervals, for a terminal; a row is its name, its seed and its estimates by metric."""
    return [
        table(
            [heading, "seed", *headings(columns)],
            (
                [name, str(seed), *(_value_cell(estimate(metric)) for metric in columns)]
                for name, seed, estimate in rows
            ),
        )
        for columns in column_sets(metrics)
    ]


def _value_cell(estimate: Estimate | None) -> str:
    return "none" if estimate is None or estimate.value is None else f"{estimate.value:.4f}"


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table with these headings."""
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def estimate_cell(estimate: Estimate | None) -> str:
    """The value above its interval; "none" where nothing was measured."""
    if estimate is None or estimate.value is None:
        return "none"
    if estimate.low is None or estimate.high is None:  # coverage, which has no interval
        return f"{estimate.value:.4f}"
    return f"{estimate.value:.4f}<br>{estimate.low:.4f} to {estimate.high:.4f}"


def column_sets(metrics: Iterable[Metric]) -> list[list[Metric]]:
    """The columns of each table that the metrics take.

    Both tasks share a table of the sampled metrics; full rankings have too many, and each task gets its own.
    """
    found = list(dict.fromkeys(metrics))
    if set(found) <= set(SAMPLED_METRICS):
        return [SAMPLED_METRICS]
    return [[metric for metric in found if metric.task == task] for task in Task]


def metrics_in(runs: Iterable[Run]) -> list[Metric]:
    """The metrics of the runs, in the order in which they were measured."""
    return list(dict.fromkeys(metric for run in runs for metric, _ in run.estimates))


def headings(columns: Iterable[Metric]) -> list[str]:
    """The columns' headings, e.g. "I MRR@10"."""
    return [f"{ROMAN[metric.task]} {_label(metric)}" for metric in columns]


def _label(metric: Metric) -> str:
    """A metric as people write it: "MRR@10", "Recall@10"."""
    word = metric.name.upper() if metric.name in ("mrr", "ndcg") else metric.name.capitalize()
    return word if metric.k is None else f"{word}@{metric.k}"


def shell_block(commands: Iterable[str]) -> str:
    """The commands, each once, as a block of shell."""
    return "```sh\n" + "\n".join(dict.fromkeys(commands)) + "\n```"
