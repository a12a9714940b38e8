"""The Gates page: what is counted, once, how it is cut, what it says, and the groups behind it."""

import dataclasses
import shutil
import threading
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pandas as pd
import pytest
from demo_shops import Shop
from page_words import said

from app.experts.cases import SHOWN, fitting
from app.experts.counting import Counter
from app.experts.panels import ALL
from app.experts.slices import CATEGORIES, OTHER, UNKNOWN, slice_means, slices
from app.experts.verdicts import CLEAR, stands_out, verdicts
from app.figures.experts import (
    BINS,
    expert_colours,
    gate_spread,
    slice_bars,
    weight_shares,
)
from app.figures.palette import DARK, LIGHT, ink_on, mixed
from app.text import catalogue
from db import registry
from db.reading import data_version, read_logs
from engine.cases import PastCases, draw_cases
from engine.recommender import Recommender
from engine.shop_gates import FILE, ShopGates, count_gates, keep_gates, kept_gates


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
    cut = slices("popularity", gates, NO_CATEGORIES)
    assert cut.keys == ["1", "2-9", "10-99", "100-999", "1000+"]
    assert cut.codes.tolist() == [0, 1, 2, 3, 4]


def test_who_came_after_the_training_is_apart_from_who_is_merely_cold():
    gates = shop_gates([[1, 0]] * 4, initiator_others=[0, 0, 4, 5])
    newcomers = np.array([False, True, False, False])
    cut = slices("initiator", dataclasses.replace(gates, new_initiator=newcomers), NO_CATEGORIES)
    assert [cut.keys[code] for code in cut.codes] == ["0", "new", "1-4", "5+"]


def test_small_categories_stand_together_and_unknown_ones_apart():
    items = [f"i{k}" for k in range(CATEGORIES + 3)]
    gates = shop_gates([[1, 0]] * (2 * len(items)), items=items * 2)
    categories = pd.Series(dict(zip(items, map(str, range(len(items))), strict=True)), dtype="str")
    categories.iloc[-1] = None
    cut = slices("category", gates, categories)
    assert len(cut.keys) == CATEGORIES + 2
    assert cut.keys[-2:] == [OTHER, UNKNOWN]
    assert np.bincount(cut.codes)[-2:].tolist() == [4, 2]


def test_a_cut_into_a_single_slice_is_no_cut():
    gates = shop_gates([[1, 0]] * 3)
    assert slices("popularity", gates, NO_CATEGORIES) is None
    assert slices("category", gates, NO_CATEGORIES) is None


def test_the_mean_of_a_slice_counts_every_case_for_the_groups_that_it_stands_for():
    gates = shop_gates(
        [[1, 0], [0, 1], [0.5, 0.5]], item_groups=[1, 1, 5], stands_for=[3.0, 1.0, 2.0]
    )
    found = slice_means(slices("popularity", gates, NO_CATEGORIES), gates, "items")
    np.testing.assert_allclose(found.means, [[0.75, 0.25], [0.5, 0.5]])
    assert (found.groups.tolist(), found.cases.tolist()) == ([4, 2], [2, 1])


# Verdicts


def test_idle_and_dominating_experts_are_told_from_those_that_share_the_work():
    found = verdicts(np.array([[0.9, 0.01, 0.09]] * 10), np.ones(10))
    assert [(one.dominates, one.idle) for one in found] == [
        (True, False),
        (False, True),
        (False, False),
    ]
    assert not any(one.idle or one.dominates for one in verdicts(np.full((5, 4), 0.25), np.ones(5)))


def test_an_expert_that_is_alone_does_not_dominate():
    (only,) = verdicts(np.ones((3, 1)), np.ones(3))
    assert not only.dominates
    assert only.leads == 1


def test_the_lead_is_a_share_of_the_shops_groups_and_not_of_the_cases():
    found = verdicts(np.array([[0.9, 0.1], [0.2, 0.8]]), np.array([1.0, 3.0]))
    assert [one.leads for one in found] == [0.25, 0.75]


