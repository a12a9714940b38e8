"""The Retrain page: what is started, what waits, how it goes, which version serves and which go."""

import json
import shutil

import pytest
from page_words import said, unmarked
from recorded_versions import record_version

from app.retraining import training
from app.retraining.setting_fields import PARTS
from app.text import catalogue
from app.text.messages import text_in
from db.jobs import queue as jobs
from db.jobs.queue import LearningCurves, TrainingOutcome, TrainingStatus, TrainingTask
from db.messages import Message
from db.models import registry
from db.read_logs import data_version
from engine.model_settings import ModelSettings

ENGLISH = catalogue("en")


def table(test, column):
    """The table that has this column."""
    return next(one.value for one in test.dataframe if ENGLISH[column] in one.value.columns)


def keys(test):
    return {str(button.key) for button in test.button}


def figures(items, participants, half=0.01):
    return {
        f"{task}/mrr@10": {"value": value, "low": value - half, "high": value + half}
        for task, value in (("items", items), ("participants", participants))
    }


@pytest.fixture
def shop(copied):
    """A trained shop of one's own, to change."""
    return copied


@pytest.fixture
def store(shop, monkeypatch):
    """Its store; nobody works on the queue, so that a test says what becomes of a job."""
    monkeypatch.setattr(training, "ensure_worker", lambda: None)
    return shop.store()


def twin(shop, store, name, metrics, data=None):
    """A further version that can answer, with other figures."""
    first = registry.versions(store)[-1]
    folder = shop.models / name
    shutil.copytree(shop.models / first.version, folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(manifest | {"version": name}))
    record_version(store, name, data or first.data_version, metrics)
    return name


def claimed(store, task=None, **status):
    """A job that this process runs for as long as the test keeps it."""
    number = jobs.enqueue(store, task or TrainingTask(preset="demo"))
    running = jobs.claim(store)
    assert running.job.id == number
    running.job.folder.report(TrainingStatus(**status))
    return running


# Settings


def test_every_setting_has_one_widget_and_words_in_both_languages():
    listed = [field for fields in PARTS.values() for field in fields]
    assert sorted(listed) == sorted(ModelSettings.model_fields)
    for language in ("en", "zh"):
        words = catalogue(language)
        assert {f"setting.{field}" for field in listed} <= words.keys()
        assert {f"setting.{field}.what" for field in listed} <= words.keys()


def test_changed_settings_are_named_and_go_into_the_training(visit, shop, store):
    test = visit(shop, "retrain")
    test.radio(key="preset").set_value("default").run()
    test.number_input(key="set-default-heads").set_value(8).run()
    test.toggle(key="set-default-products").set_value(False).run()
    assert "Role match off, Attention heads 8" in said(test)
    test.button(key="start").click().run()
    (job,) = jobs.latest_jobs(store)
    assert job.task.preset == "default"
    assert job.task.changes == ("products=False", "heads=8")


def test_the_form_begins_with_the_preset_of_the_version_that_serves(visit, shop, store):
    (first,) = registry.versions(store)
    assert visit(shop, "retrain").radio(key="preset").value == "demo"
    shutil.copytree(shop.models / first.version, shop.models / "thorough")
    record_version(store, "thorough", first.data_version, first.metrics, preset="default")
    registry.promote(store, "thorough")
    assert visit(shop, "retrain").radio(key="preset").value == "default"


def test_settings_of_which_no_model_can_be_built_are_named_before_anything_starts(
    visit, shop, store
):
    test = visit(shop, "retrain")
    test.number_input(key="set-demo-heads").set_value(3).run()
    assert "Attention heads 3 does not divide the token width 32" in said(test)
    assert test.button(key="start").disabled
    assert jobs.latest_jobs(store) == []
    test.button(key="settings_reset").click().run()
    assert not test.button(key="start").disabled


# The queue


def test_two_trainings_wait_in_order_and_one_can_be_taken_off(visit, shop, store):
    test = visit(shop, "retrain")
    for _ in range(3):
        test.button(key="start").click().run()
    first, second, third = sorted(job.id for job in jobs.latest_jobs(store))
    text = said(test)
    assert text.index(f"Training {first}") < text.index(f"1. Training {second}")
    assert text.index(f"1. Training {second}") < text.index(f"2. Training {third}")
    test.button(key=f"withdraw-{second}").click().run()
    assert jobs.find_job(store, second).state == "cancelled"
    assert f"1. Training {third}" in said(test)


