"""What the benchmark's files say reaches the tables, and what cannot be compared is kept apart."""

from datetime import UTC, datetime

import pytest
from benchmark_files import full_run, leads, printed, run, sweep, write

from app.benchmark.names import value_name
from app.benchmark.records import WHOLE, Damaged, read_leads, read_paper, read_runs, read_sweeps
from app.benchmark.standings import best_of, chance, comparisons, figure_of, metrics_of
from app.benchmark.sweeping import current_setting, differences, which
from app.benchmark.tables import Cell, leads_sheet, sheet
from app.figures.palette import LIGHT
from train.benchmark.results import read_rows, write_rows


def runs_in(folder, *groups):
    write(folder / "results.json", [row for rows in groups for row in rows])
    return read_runs(folder)


def test_a_folder_without_results_holds_no_runs_and_no_paper(tmp_path):
    assert read_runs(tmp_path) == []
    assert read_paper(tmp_path) == []


def test_a_run_keeps_its_figures_by_task_metric_and_kind_of_initiator(tmp_path):
    (one,) = runs_in(tmp_path, run("popularity", 0.6))
    assert (one.system, one.protocol, one.seed, one.test_groups) == (
        "popularity",
        "sampled",
        0,
        1000,
    )
    assert figure_of(one, "items", "mrr@10").value == 0.6
    assert figure_of(one, "items", "mrr@10", "cold").lists == 7
    assert figure_of(one, "participants", "mrr@10", "warm").value == pytest.approx(0.41)
    assert figure_of(one, "items", "mrr@10", "hidden").value is None
    assert metrics_of([one], "items") == ["mrr@10", "ndcg@10"]
    assert one.measured_at == datetime(2026, 11, 24, 10, tzinfo=UTC)


def test_what_the_benchmark_writes_is_what_the_pages_read(tmp_path):
    write_rows(tmp_path / "results.json", run("als", 0.5))
    (one,) = read_runs(tmp_path)
    assert (
        figure_of(one, "items", "ndcg@10", WHOLE).value
        == read_rows(tmp_path / "results.json")[1]["value"]
    )


@pytest.mark.parametrize(
    ("text", "entry"),
    [("[{", None), ('{"system": "als"}', None), ('[{"system": "als"}]', 1), ("", None)],
)
def test_a_damaged_file_is_told_with_the_entry_at_fault(tmp_path, text, entry):
    (tmp_path / "results.json").write_text(text)
    with pytest.raises(Damaged) as told:
        read_runs(tmp_path)
    assert told.value.entry == entry
    assert told.value.path == tmp_path / "results.json"


def test_an_entry_that_lacks_a_field_is_named_by_its_place(tmp_path):
    rows = run("als", 0.5)
    del rows[2]["seconds"]
    write(tmp_path / "results.json", rows)
    with pytest.raises(Damaged) as told:
        read_runs(tmp_path)
    assert told.value.entry == 3


def test_other_protocols_logs_and_limits_are_never_compared(tmp_path):
    runs = runs_in(
        tmp_path,
        run("als", 0.5),
        run("mamgbr", 0.6),
        run("mamgbr", 0.6, protocol="popular"),
        run("mamgbr", 0.6, test_groups=10, key="a"),
        run("mamgbr", 0.6, data_version="other", key="b", at="2026-11-25T10:00:00+00:00"),
    )
    found = comparisons(runs)
    assert sorted(len(one.runs) for one in found) == [1, 1, 1, 2]
    assert found[0].data_version == "other"  # measured last


def test_full_rankings_of_other_groups_in_one_task_are_another_comparison(tmp_path):
    def ranked(system, lists):
        rows = run(system, 0.1, protocol="full")
        return [
            row | {"metric": "mrr"} | ({"lists": lists} if row["task"] == "participants" else {})
            for row in rows
            if row["metric"] == "mrr@10"
        ]

    runs = runs_in(tmp_path, ranked("als", 500), ranked("popularity", 500), ranked("mamgbr", 900))
    assert [one.systems for one in comparisons(runs)] == [["als", "popularity"], ["mamgbr"]]