def test_a_slice_stands_out_only_with_cases_enough_to_say_so():
    weights = [[0.9, 0.1]] * CLEAR + [[0.1, 0.9]] * (CLEAR - 1)
    gates = shop_gates(weights, item_groups=[1] * CLEAR + [50] * (CLEAR - 1))
    found = slice_means(slices("popularity", gates, NO_CATEGORIES), gates, "items")
    (told,) = stands_out(found, np.array([0.5, 0.5]))
    assert (told.expert, told.slice) == (0, 0)
    assert told.there == pytest.approx(0.9)


# Figures


def test_shares_of_a_row_sum_to_one_and_a_weight_of_one_is_in_the_last_bar():
    shares = weight_shares(np.array([[1.0, 0.0], [0.5, 0.5]]), np.array([1.0, 3.0]))
    np.testing.assert_allclose(shares.sum(1), 1)
    assert shares[0, BINS - 1] == 0.25


def test_a_bar_says_which_expert_and_range_it_is():
    figure = gate_spread(
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


def test_a_part_of_a_slice_says_where_it_belongs_and_small_numbers_are_left_out():
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


def test_experts_of_a_bank_share_a_colour_and_none_is_like_another():
    experts = ["shared 1", "shared 2", "Task I 1", "Task I 2", "Task I 3"]
    inks = expert_colours("items", experts, LIGHT)
    assert inks[0] == LIGHT.shared
    assert inks[2] == LIGHT.items
    assert len(set(inks)) == len(experts)


def test_letters_take_the_ink_that_stands_out():
    assert ink_on("#000000", LIGHT) == LIGHT.background
    assert ink_on("#ffffff", LIGHT) == LIGHT.text
    assert mixed("#000000", "#ffffff", 0.5) == "#808080"


# Cases


def test_the_cases_of_a_slice_come_with_the_heaviest_first():
    gates = shop_gates([[0.2, 0.8], [0.9, 0.1], [0.5, 0.5]], item_groups=[1, 1, 50])
    cut = slices("popularity", gates, NO_CATEGORIES)
    weights = gates.weights["items"][:, 0]
    assert fitting(cut, ALL, weights, 0, 1).tolist() == [1, 2, 0]
    assert fitting(cut, "1", weights, 0, 1).tolist() == [1, 0]
    assert fitting(cut, "1000+", weights, 0, 1).tolist() == [1, 2, 0]
    assert fitting(None, ALL, weights, 0.2, 0.5).tolist() == [0]


# Counting


@pytest.fixture
def copied(trained, tmp_path):
    """A trained shop of one's own, whose gates were not counted yet."""
    shutil.copytree(Path(trained.models).parent, tmp_path / "copy")
    for file in (tmp_path / "copy").rglob(FILE):
        file.unlink()
    return Shop(f"sqlite:///{tmp_path / 'copy' / 'shop.db'}", str(tmp_path / "copy" / "models"))


@pytest.fixture
def counted(monkeypatch):
    """How often gates were counted."""
    from app.experts import counting

    times = []

    def counting_once(*arguments):
        times.append(threading.current_thread().name)
        return count_gates(*arguments)

    monkeypatch.setattr(counting, "count_gates", counting_once)
    return times


def ask(counter, shop, recommender=None):
    store = shop.store()
    models = Path(shop.models)
    version = next(
        folder.name for folder in models.iterdir() if (folder / "manifest.json").exists()
    )
    return counter.ask(store, models, version, data_version(store), recommender)


def test_sessions_that_ask_at_once_wait_for_one_count(copied, counted):
    counter = Counter()
    asked = [ask(counter, copied) for _ in range(3)]
    assert all(count is asked[0] for count in asked)
    assert asked[0].done.wait(60)
    assert len(counted) == 1
    assert asked[0].share == 1


def test_two_servers_that_count_at_once_leave_a_whole_file(copied):
    asked = [ask(Counter(), copied) for _ in range(2)]
    assert all(count.done.wait(60) for count in asked)
    assert [path.name for path in Path(copied.models).glob("*/.gates*")] == []
    folder = next(Path(copied.models).glob(f"*/{FILE}")).parent
    kept = kept_gates(folder, data_version(copied.store()))
    for task, weights in asked[0].gates.weights.items():
        np.testing.assert_array_equal(kept.weights[task], weights)


def test_what_was_kept_is_not_counted_again_until_the_logs_change(copied, counted, tmp_path):
    assert ask(Counter(), copied).done.wait(60)
    again = ask(Counter(), copied)
    assert again.done.is_set()
    assert len(counted) == 1
    (tmp_path / "new.csv").write_text("initiator,item,participants\nnew-1,P2001,new-2\n")
    copied.command("db", "import", str(tmp_path / "new.csv"))
    later = ask(Counter(), copied)
    assert later.done.wait(60)
    assert len(counted) == 2
    assert len(later.gates.cases) == len(again.gates.cases) + 1
    assert later.gates.cases.initiators[later.gates.new_initiator].tolist() == ["new-1"]


def test_a_count_that_cannot_be_written_is_shown_all_the_same(copied, monkeypatch):
    from app.experts import counting

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(counting, "keep_gates", full)
    count = ask(Counter(), copied)
    assert count.done.wait(60)
    assert count.unkept == "No space left on device"
    assert len(count.gates.cases) > 0


def test_a_count_that_fails_says_why_and_is_tried_again(copied):
    graph = next(Path(copied.models).glob("*/items.onnx"))
    whole = graph.read_bytes()
    graph.write_bytes(whole[:-100])
    counter = Counter()
    failed = ask(counter, copied)
    assert failed.done.wait(60)
    assert "cut off" in failed.trouble
    graph.write_bytes(whole)
    again = ask(counter, copied)
    assert again.done.wait(60)
    assert again.trouble == ""


# The page


def test_both_tasks_stand_side_by_side_over_the_whole_shop(visit, trained):
    test = visit(trained, "gates")
    store = trained.store()
    cases = draw_cases(read_logs(store))
    assert f"all {len(cases):,} successful groups" in said(test)
    assert len(test.get("plotly_chart")) == 4  # the spread and the slices of each task


def test_a_slice_shows_its_groups_with_a_way_to_explain_each(visit, trained):
    test = visit(trained, "gates")
    test.segmented_control(key="gates-dimension").set_value("category").run()
    category = test.selectbox(key="cases-slice-category").options[1]
    test.selectbox(key="cases-slice-category").set_value(category).run()
    table = test.dataframe[0].value
    assert 0 < len(table) <= SHOWN
    model = Recommender.open(trained.store(), models=Path(trained.models))
    asked = parse_qs(urlsplit(table["why"].iloc[0]).query)
    ids = [asked[name][0] for name in ("initiator", "item", "participant")]
    gate = model.explain(*ids).tasks[0].gate
    experts = model.experts["items"]
    np.testing.assert_allclose(table[experts].iloc[0].to_numpy(float), 100 * gate, atol=0.02)
    assert asked["model"] == [model.version]


def test_a_range_that_no_group_fits_says_so(visit, trained):
    test = visit(trained, "gates")
    expert = test.selectbox(key=next(s.key for s in test.selectbox if "expert" in str(s.key)))
    expert.set_value("shared 1").run()
    test.slider(key="cases-range").set_value((95, 100)).run()
    assert catalogue("en")["gates.cases.none"] in said(test)


def with_more_experts(shop):
    """Another ready version, whose gates were counted, with six experts in each task instead of four."""
    store, models = shop.store(), Path(shop.models)
    serving = registry.serving(store)
    other = models / "other"
    shutil.copytree(models / serving.version, other)
    gates = count_gates(Recommender.open(store, models=models), read_logs(store))
    wider = {task: [*names, "shared 8", "shared 9"] for task, names in gates.experts.items()}
    weights = {task: np.pad(found, ((0, 0), (0, 2))) for task, found in gates.weights.items()}
    keep_gates(
        other, data_version(store), dataclasses.replace(gates, experts=wider, weights=weights)
    )
    registry.record_ready(store, "other", "demo", serving.data_version, {})
    return serving.version


def test_two_versions_of_different_numbers_of_experts_stand_side_by_side(visit, copied):
    serving = with_more_experts(copied)
    test = visit(copied, "gates")
    test.selectbox(key="gates-beside").set_value("other").run()
    assert len(test.get("plotly_chart")) == 4
    columns = {}
    for version in (serving, "other"):
        test.segmented_control(key="cases-panel").set_value(f"items-{version}").run()
        columns[version] = len(test.dataframe[0].value.columns)
    assert columns == {serving: 4 + 4, "other": 4 + 6}
    assert catalogue("en")["expert.shared"].format(number=9) in said(test)
