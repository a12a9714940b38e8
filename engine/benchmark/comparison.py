"""Which runs may be compared, their mean over seeds, and which system leads. Pure functions of records."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from math import log2

from db.logs import Metric, Task
from engine.benchmark.records import (
    ONE_PERMUTATION,
    Estimate,
    PairedDifference,
    Part,
    SystemRecord,
    Way,
)

OURS = "mamgbr"
# A candidate's score depends on its neighbours in the list: the figures are shown and never count as the best.
MIXING = frozenset({"mgbr-published"})
FUTURE = "future"  # the protocol that asks about the weeks after a cut
FULL = "full"  # the protocol that ranks everything; the others have one right answer among 10 and among 100
TOP = 10  # how many of a full ranking count as shown to a person

SAMPLED_METRICS = [
    Metric(task, name, k) for task in Task for k in (10, 100) for name in ("mrr", "ndcg")
]


@dataclass(frozen=True)
class Cost:
    """What a run took, in a process of its own: seconds, MiB at the peak, cpu or cuda."""

    training: float
    scoring: float
    updating: float | None  # taking in later logs, where the protocol has any
    peak_mib: float
    device: str


@dataclass(frozen=True)
class Run:
    """One system measured once: what on, at what cost, and the estimate of each metric over each part of the lists."""

    key: str
    system: str
    protocol: str
    seed: int
    data_version: str
    code_version: str
    training_groups: int
    test_groups: int
    measured_at: datetime
    cost: Cost
    adaptation: str  # how the system does the task that it was not made for; "" where it does both
    command: str  # measures it again
    estimates: Mapping[tuple[Metric, Part], Estimate]
    cut: str = ""  # protocol future: the day; "" for several cuts together
    way: Way | None = None  # protocol future
    drawing: int = ONE_PERMUTATION  # of test groups and candidates, as in ``SystemRecord``

    def estimate(self, metric: Metric, part: Part = Part.ALL) -> Estimate:
        """The estimate of a metric, without a value where the run has none."""
        return self.estimates.get((metric, part), Estimate(value=None))

    def has(self, part: Part) -> bool:
        """Whether the run has estimates over this part of the lists."""
        return any(found is part for _, found in self.estimates)


def runs_of(records: Iterable[SystemRecord]) -> list[Run]:
    """The runs that the records belong to, in the order in which they were measured."""
    runs = []
    for key, group in groupby(records, lambda record: record.key):
        rows = list(group)
        first = rows[0]
        runs.append(
            Run(
                key=key,
                system=first.system,
                protocol=first.protocol,
                seed=first.seed,
                data_version=first.data_version,
                code_version=first.code_version,
                training_groups=first.training_groups,
                test_groups=first.test_groups,
                measured_at=first.measured_at,
                cost=Cost(
                    first.seconds,
                    first.seconds_scoring,
                    first.seconds_updating,
                    first.peak_mib,
                    first.device,
                ),
                adaptation=first.adaptation,
                command=first.command,
                estimates={
                    (row.metric, part): estimate
                    for row in rows
                    for part, estimate in row.estimates.items()
                },
                cut=first.cut or "",
                way=first.way,
                drawing=first.drawing,
            )
        )
    return runs


@dataclass(frozen=True)
class Comparison:
    """Runs of one protocol over the same logs and as many test groups, drawn alike, whose estimates may be compared.

    In the protocol future they also have the cut and the way in common.
    """

    protocol: str
    data_version: str
    training_groups: int
    test_groups: int
    runs: tuple[Run, ...]
    cut: str = ""
    way: Way | None = None
    drawing: int = ONE_PERMUTATION

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
        """When the latest of them was measured."""
        return max(run.measured_at for run in self.runs)

    @property
    def most_measured_seed(self) -> int:
        """The seed that most systems were measured with, the smallest of equal ones."""
        return max(self.seeds, key=lambda seed: len(self.latest(seed)))

    def with_seed(self, seed: int) -> list[Run]:
        """All runs with this seed, which score the same lists."""
        return [run for run in self.runs if run.seed == seed]

    def latest(self, seed: int) -> list[Run]:
        """The latest run of each system with this seed: other settings and other code may have been measured before."""
        found: dict[str, Run] = {run.system: run for run in self.with_seed(seed)}
        for run in self.with_seed(seed):
            if run.measured_at > found[run.system].measured_at:
                found[run.system] = run
        return list(found.values())

    def means(self) -> list[Run]:
        """The mean of each system's latest runs over all seeds.

        Only systems that were measured with every seed have one, since each seed has test groups of its own.
        """
        found: dict[str, list[Run]] = {system: [] for system in self.systems}
        for seed in self.seeds:
            for run in self.latest(seed):
                found[run.system].append(run)
        return [mean_run(runs) for runs in found.values() if len(runs) == len(self.seeds)]


def comparisons(runs: Iterable[Run]) -> list[Comparison]:
    """The runs in groups that may be compared, in the order of their first runs.

    A full ranking may take fewer groups than ``test_groups`` for one task; those numbers must agree too.
    """
    found: dict[tuple[object, ...], list[Run]] = {}
    for run in runs:
        answers = [run.estimate(Metric(task, "mrr")).lists for task in Task]
        counts = (run.training_groups, run.test_groups, *answers)
        facts = (run.protocol, run.cut, run.way, run.drawing, run.data_version, *counts)
        found.setdefault(facts, []).append(run)
    return [
        Comparison(
            group[0].protocol,
            group[0].data_version,
            group[0].training_groups,
            group[0].test_groups,
            tuple(group),
            group[0].cut,
            group[0].way,
            group[0].drawing,
        )
        for group in found.values()
    ]


def latest_logs_first(found: Iterable[Comparison]) -> list[Comparison]:
    """Comparisons over the logs that were measured last come first, among these the last drawing, then most systems."""
    listed = list(found)
    latest: dict[str, datetime] = {}
    for one in listed:
        version = one.data_version
        latest[version] = max(one.measured_at, latest.get(version, one.measured_at))
    return sorted(
        listed,
        key=lambda one: (
            latest[one.data_version],
            one.drawing,
            len(one.systems),
            one.measured_at,
        ),
        reverse=True,
    )


def mean_run(runs: Sequence[Run]) -> Run:
    """One run from one system's runs with several seeds: mean estimates, mean seconds, the largest memory.

    The ends of an interval are the means of the seeds' own ends: they say how sure one seed's estimate is, not how
    sure the mean is. It has no key, since it is no run of its own.
    """
    if len(runs) == 1:
        return runs[0]
    keys = dict.fromkeys(key for run in runs for key in run.estimates)
    estimates = {
        key: _mean_estimate([run.estimates[key] for run in runs if key in run.estimates])
        for key in keys
    }
    costs = [run.cost for run in runs]
    cost = replace(
        costs[-1],
        training=sum(cost.training for cost in costs) / len(costs),
        scoring=sum(cost.scoring for cost in costs) / len(costs),
        updating=_mean([cost.updating for cost in costs]),
        peak_mib=max(cost.peak_mib for cost in costs),
    )
    return replace(runs[-1], key="", estimates=estimates, cost=cost)


def _mean_estimate(estimates: Sequence[Estimate]) -> Estimate:
    measured = [estimate for estimate in estimates if estimate.value is not None]
    return Estimate(
        value=_mean([estimate.value for estimate in measured]),
        low=_mean([estimate.low for estimate in measured]),
        high=_mean([estimate.high for estimate in measured]),
        lists=sum(estimate.lists for estimate in measured),
    )


def _mean(values: Sequence[float | None]) -> float | None:
    """The mean; None where there is no value, or where one is missing."""
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known and len(known) == len(values) else None


def metrics_of(runs: Iterable[Run], task: Task) -> list[Metric]:
    """The task's metrics in the order in which they were measured."""
    found = (metric for run in runs for metric, _ in run.estimates if metric.task == task)
    return list(dict.fromkeys(found))