def test_of_the_same_logs_what_has_most_systems_comes_first(tmp_path):
    later = "2026-11-26T10:00:00+00:00"
    runs = runs_in(
        tmp_path,
        run("als", 0.5),
        run("mamgbr", 0.6),
        run("mamgbr", 0.6, test_groups=3000, key="a", at=later),
    )
    assert [one.test_groups for one in comparisons(runs)] == [1000, 3000]


def test_seeds_are_averaged_where_a_system_has_them_all_and_a_seed_can_be_chosen(tmp_path):
    runs = runs_in(tmp_path, run("als", 0.5), run("als", 0.6, seed=1), run("mamgbr", 0.7))
    (found,) = comparisons(runs)
    assert found.seeds == [0, 1]
    (als,) = found.by_seed(None)
    mean = figure_of(als, "items", "mrr@10")
    assert (mean.value, mean.low, mean.high) == pytest.approx((0.55, 0.54, 0.56))
    assert mean.lists == 200
    (only,) = found.by_seed(1)
    assert figure_of(only, "items", "mrr@10").value == 0.6


def test_the_widest_seed_is_the_first_of_those_with_most_systems(tmp_path):
    runs = [run("als", 0.5, seed=seed) for seed in (0, 1, 2)]
    runs += [run("mamgbr", 0.7, seed=seed) for seed in (1, 2)]
    (found,) = comparisons(runs_in(tmp_path, *runs))
    assert found.widest == 1


def test_a_system_measured_again_counts_as_it_was_measured_last(tmp_path):
    later = "2026-11-26T10:00:00+00:00"
    (found,) = comparisons(runs_in(tmp_path, run("als", 0.9, at=later), run("als", 0.5)))
    (als,) = found.by_seed(None)
    assert figure_of(als, "items", "mrr@10").value == 0.9


def test_a_figure_that_was_not_measured_is_no_figure_and_leads_nothing(tmp_path):
    rows = run("als", 0.5)
    rows[0] |= {"value": None, "low": None, "high": None}
    runs = runs_in(tmp_path, rows, run("popularity", 0.3))
    assert best_of(runs, "items", "mrr@10") == "popularity"


def test_the_best_is_the_highest_but_never_one_whose_labels_leak_nor_one_by_fame(tmp_path):
    runs = runs_in(tmp_path, run("mgbr-published", 0.9), run("mamgbr", 0.7), run("als", 0.5))
    assert best_of(runs, "items", "mrr@10") == "mamgbr"
    full = runs_in(tmp_path, full_run("als", 0.2, 5.0), full_run("popularity", 0.01, 8.0))
    assert best_of(full, "items", "popularity@10") is None
    assert best_of(full, "items", "coverage@10") == "als"


@pytest.mark.parametrize(
    ("metric", "value"),
    [("mrr@10", 0.2929), ("ndcg@10", 0.4544), ("mrr@100", 0.0519), ("ndcg@100", 0.2094)],
)
def test_chance_is_what_a_constant_scorer_gets(metric, value):
    assert chance("sampled", metric) == pytest.approx(value, abs=1e-4)
    assert chance("full", metric) is None


def test_cells_sort_by_their_number_and_read_as_their_text():
    cells = [Cell(0.51, "0.510 (0.5–0.6)", best=True), Cell(None, "–", faint=True)]
    styler = sheet("System", ["MAMGBR", "ALS"], {"MRR": cells}, {0}, LIGHT)
    assert styler.data["MRR"].tolist()[0] == 0.51
    assert styler.data["System"].tolist() == ["MAMGBR", "ALS"]
    html = styler.to_html()
    assert "0.510 (0.5–0.6)" in html
    assert "–" in html
    assert LIGHT.marked in html
    assert "font-weight: bold" in html


def test_the_papers_figures_keep_which_of_them_cannot_be(tmp_path):
    write(tmp_path / "paper.json", printed("MAMGBR", 0.7, impossible=True))
    found = read_paper(tmp_path)
    assert [one.impossible for one in found] == [False, False, True, True]


