"""Eq. 7 to 17 of the paper: experts, gates and predictions agree with an independent reading in numpy."""

import numpy as np
import pytest
import torch
from paper_equations import Array, Triple, sigmoid
from paper_reading import (
    ITEMS,
    USERS,
    Reading,
    assert_agrees,
    read,
)
from paper_weights import expert_of
from torch import Tensor

from db.logs import Task


@pytest.fixture(scope="module")
def reading() -> Reading:
    return read()


TRIPLES: list[Triple] = [
    (u, (3 * u + k) % ITEMS, (u + 1 + k) % USERS) for u in range(4) for k in range(3)
]


def tokens_of(reading: Reading) -> tuple[list[Array], list[Tensor]]:
    """X of eq. 7 for each triple, for the equations and, [w, B, K] by token, for the network."""
    inputs = [reading.paper.embeddings.tokens(triple) for triple in TRIPLES]
    stacked = torch.from_numpy(np.stack(inputs)).permute(1, 2, 0)  # [T, w, triples]
    return inputs, [token.unflatten(1, (4, 3)) for token in stacked]


def test_attention_is_scaled_by_the_root_of_the_head_size_and_mixes_the_values(
    reading: Reading,
) -> None:
    inputs, tokens = tokens_of(reading)
    _, weights = reading.level.experts(tokens, slice(None))  # [T, T, E, h, B, K]
    weights = weights.flatten(4).permute(4, 2, 3, 0, 1)  # [triples, E, h, T, T]
    for number in range(len(reading.level.experts.norms)):
        expert = expert_of(reading.level, number)
        attention = [expert.attend(tokens, reading.settings.heads)[1] for tokens in inputs]
        assert_agrees(weights[:, number], np.stack(attention))


@pytest.mark.parametrize("training", [True, False])
def test_an_expert_is_linear_relu_linear_relu_batch_norm(reading: Reading, training: bool) -> None:
    inputs, tokens = tokens_of(reading)
    expected = [
        expert_of(reading.level, number).outputs(inputs, reading.settings.heads, training)
        for number in range(len(reading.level.experts.norms))
    ]
    experts = read().level.experts.train(training)  # a fresh one: training moves the statistics
    outputs, _ = experts(tokens, slice(None))  # [E, out, B, K]
    assert_agrees(outputs.flatten(2).transpose(1, 2), np.stack(expected))


def test_dropout_comes_last_in_an_expert() -> None:
    plain, dropped = read(), read("dropout=0.25")
    _, tokens = tokens_of(plain)
    whole, _ = plain.level.experts.train()(tokens, slice(None))
    thinned, _ = dropped.level.experts.train()(tokens, slice(None))
    kept = thinned != 0
    assert 0.65 < float(kept.double().mean()) < 0.85
    assert_agrees(thinned[kept], (whole[kept] / 0.75).detach().numpy())
    evaluated, _ = read("dropout=0.25").level.experts(tokens, slice(None))
    assert bool((evaluated != 0).all())


@pytest.mark.parametrize("task", Task)
def test_a_gate_is_two_linear_layers_and_a_softmax_over_its_own_and_the_shared_experts(
    reading: Reading, task: Task
) -> None:
    inputs, tokens = tokens_of(reading)
    head = reading.paper.task_1 if task == Task.ITEMS else reading.paper.task_2
    _, gate, _ = reading.level(task, tokens)  # [E, B, K]
    assert_agrees(
        gate.flatten(1).T, np.stack([head.bank.gate_weights(tokens) for tokens in inputs])
    )


@pytest.mark.parametrize("queries", [1, 4])
def test_task_1_predicts_with_its_tower_over_its_gates_mixture(
    reading: Reading, queries: int
) -> None:
    u = torch.arange(queries)[:, None]
    i = (torch.arange(queries)[:, None] + torch.arange(5)) % ITEMS
    answer = reading.network.score_items(
        reading.vectors(queries), u, i, torch.empty(queries, 5, 0).double()
    )
    triples: list[Triple] = [
        (row, item, None) for row in range(queries) for item in i[row].tolist()
    ]
    expected = sigmoid(reading.paper.logits_1(triples))  # eq. 16
    assert_agrees(torch.sigmoid(answer.score).flatten(), expected)
    assert np.ptp(expected) > 1e-3


@pytest.mark.parametrize("queries", [1, 4])
def test_task_2_predicts_with_its_tower_over_its_gates_mixture(
    reading: Reading, queries: int
) -> None:
    u = torch.arange(queries)[:, None]
    p = (torch.arange(queries)[:, None] + torch.arange(1, 8)) % USERS
    answer = reading.network.score_participants(
        reading.vectors(queries), u, u % ITEMS, p, torch.empty(queries, 7, 0).double()
    )
    triples: list[Triple] = [
        (row, row % ITEMS, user) for row in range(queries) for user in p[row].tolist()
    ]
    expected = sigmoid(reading.paper.logits_2(triples))  # eq. 17
    assert_agrees(torch.sigmoid(answer.score).flatten(), expected)
    assert np.ptp(expected) > 1e-3
