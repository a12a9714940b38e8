"""The charts of the Evaluation page say what the records say."""

import numpy as np
import pytest

from app.figures.compared import (
    ChartText,
    SystemPoint,
    VarietyPoint,
    compared_points,
    variety_points,
)
from app.figures.curves import sweep_line
from app.figures.palette import DARK, LIGHT
from app.figures.reliability import decade_ticks, reliability_points
from app.model_quality import Bin, order_alone, reliability
from app.text.numbers import fine_percent, memory, metric_text, one_in, short_duration
from db.logs import Task
from engine.bundle.manifest import Calibration, Manifest
from engine.candidates import Question
from train.export.calibration import calibrate

TEXT = ChartText("MRR@10", "here", "printed", "impossible", "chance")
SYSTEMS = [
    SystemPoint("als", 0.5, 0.4, 0.6, printed=0.55),
    SystemPoint("MAMGBR", 0.7, 0.68, 0.72, ours=True, printed=0.9, impossible=True),
    SystemPoint("popularity", 0.6),
]


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_the_best_system_stands_on_top_and_ours_in_the_tasks_colour(colours):
    figure = compared_points("items", SYSTEMS, 0.29, TEXT, colours)
    points = figure.data[0]
    assert list(points.y) == ["MAMGBR", "popularity", "als"]
    assert list(points.marker.color) == [colours.items, colours.shared, colours.shared]
    assert np.allclose(points.error_x.array, [0.02, 0, 0.1])
    assert points.customdata[1] == ""


def test_a_system_that_sees_the_answers_stands_last_whatever_its_value():
    mixing = SystemPoint("published", 0.99, mixes=True)
    points = compared_points("items", [mixing, *SYSTEMS], None, TEXT, LIGHT).data[0]
    assert points.y[-1] == "published"
    assert points.marker.color[-1] == LIGHT.muted


def test_the_papers_values_are_drawn_beside_and_impossible_ones_have_another_shape():
    figure = compared_points("items", SYSTEMS, None, TEXT, LIGHT)
    _, printed, impossible = figure.data
    assert (list(printed.y), list(printed.x)) == (["als"], [0.55])
    assert (list(impossible.y), list(impossible.x)) == (["MAMGBR"], [0.9])
    assert printed.marker.symbol != impossible.marker.symbol
    assert len(figure.layout.shapes) == 0


def test_the_axis_covers_every_interval_every_printed_value_and_chance():
    low, high = compared_points("items", SYSTEMS, 0.29, TEXT, LIGHT).layout.xaxis.range
    assert low < 0.29
    assert high > 0.9


def test_variety_draws_coverage_over_popularity_and_names_every_system():
    systems = [VarietyPoint("als", 0.3, 20.0), VarietyPoint("MAMGBR", 0.2, 400.0, ours=True)]
    points = variety_points("items", systems, "popularity", "coverage", LIGHT).data[0]
    assert list(points.x) == [20.0, 400.0]
    assert list(points.y) == [0.3, 0.2]
    assert list(points.text) == ["als", "MAMGBR"]


def test_a_crowd_is_named_at_its_ends_and_where_it_is_ours_and_in_every_tooltip():
    crowd = [VarietyPoint(f"s{k}", 0.3 - abs(k - 5) / 50, 10.0 + k) for k in range(12)]
    crowd[7] = VarietyPoint("MAMGBR", 0.26, 17.0, ours=True)
    points = variety_points("items", crowd, "popularity", "coverage", LIGHT).data[0]
    assert {name for name in points.text if name} == {"s0", "s5", "s11", "MAMGBR"}
    assert list(points.hovertext) == [system.name for system in crowd]


def test_a_sweep_rings_its_best_value_in_a_band_and_marks_the_serving_one():
    lines = [0.4, 0.5, 0.45], [0.39, 0.48, 0.44], [0.41, 0.52, 0.46]
    figure = sweep_line("items", ["1", "2", "8"], *lines, "heads", "MRR", "8", "serving", LIGHT)
    band, line = figure.data
    assert list(band.y) == [0.41, 0.52, 0.46, 0.44, 0.48, 0.39]
    sizes = list(line.marker.size)
    assert sizes.index(max(sizes)) == 1
    assert list(figure.layout.xaxis.ticktext) == ["1", "2", "8"]
    assert figure.layout.shapes[0].x0 == 2
    assert (
        sweep_line(
            "items", ["1"], [0.4], [0.3], [0.5], "h", "M", "3", "serving", LIGHT
        ).layout.shapes
        == ()
    )


def test_reliability_reads_what_the_training_writes():
    scores = np.random.default_rng(5).normal(size=(400, 41))
    scores[:, 0] += 2
    weight = np.full(scores.shape, 25.0)
    weight[:, 0] = 1
    written = calibrate(scores, weight, np.random.default_rng(0))
    found = reliability(written)
    assert found.error == written.reliability_error
    assert (found.noise, found.noise_limit) == (written.noise, written.noise_limit)
    assert [one.observed for one in found.bins] == pytest.approx(
        [one.observed for one in written.bins]
    )
    assert [one.half for one in found.bins] == [one.half for one in written.bins]
    assert reliability(None) is None


def calibration(bins, error=0.2, noise_limit=0.05, shown=20):
    return Calibration(
        shares=[0.0],
        logits=[0.0],
        bins=bins,
        reliability_error=error,
        noise_limit=noise_limit,
        cases=9,
        shown=shown,
    )


