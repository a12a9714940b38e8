"""Which runs are compared with each other, their means over seeds, and which system is the best."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from benchmark_files import differences, full_run, run, sweep

from db.logs import Metric, Task
from engine.benchmark.comparison import (
    Run,
    best_system,
    chance,
    comparisons,
    differences_over,
    latest_logs_first,
    metrics_of,
    parts_of,
    ranked,
    runs_of,
)
from engine.benchmark.records import (
    KEY_FOR_EACH_PURPOSE,
    PairedDifference,
    Part,
    SweepRecord,
    SystemRecord,
)
from engine.benchmark.sweeps import MeasuredSweep, sweeps_of

MRR = Metric(Task.ITEMS, "mrr", 10)
LATER = "2026-11-26T10:00:00+00:00"

Rows = list[dict[str, Any]]


def runs(*groups: Rows) -> list[Run]:
    return runs_of(SystemRecord.model_validate(row) for rows in groups for row in rows)


def sweeps(rows: Rows) -> list[MeasuredSweep]:
    return sweeps_of(SweepRecord.model_validate(row) for row in rows)


def values(found: Sequence[Run]) -> list[float | None]:
    return [run.estimate(MRR).value for run in found]


def test_a_run_keeps_its_estimates_by_metric_and_part() -> None:
    (one,) = runs(run("popularity", 0.6))
    assert (one.system, one.protocol, one.seed, one.test_groups) == (
        "popularity",
        "sampled",
        0,
        1000,
    )
    assert one.estimate(MRR).value == 0.6
    assert one.estimate(MRR, Part.COLD).lists == 7
    participants = Metric(Task.PARTICIPANTS, "mrr", 10)
    assert one.estimate(participants, Part.WARM).value == pytest.approx(0.41)
    assert one.estimate(MRR, Part.HIDDEN).value is None
    assert parts_of([one], MRR) == [Part.COLD, Part.WARM]
    assert metrics_of([one], Task.ITEMS) == [MRR, Metric(Task.ITEMS, "ndcg", 10)]
    assert one.measured_at == datetime(2026, 11, 24, 10, tzinfo=UTC)


def test_other_protocols_logs_and_limits_are_never_compared() -> None:
    found = comparisons(
        runs(
            run("als", 0.5),
            run("mamgbr", 0.6),
            run("mamgbr", 0.6, protocol="popular"),
            run("mamgbr", 0.6, test_groups=10, key="a"),
            run("mamgbr", 0.6, data_version="other", key="b", at="2026-11-25T10:00:00+00:00"),
        )
    )
    assert sorted(len(one.runs) for one in found) == [1, 1, 1, 2]
    assert latest_logs_first(found)[0].data_version == "other"  # measured last


def test_lists_of_another_drawing_are_another_comparison_and_the_newer_one_comes_first() -> None:
    found = comparisons(
        runs(
            run("als", 0.5, at=LATER),
            run("mamgbr", 0.6, at=LATER),
            run("mamgbr", 0.7, key="a", drawing=KEY_FOR_EACH_PURPOSE),
        )
    )
    assert [one.systems for one in latest_logs_first(found)] == [["mamgbr"], ["als", "mamgbr"]]
    assert [one.drawing for one in latest_logs_first(found)] == [2, 1]


def test_full_rankings_of_other_groups_in_one_task_are_another_comparison() -> None:
    def full(system: str, lists: int) -> Rows:
        return [
            row | {"metric": "mrr"} | ({"lists": lists} if row["task"] == "participants" else {})
            for row in run(system, 0.1, protocol="full")
            if row["metric"] == "mrr@10"
        ]

    found = comparisons(runs(full("als", 500), full("popularity", 500), full("mamgbr", 900)))
    assert [one.systems for one in found] == [["als", "popularity"], ["mamgbr"]]


def test_of_the_same_logs_the_comparison_of_most_systems_comes_first() -> None:
    found = comparisons(
        runs(
            run("mamgbr", 0.6, test_groups=3000, key="a", at=LATER),
            run("als", 0.5),
            run("mamgbr", 0.6),
        )
    )
    assert [one.test_groups for one in latest_logs_first(found)] == [1000, 3000]


def test_the_mean_is_over_the_seeds_of_systems_that_have_them_all() -> None:
    (found,) = comparisons(runs(run("als", 0.5), run("als", 0.6, seed=1), run("mamgbr", 0.7)))
    assert found.seeds == [0, 1]
    (als,) = found.means()
    mean = als.estimate(MRR)
    assert (mean.value, mean.low, mean.high) == pytest.approx((0.55, 0.54, 0.56))
    assert mean.lists == 200
    assert values(found.latest(1)) == [0.6]


def test_the_most_measured_seed_is_the_first_of_those_with_most_systems() -> None:
    measured = [run("als", 0.5, seed=seed) for seed in (0, 1, 2)]
    measured += [run("mamgbr", 0.7, seed=seed) for seed in (1, 2)]
    (found,) = comparisons(runs(*measured))
    assert found.most_measured_seed == 1


def test_a_system_measured_again_counts_as_it_was_measured_last() -> None:
    (found,) = comparisons(runs(run("als", 0.9, at=LATER), run("als", 0.5)))
    assert values(found.latest(0)) == values(found.means()) == [0.9]
    assert values(found.with_seed(0)) == [0.9, 0.5]


def test_a_metric_that_was_not_measured_has_no_value_and_leads_nothing() -> None:
    rows = run("als", 0.5)
    rows[0] |= {"value": None, "low": None, "high": None}
    found = runs(rows, run("popularity", 0.3))
    assert best_system(found, MRR) == "popularity"
    assert values(ranked(found, MRR)) == [0.3, None]


def test_the_best_is_never_a_system_that_mixes_candidates_and_popularity_has_no_best() -> None:
    found = runs(run("mgbr-published", 0.9), run("mamgbr", 0.7), run("als", 0.5))
    assert best_system(found, MRR) == "mamgbr"
    assert values(ranked(found, MRR)) == [0.7, 0.5, 0.9]
    full = runs(full_run("als", 0.2, 5.0), full_run("popularity", 0.01, 8.0))
    assert best_system(full, Metric(Task.ITEMS, "popularity", 10)) is None
    assert best_system(full, Metric(Task.ITEMS, "coverage", 10)) == "als"


def test_paired_differences_belong_to_the_very_runs_and_to_no_mean_over_seeds() -> None:
    (found,) = comparisons(runs(run("als", 0.5), run("als", 0.6, seed=1)))
    rows = differences("als", 0.1) + differences("als", 0.2, seed=1) + differences("cosine", 0.3)
    measured = [PairedDifference.model_validate(row) for row in rows]
    assert {one.value for one in differences_over(measured, found.latest(1))} == {0.2, 0.1}
    assert {one.seed for one in differences_over(measured, found.latest(1))} == {1}
    assert differences_over(measured, found.means()) == []


@pytest.mark.parametrize(
    ("name", "k", "value"),
    [("mrr", 10, 0.2929), ("ndcg", 10, 0.4544), ("mrr", 100, 0.0519), ("ndcg", 100, 0.2094)],
)
def test_chance_is_what_a_constant_scorer_gets(name: str, k: int, value: float) -> None:
    metric = Metric(Task.ITEMS, name, k)
    assert chance("sampled", metric) == pytest.approx(value, abs=1e-4)
    assert chance("full", metric) is None


def test_a_sweep_is_in_the_order_of_its_numbers_and_each_seed_is_another_sweep() -> None:
    rows = sweep("heads", {"8": 0.5, "2": 0.4, "16": 0.3}) + sweep("heads", {"2": 0.1}, seed=1)
    one, other = sweeps(rows)
    assert [point.setting for point in one.points] == ["2", "8", "16"]
    assert one.points[0].estimates[MRR].value == 0.4
    assert (one.seed, other.seed) == (0, 1)


def test_trainings_with_other_settings_are_another_sweep() -> None:
    narrow = sweep("heads", {"2": 0.4, "4": 0.5}, settings={"width": 32, "folds": 5, "heads": 2})
    wide = sweep("heads", {"4": 0.6, "12": 0.7}, settings={"width": 48, "folds": 5, "heads": 4})
    found = sweeps(narrow + wide)
    assert [[point.setting for point in one.points] for one in found] == [["2", "4"], ["4", "12"]]


def test_a_sweep_over_words_keeps_their_order() -> None:
    (one,) = sweeps(sweep("tokens", {"views": 0.5, "roles": 0.4}))
    assert [point.setting for point in one.points] == ["views", "roles"]
