"""The Retrain page on later groups: what a comparison found, what it means for a promotion, and a model grown old."""

import json
import shutil
from dataclasses import replace

import pytest
from page_words import english, said
from recorded_versions import record_version

from app.retraining import later_groups
from app.text import catalogue
from db.jobs import comparisons
from db.jobs.comparisons import COMPARISON, ComparisonOutcome, ComparisonProgress, ComparisonTask
from db.jobs.folder import new_folder
from db.messages import Message
from db.models import registry
from db.models.later_comparison import (
    AskedGroups,
    LaterComparison,
    PairedMetric,
    RecentCheck,
    RecentMetric,
    read_comparison,
    write_comparison,
    write_recent,
)
from train.comparison_worker import run_comparison

ASKED = AskedGroups(214, "2025-06-01T00:00:00", "2025-06-30T20:00:00")


@pytest.fixture
def store(copied):
    return copied.store()


@pytest.fixture
def other(copied, store):
    """A further version that can answer, with the same validation figures."""
    first = registry.serving(store)
    shutil.copytree(copied.models / first.version, copied.models / "other")
    file = copied.models / "other" / "manifest.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"version": "other"}))
    record_version(store, "other", first.data_version, first.metrics)
    return "other"


def compared(store, change, **more):
    """The other version beside the serving one, by so much better in one metric."""
    metric = PairedMetric(0.5 + change, 0.5, change, change - 0.01, change + 0.01, 200)
    found = LaterComparison(
        "other",
        registry.serving_name(store),
        "abc",
        ASKED,
        metrics={"items/mrr@100": metric},
    )
    return replace(found, **more)


def keys(test):
    return {str(button.key) for button in test.button}


def test_a_comparison_on_later_groups_shows_its_difference_its_groups_and_who_was_tuned_on_them(
    visit, copied, store, other
):
    write_comparison(copied.models, compared(store, 0.05))
    test = visit(copied, "retrain")
    text = said(test)
    assert "Better in 1 of 1 metrics, worse in none." in text
    assert "214 successful groups, launched from 1 Jun 2025 to 30 Jun 2025" in text
    assert english("compare.later.unseen") in text
    tables = [one.value for one in test.dataframe]
    change = english("compare.change")
    assert any("+0.050 (+0.040 to +0.060)" in set(one.get(change, ())) for one in tables)
    test.selectbox(key="compare_new").set_value(registry.serving_name(store))
    test.selectbox(key="compare_old").set_value("other").run()
    assert "Worse in 1 of 1 metrics, better in none." in said(test)  # from the other side
    write_comparison(copied.models, compared(store, 0.05, tuned=("other",)))
    assert english("compare.later.tuned_one", version="other") in said(visit(copied, "retrain"))


def test_what_cannot_be_compared_says_why_in_both_languages(visit, copied, store, other):
    reason = Message("train.compare.too_few", {"since": "2025-06-20", "least": 50})
    write_comparison(copied.models, compared(store, 0, asked=None, impossible=reason))
    text = said(visit(copied, "retrain"))
    why = "Fewer than 50 successful groups were launched since 2025-06-20"
    assert f"Judged by each version's own validation. {why}" in text
    assert f"{english('compare.later.impossible')} {why}" in text
    chinese = said(visit(copied, "retrain", lang="zh"))
    assert catalogue("zh")["compare.later.impossible"] in chinese
    assert "2025-06-20 以来成团的不足 50 个" in chinese


@pytest.mark.parametrize("change", [-0.05, 0.05])
def test_a_version_that_is_worse_on_later_groups_needs_consent_whatever_its_validation_says(
    visit, copied, store, other, change
):
    write_comparison(copied.models, compared(store, change))
    test = visit(copied, "retrain")
    text = said(test)
    assert "on the same 214 later groups" in text
    assert ("- Items MRR@100: 0.500 → 0.450" in text) is (change < 0)
    assert test.button(key="promote_button").disabled is (change < 0)


def test_without_a_comparison_the_page_judges_by_validation_and_says_so(visit, copied, other):
    test = visit(copied, "retrain")
    assert english("versions.promote.validation") in said(test)
    assert not test.button(key="promote_button").disabled
    assert english("compare.later.none") in said(test)


def test_a_comparison_is_started_shows_its_progress_and_its_result(
    visit, copied, store, other, monkeypatch
):
    started = []
    monkeypatch.setattr(later_groups.comparisons, "start", lambda _, task: started.append(task))
    test = visit(copied, "retrain")
    test.button(key="compare_later").click().run()
    (task,) = started
    assert task == ComparisonTask(new="other", old=registry.serving_name(store))
    folder = new_folder(COMPARISON, store)
    lock = folder.lock()
    folder.write_task(task)
    folder.report(ComparisonProgress(done=3, of=4))
    test.run()
    assert "compare_later" not in keys(test)  # it runs
    assert comparisons.under_way(store, task) == folder
    monkeypatch.setenv("MAMGBR_THREADS", "1")
    copied.enter(monkeypatch)
    run_comparison(folder)
    lock.release()
    assert folder.outcome() == ComparisonOutcome()
    found = read_comparison(copied.models, "other", task.old)
    assert found is not None
    assert found.asked is not None
    assert {one.change for one in found.metrics.values()} == {0}  # the same model twice
    test.run()
    assert english("compare.verdict.alike") in said(test)
    assert "compare_later" in keys(test)


def test_a_comparison_whose_process_is_gone_says_so(visit, copied, store, other):
    folder = new_folder(COMPARISON, store)
    folder.write_task(ComparisonTask(new="other", old=registry.serving_name(store)))
    assert "The comparison ended before it was done" in said(visit(copied, "retrain"))


def recent(store, now):
    low, high = now - 0.02, now + 0.02
    metric = RecentMetric(now, low, high, 0.6, 0.58, 0.62)
    return RecentCheck(registry.serving_name(store), "abc", ASKED, {"items/mrr@100": metric})


@pytest.mark.parametrize("now", [0.5, 0.59])
def test_a_model_that_has_decayed_recommends_a_training(visit, copied, store, monkeypatch, now):
    write_recent(copied.models, recent(store, now))
    assert english("recheck.title") not in said(visit(copied, "retrain"))  # nothing is new
    monkeypatch.setattr("app.retraining.later_groups.data_version", lambda _: "newer")
    monkeypatch.setattr("db.read_logs.data_version", lambda _: "newer")
    text = said(visit(copied, "retrain"))
    decayed = english("recheck.decayed", figures="Items MRR@100")
    assert (decayed in text) is (now == 0.5)
    assert (english("recheck.fine") in text) is (now != 0.5)


@pytest.mark.parametrize(("sales", "harder"), [(0.34, True), (0.38, False)])
def test_weeks_that_are_harder_for_a_list_by_sales_too_are_said_to_be(
    visit, copied, store, monkeypatch, sales, harder
):
    found = recent(store, 0.5)
    metric = replace(found.metrics["items/mrr@100"], sales=sales, reported_sales=0.4)
    write_recent(copied.models, replace(found, metrics={"items/mrr@100": metric}))
    monkeypatch.setattr("db.read_logs.data_version", lambda _: "newer")
    text = said(visit(copied, "retrain"))
    assert english("recheck.decayed", figures="Items MRR@100") in text
    assert (english("recheck.harder") in text) is harder
