"""Charts say what the records say, in the words and colours that they are given."""

import numpy as np
import plotly.graph_objects as go
import pytest

from app.figures.attention import attention_heatmap, attention_matrix, wrap_label
from app.figures.bars import contribution_bars, filling_bars, gate_bars
from app.figures.palette import DARK, LIGHT, apply_layout, palette
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


def test_one_expert_and_head_are_shown_untouched_and_the_mean_is_their_mean():
    one = task()
    assert np.allclose(attention_matrix(one, 1, 0), one.attention[1, 0])
    assert np.allclose(attention_matrix(one, None, None), one.attention.mean((0, 1)))


def test_the_heatmap_names_every_token_and_keeps_tokens_of_one_name_apart():
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


def test_a_long_name_under_a_column_stands_in_short_lines_and_loses_nothing():
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


def test_the_largest_loss_stands_first_and_what_speaks_against_is_of_another_colour():
    figure = contribution_bars(task().contributions, str, "lost", "items", LIGHT)
    bars = figure.data[0]
    assert list(bars.y) == ["evidence", "item"]
    assert list(bars.x) == [-0.9, 0.4]
    assert list(bars.marker.color) == [LIGHT.negative, LIGHT.items]
    low, high = figure.layout.xaxis.range
    assert low < -0.9
    assert high > 0.4


def test_an_input_that_changes_next_to_nothing_says_so_without_a_sign():
    changes = [
        Contribution("item", 4.634),
        Contribution("match", -0.004),
        Contribution("circle", 0.0),
    ]
    figure = contribution_bars(changes, str, "lost", "items", LIGHT)
    assert list(figure.data[0].text) == ["+4.63", "0", "0"]


def test_the_items_own_minimum_stands_out_among_the_sizes():
    figure = filling_bars([0.9, 0.5, 0.1], 3, "people", "chance", LIGHT)
    bars = figure.data[0]
    assert list(bars.x) == ["2", "3", "4"]
    assert list(bars.marker.color) == [LIGHT.shared, LIGHT.participants, LIGHT.shared]


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
