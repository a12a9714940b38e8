"""What the pages show and do, with a real shop and a trained model."""

import json
import subprocess
import sys
from datetime import datetime

import pytest
from page_words import english, said
from whole_shop import ENTRY, ROOT, Shop

from app.text import catalogue
from app.text.numbers import day, percent, whole_percent
from app.text.reasons import reason_text
from db.jobs import queue as jobs
from db.jobs.queue import TrainingStatus, TrainingTask
from db.queries import entities
from engine.recommender import Recommender
from engine.track_record import read_track_records


def button(test, label):
    found = [entry for entry in test.button if label in entry.label.replace("\\", "")]
    assert found, f"no button {label!r} among {[entry.label for entry in test.button]}"
    return found[0]


@pytest.fixture(scope="module")
def store(trained):
    return trained.store()


@pytest.fixture(scope="module")
def model(store, trained):
    return Recommender.open(store, models=trained.models)


@pytest.fixture(scope="module")
def initiator(store):
    return entities.recent_initiators(store, 1)[0]


# The states before there is anything to recommend


@pytest.mark.parametrize("page", ["recommend", "why", "gates", "evaluation"])
def test_every_page_of_an_empty_store_offers_the_demo_shop_or_an_upload(visit, bare, page):
    test = visit(bare, page)
    assert english("welcome.title") in said(test)
    assert button(test, english("welcome.demo.button"))
    button(test, english("welcome.own.button")).click().run()
    assert english("data.upload.what", megabytes=200) in said(test)


def test_the_data_and_retrain_pages_of_an_empty_store_say_what_to_do_next(visit, bare):
    test = visit(bare, "data")
    test.session_state["section"] = english("data.history")
    assert english("data.history.none.next") in said(test.run())
    retrain = said(visit(bare, "retrain"))
    assert english("retrain.no_data.next") in retrain
    assert english("retrain.versions.none.next") in retrain


def test_logs_without_a_model_offer_the_first_training(visit, stocked):
    test = visit(stocked)
    assert english("first.title") in said(test)
    assert button(test, english("first.button"))


def test_a_store_that_cannot_be_opened_ends_in_a_sentence_on_every_page(visit, tmp_path):
    (tmp_path / "store.db").mkdir()
    shop = Shop(f"sqlite:///{tmp_path / 'store.db'}", tmp_path)
    for page in ("recommend", "data"):
        text = said(visit(shop, page))
        assert english("store.trouble") in text
        assert "is a folder" in text
        assert "Traceback" not in text


def test_a_model_whose_files_are_damaged_is_refused_with_a_sentence(visit, copied):
    graph = next(copied.models.glob("*/items.onnx"))
    graph.write_bytes(graph.read_bytes()[:-100])
    text = said(visit(copied))
    assert english("model.trouble") in text


# Recommend


def test_an_initiator_is_found_by_name_id_and_part_of_a_name(visit, trained, initiator):
    for text in (initiator.name, initiator.id, initiator.name[:-1]):
        test = visit(trained)
        test.text_input(key="search").set_value(text).run()
        pills = test.button_group(key="found")
        assert initiator.name in " ".join(pills.options)
        pills.set_value(initiator.id).run()
        assert test.query_params["initiator"] == initiator.id
        assert initiator.name in said(test)


def test_a_search_that_finds_nobody_says_so_and_what_to_try(visit, trained):
    test = visit(trained)
    test.text_input(key="search").set_value("*no*body*").run()
    assert english("search.none", text="*no*body*") in said(test)


def test_the_list_is_the_engines_in_its_order_with_its_reasons(
    visit, trained, model, initiator, monkeypatch
):
    monkeypatch.setattr("app.text.reasons.language", lambda: "en")
    test = visit(trained, initiator=initiator.id)
    ranking = model.rank_items(initiator.id, top=20)
    labels = [b.label.replace("\\", "") for b in test.button if str(b.key).startswith("item-")]
    assert labels == [f"{result.rank}. {result.name}" for result in ranking.results]
    text = said(test)
    for result in ranking.results:
        for reason in result.reasons:
            assert reason_text(reason) in text


def test_choosing_an_item_shows_who_would_join_and_how_its_groups_have_gone(
    visit, trained, model, initiator
):
    test = visit(trained, initiator=initiator.id)
    item = model.rank_items(initiator.id, top=20).results[1]
    test.button(key=f"item-{item.id}").click().run()
    assert test.query_params["item"] == item.id
    text = said(test)
    assert english("participants.title", item=item.name) in text
    people = model.rank_participants(initiator.id, item.id, top=20).results
    assert [b.key for b in test.button if str(b.key).startswith("participant-")] == [
        f"participant-{person.id}" for person in people
    ]
    assert english("share.participants.lead") in text
    record = read_track_records(trained.store()).of(item.id)
    figures = {metric.label: metric.value for metric in test.metric}
    assert figures[english("track_record.label")] == whole_percent(record.rate)
    counts = {"successes": record.successes, "closed": record.closed}
    assert figures[english("track_record.succeeded")] == english("track_record.of", **counts)
    assert english("track_record.note") in text


