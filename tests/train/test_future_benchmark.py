"""Benchmarks of the protocol future: records by cut and way, and one training for both ways."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from future_shop import launch, shop
from numpy.typing import NDArray
from small_shops import QUICK, quick

from db.errors import DataError
from db.logs import Logs, Metric, Task
from engine.benchmark.comparison import comparisons, runs_of
from engine.benchmark.pooling import pooled, pooled_differences
from engine.benchmark.records import (
    PairedDifference,
    Part,
    SystemRecord,
    Way,
    read_records,
)
from train.benchmark.answer_future import answer_about_the_future
from train.benchmark.future import hold_out_future
from train.benchmark.run import Benchmark, run_benchmark
from train.benchmark.systems.system import System
from train.evaluate.sampled_ranking import CandidateLists
from train.evaluate.splits import Split

CUTS = (np.datetime64("2024-11-01"), np.datetime64("2025-02-01"))
MRR = Metric(Task.ITEMS, "mrr", 100)


def two_years() -> Logs:
    rng = np.random.default_rng(0)
    rows = []
    for day in pd.date_range("2023-06-01", "2025-05-15", freq="36h"):
        who, season = int(rng.integers(8)), (day.year - 2023) * 4 + day.quarter
        what = f"i{(who + season) % 9}" if rng.random() < 0.7 else f"new {day:%Y-%m}"
        rows.append(launch(day, f"u{who}", what, [f"p{rng.integers(6)}"]))
    return shop(*rows, before=0)


SHOP = two_years()
BENCHMARK = Benchmark(
    ("popularity", "decayed-counts"),
    ("future",),
    changes=(*QUICK, "question=any"),
    cuts=CUTS,
    command="python -m train benchmark --protocol future",
)


def quiet(line: str) -> None:
    """Drops the line."""


@pytest.fixture(scope="module", autouse=True)
def in_this_process() -> Iterator[None]:
    """A process of its own for each training takes seconds to start."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "train.benchmark.run.iterate_in_process", lambda function, *given: function(*given)
        )
        yield


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[SystemRecord]]:
    out = tmp_path_factory.mktemp("future")
    lines: list[str] = []
    records = run_benchmark(SHOP, BENCHMARK, out, report=lines.append)
    trainings = [line for line in lines if line.endswith("training")]
    assert trainings == [
        f"{system}, future of {cut} as of the cut, future of {cut} as of each launch, seed 0: training"
        for system in BENCHMARK.systems
        for cut in CUTS
    ]
    return out, records


def test_each_record_tells_its_cut_and_its_way(
    measured: tuple[Path, list[SystemRecord]],
) -> None:
    out, records = measured
    assert read_records(out / "results.json", SystemRecord) == records
    assert {(one.system, one.cut, one.way) for one in records} == {
        (system, str(cut), way) for system in BENCHMARK.systems for cut in CUTS for way in Way
    }
    assert len({one.key for one in records}) == 8
    found = comparisons(runs_of(records))
    assert {(one.cut, one.way) for one in found} == {(str(cut), way) for cut in CUTS for way in Way}
    assert all(one.systems == list(BENCHMARK.systems) for one in found)


def test_the_parts_of_a_record_add_up_to_all_of_its_lists(
    measured: tuple[Path, list[SystemRecord]],
) -> None:
    for record in measured[1]:
        parts = record.estimates
        for divided in (
            (Part.REPEATS, Part.FIRST_TIMES),
            (Part.WEEK_1, Part.WEEKS_2_TO_4, Part.WEEKS_5_TO_13),
        ):
            some = [parts[part] for part in divided if part in parts]
            assert sum(one.lists for one in some) == record.lists
            total = sum((one.value or 0.0) * one.lists for one in some)
            assert total / record.lists == pytest.approx(record.value)
        if record.task == Task.ITEMS:
            assert parts[Part.NEW_AMONG_NEW].lists == parts[Part.NEW_ITEMS].lists > 0
        else:
            assert Part.NEW_AMONG_NEW not in parts


def test_cuts_are_pooled_by_their_lists_and_come_first_in_the_report(
    measured: tuple[Path, list[SystemRecord]],
) -> None:
    out, records = measured
    (one,) = (pool for pool in pooled(comparisons(runs_of(records))) if pool.way is Way.DAY)
    mean = one.runs[1].estimate(MRR)
    strata = [
        record
        for record in records
        if (record.system, record.metric, record.way) == ("decayed-counts", MRR, Way.DAY)
    ]
    lists = sum(record.lists for record in strata)
    assert mean.lists == lists
    assert mean.value == pytest.approx(sum(r.value * r.lists for r in strata) / lists)
    page = (out / "results.md").read_text()
    first = page.index("## Protocol future of all cuts")
    assert first < page.index("## Protocol future of 2024-11-01")
    assert f"{mean.value:.4f}" in page[first:]
    assert "New items: not launched before the cut" in page


