"""Results that were measured before the protocol future came still read, and give the report that was written then."""

from pathlib import Path

import pytest

from engine.benchmark.comparison import comparisons, runs_of
from engine.benchmark.records import (
    DIFFERENCES,
    RESULTS,
    PairedDifference,
    SystemRecord,
    read_records,
    write_records,
)
from train.benchmark.report import benchmark_report

KEPT = Path(__file__).parents[2] / "benchmarks/results"


@pytest.mark.parametrize("folder", [".", "demo", "tenth"])
def test_older_records_give_the_same_report_and_the_same_file(folder: str, tmp_path: Path) -> None:
    kept = KEPT / folder
    records = read_records(kept / RESULTS, SystemRecord)
    differences = read_records(kept / DIFFERENCES, PairedDifference)
    report = benchmark_report(comparisons(runs_of(records)), differences)
    assert report == (kept / "results.md").read_text()
    write_records(tmp_path / RESULTS, records)
    assert (tmp_path / RESULTS).read_bytes() == (kept / RESULTS).read_bytes()