def test_losses_metrics_and_log_are_there_when_the_page_is_opened_later(visit, shop, store):
    curves = LearningCurves(
        losses=((0.1, {"items": 2.0}), (0.2, {"items": 1.5}), (0.3, {"items": 1.2})),
        metrics=((0.5, {"items/mrr@10": 0.4, "items/ndcg@10": 0.5}),),
    )
    running = claimed(store, stage="epoch", fraction=0.4, epoch=1, epochs=2, curves=curves)
    running.job.folder.write_log("Learning, pass 1 of 2")
    test = visit(shop, "retrain")
    assert len(test.get("plotly_chart")) == 2
    assert "Learning, pass 1 of 2" in said(test)
    assert f"cancel-{running.job.id}" in keys(test)


def test_a_training_that_waits_for_an_import_says_so_and_can_no_longer_be_cancelled(
    visit, shop, store
):
    running = claimed(store, stage="waiting", fraction=0.98)
    with store.write():  # the page itself waits for nobody
        test = visit(shop, "retrain")
    assert test.get("progress")[0].text.startswith(ENGLISH["training.stage.waiting"])
    assert test.button(key=f"cancel-{running.job.id}").disabled


# Endings


def test_a_killed_training_is_shown_as_failed_and_is_resumed_from_its_checkpoint(
    visit, shop, store
):
    data = data_version(store)
    task = TrainingTask(preset="demo", changes=("heads=2",))
    running = claimed(store, task, checkpoint="abc.pt", data_version=data)
    number = running.job.id
    running.lock.release()  # as when its process is killed
    with store.write():
        test = visit(shop, "retrain")
    assert text_in(Message("db.jobs.lost"), "en") in said(test)
    (again,) = {b.label for b in test.button if b.key == f"again-{number}"}
    assert again == ENGLISH["training.again"]

    checkpoint = shop.models / ".training" / "abc.pt"
    checkpoint.parent.mkdir(exist_ok=True)
    checkpoint.touch()
    test.run()
    (again,) = {b.label for b in test.button if b.key == f"again-{number}"}
    assert again == ENGLISH["training.resume"]
    next(b for b in test.button if b.key == f"again-{number}").click().run()
    newest = jobs.latest_jobs(store)[0]
    assert (newest.state, newest.task) == ("queued", task)


def test_a_failed_training_shows_why_and_its_log(visit, shop, store):
    running = claimed(store)
    running.job.folder.write_log("Counting")
    message = Message("db.text", {"text": "The disk is full. Free some space."})
    running.finish(store, TrainingOutcome(state="failed", message=message))
    text = said(visit(shop, "retrain"))
    assert "The disk is full. Free some space." in text
    assert "Counting" in text


def test_the_history_shows_settings_duration_metrics_and_why_a_worse_version_does_not_serve(
    visit, shop, store
):
    running = claimed(store, TrainingTask(preset="demo", promote=True, changes=("heads=2",)))
    outcome = TrainingOutcome(
        state="done",
        message=Message("train.worker.ready", {"version": "v2"}),
        version="v2",
        metrics=figures(0.4, 0.3),
        worse=("items/mrr@10",),
    )
    running.finish(store, outcome)
    row = table(visit(shop, "retrain"), "job.took").iloc[0]
    assert row[ENGLISH["retrain.preset"]] == "Quick · Attention heads 2"
    assert row[ENGLISH["job.took"]].endswith(" s")
    assert (row["Items MRR@10"], row["Participants MRR@10"]) == ("0.400", "0.300")
    assert "worse than the current model in Items MRR@10" in row[ENGLISH["job.message"]]


# Versions


def test_a_version_that_sells_no_better_than_a_list_by_sales_needs_consent(visit, shop, store):
    serving = registry.serving(store)
    metrics = {name: dict(figure) for name, figure in serving.metrics.items()}
    metrics["items/mrr@10"] |= {"popularity": metrics["items/mrr@10"]["value"] / 2}
    metrics["participants/mrr@10"] |= {"popularity": metrics["participants/mrr@10"]["value"]}
    name = twin(shop, store, "plain", metrics)
    test = visit(shop, "retrain")
    assert "+100% · +0%" in set(table(test, "versions.lead")[ENGLISH["versions.lead"]])
    assert "Sorting by sales does just as well in Participants MRR@10" in said(test)
    assert test.button(key="promote_button").disabled
    test.checkbox(key=f"worse-{name}").check().run()
    test.button(key="promote_button").click().run()
    assert registry.serving_name(store) == name


