"""Charts show what the data say, in the words and colours that they are given."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from app.figures.attention import attention_heatmap, attention_matrix, wrap_label
from app.figures.bars import contribution_bars, gate_bars
from app.figures.curves import FEW, course_lines
from app.figures.intervals import VersionMetrics, interval_points, version_points
from app.figures.palette import DARK, LIGHT, apply_layout, palette
from app.figures.store_statistics import (
    bin_degrees,
    count_bars,
    coverage_bars,
    degree_bars,
    launches_by_period,
    launches_over_time,
    success_over_time,
)
from app.model_quality import metric_values
from engine.results import Contribution, TaskExplanation


def task(experts=3, heads=2, tokens=4):
    attention = np.random.default_rng(7).random((experts, heads, tokens, tokens), np.float32)
    attention /= attention.sum(-1, keepdims=True)
    return TaskExplanation(
        task="items",
        score=1.0,
        probability=0.2,
        experts=["Task I 1", "Task I 2", "shared 1"][:experts],
        gate=np.array([0.5, 0.2, 0.3], np.float32)[:experts],
        tokens=["initiator", "item", "participant", "evidence"][:tokens],
        attention=attention,
        contributions=[Contribution("item", 0.4), Contribution("evidence", -0.9)],
        reasons=[],
    )


@pytest.mark.parametrize("expert", [None, 0, 2])
@pytest.mark.parametrize("head", [None, 0, 1])
def test_every_row_of_attention_sums_to_one_for_any_expert_and_head(expert, head):
    assert np.allclose(attention_matrix(task(), expert, head).sum(axis=1), 1)


def test_one_expert_and_head_are_shown_as_they_are_and_the_mean_is_their_mean():
    one = task()
    assert np.allclose(attention_matrix(one, 1, 0), one.attention[1, 0])
    assert np.allclose(attention_matrix(one, None, None), one.attention.mean((0, 1)))


def test_the_heatmap_names_every_token_and_keeps_tokens_with_one_name_apart():
    matrix = np.array([[0.9, 0.1], [0.25, 0.75]])
    figure = attention_heatmap(
        matrix, ["evidence", "evidence"], "row", "col", "{row}>{column}:{share}", LIGHT
    )
    heat = figure.data[0]
    assert np.allclose(heat.z, matrix)
    assert (
        list(figure.layout.xaxis.ticktext) == list(figure.layout.yaxis.ticktext) == ["evidence"] * 2
    )
    assert len(heat.x) == len(set(heat.x)) == 2
    assert heat.customdata[1][0] == "evidence>evidence:25.0%"
    assert [note.text for note in figure.layout.annotations] == ["90%", "10%", "25%", "75%"]


def test_a_long_column_label_is_wrapped_and_loses_nothing():
    assert wrap_label("ties to the initiator") == "ties to the<br>initiator"
    assert wrap_label("与团长的关系") == "与团长的关<br>系"
    assert wrap_label("participants") == "participants"


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_gate_bars_keep_the_models_order_and_colour_the_shared_bank(colours):
    one = task()
    figure = gate_bars("items", one.experts, one.gate, str.upper, "weight", colours)
    bars = figure.data[0]
    assert np.allclose(bars.x, one.gate)
    assert list(bars.y) == ["TASK I 1", "TASK I 2", "SHARED 1"]
    assert list(bars.marker.color) == [colours.items, colours.items, colours.shared]


def test_the_largest_effect_comes_first_and_negative_ones_have_another_colour():
    figure = contribution_bars(task().contributions, str, "lost", "items", LIGHT)
    bars = figure.data[0]
    assert list(bars.y) == ["evidence", "item"]
    assert list(bars.x) == [-0.9, 0.4]
    assert list(bars.marker.color) == [LIGHT.negative, LIGHT.items]
    low, high = figure.layout.xaxis.range
    assert low < -0.9
    assert high > 0.4


def test_a_negligible_change_has_no_sign():
    changes = [
        Contribution("item", 4.634),
        Contribution("match", -0.004),
        Contribution("circle", 0.0),
    ]
    figure = contribution_bars(changes, str, "lost", "items", LIGHT)
    assert list(figure.data[0].text) == ["+4.63", "0", "0"]


def luminance(colour):
    channels = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(("theme", "background"), [("light", "#fcfbf8"), ("dark", "#13191a")])
def test_text_and_bars_are_legible_on_the_themes_background(theme, background):
    colours = palette(theme)
    assert contrast(colours.text, background) >= 7
    assert contrast(colours.muted, background) >= 4.5
    for ink in (colours.items, colours.participants, colours.shared, colours.negative):
        assert contrast(ink, background) >= 3
    assert contrast(colours.text, colours.low) >= 4.5
    assert contrast(colours.background, colours.high) >= 4.5


def test_large_numbers_on_an_axis_are_written_out():
    drawn = apply_layout(go.Figure(go.Bar(x=[1], y=[10_000])), palette("light"), 200)
    for axis in (drawn.layout.xaxis, drawn.layout.yaxis):
        assert (axis.exponentformat, axis.separatethousands) == ("none", True)


# The charts of trainings and of two versions draw what they are given.


def test_each_loss_is_a_line_over_the_epochs():
    frame = pd.DataFrame({"items": [2.0, 1.5], "participants": [3.0, 2.0]}, index=[0.5, 1.0])
    figure = course_lines(frame, "Epoch", "Loss", LIGHT)
    assert [line.name for line in figure.data] == ["items", "participants"]
    assert list(figure.data[1].x) == [0.5, 1.0]
    assert list(figure.data[1].y) == [3.0, 2.0]
    assert figure.layout.yaxis.title.text == "Loss"


def test_many_points_are_drawn_as_a_plain_line():
    frame = pd.DataFrame({"items": range(FEW + 1)})
    assert course_lines(frame, "Epoch", "Loss", LIGHT).data[0].mode == "lines"


def test_two_versions_are_drawn_side_by_side_with_their_intervals():
    new = VersionMetrics("v2", [0.5, None], [0.4, None], [0.7, None])
    old = VersionMetrics("v1", [0.3, 0.2], [0.25, None], [0.35, None])
    figure = version_points("items", ["MRR@10", "NDCG@10"], new, old, "Value", LIGHT)
    above, below = figure.data
    assert (above.name, list(above.x), below.name, list(below.x)) == ("v2", [0.5], "v1", [0.3, 0.2])
    assert above.error_x.array == pytest.approx([0.2])
    assert above.error_x.arrayminus == pytest.approx([0.1])
    assert below.error_x.array == pytest.approx([0.05, 0.0])  # a figure without an interval
    assert above.y[0] < below.y[0]  # the new version above, on an axis that runs downwards
    assert list(figure.layout.yaxis.ticktext) == ["MRR@10", "NDCG@10"]


def test_a_diamond_marks_what_a_list_sorted_by_sales_reaches_where_known():
    figure = {"value": 0.5, "low": 0.4, "high": 0.7}
    metrics = {"items/mrr@10": figure | {"popularity": 0.3}, "items/ndcg@10": figure}
    drawn = interval_points("items", metric_values(metrics), "Value", "By sales", LIGHT)
    points, diamonds = drawn.data
    assert (list(points.y), list(points.x)) == (["MRR@10", "NDCG@10"], [0.5, 0.5])
    assert (list(diamonds.y), list(diamonds.x)) == (["MRR@10"], [0.3])
    older = interval_points("items", metric_values({"items/mrr@10": figure}), "Value", "", LIGHT)
    assert len(older.data) == 1


# The charts of what the store holds say what was counted.


NAMES = {"successful": "成团", "failed": "未成团", "open": "进行中"}


def daily(days, **counts):
    index = pd.to_datetime(days)
    zeros = [0] * len(days)
    return pd.DataFrame({state: counts.get(state, zeros) for state in NAMES}, index=index)


@pytest.mark.parametrize(
    ("last", "unit", "periods"),
    [("2025-01-10", "day", 10), ("2025-06-30", "week", 27), ("2026-12-31", "month", 24)],
)
def test_the_period_follows_the_span_of_the_logs_and_no_launch_is_lost(last, unit, periods):
    frame = daily(["2025-01-01", last], successful=[3, 4], failed=[1, 0])
    table, chosen = launches_by_period(frame)
    assert (chosen, len(table)) == (unit, periods)
    assert table.sum().to_dict() == {"successful": 7, "failed": 1, "open": 0}
    assert table.index[0] <= pd.Timestamp("2025-01-01")


def test_large_degrees_share_bins():
    spread = pd.Series([10, 5, 2, 1, 1], index=[1, 2, 7, 100, 5000])
    assert bin_degrees(spread).to_dict() == {
        "1": 10, "2": 5, "3": 0, "4": 0, "5": 0, "6–10": 2, "11–20": 0, "21–50": 0, "51–100": 1,
        "101+": 1,
    }  # fmt: skip
    assert list(bin_degrees(pd.Series([4], index=[2])).index) == ["1", "2"]
    assert bin_degrees(pd.Series([], index=pd.Index([], dtype="int64"), dtype="int64")).empty


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_launches_are_stacked_by_outcome(colours):
    frame = daily(["2025-01-01", "2025-01-02"], successful=[3, 4], failed=[1, 0])
    figure = launches_over_time(frame, "day", NAMES, "groups", colours)
    assert [bar.name for bar in figure.data] == ["成团", "未成团"]
    assert list(figure.data[0].y) == [3, 4]
    assert figure.layout.barmode == "stack"
    assert all("%{y:,}" in bar.hovertemplate for bar in figure.data)


def test_the_success_rate_counts_ended_groups_and_leaves_out_the_latest_periods():
    days = ["2025-01-01", "2025-01-02", "2025-01-03"]
    frame = daily(days, successful=[3, 0, 2], failed=[1, 0, 0], open=[0, 0, 9])
    rates = success_over_time(frame, "week", "share", LIGHT).data[0].y
    assert rates[0] == 0.75
    assert np.isnan(rates[1:]).all()


def test_bars_show_count_and_share():
    bars = count_bars(["2", "3"], [995, 1], "people", "groups", LIGHT.items, LIGHT).data[0]
    assert list(bars.y) == [995, 1]
    assert list(bars.text) == [">99%", "<1%"]
    degrees = degree_bars(pd.Series([3, 1], index=["1", "2"]), "users", LIGHT.items, LIGHT).data[0]
    assert (list(degrees.x), list(degrees.text)) == ([3, 1], ["75%", "25%"])
    known = coverage_bars(["names", "prices"], [5, 0], [10, 10], "share", LIGHT).data[0]
    assert (list(known.x), list(known.text)) == ([0.5, 0.0], ["50%", "0%"])
    assert [tuple(pair) for pair in known.customdata] == [(5, 10), (0, 10)]
