"""Scores of the preset ``default``, worked out in numpy with the same weights: experts, gates, levels and towers."""

import numpy as np
import pytest
import torch
from paper_equations import Array
from paper_weights import bank_of, head_of
from random_network import (
    TABLES,
    WIDTH,
    Queries,
    assert_agrees,
    given,
    inputs_of,
    network_of,
    queries_of,
)
from torch import Tensor, nn

from db.logs import Task
from engine.presets import preset
from train.evaluate.sampled_ranking import CandidateLists
from train.nn.attention import softmax
from train.nn.embeddings import FixedViews
from train.nn.model import Affine, Dropout, Gate, Level, expert_names
from train.nn.network import Network


def tokens_of(network: Network, task: Task, queries: Queries) -> list[Array]:
    """The tokens [T, w] of each candidate: the inputs, whose evidence is scaled, through a map each."""
    scale = network.scales[task]
    scaled = Queries(**vars(queries) | {"evidence": scale(queries.evidence)})
    inputs = inputs_of(network, task, scaled)
    projections = network.mamgbr.projections[task]
    assert isinstance(projections, nn.ModuleDict)
    mapped = []
    for name, values in inputs.items():
        layer = projections[name]
        assert isinstance(layer, Affine)
        weight, bias = layer.weight.detach().numpy(), given(layer.bias).detach().numpy()[:, 0]
        candidates = queries.evidence.shape[1]
        mapped.append(np.repeat(values.numpy() @ weight.T + bias, candidates // values.shape[1], 1))
    return list(np.stack(mapped, 2).reshape(-1, len(mapped), network.settings.token_width))


def scores_of(network: Network, task: Task, queries: Queries) -> Tensor:
    return answer_of(network, task, queries).flatten()


@torch.no_grad()
def answer_of(network: Network, task: Task, queries: Queries) -> Tensor:
    vectors = queries.vectors(network)
    if task == Task.ITEMS:
        return network.score_items(vectors, queries.u, queries.i, queries.evidence).score
    return network.score_participants(
        vectors, queries.u, queries.i, queries.p, queries.evidence
    ).score


def levels_of(network: Network) -> list[Level]:
    return [level for level in network.mamgbr.levels if isinstance(level, Level)]


@pytest.mark.parametrize("task", Task)
@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("changes", [(), ("shared=false", "experts=1"), ("tokens=views",)])
def test_scores_are_those_of_experts_gates_and_tower_over_the_tokens(
    task: Task, count: int, changes: tuple[str, ...]
) -> None:
    network, queries = network_of(*changes), queries_of(task, count)
    (level,) = levels_of(network)
    head = head_of(network, level, task)
    tokens = tokens_of(network, task, queries)
    assert_agrees(scores_of(network, task, queries), head.logits(tokens, network.settings.heads))


@pytest.mark.parametrize("task", Task)
def test_without_attention_an_expert_reads_the_tokens_side_by_side(task: Task) -> None:
    network, queries = network_of("attention=false"), queries_of(task)
    (level,) = levels_of(network)
    experts = level.experts
    tokens = torch.from_numpy(np.stack(tokens_of(network, task, queries)))  # [n, T, w]
    split = [token.unflatten(1, (3, 4)) for token in tokens.permute(1, 2, 0)]
    split[0] = split[0][..., :1]  # the initiator, whom all candidates share
    found, attention = experts(split, level.banks[task])
    assert attention.shape[3] == 0  # no heads
    count = len(found)
    start = 0 if task == Task.ITEMS else len(experts.norms) - count
    for number in range(count):
        first, second = experts.first[start + number], experts.second[start + number]
        hidden = torch.relu(tokens.flatten(1) @ first.T + experts.first_bias[start + number, :, 0])
        out = torch.relu(hidden @ second.T + experts.second_bias[start + number, :, 0])
        assert_agrees(
            found[number].flatten(1).T, experts.norms[start + number](out).detach().numpy()
        )


@pytest.mark.parametrize("task", Task)
@pytest.mark.parametrize("levels", [2, 3])
def test_a_further_level_reads_the_mixtures_of_task_1_of_all_experts_and_of_task_2(
    task: Task, levels: int
) -> None:
    network, queries = network_of(f"levels={levels}"), queries_of(task)
    heads = network.settings.heads
    tokens = tokens_of(network, task, queries)
    *below, top = levels_of(network)
    for level in below:
        banks = [bank_of(level, part) for part in (Task.ITEMS, None, Task.PARTICIPANTS)]
        mixtures = [bank.mixtures(tokens, heads) for bank in banks]
        tokens = list(np.stack(mixtures, 1))  # [n, 3, out]
    assert not hasattr(top, "common")  # nothing reads all experts of the last level
    head = head_of(network, top, task)
    assert_agrees(scores_of(network, task, queries), head.logits(tokens, heads))


def test_the_experts_of_a_gate_are_named_in_its_order() -> None:
    settings = preset("default", ["experts=2"])
    shared = ["shared 1", "shared 2"]
    assert expert_names(settings, Task.ITEMS) == ["Task I 1", "Task I 2", *shared]
    assert expert_names(settings, Task.PARTICIPANTS) == [*shared, "Task II 1", "Task II 2"]
    alone = settings.replace(shared=False, experts=1)
    assert expert_names(alone, Task.ITEMS) == ["Task I 1"]
    assert expert_names(alone, Task.PARTICIPANTS) == ["Task II 1"]


def test_lists_are_scored_in_one_snapshot_in_evaluation_mode_and_in_blocks() -> None:
    network = network_of("dropout=0.5").float().train()
    for task in Task:
        queries = queries_of(task)
        alike = Queries(**vars(queries) | {"snapshot": torch.ones(3, dtype=torch.int64)})
        alike = Queries(**vars(alike) | {"evidence": queries.evidence.float()})
        candidates = queries.i if task == Task.ITEMS else queries.p
        item = None if task == Task.ITEMS else queries.i[:, 0].numpy()
        lists = CandidateLists(
            task, queries.u[:, 0].numpy(), item, candidates.numpy(), np.arange(3)
        )
        found = network.score_lists(lists, alike.evidence.numpy(), snapshot=1, rows=2)
        assert network.training
        np.testing.assert_allclose(
            found, answer_of(network.eval(), task, alike), rtol=1e-4, atol=1e-5
        )
        network.train()


def test_dropout_with_its_own_generator_is_decided_by_its_seed_and_keeps_the_mean() -> None:
    dropout = Dropout(0.25)
    dropout.generator = torch.Generator()
    ones = torch.ones(20_000)
    dropout.seed(1)
    found = dropout(ones)
    torch.manual_seed(5)  # other random numbers do not count
    dropout.seed(1)
    assert torch.equal(dropout(ones), found)
    assert not torch.equal(dropout(ones), found)
    assert found.unique().tolist() == pytest.approx([0, 1 / 0.75])
    assert float(found.mean()) == pytest.approx(1, abs=0.02)
    assert torch.equal(dropout.eval()(ones), ones)


def test_the_softmax_that_is_spelt_out_for_export_is_the_softmax(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scores = torch.from_numpy(np.random.default_rng(0).normal(0, 30, (3, 4, 5)))
    plain = [softmax(scores, axis) for axis in range(3)]
    monkeypatch.setattr(torch.onnx, "is_in_onnx_export", lambda: True)
    for axis, expected in enumerate(plain):
        assert_agrees(softmax(scores, axis), expected.numpy())
        assert_agrees(expected.sum(axis), np.ones(expected.sum(axis).shape))


def test_weights_start_between_the_roots_of_one_over_the_inputs_and_biases_at_zero() -> None:
    settings = preset("default", [f"dim={WIDTH}", "width=32", "levels=1"])
    network = Network(settings, FixedViews(TABLES))
    (level,) = levels_of(network)
    experts, gate, tower = level.experts, level.gates[Task.ITEMS], network.mamgbr.towers[Task.ITEMS]
    assert isinstance(gate, Gate)
    assert isinstance(tower, nn.Sequential)
    for weights, inputs in (
        (experts.query_key_value, 32),
        (experts.first, 5 * 32),
        (experts.second, settings.hidden),
        *((part.weight, 32) for part in gate.first),
        (gate.second.weight, settings.gate_hidden),
        (tower[0].weight, settings.out),
    ):
        bound, values = inputs**-0.5, weights.detach().numpy()
        assert 0.9 * bound < values.max() <= bound
        assert -bound <= values.min() < -0.9 * bound
        assert abs(values.mean()) < 0.2 * bound
    for bias in (experts.first_bias, experts.second_bias, gate.second.bias, tower[0].bias):
        assert not bias.any()
    assert [part.bias is None for part in gate.first] == [False, True, True, True, True]


def test_the_views_of_one_snapshot_are_those_of_that_snapshot() -> None:
    only = FixedViews(TABLES)().only(1)
    for name, table in vars(TABLES).items():
        assert np.array_equal(getattr(only, name).numpy(), table[1:])
    alone = FixedViews.of_one_snapshot(type(TABLES)(**{n: t[1] for n, t in vars(TABLES).items()}))
    for name, table in vars(alone()).items():
        assert torch.equal(table, getattr(only, name))
