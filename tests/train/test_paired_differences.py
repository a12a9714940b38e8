"""A paired difference is counted list by list, and is kept only as long as neither of its runs changes."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from small_shops import QUICK, random_shop

from db.logs import Metric, Task
from engine.benchmark.comparison import Comparison, Cost, Run, comparisons
from engine.benchmark.records import PairedDifference, read_records
from train.benchmark.paired_differences import (
    FOLDER,
    ListValues,
    mean_differences,
    paired_differences,
    read_list_values,
    write_list_values,
)
from train.benchmark.run import Benchmark, run_benchmark
from train.evaluate.metrics import bootstrap_interval

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("in_this_process")]  # trains for real

TEN = np.arange(10)
MRR = Metric(Task.ITEMS, "mrr", 10)
MONDAY, TUESDAY = datetime(2026, 11, 23, tzinfo=UTC), datetime(2026, 11, 24, tzinfo=UTC)
SHOP = random_shop(groups=300)
BOTH = Benchmark(("popularity", "mamgbr"), limit=40, changes=QUICK)


def of_lists(values: NDArray[np.floating], group: NDArray[np.int64] = TEN) -> ListValues:
    return ListValues({MRR: values.astype(np.float32)}, {Task.ITEMS: group})


def run(system: str, key: str, measured_at: datetime = MONDAY) -> Run:
    cost = Cost(1.0, 1.0, None, 100, "cpu")
    return Run(key, system, "sampled", 0, "d", "c", 100, 10, measured_at, cost, "", "", {})


def compared(*runs: Run) -> list[Comparison]:
    return comparisons(runs)


def quiet(line: str) -> None:
    """Drops the line."""


def test_a_difference_is_the_mean_over_the_lists() -> None:
    theirs = np.array([1, 0.5, 0.25, 1, 0.5, 0.25, 1, 0.5, 0.25, 1])
    found = mean_differences(of_lists(theirs / 2), of_lists(theirs))[MRR]
    assert found.value == pytest.approx(-theirs.mean() / 2)
    assert found.low <= found.value <= found.high < 0
    assert found.lists == 10


def test_the_interval_of_a_difference_is_narrower_than_those_of_the_two_estimates() -> None:
    rng = np.random.default_rng(0)
    groups = np.arange(2000)
    theirs = rng.random(2000)
    ours = theirs + 0.01 + rng.normal(0, 0.02, 2000)
    assert mean_differences(of_lists(ours, groups), of_lists(theirs, groups))[MRR].low > 0
    _, _, high_of_theirs = bootstrap_interval(theirs, groups)
    _, low_of_ours, _ = bootstrap_interval(ours, groups)
    assert low_of_ours < high_of_theirs  # side by side the two overlap


def test_the_participants_of_a_group_are_resampled_together() -> None:
    ours, theirs = np.tile([1.0, 0.0], 5), np.tile([0.0, 1.0], 5)
    found = mean_differences(of_lists(ours, TEN // 2), of_lists(theirs, TEN // 2))[MRR]
    assert found.value == found.low == found.high == 0


def test_lists_of_other_groups_are_not_compared() -> None:
    assert mean_differences(of_lists(np.ones(10)), of_lists(np.zeros(10), TEN + 1)) == {}
    assert mean_differences(of_lists(np.ones(10)), of_lists(np.zeros(5), TEN[:5])) == {}
    nothing = of_lists(np.ones(0), TEN[:0])
    assert mean_differences(nothing, nothing) == {}


def test_values_that_were_written_are_read_again(tmp_path: Path) -> None:
    assert read_list_values(tmp_path, "a") is None
    write_list_values(tmp_path, "a", of_lists(np.ones(10) / 3))
    found = read_list_values(tmp_path, "a")
    assert found is not None
    assert mean_differences(found, of_lists(np.ones(10) / 3))[MRR].value == 0


def test_a_difference_outlives_its_lists_but_not_a_new_measurement(tmp_path: Path) -> None:
    runs = [run("mamgbr", "a"), run("cosine", "b"), run("friends", "c")]
    write_list_values(tmp_path, "a", of_lists(np.ones(10)))
    write_list_values(tmp_path, "b", of_lists(np.zeros(10)))
    (first,) = paired_differences(compared(*runs), tmp_path, [])
    assert (first.system, first.over, first.value) == ("mamgbr", "cosine", 1)
    for path in (tmp_path / FOLDER).iterdir():
        path.unlink()
    assert paired_differences(compared(*runs), tmp_path, [first]) == [first]
    again = [run("mamgbr", "a", TUESDAY), *runs[1:]]
    assert paired_differences(compared(*again), tmp_path, [first]) == []


def test_only_runs_on_the_same_lists_are_compared(tmp_path: Path) -> None:
    write_list_values(tmp_path, "a", of_lists(np.ones(10)))
    write_list_values(tmp_path, "b", of_lists(np.zeros(10)))
    for other in ({"seed": 1}, {"protocol": "full"}, {"test_groups": 9}, {"data_version": "e"}):
        runs = [run("mamgbr", "a"), replace(run("cosine", "b"), **other)]
        assert paired_differences(compared(*runs), tmp_path, []) == []


def test_a_benchmark_writes_the_differences_of_what_it_measured(tmp_path: Path) -> None:
    metrics = {"sampled": 8, "full": 12}
    records = run_benchmark(SHOP, replace(BOTH, protocols=(*metrics,)), tmp_path, report=quiet)
    values = {(record.system, record.protocol, record.metric): record.value for record in records}
    found = read_records(tmp_path / "leads.json", PairedDifference)
    assert {difference.over for difference in found} == {"popularity"}
    for difference in found:
        measured = difference.protocol, difference.metric
        ours, theirs = (values[name, *measured] for name in ("mamgbr", "popularity"))
        assert difference.value == pytest.approx(ours - theirs, abs=1e-6)
    for protocol, count in metrics.items():
        of_protocol = [one.metric for one in found if one.protocol == protocol]
        assert len(of_protocol) == len(set(of_protocol)) == count
    assert "scores over the same lists" in (tmp_path / "results.md").read_text()
