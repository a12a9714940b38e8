"""The page Gates: what is counted, once, and what it shows."""

import dataclasses
import shutil
import threading
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from page_words import said
from recorded_versions import record_version
from whole_shop import shop_in

from app.experts.cases import SHOWN
from app.experts.gate_counts import GateCounter
from app.text import catalogue
from db.messages import Term
from db.models import registry
from db.read_logs import data_version, read_logs
from engine.bundle.files import GATES
from engine.gates import count_gates, draw_cases, load_gates, save_gates
from engine.recommender import Recommender

# Counting


@pytest.fixture
def copied(trained, tmp_path):
    """A trained shop of one's own, whose gates were not counted yet."""
    shutil.copytree(trained.models.parent, tmp_path / "copy")
    for file in (tmp_path / "copy").rglob(GATES):
        file.unlink()
    return shop_in(tmp_path / "copy")


@pytest.fixture
def counted(monkeypatch):
    """How often gates were counted."""
    from app.experts import gate_counts

    times = []

    def counting_once(*arguments):
        times.append(threading.current_thread().name)
        return count_gates(*arguments)

    monkeypatch.setattr(gate_counts, "count_gates", counting_once)
    return times


def ask(counter, shop, recommender=None):
    store = shop.store()
    models = shop.models
    version = next(
        folder.name for folder in models.iterdir() if (folder / "manifest.json").exists()
    )
    return counter.request(store, models, version, data_version(store), recommender)


def test_sessions_that_ask_at_once_share_one_count(copied, counted):
    counter = GateCounter()
    asked = [ask(counter, copied) for _ in range(3)]
    assert all(count is asked[0] for count in asked)
    assert asked[0].done.wait(60)
    assert len(counted) == 1
    assert asked[0].share == 1


def test_two_servers_that_count_at_once_leave_a_valid_file(copied):
    asked = [ask(GateCounter(), copied) for _ in range(2)]
    assert all(count.done.wait(60) for count in asked)
    assert [path.name for path in copied.models.glob("*/.gates*")] == []
    folder = next(copied.models.glob(f"*/{GATES}")).parent
    kept = load_gates(folder, data_version(copied.store()))
    for task, weights in asked[0].gates.weights.items():
        np.testing.assert_array_equal(kept.weights[task], weights)


def test_a_saved_count_is_used_until_the_logs_change(copied, counted, tmp_path):
    assert ask(GateCounter(), copied).done.wait(60)
    again = ask(GateCounter(), copied)
    assert again.done.is_set()
    assert len(counted) == 1
    (tmp_path / "new.csv").write_text("initiator,item,participants\nnew-1,P2001,new-2\n")
    copied.import_file(tmp_path / "new.csv")
    later = ask(GateCounter(), copied)
    assert later.done.wait(60)
    assert len(counted) == 2
    assert len(later.gates.cases) == len(again.gates.cases) + 1
    assert later.gates.cases.initiators[later.gates.new_initiator].tolist() == ["new-1"]


def test_a_count_that_cannot_be_saved_is_shown_anyway(copied, monkeypatch):
    from app.experts import gate_counts

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(gate_counts, "save_gates", full)
    count = ask(GateCounter(), copied)
    assert count.done.wait(60)
    assert count.save_error == Term("system", "No space left on device", "28")
    assert len(count.gates.cases) > 0


def test_a_count_that_fails_says_why_and_is_tried_again(copied):
    graph = next(copied.models.glob("*/items.onnx"))
    whole = graph.read_bytes()
    graph.write_bytes(whole[:-100])
    counter = GateCounter()
    failed = ask(counter, copied)
    assert failed.done.wait(60)
    assert failed.error.key == "engine.bundle.file_truncated"
    graph.write_bytes(whole)
    again = ask(counter, copied)
    assert again.done.wait(60)
    assert again.error is None


# The page


def test_both_tasks_are_drawn_side_by_side_over_the_whole_shop(visit, trained):
    test = visit(trained, "gates")
    store = trained.store()
    cases, _ = draw_cases(read_logs(store))
    assert f"all {len(cases):,} successful groups" in said(test)
    assert len(test.get("plotly_chart")) == 4  # the spread and the slices of each task


def test_a_slice_shows_its_groups_with_a_link_to_explain_each(visit, trained):
    test = visit(trained, "gates")
    test.segmented_control(key="gates-dimension").set_value("category").run()
    category = test.selectbox(key="cases-slice-category").options[1]
    test.selectbox(key="cases-slice-category").set_value(category).run()
    table = test.dataframe[0].value
    assert 0 < len(table) <= SHOWN
    store = trained.store()
    model = Recommender.open(store, models=trained.models)
    asked = parse_qs(urlsplit(table["why"].iloc[0]).query)
    assert asked["model"] == [model.version]
    gates = load_gates(trained.models / model.version, data_version(store))
    cases = zip(gates.cases.initiators, gates.cases.items, gates.cases.participants, strict=True)
    place = list(cases).index(
        tuple(asked[name][0] for name in ("initiator", "item", "participant"))
    )
    shown = table[model.experts["items"]].iloc[0].to_numpy(float)
    np.testing.assert_allclose(shown, 100 * gates.weights["items"][place], atol=0.02)
    assert catalogue("en")["gates.before"] in said(test)


def test_a_range_without_groups_says_so(visit, trained):
    test = visit(trained, "gates")
    expert = test.selectbox(key=next(s.key for s in test.selectbox if "expert" in str(s.key)))
    expert.set_value("shared 1").run()
    test.slider(key="cases-range").set_value((95, 100)).run()
    assert catalogue("en")["gates.cases.none"] in said(test)


def with_more_experts(shop):
    """Another ready version, with six experts in each task instead of four; the gates of both were counted."""
    store, models = shop.store(), shop.models
    serving = registry.serving(store)
    other = models / "other"
    shutil.copytree(models / serving.version, other)
    gates = count_gates(Recommender.open(store, models=models), read_logs(store))
    save_gates(models / serving.version, data_version(store), gates)
    wider = {task: [*names, "shared 8", "shared 9"] for task, names in gates.experts.items()}
    weights = {task: np.pad(found, ((0, 0), (0, 2))) for task, found in gates.weights.items()}
    save_gates(
        other, data_version(store), dataclasses.replace(gates, experts=wider, weights=weights)
    )
    record_version(store, "other", serving.data_version)
    return serving.version


def test_two_versions_with_different_numbers_of_experts_are_drawn_side_by_side(visit, copied):
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
