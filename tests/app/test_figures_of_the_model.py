"""What the pages say of the model that serves: its figures, and what they were measured on."""

import json
from contextlib import closing
from datetime import datetime

from page_words import english, said, unmarked

from app.text.numbers import day
from db.models import registry

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
        assert unmarked(cell).startswith(f"{value:.3f} [")
    versions = visit(trained, "retrain").dataframe[0].value
    assert versions["Items MRR@10"][0] == f"{daily:.3f}"
    assert versions[english("versions.nothing_later")][0].startswith(f"{alone:.3f}")
    rows = visit(trained, "about").table[-1].value.values.tolist()
    about = {unmarked(what): unmarked(value) for what, value in rows}
    label = english(
        "about.model.metric.nothing_later", task=english("evaluation.items"), metric="MRR@10"
    )
    assert about[label].startswith(f"{alone:.3f} [")


def test_a_model_of_before_that_knows_no_time_is_shown_as_it_was_measured(visit, copied, model):
    path = copied.models / model.version / "manifest.json"
    manifest = json.loads(path.read_text())
    del manifest["metrics_by_part"]["nothing_later"]
    path.write_text(json.dumps(manifest))
    with closing(copied.store()) as store:
        registry.note_manifest(
            store, model.version
        )  # of such a model the registry knows no manifest
    test = visit(copied, "evaluation")
    assert english("ways.title") not in said(test)
    since = day(datetime.fromisoformat(manifest["validated_from"]), "en")
    assert english("evaluation.validated.time", day=since) in said(test)
    assert english("versions.nothing_later") not in visit(copied, "retrain").dataframe[0].value
