"""Slices of hand-made gates: how they are cut, described and drawn, and the cases of a slice."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from app.experts.cases import matching_cases
from app.experts.panels import ALL
from app.experts.slices import (
    CATEGORIES,
    MIN_CASES,
    OTHER,
    UNKNOWN,
    cut_into_slices,
    find_standouts,
    judge_experts,
    slice_means,
)
from app.figures.experts import BINS, expert_colours, gate_histograms, slice_bars, weight_shares
from app.figures.palette import DARK, LIGHT, legible_ink, mix_colours
from engine.gates import PastCases, ShopGates


def shop_gates(weights, items=None, item_groups=None, initiator_others=None, stands_for=None):
    """Gates of one task that are written down by hand."""
    size = len(weights)
    names = np.array(items if items is not None else [f"i{k}" for k in range(size)])
    return ShopGates(
        PastCases(
            initiators=np.array([f"u{k}" for k in range(size)]),
            items=names,
            participants=np.array([f"p{k}" for k in range(size)]),
            item_groups=np.array(item_groups or [1] * size),
            initiator_others=np.array(initiator_others or [0] * size),
            participant_others=np.zeros(size, int),
            stands_for=np.array(stands_for or [1.0] * size, float),
        ),
        np.zeros(size, bool),
        np.zeros(size, bool),
        {"items": [f"Task I {k + 1}" for k in range(len(weights[0]))]},
        {"items": np.array(weights, np.float32)},
    )


NO_CATEGORIES = pd.Series(dtype="str")


# Slices


def test_groups_are_cut_by_the_popularity_of_their_items():
    gates = shop_gates([[1, 0]] * 5, item_groups=[1, 9, 10, 999, 1000])
    cut = cut_into_slices("popularity", gates, NO_CATEGORIES)
    assert cut.keys == ["1", "2-9", "10-99", "100-999", "1000+"]
    assert cut.codes.tolist() == [0, 1, 2, 3, 4]


def test_new_since_the_training_and_cold_are_different_slices():
    gates = shop_gates([[1, 0]] * 4, initiator_others=[0, 0, 4, 5])
    newcomers = np.array([False, True, False, False])
    cut = cut_into_slices(
        "initiator", dataclasses.replace(gates, new_initiator=newcomers), NO_CATEGORIES
    )
    assert [cut.keys[code] for code in cut.codes] == ["0", "new", "1-4", "5+"]


def test_small_categories_share_a_slice_and_unknown_ones_have_their_own():
    items = [f"i{k}" for k in range(CATEGORIES + 3)]
    gates = shop_gates([[1, 0]] * (2 * len(items)), items=items * 2)
    categories = pd.Series(dict(zip(items, map(str, range(len(items))), strict=True)), dtype="str")
    categories.iloc[-1] = None
    cut = cut_into_slices("category", gates, categories)
    assert len(cut.keys) == CATEGORIES + 2
    assert cut.keys[-2:] == [OTHER, UNKNOWN]
    assert np.bincount(cut.codes)[-2:].tolist() == [4, 2]


def test_a_cut_into_a_single_slice_is_left_out():
    gates = shop_gates([[1, 0]] * 3)
    assert cut_into_slices("popularity", gates, NO_CATEGORIES) is None
    assert cut_into_slices("category", gates, NO_CATEGORIES) is None


def test_the_mean_of_a_slice_weighs_every_case_by_the_groups_that_it_stands_for():
    gates = shop_gates(
        [[1, 0], [0, 1], [0.5, 0.5]], item_groups=[1, 1, 5], stands_for=[3.0, 1.0, 2.0]
    )
    found = slice_means(cut_into_slices("popularity", gates, NO_CATEGORIES), gates, "items")
    np.testing.assert_allclose(found.means, [[0.75, 0.25], [0.5, 0.5]])
    assert (found.groups.tolist(), found.cases.tolist()) == ([4, 2], [2, 1])


# Verdicts


def test_idle_and_dominating_experts_are_recognised():
    found = judge_experts(np.array([[0.9, 0.01, 0.09]] * 10), np.ones(10))
    assert [(one.dominates, one.idle) for one in found] == [
        (True, False),
        (False, True),
        (False, False),
    ]
    assert not any(
        one.idle or one.dominates for one in judge_experts(np.full((5, 4), 0.25), np.ones(5))
    )


def test_a_single_expert_does_not_dominate():
    (only,) = judge_experts(np.ones((3, 1)), np.ones(3))
    assert not only.dominates
    assert only.leads == 1


def test_the_lead_is_a_share_of_the_shops_groups_not_of_the_cases():
    found = judge_experts(np.array([[0.9, 0.1], [0.2, 0.8]]), np.array([1.0, 3.0]))
    assert [one.leads for one in found] == [0.25, 0.75]


def test_a_slice_stands_out_only_with_enough_cases():
    weights = [[0.9, 0.1]] * MIN_CASES + [[0.1, 0.9]] * (MIN_CASES - 1)
    gates = shop_gates(weights, item_groups=[1] * MIN_CASES + [50] * (MIN_CASES - 1))
    found = slice_means(cut_into_slices("popularity", gates, NO_CATEGORIES), gates, "items")
    (told,) = find_standouts(found, np.array([0.5, 0.5]))
    assert (told.expert, told.slice) == (0, 0)
    assert told.there == pytest.approx(0.9)


# Figures


def test_shares_of_a_row_sum_to_one_and_a_weight_of_one_is_in_the_last_bar():
    shares = weight_shares(np.array([[1.0, 0.0], [0.5, 0.5]]), np.array([1.0, 3.0]))
    np.testing.assert_allclose(shares.sum(1), 1)
    assert shares[0, BINS - 1] == 0.25


def test_a_bar_carries_its_expert_and_range():
    figure = gate_histograms(
        "items",
        ["Task I 1", "shared 1"],
        ["one", "two"],
        np.array([[0.72, 0.28]]),
        np.ones(1),
        "weight",
        "{low} {high} {share}",
        LIGHT,
    )
    bars = [trace for trace in figure.data if trace.type == "bar"]
    assert bars[1].customdata[5] == [1, pytest.approx(0.25), pytest.approx(0.3)]
    assert bars[1].hovertext[5] == "25% 30% 100.0%"
    assert [note.text for note in figure.layout.annotations] == ["one", "two"]


def test_a_part_of_a_slice_carries_its_slice_and_expert_and_small_numbers_are_left_out():
    figure = slice_bars(
        "participants",
        ["shared 1", "Task II 1"],
        ["a", "b"],
        ["cold", "warm"],
        np.array([[0.97, 0.03], [0.4, 0.6]]),
        "mean",
        DARK,
    )
    assert figure.data[1].customdata[1] == [1, 1]
    assert [list(bar.text) for bar in figure.data] == [["97%", "40%"], ["", "60%"]]


def test_experts_of_a_bank_share_a_hue_and_each_has_its_own_shade():
    experts = ["shared 1", "shared 2", "Task I 1", "Task I 2", "Task I 3"]
    inks = expert_colours("items", experts, LIGHT)
    assert inks[0] == LIGHT.shared
    assert inks[2] == LIGHT.items
    assert len(set(inks)) == len(experts)


def test_text_takes_the_colour_with_more_contrast():
    assert legible_ink("#000000", LIGHT) == LIGHT.background
    assert legible_ink("#ffffff", LIGHT) == LIGHT.text
    assert mix_colours("#000000", "#ffffff", 0.5) == "#808080"


# Cases


def test_the_cases_of_a_slice_come_heaviest_first():
    gates = shop_gates([[0.2, 0.8], [0.9, 0.1], [0.5, 0.5]], item_groups=[1, 1, 50])
    cut = cut_into_slices("popularity", gates, NO_CATEGORIES)
    weights = gates.weights["items"][:, 0]
    assert matching_cases(cut, ALL, weights, 0, 1).tolist() == [1, 2, 0]
    assert matching_cases(cut, "1", weights, 0, 1).tolist() == [1, 0]
    assert matching_cases(cut, "1000+", weights, 0, 1).tolist() == [1, 2, 0]
    assert matching_cases(None, ALL, weights, 0.2, 0.5).tolist() == [0]