def test_a_percentage_in_a_list_says_what_it_is_a_share_of(visit, trained, model, initiator):
    items = model.rank_items(initiator.id, top=20).results
    people = model.rank_participants(initiator.id, items[0].id, top=20).results
    test = visit(trained, initiator=initiator.id, item=items[0].id)
    assert english("share.items.lead") in said(test)
    assert [bar.proto.text for bar in test.get("progress")] == [
        *(english("share.items", share=percent(one.probability)) for one in items),
        *(english("share.participants", share=percent(one.probability)) for one in people),
    ]


def test_a_link_reopens_the_view_with_the_model_that_made_it(visit, trained, model, initiator):
    item = model.rank_items(initiator.id, top=20).results[0]
    test = visit(trained, initiator=initiator.id, item=item.id, model=model.version)
    assert english("participants.title", item=item.name) in said(test)
    assert test.query_params["model"] == model.version


def test_a_selection_stays_with_its_item_when_a_filter_changes_the_rows(
    visit, trained, model, initiator
):
    item = model.rank_items(initiator.id, top=20).results[4]
    test = visit(trained, initiator=initiator.id, item=item.id)
    category = entities.item_frame(trained.store()).loc[item.id, "category"]
    test.multiselect(key="categories").set_value([category]).run()
    keys = [b.key for b in test.button if str(b.key).startswith("item-")]
    assert keys.index(f"item-{item.id}") < 4
    assert test.query_params["item"] == item.id
    other = next(c for c in entities.item_frame(trained.store())["category"] if c != category)
    test.multiselect(key="categories").set_value([other]).run()
    assert f"item-{item.id}" not in [b.key for b in test.button]
    assert english("participants.title", item=item.name) in said(test)


def test_filters_that_nothing_passes_say_how_to_widen_them(visit, trained, initiator):
    test = visit(trained, initiator=initiator.id)
    test.select_slider(key="least").set_value(0.5).run()
    assert english("items.none.next") in said(test)


def test_links_to_what_is_not_in_the_store_say_so(visit, trained, model, initiator):
    assert english("initiator.unknown") in said(visit(trained, initiator="nobody"))
    assert english("item.unknown") in said(visit(trained, initiator=initiator.id, item="nothing"))
    test = visit(trained, initiator=initiator.id, model="never-trained")
    assert english("model.trouble") in said(test)
    button(test, english("model.use_serving")).click().run()
    assert test.query_params["model"] == model.version
    assert initiator.name in said(test)


def test_a_user_new_since_the_training_is_marked(visit, copied, tmp_path):
    logs = tmp_path / "new.csv"
    logs.write_text("团长,商品,团员\nnew-1,P2001,new-2\n", encoding="utf-8")
    copied.command("db", "import", str(logs))
    test = visit(copied, initiator="new-1")
    assert f":gray-badge[{english('new_to_model')}]" in said(test)
    assert english("new_to_model.help") in said(test)


def test_names_from_uploaded_files_are_never_rendered_as_markdown(visit, copied, tmp_path):
    logs = tmp_path / "odd.csv"
    logs.write_text("initiator,initiator_name,item,participants\nx-1,**bo:red[ld]**,P2001,x-2\n")
    copied.command("db", "import", str(logs))
    test = visit(copied, initiator="x-1")
    heading = next(str(m.value) for m in test.markdown if "ld" in str(m.value))
    assert "\\*\\*bo\\:red\\[ld\\]\\*\\*" in heading


# Why

HEATMAP = 3  # after the gates of both tasks, and what the item's score loses


def test_why_shows_gates_contributions_and_attention_of_both_tasks_and_past_groups(
    visit, trained, model, initiator
):
    item = model.rank_items(initiator.id, top=1).results[0]
    person = model.rank_participants(initiator.id, item.id, top=1).results[0]
    test = visit(trained, "why", initiator=initiator.id, item=item.id)
    text = said(test)
    explanation = model.explain(initiator.id, item.id, person.id)
    told = next(line for line in text.split("\n") if line.startswith("### Have "))
    for name in (initiator.name, item.name, person.name):
        assert name in told
    assert f"1 of {explanation.tasks[0].candidates:,}" in [metric.value for metric in test.metric]
    assert english("why.attention.no_proof") in text
    assert len(test.get("plotly_chart")) == 6
    assert test.selectbox(key="explained").value == person.id
    heads = explanation.tasks[0].attention.shape[1]
    assert len(test.selectbox(key="head-items").options) == 1 + heads
    assert len(test.table[0].value) == len(explanation.past_groups) > 0


def test_another_expert_and_head_draw_another_heatmap(visit, trained, model, initiator):
    item = model.rank_items(initiator.id, top=1).results[0]
    test = visit(trained, "why", initiator=initiator.id, item=item.id)
    before = test.get("plotly_chart")[HEATMAP].proto.spec
    test.selectbox(key="expert-items").set_value(0).run()
    test.selectbox(key="head-items").set_value(1).run()
    assert test.get("plotly_chart")[HEATMAP].proto.spec != before


