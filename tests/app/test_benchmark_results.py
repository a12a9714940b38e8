"""What the benchmark's records say reaches the tables and the labels of the Evaluation page."""

from benchmark_files import differences, run, sweep

from app.benchmark.names import value_name
from app.benchmark.sweep_section import changes_from_preset, serving_value, sweep_label
from app.benchmark.tables import Cell, differences_table, styled_table
from app.figures.palette import LIGHT
from db.logs import Task
from engine.benchmark.comparison import runs_of
from engine.benchmark.records import PairedDifference, SweepRecord, SystemRecord
from engine.benchmark.sweeps import sweeps_of


def sweeps(rows):
    return sweeps_of(SweepRecord.model_validate(row) for row in rows)


def test_cells_sort_by_their_number_and_read_as_their_text():
    cells = [Cell(0.51, "0.510 (0.5–0.6)", best=True), Cell(None, "–", faint=True)]
    styler = styled_table("System", ["MAMGBR", "ALS"], {"MRR": cells}, {0}, LIGHT)
    assert styler.data["MRR"].tolist()[0] == 0.51
    assert styler.data["System"].tolist() == ["MAMGBR", "ALS"]
    html = styler.to_html()
    assert "0.510 (0.5–0.6)" in html
    assert "–" in html
    assert LIGHT.marked in html
    assert "font-weight: bold" in html


def test_a_difference_that_may_be_chance_is_faint_and_a_certain_one_bold():
    measured = (run("mamgbr", 0.7), run("als", 0.5), run("popularity", 0.6))
    runs = runs_of(SystemRecord.model_validate(row) for rows in measured for row in rows)
    rows = differences("als", 0.2) + differences("popularity", 0.005) + differences("cosine", 0.1)
    items = [PairedDifference.model_validate(row) for row in rows if row["task"] == Task.ITEMS]
    table = differences_table(runs, items, LIGHT)
    html = table.to_html()
    assert html.count("<tr>") == 3  # the heading, and the two systems that are among the runs
    assert "+0.2000" in html
    assert "(0.1900 to 0.2100)" in html
    styles = table._compute().ctx
    assert ("font-weight", "bold") in styles[0, 1]
    assert ("font-weight", "bold") not in styles[1, 1]
    assert ("color", LIGHT.muted) in styles[1, 1]


def test_sweeps_with_other_settings_have_labels_of_their_own():
    narrow = sweep("heads", {"2": 0.4, "4": 0.5}, settings={"width": 32, "folds": 5, "heads": 2})
    wide = sweep("heads", {"4": 0.6, "12": 0.7}, settings={"width": 48, "folds": 5, "heads": 4})
    found = sweeps(narrow + wide)
    assert [sweep_label(found, place) for place in (0, 1)] == [
        "1: values 2, 4, 24 Nov 2026",
        "2: values 4, 12, 24 Nov 2026",
    ]
    assert changes_from_preset(found[1]).endswith("today: Token width 48, Folds 5.")
    assert sweep_label(found[:1], 0).startswith("Thorough")


def test_a_value_with_a_meaning_of_its_own_is_in_words():
    assert value_name("groups_an_epoch", "0") == "all"
    assert value_name("groups_an_epoch", "61440") == "61440"
    assert value_name("auxiliary_1+auxiliary_2", "0") == "0"
    assert value_name("no_such_setting", "3") == "3"
    assert (value_name("attention", "true"), value_name("attention", "False")) == ("on", "off")


def test_a_sweep_with_todays_settings_has_no_changes_to_report():
    (one,) = sweeps(sweep("heads", {"2": 0.4, "4": 0.5}, settings={"heads": 2, "gone": 1}))
    assert changes_from_preset(one) == ""


def test_the_serving_models_value_is_found_however_it_is_written():
    (one,) = sweeps(sweep("auxiliary_1+auxiliary_2", {"0": 0.4, "0.30": 0.5}))
    assert serving_value(one, {"auxiliary_1": 0.3, "auxiliary_2": 0.3}) == "0.30"
    assert serving_value(one, {"auxiliary_1": 0.3, "auxiliary_2": 0.1}) is None
    assert serving_value(one, {}) is None