def parts_of(runs: Sequence[Run], metric: Metric) -> list[Part]:
    """The parts of the lists that any run has estimates of the metric over."""
    measured = {part for run in runs for found, part in run.estimates if found == metric}
    return [part for part in Part if part is not Part.ALL and part in measured]


def ranked(runs: Iterable[Run], metric: Metric) -> list[Run]:
    """The runs by their value, the best first; then those without one, then those whose lists mix candidates."""
    return sorted(
        runs,
        key=lambda run: (run.system in MIXING, -(run.estimate(metric).value or -1.0)),
    )


def best_system(runs: Iterable[Run], metric: Metric, part: Part = Part.ALL) -> str | None:
    """The system with the highest value; None where nothing was measured, or where more is not better."""
    if metric.name == "popularity":
        return None
    values = {
        run.system: value
        for run in runs
        if run.system not in MIXING and (value := run.estimate(metric, part).value) is not None
    }
    return max(values, key=values.__getitem__) if values else None


def differences_over(
    differences: Iterable[PairedDifference], runs: Iterable[Run]
) -> list[PairedDifference]:
    """The paired differences to these very runs; a mean over seeds has none."""
    keys = {run.key for run in runs}
    return [difference for difference in differences if difference.key in keys]


def chance(protocol: str, metric: Metric) -> float | None:
    """What a random ranking scores with one right answer among ``metric.k``; None where the shop's size decides.

    The mean over all k ranks of 1 / rank for MRR, of 1 / log2(1 + rank) for NDCG.
    """
    if protocol in (FULL, FUTURE) or metric.k is None or metric.name not in ("mrr", "ndcg"):
        return None
    ranks = range(1, metric.k + 1)
    gains = [1 / rank if metric.name == "mrr" else 1 / log2(1 + rank) for rank in ranks]
    return sum(gains) / len(gains)