def test_what_is_measured_already_is_not_measured_again_and_the_rest_is(
    measured: tuple[Path, list[SystemRecord]],
) -> None:
    out, records = measured
    lines: list[str] = []
    assert run_benchmark(SHOP, BENCHMARK, out, report=lines.append) == records
    assert len(lines) == 8
    assert all("measured already" in line for line in lines)


def test_an_interrupted_benchmark_continues_with_the_way_that_is_missing(tmp_path: Path) -> None:
    one = replace(BENCHMARK, systems=("popularity",), cuts=CUTS[:1])

    def interrupt(line: str) -> None:
        if line.endswith("as of the cut, seed 0: measured"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_benchmark(SHOP, one, tmp_path, report=interrupt)
    kept = read_records(tmp_path / "results.json", SystemRecord)
    assert {record.way for record in kept} == {Way.CUT}
    lines: list[str] = []
    assert run_benchmark(SHOP, one, tmp_path, report=lines.append)[: len(kept)] == kept
    assert "popularity, future of 2024-11-01 as of each launch, seed 0: training" in lines


def test_a_system_that_takes_in_no_logs_is_asked_as_of_the_cut_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = Listener(timed=False)
    system.updatable = False
    monkeypatch.setattr("train.benchmark.measure.make", lambda name, options: system)
    lines: list[str] = []
    one = replace(BENCHMARK, systems=("popularity",), cuts=CUTS[:1], limit=5)
    records = run_benchmark(SHOP, one, tmp_path, report=lines.append)
    assert {record.way for record in records} == {Way.CUT}
    assert any("popularity takes in new logs only by training again" in line for line in lines)


def test_differences_over_the_same_lists_are_pooled_with_an_interval(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("train.benchmark.paired_differences.OURS", "decayed-counts")
    records = run_benchmark(SHOP, BENCHMARK, tmp_path, report=quiet)
    differences = read_records(tmp_path / "leads.json", PairedDifference)
    assert {(found.cut, found.way) for found in differences} == {
        (str(cut), way) for cut in CUTS for way in Way
    }
    (pool,) = (found for found in pooled(comparisons(runs_of(records))) if found.way is Way.CUT)
    (mean,) = (found for found in pooled_differences(differences, pool) if found.metric == MRR)
    ours, theirs = (run.estimate(MRR).value for run in pool.runs[::-1])
    assert mean.over == "popularity"
    assert mean.value == pytest.approx(ours - theirs, abs=1e-6)
    assert mean.low < mean.value < mean.high
    page = (tmp_path / "results.md").read_text()
    assert f"{mean.value:+.4f}" in page[: page.index("## Protocol future of 2024-11-01")]


def test_untimed_logs_are_refused_or_left_out_beside_other_protocols(tmp_path: Path) -> None:
    untimed = replace(SHOP, group_launched_at=np.full_like(SHOP.group_launched_at, "NaT"))
    alone = replace(BENCHMARK, systems=("popularity",))
    with pytest.raises(DataError, match="do not tell when"):
        run_benchmark(untimed, alone, tmp_path, report=quiet)
    lines: list[str] = []
    both = replace(alone, protocols=("future", "sampled"))
    records = run_benchmark(untimed, both, tmp_path, report=lines.append)
    assert {record.protocol for record in records} == {"sampled"}
    assert lines[0].startswith("Left out: The logs do not tell when")


class Listener(System):
    """Scores nothing and remembers what it knew when it was asked as of which day."""

    name, adaptation, updatable = "listener", "", True

    def __init__(self, timed: bool) -> None:
        self.timed = timed
        self.heard: list[tuple[np.datetime64, NDArray[np.datetime64]]] = []

    def fit(self, logs: Logs, split: Split, seed: int) -> None:
        self.last = logs.last_event

    def update(self, logs: Logs) -> None:
        self.last = logs.last_event

    def score(self, lists: CandidateLists) -> NDArray[np.float32]:
        self.heard.append((self.last, lists.at))
        return np.zeros(lists.candidates.shape, np.float32)


@pytest.mark.parametrize(
    "knows",
    [
        lambda last, at: last < at.min().astype("datetime64[D]"),
        lambda last, at: last >= at.max(),
    ],
    ids=["a day at a time", "timed"],
)
def test_only_a_timed_system_is_given_what_comes_after_the_lists(
    knows: Callable[..., bool], request: pytest.FixtureRequest
) -> None:
    holdout = hold_out_future(SHOP, CUTS[0], quick("question=any"), 0)
    system = Listener(timed=request.node.callspec.id == "timed")
    system.fit(holdout.known, holdout.split, 0)
    answer_about_the_future(system, holdout, Way.CUT)
    assert all(last < CUTS[0] and (at == CUTS[0]).all() for last, at in system.heard)
    system.heard.clear()
    answer_about_the_future(system, holdout, Way.DAY)
    asked = np.concatenate([at for _, at in system.heard])
    lists = [*holdout.lists.values(), holdout.among_new]
    assert sorted(asked) == sorted(np.concatenate([one.at for one in lists]))
    assert all(knows(last, at) for last, at in system.heard)