def test_a_version_that_is_worse_in_one_task_alone_needs_consent(visit, shop, store):
    serving = registry.serving(store)
    metrics = {**serving.metrics, **figures(0.99, 0.01)}
    name = twin(shop, store, "worse", metrics)
    test = visit(shop, "retrain")
    text = said(test)
    assert "- Participants MRR@10" in text
    assert "- Items MRR@10" not in text
    assert test.button(key="promote_button").disabled
    test.checkbox(key=f"worse-{name}").check().run()
    test.button(key="promote_button").click().run()
    assert registry.serving_name(store) == name
    assert ENGLISH["retrain.promoted"].format(version=name) in said(test)
    test.button(key="rollback").click().run()
    assert registry.serving_name(store) == serving.version


def test_a_version_that_cannot_answer_is_not_promoted(visit, shop, store):
    serving = registry.serving(store)
    name = twin(shop, store, "damaged", serving.metrics)
    graph = shop.models / name / "items.onnx"
    graph.write_bytes(graph.read_bytes()[:-10])
    test = visit(shop, "retrain")
    test.button(key="promote_button").click().run()
    assert "was truncated or changed" in said(test)
    assert registry.serving_name(store) == serving.version


def test_an_open_session_notices_a_promotion_and_switches(visit, shop, store):
    serving = registry.serving(store)
    name = twin(shop, store, "newer", serving.metrics)
    other, mine = visit(shop, "evaluation"), visit(shop, "retrain")
    assert "notice_switch" not in keys(other)
    mine.button(key="promote_button").click().run()
    assert "notice_switch" not in keys(mine)
    other.run()
    assert f"Version {name} is now in use" in said(other)
    other.button(key="notice_switch").click().run()
    assert "notice_switch" not in keys(other)
    assert f"Model {name}" in unmarked("\n".join(str(h.value) for h in other.header))


def test_the_page_shows_which_versions_go_and_removes_them(visit, shop, store, monkeypatch):
    monkeypatch.setenv("MAMGBR_KEEP_VERSIONS", "1")
    serving = registry.serving(store)
    for name in ("old", "kept", "new"):
        twin(shop, store, name, serving.metrics)
    test = visit(shop, "retrain")
    shown = table(test, "versions.size")
    states = dict(
        zip(shown[ENGLISH["retrain.version"]], shown[ENGLISH["retrain.state"]], strict=True)
    )
    assert states == {
        "new": ENGLISH["versions.stays.newest"],
        "kept": ENGLISH["versions.stays.goes"],
        "old": ENGLISH["versions.stays.goes"],
        serving.version: ENGLISH["versions.stays.serving"],
    }
    test.selectbox(key="pin_version").set_value("kept").run()
    test.button(key="pin_button").click().run()
    test.button(key="prune_button").click().run()
    assert {version.version for version in registry.versions(store)} == {
        "new",
        "kept",
        serving.version,
    }
    assert not (shop.models / "old").exists()


# Two versions


@pytest.mark.parametrize(
    ("items", "participants", "sentence"),
    [
        (0.60, 0.50, "Better in 2 of 2 metrics, worse in none."),
        (0.40, 0.30, "Worse in 2 of 2 metrics, better in none."),
        (0.60, 0.30, "Better in 1 and worse in 1 of 2 metrics."),
        (0.505, 0.395, "No clear difference in any metric."),
    ],
)
def test_two_versions_are_compared_figure_by_figure(
    visit, shop, store, items, participants, sentence
):
    twin(shop, store, "base", figures(0.50, 0.40))
    twin(shop, store, "other", figures(items, participants))
    test = visit(shop, "retrain")
    test.selectbox(key="compare_new").set_value("other")
    test.selectbox(key="compare_old").set_value("base").run()
    assert sentence in said(test)
    assert ENGLISH["compare.other_data"] not in said(test)
    row = table(test, "compare.change").iloc[0]
    change = row[ENGLISH["compare.change"]]
    expected = f"{items - 0.5:+.3f} ({items - 0.514142:+.3f} to {items - 0.485858:+.3f})"
    assert change == expected.replace("-", "\N{MINUS SIGN}")


def test_figures_of_other_logs_are_said_not_to_be_comparable(visit, shop, store):
    twin(shop, store, "base", figures(0.50, 0.40))
    twin(shop, store, "later", figures(0.60, 0.50), data="other-logs")
    test = visit(shop, "retrain")
    test.selectbox(key="compare_new").set_value("later")
    test.selectbox(key="compare_old").set_value("base").run()
    assert ENGLISH["compare.other_data"] in said(test)
    assert ENGLISH["compare.verdict.careful"] in said(test)
