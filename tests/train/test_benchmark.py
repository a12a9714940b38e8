"""A benchmark: the same candidates for all, nothing measured twice, nothing half-written."""

import multiprocessing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from errands import count_and_die, count_forever, kill_myself, refuse
from small_shops import QUICK, random_shop

from db.errors import SettingError, TrainError
from db.logs import Metric, Task
from engine.benchmark.comparison import SAMPLED_METRICS
from engine.benchmark.records import (
    PaperRecord,
    Part,
    SweepRecord,
    SystemRecord,
    read_records,
    write_records,
)
from engine.benchmark.sweeps import sweeps_of
from engine.presets import preset
from train.benchmark.isolated import iterate_in_process, run_in_process
from train.benchmark.paper_figures import paper_records
from train.benchmark.report import sweep_report
from train.benchmark.run import Benchmark, run_benchmark
from train.benchmark.sweep import Sweep, run_sweep

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("in_this_process")]  # trains for real

SHOP = random_shop(users=200, groups=300)
COUNTING = Benchmark(("popularity", "cosine"), changes=QUICK, command="python -m train benchmark")

Measured = tuple[Path, list[SystemRecord]]


def quiet(line: str) -> None:
    """Drops the line."""


def records_in(folder: Path) -> list[SystemRecord]:
    return read_records(folder / "results.json", SystemRecord)


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Measured:
    """Measured as a user's benchmark is, each system in a process of its own."""
    out = tmp_path_factory.mktemp("benchmark") / "results"
    return out, run_benchmark(SHOP, COUNTING, out, report=quiet)


def test_a_record_holds_all_that_a_reader_needs(measured: Measured) -> None:
    out, records = measured
    assert records_in(out) == records
    assert {(record.system, record.metric) for record in records} == {
        (system, metric) for system in ("popularity", "cosine") for metric in SAMPLED_METRICS
    }
    for record in records:
        assert record.value is not None
        assert record.low is not None
        assert record.high is not None
        assert record.low <= record.value <= record.high
        cold, warm = record.cold, record.warm
        assert cold is not None
        assert warm is not None
        assert cold.value is not None
        assert warm.value is not None
        assert cold.lists + warm.lists == record.lists
        assert cold.lists > 0
        parts = cold.value * cold.lists + warm.value * warm.lists
        assert parts / record.lists == pytest.approx(record.value)
        assert record.peak_mib > 50
        assert (record.protocol, record.seed, record.data_version) == ("sampled", 0, "small")
        assert record.code_version
        assert (record.settings is not None) == (record.metric == Metric(Task.ITEMS, "mrr", 10))
        assert record.seconds >= 0


def test_the_report_holds_values_commands_and_the_papers_tables(measured: Measured) -> None:
    out, records = measured
    page = (out / "results.md").read_text()
    assert "python -m train benchmark" in page
    for record in records:
        assert f"{record.value:.4f}" in page
    assert "~~0.2874~~" in page  # MAMGBR's NDCG@100 in Task II, below its MRR@100
    assert read_records(out / "paper.json", PaperRecord) == paper_records()


def test_what_is_measured_already_is_not_measured_again(measured: Measured) -> None:
    out, records = measured
    lines: list[str] = []
    before = (out / "results.json").stat().st_mtime_ns
    assert run_benchmark(SHOP, COUNTING, out, report=lines.append) == records
    assert (out / "results.json").stat().st_mtime_ns == before
    assert all("measured already" in line for line in lines)


def test_the_report_is_written_anew_even_where_nothing_is_measured(measured: Measured) -> None:
    out, _ = measured
    page = (out / "results.md").read_text()
    (out / "results.md").write_text("of older code")
    run_benchmark(SHOP, COUNTING, out, report=quiet)
    assert (out / "results.md").read_text() == page


def test_other_settings_seeds_and_data_are_other_runs(tmp_path: Path) -> None:
    one = replace(COUNTING, systems=("popularity",), limit=5)
    first = run_benchmark(SHOP, one, tmp_path, report=quiet)
    for other, shop in (
        (replace(one, seeds=(1,)), SHOP),
        (replace(one, protocols=("paper-split",)), SHOP),
        (one, replace(SHOP, version="grown")),
    ):
        records = run_benchmark(shop, other, tmp_path, report=quiet)
        assert {record.key for record in records}.isdisjoint({record.key for record in first})
    kept = records_in(tmp_path)
    assert len(kept) == 4 * 8
    assert kept[:8] == first


