"""The weights of a network with the preset ``paper``, copied into the numpy reading of the equations."""

from typing import Any

import numpy as np
import torch
from paper_equations import (
    Array,
    Bank,
    Convolutions,
    Embeddings,
    Expert,
    Paper,
    Perceptron,
    Shop,
    TaskHead,
)
from torch import nn

from db.logs import Task
from engine.model_settings import ModelSettings
from train.nn.embeddings import GraphConvolutions
from train.nn.model import Affine, Gate, Level
from train.nn.network import Network


def paper_of(network: Network, settings: ModelSettings, shop: Shop) -> Paper:
    """The equations with the network's weights over this shop's groups."""
    assert isinstance(network.views, GraphConvolutions)
    (level,) = network.mamgbr.levels
    assert isinstance(level, Level)
    return Paper(
        embeddings_of(network.views, shop),
        *(head_of(network, level, task) for task in Task),
        settings.heads,
        settings.auxiliary_negatives,
    )


def embeddings_of(views: GraphConvolutions, shop: Shop) -> Embeddings:
    """The last layers on the shop's graphs, from the learned X^0 and W."""
    edges = {
        "initiator": shop.initiator_graph(),
        "participant": shop.participant_graph(),
        "social": shop.social_graph(),
    }
    known = list(range(shop.users))  # without the rows that the network keeps for cold starts
    nodes = known + [shop.users + 1 + item for item in range(shop.items)]
    tables = {
        name: Convolutions(
            _array(views.start[name])[known if name == "social" else nodes],
            [_array(layer.weight).T for layer in views.weights[name]],
        ).last_layer(edges[name])
        for name in edges
    }
    return Embeddings(**tables, users=shop.users, joiners=shop.joiners())


def expert_of(level: Level, number: int) -> Expert:
    """One of the experts of all banks; without W_O it is the identity."""
    experts = level.experts
    norm = experts.norms[number]
    assert isinstance(norm, nn.BatchNorm1d)
    query, key, value = _array(experts.query_key_value)[:, number]
    return Expert(
        query.T,
        key.T,
        value.T,
        _array(experts.output)[number].T if experts.projects else np.eye(len(query)),
        _array(experts.first)[number].T,
        _array(experts.first_bias)[number, :, 0],
        _array(experts.second)[number].T,
        _array(experts.second_bias)[number, :, 0],
        _array(norm.weight),
        _array(norm.bias),
        _array(norm.running_mean),
        _array(norm.running_var),
    )


def bank_of(level: Level, task: Task | None) -> Bank:
    """The experts and the gate of a task; those of all experts for None.

    The first experts are Task I's, the last Task II's; what is between them is shared.
    """
    gate = getattr(level, "common", None) if task is None else level.gates[task]
    assert isinstance(gate, Gate)
    first = [part for part in gate.first if isinstance(part, Affine)]
    every, mixed = len(level.experts.norms), len(gate.second.weight)
    start = every - mixed if task == Task.PARTICIPANTS else 0
    return Bank(
        [expert_of(level, number) for number in range(start, start + mixed)],
        Perceptron(
            np.concatenate([_array(part.weight) for part in first], 1).T,  # a map for each token
            _bias(first[0]),
            _array(gate.second.weight).T,
            _bias(gate.second),
        ),
    )


def head_of(network: Network, level: Level, task: Task) -> TaskHead:
    """The task's bank of the top level, and its tower."""
    tower = network.mamgbr.towers[task]
    assert isinstance(tower, nn.Sequential)
    first, _, second = tower
    return TaskHead(
        bank_of(level, task),
        Perceptron(_array(first.weight).T, _bias(first), _array(second.weight).T, _bias(second)),
    )


def _bias(layer: Any) -> Array:
    return _array(layer.bias)[:, 0]


def _array(tensor: Any) -> Array:
    assert isinstance(tensor, torch.Tensor)
    return tensor.detach().numpy().astype(np.float64)
