"""A lead is counted list by list, and stays only as long as both of its runs do."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from small_shops import QUICK, random_shop

from train.benchmark.benchmark import Benchmark, run_benchmark
from train.benchmark.paired_differences import (
    FOLDER,
    Worths,
    differences,
    keep_worths,
    kept_worths,
    leads,
)
from train.benchmark.results import Row, read_rows
from train.evaluate.metrics import bootstrap_interval

TEN = np.arange(10)
SHOP = random_shop(groups=300)
BOTH = Benchmark(("popularity", "mamgbr"), limit=40, changes=QUICK)


def worths(values: NDArray[np.floating], group: NDArray[np.int64] = TEN) -> Worths:
    return Worths({("items", "mrr@10"): values.astype(np.float32)}, {"items": group})


def run(system: str, key: str, measured_at: str = "monday") -> Row:
    return {
        "system": system,
        "key": key,
        "measured_at": measured_at,
        "protocol": "sampled",
        "seed": 0,
        "test_groups": 10,
        "data_version": "d",
    }


def quiet(line: str) -> None:
    """Nobody is told."""


def test_a_lead_is_the_mean_of_what_each_list_is_worth_more() -> None:
    theirs = np.array([1, 0.5, 0.25, 1, 0.5, 0.25, 1, 0.5, 0.25, 1])
    (lead,) = differences(worths(theirs / 2), worths(theirs))
    assert lead["value"] == pytest.approx(-theirs.mean() / 2)
    assert lead["low"] <= lead["value"] <= lead["high"] < 0
    assert lead["lists"] == 10


def test_the_interval_of_a_lead_is_narrower_than_those_of_the_figures() -> None:
    rng = np.random.default_rng(0)
    groups = np.arange(2000)
    theirs = rng.random(2000)
    ours = theirs + 0.01 + rng.normal(0, 0.02, 2000)
    (lead,) = differences(worths(ours, groups), worths(theirs, groups))
    assert lead["low"] > 0
    _, _, high_of_theirs = bootstrap_interval(theirs, groups)
    _, low_of_ours, _ = bootstrap_interval(ours, groups)
    assert low_of_ours < high_of_theirs  # side by side the same two overlap


def test_the_participants_of_a_group_are_drawn_together() -> None:
    ours, theirs = np.tile([1.0, 0.0], 5), np.tile([0.0, 1.0], 5)
    (lead,) = differences(worths(ours, TEN // 2), worths(theirs, TEN // 2))
    assert lead["value"] == lead["low"] == lead["high"] == 0


def test_other_lists_are_not_compared() -> None:
    assert differences(worths(np.ones(10)), worths(np.zeros(10), TEN + 1)) == []
    assert differences(worths(np.ones(10)), worths(np.zeros(5), TEN[:5])) == []
    assert differences(worths(np.ones(0), TEN[:0]), worths(np.ones(0), TEN[:0])) == []


def test_what_was_kept_is_read_again(tmp_path: Path) -> None:
    assert kept_worths(tmp_path, "a") is None
    keep_worths(tmp_path, "a", worths(np.ones(10) / 3))
    found = kept_worths(tmp_path, "a")
    assert found is not None
    assert differences(found, worths(np.ones(10) / 3))[0]["value"] == 0


def test_a_lead_goes_with_the_lists_of_either_run_but_not_with_the_runs(tmp_path: Path) -> None:
    rows = [run("mamgbr", "a"), run("cosine", "b"), run("friends", "c")]
    keep_worths(tmp_path, "a", worths(np.ones(10)))
    keep_worths(tmp_path, "b", worths(np.zeros(10)))
    (first,) = leads(rows, tmp_path, [])
    assert (first["system"], first["over"], first["value"]) == ("mamgbr", "cosine", 1)
    for path in (tmp_path / FOLDER).iterdir():
        path.unlink()
    assert leads(rows, tmp_path, [first]) == [first]
    again = [run("mamgbr", "a", "tuesday"), *rows[1:]]
    assert leads(again, tmp_path, [first]) == []


def test_only_runs_on_the_same_lists_lead(tmp_path: Path) -> None:
    keep_worths(tmp_path, "a", worths(np.ones(10)))
    keep_worths(tmp_path, "b", worths(np.zeros(10)))
    for other in ({"seed": 1}, {"protocol": "full"}, {"test_groups": 9}, {"data_version": "e"}):
        rows = [run("mamgbr", "a"), run("cosine", "b") | other]
        assert leads(rows, tmp_path, []) == []


@pytest.mark.parametrize("protocol", ["sampled", "full"])
def test_a_benchmark_writes_the_leads_of_what_it_measured(protocol: str, tmp_path: Path) -> None:
    rows = run_benchmark(SHOP, replace(BOTH, protocols=(protocol,)), tmp_path, tell=quiet)
    values = {(row["system"], row["task"], row["metric"]): row["value"] for row in rows}
    found = read_rows(tmp_path / "leads.json")
    assert {lead["over"] for lead in found} == {"popularity"}
    for lead in found:
        ours, theirs = (
            values[name, lead["task"], lead["metric"]] for name in ("mamgbr", "popularity")
        )
        assert lead["value"] == pytest.approx(ours - theirs, abs=1e-6)
    assert len(found) == len({(lead["task"], lead["metric"]) for lead in found})
    assert len(found) == {"sampled": 8, "full": 12}[protocol]
    assert "leads over the same lists" in (tmp_path / "results.md").read_text()