def test_a_limit_for_participants_makes_another_run_of_the_full_ranking_only(
    tmp_path: Path,
) -> None:
    one = replace(COUNTING, systems=("popularity",), limit=15, protocols=("full", "sampled"))
    first = run_benchmark(SHOP, one, tmp_path, report=quiet)
    limited = replace(one, full_limits={Task.PARTICIPANTS: 9})
    more = run_benchmark(SHOP, limited, tmp_path, report=quiet)
    assert {record.key for record in first} & {record.key for record in more} == {
        record.key for record in first if record.protocol == "sampled"
    }
    few, many = (
        {record.task: record.lists for record in records if record.metric.at == "mrr"}
        for records in (first, more)
    )
    assert (tmp_path / "results.md").read_text().count("## Protocol full") == 2
    assert few[Task.ITEMS] == many[Task.ITEMS] == 15
    assert few[Task.PARTICIPANTS] < 9 <= many[Task.PARTICIPANTS]


def test_an_interrupted_benchmark_keeps_what_it_measured(tmp_path: Path) -> None:
    def interrupt(line: str) -> None:
        if line.startswith("cosine"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_benchmark(SHOP, COUNTING, tmp_path, report=interrupt)
    kept = records_in(tmp_path)
    assert {record.system for record in kept} == {"popularity"}
    assert run_benchmark(SHOP, COUNTING, tmp_path, report=quiet)[:8] == kept
    assert {path.name for path in tmp_path.iterdir()} == {
        "results.json",
        "results.md",
        "leads.json",
        "lists",
        "paper.json",
    }


def test_each_protocol_has_its_section_with_all_its_values(tmp_path: Path) -> None:
    full = replace(COUNTING, protocols=("full",), systems=("popularity",), limit=20)
    later = replace(COUNTING, protocols=("newcomers",), systems=("popularity", "mamgbr-paper"))
    lines: list[str] = []
    ranked = run_benchmark(SHOP, full, tmp_path, report=quiet)
    updated = run_benchmark(SHOP, later, tmp_path, report=lines.append)
    assert records_in(tmp_path) == ranked + updated
    metrics = ("recall@10", "recall@20", "recall@50", "ndcg@10", "ndcg@20", "mrr")
    shown = ("coverage@10", "popularity@10")
    assert [record.metric.at for record in ranked] == [*metrics, *shown] * 2
    for record in ranked:
        if record.metric.name == "coverage":
            assert record.low is record.high is None
        else:
            assert record.low <= record.value <= record.high
        assert sum(record.estimates[part].lists for part in (Part.COLD, Part.WARM)) == record.lists
    for record in updated:
        assert {Part.HIDDEN, Part.BEFORE, Part.SHOWN} <= set(record.estimates)
        assert record.seconds_updating is not None
    assert any("Left out: mamgbr-paper takes in new logs only" in line for line in lines)
    assert {record.system for record in ranked + updated} == {"popularity"}
    page = (tmp_path / "results.md").read_text()
    assert "## Protocol full, seed 0" in page
    assert "II Coverage@10" in page
    assert "users whose logs came after training" in page
    for record in ranked + updated:
        for estimate in record.estimates.values():
            assert estimate.value is None or f"{estimate.value:.4f}" in page


def test_protocols_that_split_the_logs_alike_share_one_training(tmp_path: Path) -> None:
    lines: list[str] = []
    together = replace(
        COUNTING, systems=("mamgbr",), limit=10, protocols=("sampled", "full", "paper-split")
    )
    records = run_benchmark(SHOP, together, tmp_path / "together", report=lines.append)
    assert lines == [
        "mamgbr, sampled, full, seed 0: training",
        "mamgbr, sampled, seed 0: measured",
        "mamgbr, full, seed 0: measured",
        "mamgbr, paper-split, seed 0: training",
        "mamgbr, paper-split, seed 0: measured",
    ]
    for protocol in together.protocols:
        alone = replace(together, protocols=(protocol,))
        first, second = (
            [(record.key, record.metric, record.estimate) for record in found]
            for found in (
                [record for record in records if record.protocol == protocol],
                run_benchmark(SHOP, alone, tmp_path / protocol, report=quiet),
            )
        )
        assert first == second


def test_a_wrong_setting_is_refused_before_anything_is_measured(tmp_path: Path) -> None:
    wrong = Benchmark(("popularity", "mamgbr"), changes=("heads=3",))
    with pytest.raises(SettingError, match="mamgbr: heads=3 does not divide"):
        run_benchmark(SHOP, wrong, tmp_path, report=quiet)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("content", ["{", '{"a": 1}', "[1]", '[{"value": 1}]'])
def test_a_file_that_holds_no_results_is_left_as_it_is(content: str, tmp_path: Path) -> None:
    (tmp_path / "results.json").write_text(content)
    with pytest.raises(TrainError, match=r"results\.json.*[Mm]ove"):
        run_benchmark(SHOP, COUNTING, tmp_path, report=quiet)
    assert (tmp_path / "results.json").read_text() == content


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(TrainError, match=r"could not be written.*--out"):
        write_records(tmp_path / "file" / "results.json", [])


def test_a_killed_process_is_an_error_with_the_next_step_and_its_own_errors_come_through() -> None:
    with pytest.raises(TrainError, match="when memory runs out"):
        run_in_process(kill_myself)
    with pytest.raises(SettingError) as refused:
        run_in_process(refuse, "heads")
    assert str(refused.value) == "No value of heads was given with --values."
    assert "in refuse" in refused.value.__notes__[0]  # where it happened over there


def test_what_a_process_yielded_before_it_was_killed_is_kept() -> None:
    heard: list[int] = []
    with pytest.raises(TrainError, match="when memory runs out"):
        heard.extend(iterate_in_process(count_and_die, 3))
    assert heard == [0, 1, 2]


def test_a_process_ends_when_nobody_reads_it_any_more() -> None:
    for found in iterate_in_process(count_forever):
        assert found == 0
        break
    assert multiprocessing.active_children() == []


def test_a_measured_protocol_is_kept_when_the_next_is_interrupted(tmp_path: Path) -> None:
    def interrupt(line: str) -> None:
        if line == "popularity, sampled, seed 0: measured":
            raise KeyboardInterrupt

    both = replace(COUNTING, systems=("popularity",), protocols=("sampled", "popular"))
    with pytest.raises(KeyboardInterrupt):
        run_benchmark(SHOP, both, tmp_path, report=interrupt)
    kept = records_in(tmp_path)
    assert {record.protocol for record in kept} == {"sampled"}
    assert run_benchmark(SHOP, both, tmp_path, report=quiet)[: len(kept)] == kept


def test_a_sweep_measures_each_value_on_the_same_groups(tmp_path: Path) -> None:
    lines: list[str] = []
    changes = tuple(change for change in QUICK if not change.startswith("heads"))
    sweep = Sweep("heads", ("1", "3", "2"), changes=changes, command="python -m train sweep")
    records = run_sweep(SHOP, sweep, tmp_path, report=lines.append)
    assert read_records(tmp_path / "sweep-heads.json", SweepRecord) == records
    assert [record.setting for record in records] == ["1"] * 8 + ["2"] * 8
    assert [record.settings["heads"] for record in records] == [1] * 8 + [2] * 8
    items = [record for record in records if record.task == Task.ITEMS]
    assert len({(record.lists, record.validation_groups) for record in items}) == 1
    assert any("Left out: " in line and "does not divide" in line for line in lines)
    page = (tmp_path / "sweep-heads.md").read_text()
    assert all(f"{record.value:.4f}" in page for record in records)
    lines.clear()
    assert run_sweep(SHOP, sweep, tmp_path, report=lines.append) == records
    assert sum("measured already" in line for line in lines) == 2


def test_sweeps_of_other_settings_stand_in_sections_of_their_own() -> None:
    """Heads of tokens of 32 and of 48 numbers in one table looked like one sweep."""
    records = [
        SweepRecord(
            key=f"{heads}-{width}",
            param="heads",
            setting=str(heads),
            task=Task.ITEMS,
            metric=Metric(Task.ITEMS, "mrr", 10),
            value=0.5,
            low=0.5,
            high=0.5,
            lists=9,
            preset="default",
            seed=0,
            data_version="d",
            code_version="c",
            settings=preset("default", [f"heads={heads}", f"width={width}"]).model_dump(),
            training_groups=7,
            validation_groups=9,
            seconds=1.0,
            peak_mib=2,
            device="cpu",
            measured_at=datetime(2026, 11, 24, tzinfo=UTC),
            command="python -m train sweep",
        )
        for width in (32, 48)
        for heads in (4, 16)
    ]
    page = sweep_report("heads", sweeps_of(records))
    assert page.count("## ") == 2
    assert "## Preset default, seed 0\n" in page
    assert "## Preset default, width=48, seed 0\n" in page


def test_settings_that_are_swept_together_take_the_same_value(tmp_path: Path) -> None:
    sweep = Sweep("auxiliary_1+auxiliary_2", ("0.1", "0.3"), changes=QUICK)
    records = run_sweep(SHOP, sweep, tmp_path, report=quiet)
    found = {(one.settings["auxiliary_1"], one.settings["auxiliary_2"]) for one in records}
    assert found == {(0.1, 0.1), (0.3, 0.3)}
    assert (tmp_path / "sweep-auxiliary_1+auxiliary_2.json").exists()


@pytest.mark.parametrize(
    ("param", "values", "sentence"),
    [
        ("validation", ("0.1",), "validation cannot be swept"),
        ("hats", ("1",), "There is no setting 'hats=1'"),
        ("heads", ("3", "5"), "heads=3 does not divide"),
        ("heads", (), "No value of heads"),
    ],
)
def test_a_sweep_that_cannot_run_says_why(
    param: str, values: tuple[str, ...], sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(SettingError, match=sentence):
        run_sweep(SHOP, Sweep(param, values), tmp_path, report=quiet)