def checked(promised, came, size=1000, half=0):
    return {
        "promised": promised,
        "observed": came / size,
        "right": came,
        "expected": promised * size,
        "half": half,
    }


def test_a_bin_in_which_nothing_came_true_has_the_size_of_its_promise():
    found = reliability(calibration([checked(0.01, 20, 2000), checked(0.1, 0, 200)]))
    assert found.bins[1].size == pytest.approx(200)
    assert found.highest.verdict == "less"


@pytest.mark.parametrize(
    ("came", "verdict"), [(20, "kept"), (23, "kept"), (60, "more"), (5, "less")]
)
def test_only_what_is_beyond_chance_is_called_too_much_or_too_little(came, verdict):
    assert reliability(calibration([checked(0.02, came)])).highest.verdict == verdict


def test_halves_that_err_in_opposite_directions_do_not_make_the_highest_chances_right():
    bins = [
        checked(0.02, 21),
        checked(0.04, 90),
        checked(0.02, 19, half=1),
        checked(0.04, 2, half=1),
    ]
    assert reliability(calibration(bins)).highest.verdict != "kept"
    kept = [checked(0.04, 41), checked(0.04, 60, half=1)]
    assert reliability(calibration(kept)).highest.verdict == "more"


@pytest.mark.parametrize(
    ("error", "noise_limit", "grade"),
    [
        (0.04, 0.05, "close"),
        (0.09, 0.05, "close"),
        (0.2, 0.05, "rough"),
        (0.4, 0.05, "order"),
        (0.12, 0.14, "close"),  # right chances could look like that
        (0.2, 0.22, "rough"),  # they could, and so could chances that are a fifth off
        (0.5, 0.6, "unknown"),  # and so could wrong ones: too few groups to tell
        (0.7, 0.6, "order"),
    ],
)
def test_chances_are_judged_beside_what_luck_alone_would_do(error, noise_limit, grade):
    assert reliability(calibration([checked(0.02, 20)], error, noise_limit)).grade == grade


def test_chances_are_not_close_where_the_highest_are_beyond_chance():
    assert reliability(calibration([checked(0.02, 60)], 0.04)).grade == "rough"


def test_a_question_without_a_calibration_of_its_own_is_read_for_its_order():
    known = calibration([checked(0.02, 20)], 0.04)
    manifest = Manifest.model_construct(
        item_calibrations={Question.ANY: known}, calibration=dict.fromkeys(Task, known)
    )
    assert not order_alone(manifest, Task.ITEMS, Question.ANY)
    assert order_alone(manifest, Task.ITEMS, Question.NEW)
    assert not order_alone(manifest, Task.PARTICIPANTS)
    unsure = calibration([checked(0.02, 20)], 0.5, 0.6)
    worse = manifest.model_copy(update={"calibration": dict.fromkeys(Task, unsure)})
    assert order_alone(worse, Task.PARTICIPANTS)


def test_versions_that_checked_what_nobody_sees_are_not_judged():
    assert reliability(calibration([checked(0.02, 20)], shown=0)) is None


def test_the_interval_of_a_share_holds_it_and_narrows_with_the_cases():
    few, many = Bin(0.1, 10, 100).interval(), Bin(0.1, 1000, 10_000).interval()
    assert few[0] < many[0] < 0.1 < many[1] < few[1]
    assert many == pytest.approx((0.0939, 0.1064), abs=2e-4)


def test_promises_are_drawn_against_what_came_with_both_axes_alike():
    bins = [Bin(1e-4, 10, 100_000), Bin(1e-2, 0, 1000)]
    figure = reliability_points("items", bins, "p", "o", "{promised} {right}", fine_percent, LIGHT)
    diagonal, points = figure.data
    assert list(diagonal.x) == list(diagonal.y)
    assert list(points.x) == [1e-4, 1e-2]
    assert points.y[1] == diagonal.y[0] > 0  # at the foot: a logarithm knows no zero
    assert figure.layout.xaxis.range == figure.layout.yaxis.range
    assert list(points.customdata) == ["0.01% 10", "1% 0"]


def test_a_promise_of_certainty_is_not_cut_in_half_by_the_frame():
    bins = [Bin(1e-2, 10, 1000), Bin(1.0, 100, 100)]
    figure = reliability_points("items", bins, "p", "o", "{promised}", fine_percent, LIGHT)
    assert figure.layout.xaxis.range[1] > 0 < figure.layout.yaxis.range[1]  # log10 of 100 %


def test_an_axis_has_at_least_two_ticks_however_short():
    assert decade_ticks(0.0002, 0.3) == pytest.approx([0.001, 0.01, 0.1])
    assert decade_ticks(0.1, 0.6) == pytest.approx([0.1, 0.2, 0.5])


def test_figures_shares_memory_and_short_times_are_written_for_people():
    assert [fine_percent(v) for v in (0, 8.1e-6, 0.0123, 0.1, 0.5)] == [
        "0%",
        "0.00081%",
        "1.2%",
        "10%",
        "50%",
    ]
    assert [one_in(v) for v in (0.5, 0.3, 0.001, 1 / 123_456, 0.0)] == [
        "2",
        "3.3",
        "1,000",
        "123,000",
        "–",
    ]
    assert (metric_text(0.61783), metric_text(None)) == ("0.618", "–")
    assert (memory(216), memory(1434)) == ("216 MiB", "1.4 GiB")
    assert (short_duration(0.21, "en"), short_duration(0.21, "zh"), short_duration(95, "en")) == (
        "0.2 s",
        "0.2 秒",
        "1 min 35 s",
    )