def test_a_sweep_stands_in_the_order_of_its_numbers_and_seeds_stand_apart(tmp_path):
    rows = sweep("heads", {"8": 0.5, "2": 0.4, "16": 0.3}) + sweep("heads", {"2": 0.1}, seed=1)
    one, other = read_sweeps(write(tmp_path / "sweep-heads.json", rows))
    assert [point.setting for point in one.points] == ["2", "8", "16"]
    assert one.points[0].figures["items", "mrr@10"].value == 0.4
    assert (one.seed, other.seed) == (0, 1)


def test_sweeps_with_other_settings_stand_apart_and_are_told_apart(tmp_path):
    narrow = sweep("heads", {"2": 0.4, "4": 0.5}, settings={"width": 32, "folds": 5, "heads": 2})
    wide = sweep("heads", {"4": 0.6, "12": 0.7}, settings={"width": 48, "folds": 5, "heads": 4})
    found = read_sweeps(write(tmp_path / "sweep-heads.json", narrow + wide))
    assert [[point.setting for point in one.points] for one in found] == [["2", "4"], ["4", "12"]]
    assert [which(found, place) for place in (0, 1)] == [
        "1: values 2, 4, 24 Nov 2026",
        "2: values 4, 12, 24 Nov 2026",
    ]
    assert differences(found[1]).endswith("today: Folds 5, Width of a token 48.")
    assert which(found[:1], 0).startswith("Thorough")


def test_a_value_with_a_meaning_of_its_own_is_said_in_words():
    assert value_name("groups_an_epoch", "0") == "all"
    assert value_name("groups_an_epoch", "61440") == "61440"
    assert value_name("auxiliary_1+auxiliary_2", "0") == "0"
    assert value_name("no_such_setting", "3") == "3"
    assert (value_name("attention", "true"), value_name("attention", "False")) == ("on", "off")


def test_a_sweep_in_todays_settings_has_nothing_to_be_told(tmp_path):
    rows = sweep("heads", {"2": 0.4, "4": 0.5}, settings={"heads": 2, "gone": 1})
    (one,) = read_sweeps(write(tmp_path / "sweep-heads.json", rows))
    assert differences(one) == ""


def test_a_sweep_over_words_keeps_their_order(tmp_path):
    rows = sweep("tokens", {"views": 0.5, "roles": 0.4})
    (one,) = read_sweeps(write(tmp_path / "sweep-tokens.json", rows))
    assert [point.setting for point in one.points] == ["views", "roles"]


def test_the_serving_models_own_value_is_found_however_it_is_written(tmp_path):
    both = sweep("auxiliary_1+auxiliary_2", {"0": 0.4, "0.30": 0.5})
    (one,) = read_sweeps(write(tmp_path / "sweep-both.json", both))
    assert current_setting(one, {"auxiliary_1": 0.3, "auxiliary_2": 0.3}) == "0.30"
    assert current_setting(one, {"auxiliary_1": 0.3, "auxiliary_2": 0.1}) is None
    assert current_setting(one, {}) is None


def test_a_lead_that_may_be_chance_is_faint_and_a_certain_one_bold(tmp_path):
    found = runs_in(tmp_path, run("mamgbr", 0.7), run("als", 0.5), run("popularity", 0.6))
    told = leads("als", 0.2) + leads("popularity", 0.005) + leads("cosine", 0.1)
    write(tmp_path / "leads.json", told)
    items = [lead for lead in read_leads(tmp_path) if lead.task == "items"]
    shown = leads_sheet(found, items, LIGHT)
    html = shown.to_html()
    assert html.count("<tr>") == 3  # the heading, and the two that are among the runs
    assert "+0.2000" in html
    assert "(0.1900 to 0.2100)" in html
    look = shown._compute().ctx
    assert ("font-weight", "bold") in look[0, 1]
    assert ("font-weight", "bold") not in look[1, 1]
    assert ("color", LIGHT.muted) in look[1, 1]


def test_a_folder_without_leads_holds_none(tmp_path):
    assert read_leads(tmp_path) == []
