"""Why: gates, contributions and attention of both tasks, in words that both languages have."""

import pytest
from page_words import english, said

from app.text import catalogue
from engine.bundle.files import GATES

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


def lost(path):
    path.unlink()


def cut_off(path):
    path.write_bytes(path.read_bytes()[:100])


@pytest.mark.parametrize("damage", [lost, cut_off])
def test_without_the_graph_that_explains_ranking_goes_on_and_why_and_gates_say_what_to_do(
    visit, copied, initiator, damage
):
    listed = said(visit(copied, initiator=initiator.id))
    (folder,) = copied.models.glob("*-demo-*")
    (folder / GATES).unlink(missing_ok=True)
    for path in folder.glob("*-inside.onnx"):  # after the server has read the model
        damage(path)

    item = "P2001"
    sentence = english("why.trouble")
    why = said(visit(copied, "why", initiator=initiator.id, item=item))
    assert sentence in why
    assert "The model goes on ranking" in why
    assert "promote another version, on the Retrain page" in why

    gates = said(visit(copied, "gates"))
    assert english("gates.trouble") in gates
    assert "The model goes on ranking" in gates
    assert said(visit(copied, initiator=initiator.id)) == listed


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
