"""The files of benchmarks and sweeps: one model reads and writes every line, and old files stay as they are."""

import json
from pathlib import Path

import pytest
from benchmark_files import differences, printed, run, sweep, write
from pydantic import ValidationError

from db.errors import ResultsError
from db.logs import Metric, Task
from engine.benchmark.records import (
    PairedDifference,
    PaperRecord,
    Part,
    SweepRecord,
    SystemRecord,
    read_records,
    write_records,
)

MEASURED = Path(__file__).parents[2] / "benchmarks" / "results"
KINDS = {
    "results.json": SystemRecord,
    "leads.json": PairedDifference,
    "paper.json": PaperRecord,
}
NO_RECORDS = {
    "beibei-default.json",
    "beibei-paper.json",
    "mutation.json",
}  # of other kinds, for people
FILES = sorted(
    path
    for path in MEASURED.rglob("*.json")
    if path.name not in NO_RECORDS and path.parent.name != "tuned"  # test_tuned_settings.py
)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(MEASURED)))
def test_every_measured_file_is_read_and_written_back_as_the_same_text(
    path: Path, tmp_path: Path
) -> None:
    records = read_records(path, KINDS.get(path.name, SweepRecord))
    assert records
    write_records(tmp_path / path.name, records)
    assert (tmp_path / path.name).read_text() == path.read_text()


def test_fields_of_a_later_version_are_kept(tmp_path: Path) -> None:
    rows = [row | {"carbon": 0.5} for row in run("als", 0.5)]
    path = write(tmp_path / "results.json", rows)
    records = read_records(path, SystemRecord)
    assert [json.loads(record.to_json()) for record in records] == rows


def test_a_record_has_its_metric_and_the_estimates_of_its_parts(tmp_path: Path) -> None:
    path = write(tmp_path / "results.json", run("popularity", 0.6))
    first = read_records(path, SystemRecord)[0]
    assert first.metric == Metric(Task.ITEMS, "mrr", 10)
    assert set(first.estimates) == {Part.ALL, Part.COLD, Part.WARM}
    assert (first.estimates[Part.ALL].value, first.estimates[Part.COLD].lists) == (0.6, 7)


def test_records_are_written_as_they_were_made(tmp_path: Path) -> None:
    kinds = ((SystemRecord, run("als", 0.5)), (PairedDifference, differences("als", 0.1)))
    kinds += ((PaperRecord, printed("NGCF", 0.4)), (SweepRecord, sweep("heads", {"2": 0.4})))
    for kind, rows in kinds:
        records = [kind.model_validate(row) for row in rows]
        write_records(tmp_path / "file.json", records)
        assert json.loads((tmp_path / "file.json").read_text()) == rows
        assert read_records(tmp_path / "file.json", kind) == records


def test_a_folder_without_results_has_no_records(tmp_path: Path) -> None:
    assert read_records(tmp_path / "results.json", SystemRecord) == []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[{", "not a list of results"),
        ("", "not a list of results"),
        ('{"system": "als"}', "not a list of results"),
        ("[1]", "Entry 1 of .* is not a result"),
        ('[{"key": "a"}]', "Entry 1 of .* no usable value for task"),
    ],
)
def test_a_file_that_holds_something_else_is_refused_with_the_entry_at_fault(
    tmp_path: Path, text: str, sentence: str
) -> None:
    path = tmp_path / "results.json"
    path.write_text(text)
    with pytest.raises(ResultsError, match=sentence) as refused:
        read_records(path, SystemRecord)
    assert str(path) in str(refused.value)


def test_an_entry_that_lacks_a_field_is_named_by_its_number_and_the_field(tmp_path: Path) -> None:
    rows = run("als", 0.5)
    del rows[2]["seconds"]
    rows[3]["metric"] = "mrr@ten"
    path = write(tmp_path / "results.json", rows)
    with pytest.raises(ResultsError, match=r"Entry 3 of .* no usable value for seconds"):
        read_records(path, SystemRecord)


def test_an_unknown_task_is_refused() -> None:
    with pytest.raises(ValidationError):
        SystemRecord.model_validate(run("als", 0.5)[0] | {"task": "shops"})


def test_a_difference_is_certain_where_its_interval_leaves_out_zero() -> None:
    certain, chance = (
        PairedDifference.model_validate(differences("als", value)[0]) for value in (0.2, 0.005)
    )
    assert certain.certain
    assert not chance.certain
