"""Runs that may stand side by side, averaged over seeds, and who leads. Pure functions of records."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import log2

from app.benchmark.records import WHOLE, Figure, Lead, Run

OURS = "mamgbr"
# Labels leak into what it scores, so its figures are shown and never the best.
LEAKING = frozenset({"mgbr-published"})
UNRATED = frozenset({"popularity@10"})  # neither more nor less of it is better
SAMPLED = frozenset({"sampled", "paper-split", "popular", "newcomers"})  # one right among 10 or 100


@dataclass(frozen=True)
class Comparison:
    """Runs over one protocol, the same logs and as many test groups: their figures bear comparing."""

    protocol: str
    data_version: str
    training_groups: int
    test_groups: int
    runs: tuple[Run, ...]

    @property
    def seeds(self) -> list[int]:
        """Every seed that any of the systems was measured with."""
        return sorted({run.seed for run in self.runs})

    @property
    def systems(self) -> list[str]:
        """Every system that was measured, in the order of the runs."""
        return list(dict.fromkeys(run.system for run in self.runs))

    @property
    def measured_at(self) -> datetime:
        """When the last of them was measured."""
        return max(run.measured_at for run in self.runs)

    @property
    def widest(self) -> int:
        """The seed that most systems were measured with, the smallest of equal ones."""
        return max(self.seeds, key=lambda seed: len(self.by_seed(seed)))

    def by_seed(self, seed: int | None) -> list[Run]:
        """A run a system: the last one with this seed, or the mean over all seeds where it is ``None``.

        A mean over other seeds does not compare, since each seed has groups of its own: only systems that were
        measured with every seed have one. A system measured again, with other settings or other code, counts as it
        was measured last.
        """
        wanted = self.seeds if seed is None else [seed]
        last: dict[str, dict[int, Run]] = {run.system: {} for run in self.runs}
        for run in sorted(self.runs, key=lambda run: run.measured_at):
            if run.seed in wanted:
                last[run.system][run.seed] = run
        return [mean_run([*runs.values()]) for runs in last.values() if len(runs) == len(wanted)]


def comparisons(runs: Iterable[Run]) -> list[Comparison]:
    """What can be compared: first what was measured last of all logs, and of the same logs what has most systems.

    Where everyone is ranked, either task may be asked about fewer groups than ``test_groups``, and about others.
    """
    found: dict[tuple[tuple[str, str, int, int], tuple[int, ...]], list[Run]] = {}
    for run in runs:
        facts = (run.protocol, run.data_version, run.training_groups, run.test_groups)
        found.setdefault((facts, _full_rankings(run)), []).append(run)
    listed = [Comparison(*facts, tuple(group)) for (facts, _), group in found.items()]
    latest: dict[str, datetime] = {}
    for one in listed:
        version = one.data_version
        latest[version] = max(one.measured_at, latest.get(version, one.measured_at))
    return sorted(
        listed,
        key=lambda one: (latest[one.data_version], len(one.systems), one.measured_at),
        reverse=True,
    )


def _full_rankings(run: Run) -> tuple[int, ...]:
    """How many right answers were ranked among everyone, by task; whose are the same does not hang on the system."""
    return tuple(
        figure.lists
        for (_, metric, part), figure in sorted(run.figures.items())
        if metric == "mrr" and part == WHOLE
    )


def leads_of(leads: Iterable[Lead], comparison: Comparison, seed: int | None) -> list[Lead]:
    """Those over the lists of this comparison and seed; none of the mean over all seeds."""
    facts = comparison.protocol, comparison.data_version, comparison.test_groups, seed
    return [
        lead
        for lead in leads
        if (lead.protocol, lead.data_version, lead.test_groups, lead.seed) == facts
    ]


def mean_run(runs: Sequence[Run]) -> Run:
    """One run from one system's runs with several seeds: mean figures, mean seconds, the largest memory.

    The ends of an interval are the means of the seeds' own ends: how sure one benchmark is, not how sure all are.
    """
    if len(runs) == 1:
        return runs[0]
    keys = dict.fromkeys(key for run in runs for key in run.figures)
    figures = {
        key: _mean_figure([run.figures[key] for run in runs if key in run.figures]) for key in keys
    }
    costs = [run.cost for run in runs]
    updating = [cost.updating for cost in costs if cost.updating is not None]
    cost = replace(
        costs[-1],
        learning=sum(cost.learning for cost in costs) / len(costs),
        scoring=sum(cost.scoring for cost in costs) / len(costs),
        updating=sum(updating) / len(updating) if updating else None,
        peak_mib=max(cost.peak_mib for cost in costs),
    )
    return replace(runs[-1], figures=figures, cost=cost)


def _mean_figure(figures: Sequence[Figure]) -> Figure:
    measured = [figure for figure in figures if figure.value is not None]
    return Figure(
        value=_mean([figure.value for figure in measured]),
        low=_mean([figure.low for figure in measured]),
        high=_mean([figure.high for figure in measured]),
        lists=sum(figure.lists for figure in measured),
    )


def _mean(values: Sequence[float | None]) -> float | None:
    """The mean; ``None`` where there is nothing, or where one is missing."""
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known and len(known) == len(values) else None


def metrics_of(runs: Iterable[Run], task: str) -> list[str]:
    """The metrics of a task, in the order in which they were written."""
    found = (metric for run in runs for place, metric, _ in run.figures if place == task)
    return list(dict.fromkeys(found))


def figure_of(run: Run, task: str, metric: str, part: str = WHOLE) -> Figure:
    """The run's figure; one without a value where it has none."""
    return run.figures.get((task, metric, part), Figure(value=None))


def best_of(runs: Iterable[Run], task: str, metric: str, part: str = WHOLE) -> str | None:
    """The system that leads, ``None`` where nobody can: nothing was measured, or more is not better."""
    if metric in UNRATED:
        return None
    values = {
        run.system: value
        for run in runs
        if run.system not in LEAKING
        and (value := figure_of(run, task, metric, part).value) is not None
    }
    return max(values, key=values.__getitem__) if values else None


def chance(protocol: str, metric: str) -> float | None:
    """What a ranking at random scores where one of N is right; ``None`` where N is the shop's own size.

    The mean over all N places of 1 / place, or of 1 / log2(1 + place).
    """
    kind, _, width = metric.partition("@")
    if protocol not in SAMPLED or not width.isdigit() or kind not in ("mrr", "ndcg"):
        return None
    places = range(1, int(width) + 1)
    gains = [1 / place if kind == "mrr" else 1 / log2(1 + place) for place in places]
    return sum(gains) / len(gains)