def test_why_without_a_selection_leads_to_recommend(visit, trained):
    assert english("why.nothing.next") in said(visit(trained, "why"))


def test_every_token_and_expert_of_the_model_has_a_name_in_both_languages(model):
    for task in model.manifest.tasks.values():
        for token in task.tokens:
            assert f"token.{token}" in catalogue("en")
        assert all(f"expert.{name.rpartition(' ')[0]}" in catalogue("en") for name in task.experts)


def test_the_pages_speak_chinese(visit, trained, model, initiator):
    item = model.rank_items(initiator.id, top=1).results[0]
    test = visit(trained, "why", initiator=initiator.id, item=item.id, lang="zh")
    text = said(test)
    assert catalogue("zh")["why.attention.no_proof"] in text
    assert english("why.attention.no_proof") not in text
    assert explanationless(text)


def explanationless(text):
    """Whether no English sentence of the engine is left."""
    return "She " not in text and "Goes with" not in text and " ranks " not in text


# The other pages


def test_gates_and_evaluation_show_the_serving_model(visit, trained, model):
    assert len(visit(trained, "gates").get("plotly_chart")) == 4  # spread and slices of two tasks
    test = visit(trained, "evaluation")
    assert len(test.get("plotly_chart")) == 4  # figures and reliability of each task
    manifest = model.manifest
    parts = sum(len(metrics) for metrics in manifest.metrics_by_part.values())
    assert len(test.dataframe[0].value) == len(manifest.metrics) + parts
    year = manifest.validated_from[:4]  # the demo shop's launches have times
    assert any(year in caption.value for caption in test.caption)


def test_what_a_model_reaches_without_new_logs_is_shown_beside_what_it_reaches_with_them(
    visit, trained, model
):
    daily = model.manifest.metrics["items/mrr@10"]["value"]
    alone = model.manifest.metrics_by_part["nothing_later"]["items/mrr@10"]["value"]
    table = visit(trained, "evaluation").table[0].value
    assert list(table[english("ways.logs")]) == [
        english("ways.daily"),
        english("ways.nothing_later"),
    ]
    for cell, value in zip(table["Items MRR@10"], (daily, alone), strict=True):
        assert cell.replace("\\", "").startswith(f"{value:.3f} [")
    versions = visit(trained, "retrain").dataframe[0].value
    assert versions["Items MRR@10"][0] == f"{daily:.3f}"
    assert versions[english("versions.nothing_later")][0].startswith(f"{alone:.3f}")
    rows = visit(trained, "about").table[-1].value.values.tolist()
    about = {what.replace("\\", ""): value.replace("\\", "") for what, value in rows}
    label = english(
        "about.model.metric.nothing_later", task=english("evaluation.items"), metric="MRR@10"
    )
    assert about[label].startswith(f"{alone:.3f} [")


def test_a_model_of_before_that_knows_no_time_is_shown_as_it_was_measured(visit, copied, model):
    path = copied.models / model.version / "manifest.json"
    manifest = json.loads(path.read_text())
    del manifest["metrics_by_part"]["nothing_later"]
    path.write_text(json.dumps(manifest))
    test = visit(copied, "evaluation")
    assert english("ways.title") not in said(test)
    since = day(datetime.fromisoformat(manifest["validated_from"]), "en")
    assert english("evaluation.validated.time", day=since) in said(test)
    assert english("versions.nothing_later") not in visit(copied, "retrain").dataframe[0].value


def test_a_waiting_training_can_be_cancelled(visit, copied, monkeypatch):
    store = copied.store()
    running = jobs.enqueue(store, TrainingTask(preset="demo"))
    waiting = jobs.enqueue(store, TrainingTask(preset="demo"))
    jobs.request_cancel(store, waiting)
    # This process takes the part of a worker, so the page starts none.
    claimed = jobs.claim(store)
    assert claimed.job.id == running
    claimed.job.folder.report(TrainingStatus(stage="epoch", epoch=1, epochs=3, fraction=0.4))
    test = visit(copied, "retrain")
    assert english("retrain.running", number=running) in said(test)
    button(test, english("training.cancel")).click().run()
    assert claimed.job.cancel_requested
    assert english("job.state.cancelled") in list(test.dataframe[-1].value[english("job.state")])


def test_no_page_imports_torch_into_the_server(trained):
    script = f"""
import sys
from streamlit.testing.v1 import AppTest
test = AppTest.from_file({ENTRY!r}, default_timeout=60).run()
for page in ("recommend", "why", "gates", "data", "retrain", "evaluation", "about"):
    test.switch_page(f"views/{{page}}.py").run()
    assert not test.exception, page
assert "torch" not in sys.modules
"""
    import os

    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=os.environ | trained.environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
