"""Several cuts as one comparison: means over all their lists, with the interval of a stratified sample."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from db.logs import Metric, Task
from engine.benchmark.comparison import Comparison, Cost, Run, comparisons
from engine.benchmark.pooling import cuts_of, pooled, pooled_differences, pooled_estimate
from engine.benchmark.records import Estimate, PairedDifference, Part, Way

MRR = Metric(Task.ITEMS, "mrr", 100)
MONDAY, TUESDAY = datetime(2026, 11, 23, tzinfo=UTC), datetime(2026, 11, 24, tzinfo=UTC)


def run(system: str, cut: str, value: float, lists: int, seed: int = 0, way: Way = Way.DAY) -> Run:
    estimate = Estimate(value=value, low=value - 0.03, high=value + 0.04, lists=lists)
    return Run(
        f"{system}-{cut}-{seed}-{way}",
        system,
        "future",
        seed,
        "d",
        "c",
        1000,
        lists,
        MONDAY,
        Cost(1.0, 2.0, 3.0, 100, "cpu"),
        "",
        "",
        {(MRR, Part.ALL): estimate},
        cut,
        way,
    )


def test_the_mean_is_over_lists_and_errors_of_cuts_are_independent() -> None:
    one = Estimate(value=0.4, low=0.37, high=0.44, lists=300)
    other = Estimate(value=0.8, low=0.76, high=0.83, lists=100)
    mean = pooled_estimate([one, other, Estimate(value=None)])
    assert mean.lists == 400
    assert mean.value == pytest.approx(0.5)
    assert mean.value - mean.low == pytest.approx(((0.75 * 0.03) ** 2 + (0.25 * 0.04) ** 2) ** 0.5)
    assert mean.high - mean.value == pytest.approx(((0.75 * 0.04) ** 2 + (0.25 * 0.03) ** 2) ** 0.5)
    assert pooled_estimate([Estimate(value=None)]).value is None


def compared(*runs: Run) -> list[Comparison]:
    return comparisons(runs)


def test_systems_that_every_cut_has_are_pooled_each_way_apart() -> None:
    found = compared(
        run("mamgbr", "2023-01-01", 0.4, 300),
        run("mamgbr", "2024-01-01", 0.8, 100),
        run("friends", "2023-01-01", 0.2, 300),
        run("mamgbr", "2023-01-01", 0.3, 300, way=Way.CUT),
    )
    (pool,) = pooled(found)
    assert (pool.protocol, pool.way, pool.cut) == ("future", Way.DAY, "")
    assert pool.systems == ["mamgbr"]
    assert pool.test_groups == 400
    (mean,) = pool.runs
    assert mean.estimate(MRR).value == pytest.approx(0.5)
    assert (mean.cost.training, mean.cost.scoring, mean.cost.updating) == (2.0, 4.0, 6.0)
    assert cuts_of(pool, found) == ["2023-01-01", "2024-01-01"]


def test_seeds_are_pooled_each_alone_and_only_those_of_every_cut() -> None:
    found = compared(
        run("mamgbr", "2023-01-01", 0.4, 300),
        run("mamgbr", "2024-01-01", 0.8, 100),
        run("mamgbr", "2023-01-01", 0.6, 300, seed=1),
    )
    (pool,) = pooled(found)
    assert pool.seeds == [0]
    assert pool.runs[0].estimate(MRR).value == pytest.approx(0.5)


def test_the_latest_measurement_of_a_cut_counts() -> None:
    old, new = run("mamgbr", "2023-01-01", 0.1, 300), run("mamgbr", "2023-01-01", 0.4, 300)
    new = replace(new, key="new", measured_at=TUESDAY)
    (pool,) = pooled(compared(old, new, run("mamgbr", "2024-01-01", 0.8, 100)))
    assert pool.runs[0].estimate(MRR).value == pytest.approx(0.5)


def difference(cut: str, value: float, lists: int) -> PairedDifference:
    return PairedDifference(
        key=f"friends-{cut}-0-day",
        task=Task.ITEMS,
        metric=MRR,
        over="friends",
        protocol="future",
        seed=0,
        test_groups=lists,
        data_version="d",
        value=value,
        low=value - 0.01,
        high=value + 0.01,
        lists=lists,
        cut=cut,
        way=Way.DAY,
    )


def test_differences_are_pooled_where_every_cut_has_one() -> None:
    cuts = (("2023-01-01", 300), ("2024-01-01", 100))
    found = compared(*(run(name, cut, 0.4, n) for name in ("mamgbr", "friends") for cut, n in cuts))
    (pool,) = pooled(found)
    differences = [difference("2023-01-01", 0.02, 300), difference("2024-01-01", -0.02, 100)]
    (mean,) = pooled_differences(differences, pool)
    assert (mean.over, mean.cut, mean.lists) == ("friends", None, 400)
    assert mean.key == pool.runs[1].key
    assert mean.value == pytest.approx(0.01)
    assert mean.certain  # 0.01 +- 0.0079
    assert pooled_differences(differences[:1], pool) == []
