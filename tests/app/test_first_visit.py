"""What a visitor finds before there is anything to recommend, and where nothing can be."""

from functools import partial

import pytest
from page_words import button, english, said
from whole_shop import Shop

from db.demo.generate import load_demo
from db.jobs import queue as jobs
from db.jobs.queue import TrainingTask
from db.queries.entities import store_counts

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


def test_the_demo_shop_and_its_first_training_are_one_click_away(visit, bare, monkeypatch):
    monkeypatch.setattr("app.onboarding.load_demo", partial(load_demo, users=100))
    monkeypatch.setattr("app.retraining.training.ensure_worker", lambda: None)
    test = visit(bare)
    button(test, english("welcome.demo.button")).click().run()
    assert english("first.running") in said(test)
    store = bare.store()
    (job,) = jobs.latest_jobs(store)
    assert (job.state, job.task) == ("queued", TrainingTask(preset="demo", promote=True))
    assert store_counts(store).users == 100


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
