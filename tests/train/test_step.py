"""A step of the training: what its loss is made of, and that a GPU could record it."""

import numpy as np
import pytest
import torch
from small_shops import quick, random_shop
from torch._subclasses.fake_tensor import FakeTensorMode

from db.logs import SUCCESSFUL
from train.evaluate.sampled_ranking import draw_candidate_lists
from train.learn.cuda_graph import OrderedLosses
from train.learn.fit_network import build_network
from train.nn.losses import load_balancing
from train.nn.network import Network
from train.prepare.dataset import build_dataset
from train.prepare.splits import split_groups


def untrained() -> tuple[Network, dict[str, torch.Tensor]]:
    """A network that has learned nothing, and all that it could learn from as one batch."""
    logs = random_shop()
    config = quick("folds=2")
    parts = split_groups(logs, config, 0)
    lists = draw_candidate_lists(logs, np.flatnonzero(logs.group_status == SUCCESSFUL)[:3], 0)
    prepared = build_dataset(logs, config, parts, lists, 0, lambda stage: None)
    network, _ = build_network(prepared, config)
    network.fit_scales(prepared.examples)
    return network, {name: torch.from_numpy(part) for name, part in vars(prepared.examples).items()}


def test_experts_are_balanced_where_answers_are_right() -> None:
    network, put = untrained()
    network.eval()
    views, world, u = network.views(), put["world"], put["initiator"][:, None]
    item, person = put["items"][:, :1], put["participants"][:, :1]
    right = (
        network.score_items(views, world, u, item, put["item_facts"][:, :1]),
        network.score_participants(views, world, u, item, person, put["participant_facts"][:, :1]),
    )
    expected = network.config.balance * float(
        sum(load_balancing(scored.gate).detach() for scored in right)
    )
    found = network.losses(put)["balance"]
    assert expected > 0
    assert float(found.detach()) == pytest.approx(expected, rel=1e-4)


def test_a_step_is_the_same_whatever_the_values() -> None:
    """Else a GPU could not play back what it recorded: under fake tensors whatever looks at a value fails."""
    network, put = untrained()
    with FakeTensorMode(allow_non_fake_inputs=True) as fake:
        terms = network.losses({name: fake.from_tensor(tensor) for name, tensor in put.items()})
        torch.stack(list(terms.values())).sum().backward()


def test_recorded_terms_are_those_of_the_network() -> None:
    network, put = untrained()
    network.eval()
    ordered = OrderedLosses(network, list(put))
    found = ordered(*put.values())
    assert dict(zip(ordered.terms, found, strict=True)) == network.losses(put)


def test_positions_of_candidates_reach_every_part_of_the_loss() -> None:
    network, put = untrained()
    terms = network.losses(put)
    assert set(terms) == {
        "items",
        "participants",
        "auxiliary_items",
        "auxiliary_participants",
        "balance",
    }
    for name, term in terms.items():
        network.zero_grad()
        term.backward(retain_graph=True)
        moved = [weight for weight in network.parameters() if weight.grad is not None]
        assert any(weight.grad.abs().sum() > 0 for weight in moved), f"{name} teaches nothing"
