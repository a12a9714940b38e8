"""Several cuts of the protocol future as one comparison: each figure is the mean over the lists of all cuts.

The cuts ask about different launches, so their errors are independent: the ends of an interval lie as far from the mean
as the weighted ends of the cuts, squared and summed, do (a stratified sample). Pure functions of records.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from math import sqrt

from db.logs import Metric
from engine.benchmark.comparison import FUTURE, Comparison, Run, latest_logs_first
from engine.benchmark.records import Estimate, PairedDifference, Part

BETWEEN_KEYS = "+"


def pooled(found: Iterable[Comparison]) -> list[Comparison]:
    """One comparison for each way and state of the logs that several cuts were measured on, over all these cuts.

    It has no ``cut``, and only the systems and seeds that every cut has. Of several comparisons of one cut, that counts
    which comes first in ``latest_logs_first``. A pooled run's key joins those of its runs.
    """
    strata: dict[tuple[object, ...], dict[str, Comparison]] = {}
    for one in latest_logs_first(found):
        if one.protocol == FUTURE and one.cut:
            strata.setdefault((one.way, one.data_version), {}).setdefault(one.cut, one)
    pools = [[cuts[cut] for cut in sorted(cuts)] for cuts in strata.values() if len(cuts) > 1]
    return [one for one in map(_pool, pools) if one.runs]


def cuts_of(pool: Comparison, found: Iterable[Comparison]) -> list[str]:
    """The cuts that went into a pooled comparison, in order."""
    keys = {key for run in pool.runs for key in run.key.split(BETWEEN_KEYS)}
    return sorted({one.cut for one in found for run in one.runs if run.key in keys and one.cut})


def _pool(cuts: Sequence[Comparison]) -> Comparison:
    runs = []
    for seed in sorted(set.intersection(*(set(one.seeds) for one in cuts))):
        latest = [{run.system: run for run in one.latest(seed)} for one in cuts]
        systems = [name for name in latest[-1] if all(name in known for known in latest)]
        runs += [_pooled_run([known[name] for known in latest]) for name in systems]
    return replace(
        cuts[-1],
        cut="",
        runs=tuple(runs),
        test_groups=sum(one.test_groups for one in cuts),
    )


def _pooled_run(runs: Sequence[Run]) -> Run:
    """The run over all lists of ``runs``, with their seconds summed and the largest of their memory."""
    keys: dict[tuple[Metric, Part], None] = dict.fromkeys(
        key for run in runs for key in run.estimates
    )
    costs = [run.cost for run in runs]
    updating = [cost.updating for cost in costs if cost.updating is not None]
    return replace(
        runs[-1],
        key=BETWEEN_KEYS.join(run.key for run in runs),
        cut="",
        test_groups=sum(run.test_groups for run in runs),
        measured_at=max(run.measured_at for run in runs),
        estimates={
            key: pooled_estimate([run.estimates[key] for run in runs if key in run.estimates])
            for key in keys
        },
        cost=replace(
            costs[-1],
            training=sum(cost.training for cost in costs),
            scoring=sum(cost.scoring for cost in costs),
            updating=sum(updating) if updating else None,
            peak_mib=max(cost.peak_mib for cost in costs),
        ),
    )


def pooled_estimate(estimates: Sequence[Estimate]) -> Estimate:
    """The estimate over the lists of all of them; without a value where there is no list."""
    known = [one for one in estimates if one.value is not None and one.lists]
    lists = sum(one.lists for one in known)
    if not known:
        return Estimate(value=None)
    value = sum((one.value or 0.0) * one.lists for one in known) / lists
    if any(one.low is None or one.high is None for one in known):
        return Estimate(value=value, lists=lists)
    below, above = (
        sqrt(sum((one.lists / lists * _reach(one, up)) ** 2 for one in known))
        for up in (False, True)
    )
    return Estimate(value=value, low=value - below, high=value + above, lists=lists)


def _reach(one: Estimate, up: bool) -> float:
    """How far the upper or the lower end of the interval is from the value."""
    value, low, high = one.value or 0.0, one.low or 0.0, one.high or 0.0
    return high - value if up else value - low


def pooled_differences(
    differences: Iterable[PairedDifference], pool: Comparison
) -> list[PairedDifference]:
    """The paired differences to the runs of a pooled comparison; none where those of a cut are missing."""
    known = {(one.key, one.metric): one for one in differences}
    found = []
    for run in pool.runs:
        keys = run.key.split(BETWEEN_KEYS)
        for metric in dict.fromkeys(metric for metric, _ in run.estimates):
            strata = [known[key, metric] for key in keys if (key, metric) in known]
            if len(strata) < len(keys):
                continue
            mean = pooled_estimate(
                [Estimate(value=s.value, low=s.low, high=s.high, lists=s.lists) for s in strata]
            )
            facts = {"value": mean.value, "low": mean.low, "high": mean.high, "lists": mean.lists}
            alike = {"key": run.key, "cut": None, "test_groups": run.test_groups}
            found.append(strata[-1].model_copy(update=facts | alike))
    return found
