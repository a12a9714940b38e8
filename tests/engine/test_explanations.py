"""Explanations show what the model computes, and groups that are in the logs."""

import numpy as np
import pytest
from shops import TinyShop
from whole_shop import Shop

from db.logs import FAILED, Logs
from db.read_logs import read_logs
from db.store import Store
from engine.recommender import Recommender
from engine.results import Explanation


@pytest.fixture(scope="session")
def logs(trained: Shop) -> Logs:
    return read_logs(Store.open(trained.db))


@pytest.fixture(scope="session")
def explanation(recommender: Recommender, logs: Logs) -> Explanation:
    initiator = logs.users.index[0]
    item = recommender.rank_items(initiator).results[0].id
    person = recommender.rank_participants(initiator, item).results[0].id
    return recommender.explain(initiator, item, person)


def test_a_participant_adds_the_second_task(recommender: Recommender, logs: Logs) -> None:
    initiator, item = logs.users.index[0], logs.items.index[0]
    assert [t.task for t in recommender.explain(initiator, item).tasks] == ["items"]
    both = recommender.explain(initiator, item, logs.users.index[1])
    assert [t.task for t in both.tasks] == ["items", "participants"]


def test_gates_and_attention_are_shares(explanation: Explanation) -> None:
    for task in explanation.tasks:
        experts, tokens = len(task.experts), len(task.tokens)
        assert task.gate.shape == (experts,)
        assert task.gate.sum() == pytest.approx(1, abs=1e-5)
        assert task.attention.shape[0] == experts
        assert task.attention.shape[2:] == (tokens, tokens)
        np.testing.assert_allclose(task.attention.sum(-1), 1, atol=1e-5)


def test_score_and_probability_are_those_of_the_ranking(
    recommender: Recommender, explanation: Explanation
) -> None:
    items = recommender.rank_items(explanation.initiator).results
    people = recommender.rank_participants(explanation.initiator, explanation.item).results
    for task, best in zip(explanation.tasks, (items[0], people[0]), strict=True):
        assert task.score == pytest.approx(best.score, abs=1e-4)
        assert task.probability == pytest.approx(best.probability, rel=1e-3)
        assert task.reasons == best.reasons


def test_every_input_has_its_contribution(explanation: Explanation) -> None:
    for task in explanation.tasks:
        assert [c.input for c in task.contributions] == task.tokens
        assert any(abs(c.change) > 1e-3 for c in task.contributions)


def test_a_contribution_is_the_loss_of_the_score_without_the_input(tiny_shop: TinyShop) -> None:
    tiny_shop.tiny.weights["items"][0] = 7  # changes nothing: the bundle is written already
    task = tiny_shop.open().explain("bea", "milk").tasks[0]
    assert task.score == 0.5
    assert {c.input: c.change for c in task.contributions} == {"entity": 0, "evidence": 0.5}
    assert task.gate[0] == pytest.approx(1 / (1 + np.exp(-0.5)))


def test_past_groups_are_groups_of_the_logs(explanation: Explanation, logs: Logs) -> None:
    users, items = logs.users.index, logs.items.index
    members: dict[int, set[str]] = {}
    for g, p in zip(logs.join_group.tolist(), logs.join_participant.tolist(), strict=True):
        members.setdefault(g, set()).add(users[p])
    real = {
        (users[logs.group_initiator[g]], items[logs.group_item[g]], frozenset(members.get(g, ())))
        for g in range(len(logs.group_item))
        if logs.group_status[g] != FAILED
    }
    assert 0 < len(explanation.past_groups) <= 10
    for group in explanation.past_groups:
        assert (group.initiator, group.item, frozenset(group.participants)) in real
        if group.why in ("by_initiator", "between_the_two"):
            assert explanation.initiator in (group.initiator, *group.participants)
        if group.why == "joined_by_participant":
            assert explanation.participant in group.participants
        if group.why == "same_item":
            assert group.item == explanation.item
        if group.why == "similar_item":
            assert explanation.initiator in group.participants


def test_past_groups_come_in_order_of_their_kind(tiny_shop: TinyShop) -> None:
    groups = tiny_shop.open().explain("ann", "wipes", "bea").past_groups
    assert [(group.initiator, group.item, group.why) for group in groups] == [
        ("ann", "milk", "between_the_two"),
        ("ann", "book", "between_the_two"),
        ("ann", "toys", "by_initiator"),  # eve chose toys and wipes
        ("cai", "wipes", "joined_by_participant"),
        ("dan", "wipes", "same_item"),
    ]
    assert groups[1].participants == ["bea", "cai"]


def test_the_sentence_gives_rank_and_reasons_with_names(tiny_shop: TinyShop) -> None:
    assert tiny_shop.open().explain("bea", "milk", "ann").sentence == (
        "Milk powder ranks 2 of 4 items for bea. Why: joined a group for this item before. "
        "Ann ranks 1 of 4 people to invite."
    )


def test_strangers_are_explained_without_reasons_or_groups(recommender: Recommender) -> None:
    explanation = recommender.explain("stranger", "thing", "nobody")
    assert explanation.past_groups == []
    for task in explanation.tasks:
        assert [reason.kind for reason in task.reasons] == ["new_here"]
        assert np.isfinite(task.score)
    assert "thing ranks" in explanation.sentence
