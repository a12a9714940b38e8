"""The inputs of the tokens: which vectors, products and evidence each is made of, and on what scale."""

from collections.abc import Sequence

import numpy as np
import pytest
import torch
from paper_equations import Array
from random_network import (
    TABLES,
    WIDTH,
    Queries,
    assert_agrees,
    inputs_of,
    network_of,
    queries_of,
)
from torch import Tensor

from db.logs import Task
from engine.evidence.columns import ITEM_EVIDENCE, PARTICIPANT_EVIDENCE
from train.nn.tokens import Scale

ITEM_ABOUT = {
    "item": "item_launches item_failures item_joins",
    "initiator": "initiator_launches initiator_failures initiator_joins initiator_circle",
    "match": "goes_with_launches goes_with_failures goes_with_joins goes_with_history goes_with_share"
    " goes_with_rare taste leaning joined_before launched_before failed_before",
    "circle": "circle_launches circle_failures circle_joins goes_with_circle circle_taste",
}
PARTICIPANT_ABOUT = {
    "participant": "participant_joins participant_launches participant_failures participant_circle",
    "item": "item_launches item_failures item_joins",
    "initiator": "initiator_launches initiator_failures initiator_joins initiator_circle",
    "match": "goes_with_launches goes_with_failures goes_with_joins taste leaning joined_before"
    " launched_before failed_before circle_has_item goes_with_circle circle_taste",
    "circle": "invited_by_initiator invited_initiator friend near_in_circles shared_items"
    " circle_shares_items shares_items_with_circle same_taste same_leaning taste_of_circle"
    " circle_of_taste",
}


def view(name: str, queries: Queries, rows: Tensor) -> Array:
    """The vectors [B, K, d] of these positions in the snapshots of the queries."""
    return np.asarray(getattr(TABLES, name)[queries.snapshot.numpy()[:, None], rows.numpy()])


def about(names: str, order: Sequence[str], evidence: Tensor) -> Array:
    """The columns of the evidence with these names."""
    return evidence.numpy()[..., [order.index(name) for name in names.split()]]


def side_by_side(*parts: Array) -> Array:
    candidates = max(part.shape[1] for part in parts)
    return np.concatenate([np.repeat(p, candidates // p.shape[1], 1) for p in parts], -1)


def item_parts(queries: Queries) -> dict[str, list[Array]]:
    """What each token of Task I is made of, by token."""
    u, i = queries.u, queries.i
    launches, joins, social = (view(n, queries, u) for n in ("initiator", "participant", "social"))
    launched, joined = view("launched", queries, i), view("joined", queries, i)
    seen = {
        token: about(names, ITEM_EVIDENCE, queries.evidence) for token, names in ITEM_ABOUT.items()
    }
    mean = TABLES.average[queries.snapshot.numpy()][:, None]
    return {
        "initiator": [launches, social, seen["initiator"][:, :1]],
        "item": [launched, joined, seen["item"]],
        "participant": [mean[..., :WIDTH], mean[..., WIDTH:]],
        "match": [launches * launched, joins * joined, social * joined, seen["match"]],
        "circle": [seen["circle"]],
    }


def participant_parts(queries: Queries) -> dict[str, list[Array]]:
    """What each token of Task II is made of, by token."""
    u, i, p = queries.u, queries.i, queries.p
    launches, social = view("initiator", queries, u), view("social", queries, u)
    launched, joined = view("launched", queries, i), view("joined", queries, i)
    their_launches, their_joins, their_social = (
        view(name, queries, p) for name in ("initiator", "participant", "social")
    )
    seen = {
        token: about(names, PARTICIPANT_EVIDENCE, queries.evidence)
        for token, names in PARTICIPANT_ABOUT.items()
    }
    return {
        "initiator": [launches, social, seen["initiator"][:, :1]],
        "item": [launched, joined, seen["item"][:, :1]],
        "participant": [their_joins, their_social, seen["participant"]],
        "match": [
            their_joins * joined,
            their_launches * launched,
            social * their_social,
            launches * their_joins,
            seen["match"],
        ],
        "circle": [seen["circle"]],
    }


def parts_of(task: Task, queries: Queries) -> dict[str, list[Array]]:
    return item_parts(queries) if task == Task.ITEMS else participant_parts(queries)


@pytest.mark.parametrize("task", Task)
def test_each_token_is_made_of_the_vectors_products_and_evidence_about_it(task: Task) -> None:
    queries = queries_of(task)
    found = inputs_of(network_of(), task, queries)
    expected = {name: side_by_side(*parts) for name, parts in parts_of(task, queries).items()}
    assert list(found) == list(expected)
    for name, values in expected.items():
        assert_agrees(found[name], values)


@pytest.mark.parametrize("task", Task)
def test_with_views_each_half_of_a_role_is_a_token_and_the_first_has_the_evidence(
    task: Task,
) -> None:
    queries = queries_of(task)
    found = inputs_of(network_of("tokens=views"), task, queries)
    expected = {}
    for name, parts in parts_of(task, queries).items():
        if name in ("match", "circle"):
            expected[name] = side_by_side(*parts)
            continue
        first, second, *seen = parts
        expected[f"{name} I"] = side_by_side(first, *seen)
        expected[f"{name} II"] = second
    assert list(found) == list(expected)
    for name, values in expected.items():
        assert_agrees(found[name], values)


def test_evidence_is_measured_from_its_mean_in_deviations_within_what_training_saw() -> None:
    scale = Scale(3)
    rows = np.array([[[1, 0, 5], [3, 0.1, 5]], [[1, 0, 5], [3, 0.1, 5]]], np.float32)
    scale.fit(rows)  # means 2, .05 and 5; deviations 1, .05 and 0, of which .25 is the least
    found = scale(torch.tensor([[2.5, 0.1, 5], [99, -99, 5.5]]))
    assert_agrees(found, np.array([[0.5, 0.2, 0], [1, -0.2, 0]]))


def test_an_outlier_of_the_training_is_clipped_at_eight_deviations() -> None:
    scale = Scale(1)
    scale.fit(np.array([[100.0], *[[0.0]] * 99], np.float32))  # 9.95 deviations above its mean
    assert_agrees(scale(torch.tensor([[100.0], [-100.0]])), np.array([[8], [-1 / 99**0.5]]))
    unfitted = Scale(1)
    assert_agrees(unfitted(torch.tensor([[7.0], [99.0], [-99.0]])), np.array([[7], [8], [-8]]))


def test_the_scales_are_those_of_the_examples_of_their_task() -> None:
    network = network_of()
    rng = np.random.default_rng(3)

    class Evidence:
        item_evidence = rng.normal(3, 2, (50, 4, len(ITEM_EVIDENCE))).astype(np.float32)
        participant_evidence = rng.normal(-1, 5, (50, 4, len(PARTICIPANT_EVIDENCE))).astype(
            np.float32
        )

    network.fit_scales(Evidence)  # type: ignore[arg-type]
    for task, values in (
        (Task.ITEMS, Evidence.item_evidence),
        (Task.PARTICIPANTS, Evidence.participant_evidence),
    ):
        scale = network.scales[task]
        assert isinstance(scale, Scale)
        np.testing.assert_allclose(scale.mean, values.mean((0, 1)), rtol=1e-4)
        np.testing.assert_allclose(scale.spread, values.std((0, 1)), rtol=1e-4)
