"""A training step: the terms of its loss, a thread for each task, and what a CUDA graph needs."""

import copy

import numpy as np
import pytest
import torch
from small_shops import quick, random_shop
from torch._subclasses.fake_tensor import FakeTensorMode

from db.logs import SUCCESSFUL
from train.evaluate.sampled_ranking import draw_candidate_lists
from train.evaluate.splits import split_groups
from train.learn.fit_network import build_network
from train.learn.steps import OrderedLosses, ParallelTasks
from train.nn.embeddings import BatchViews
from train.nn.losses import backpropagate, load_balancing
from train.nn.model import Dropout
from train.nn.network import Batch, Network
from train.prepare.dataset import build_dataset
from train.training_run import TrainingRun


def untrained() -> tuple[Network, Batch]:
    """An untrained network, and all of its examples as one batch."""
    logs = random_shop()
    run = TrainingRun(quick("folds=2"))
    split = split_groups(logs, run.settings, 0)
    groups = np.flatnonzero(logs.group_status == SUCCESSFUL)[:3]
    dataset = build_dataset(logs, split, draw_candidate_lists(logs, groups, 0), run)
    network, _ = build_network(dataset, run)
    return network, {name: torch.from_numpy(part) for name, part in vars(dataset.examples).items()}


def without_dropout(network: Network) -> Network:
    for module in network.modules():
        if isinstance(module, Dropout):
            module.share = 0.0
    return network


def after_three_steps(network: Network, batch: Batch, threads: int) -> Network:
    """The network after gradient descent with the dropout of one seed."""
    tasks = ParallelTasks(network, threads)
    torch.manual_seed(3)
    for _ in range(3):
        tasks.backward(batch)
        with torch.no_grad():
            for weight in tasks.weights:
                if weight.grad is not None:
                    weight -= 0.1 * weight.grad
    return network


def test_the_load_is_balanced_over_the_positives() -> None:
    network, batch = untrained()
    network.eval()
    vectors, u = BatchViews(network.views(), batch["snapshot"]), batch["initiator"][:, None]
    item, person = batch["items"][:, :1], batch["participants"][:, :1]
    positives = (
        network.score_items(vectors, u, item, batch["item_evidence"][:, :1]),
        network.score_participants(vectors, u, item, person, batch["participant_evidence"][:, :1]),
    )
    expected = network.settings.balance * float(
        sum(load_balancing(output.gate).detach() for output in positives)
    )
    found = network.losses(batch)["balance"]
    assert expected > 0
    assert float(found.detach()) == pytest.approx(expected, rel=1e-4)


def test_every_term_of_the_loss_has_a_gradient() -> None:
    network, batch = untrained()
    terms = network.losses(batch)
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


def test_parallel_tasks_give_the_gradients_and_statistics_of_one_task_after_the_other() -> None:
    network, batch = untrained()
    plain = without_dropout(network)
    parallel = copy.deepcopy(plain)
    expected = backpropagate(plain.losses(batch))
    found = ParallelTasks(parallel, 2).backward(batch)
    assert list(found) == list(expected)
    for name, term in expected.items():
        torch.testing.assert_close(found[name], term)
    for (name, weight), other in zip(plain.named_parameters(), parallel.parameters(), strict=True):
        assert weight.grad is not None, name
        torch.testing.assert_close(other.grad, weight.grad, rtol=1e-4, atol=1e-7, msg=name)
    assert any("running" in name for name, _ in plain.named_buffers())
    for (name, value), other in zip(plain.named_buffers(), parallel.buffers(), strict=True):
        torch.testing.assert_close(other, value, msg=name)


def test_the_same_seed_gives_the_same_weights_with_one_thread_and_with_two() -> None:
    network, batch = untrained()
    start = copy.deepcopy(network.state_dict())
    one, two, again = (
        after_three_steps(copy.deepcopy(network), batch, threads).state_dict()
        for threads in (1, 2, 2)
    )
    for name, value in one.items():
        assert torch.equal(two[name], value), name
        assert torch.equal(again[name], value), name
    assert any(not torch.equal(one[name], value) for name, value in start.items())


def test_an_error_in_one_task_is_raised() -> None:
    network, batch = untrained()
    broken = batch | {"participants": batch["participants"] + 10**6}
    with pytest.raises(IndexError):
        ParallelTasks(network, 2).backward(broken)


def test_dropout_depends_on_its_seed_alone_and_keeps_the_mean() -> None:
    dropout = Dropout(0.25)
    dropout.generator = torch.Generator()
    numbers = torch.ones(40_000)
    dropout.seed(1)
    first = dropout(numbers)
    torch.rand(5)
    dropout.seed(1)
    assert torch.equal(dropout(numbers), first)
    assert not torch.equal(dropout(numbers), first)
    assert first.unique().tolist() == pytest.approx([0.0, 1 / 0.75])
    assert float(first.mean()) == pytest.approx(1.0, abs=0.02)
    assert torch.equal(dropout.eval()(numbers), numbers)


def test_a_step_does_not_depend_on_the_values_of_tensors() -> None:
    """A CUDA graph could not be replayed otherwise; under fake tensors, reading a value fails."""
    network, batch = untrained()
    with FakeTensorMode(allow_non_fake_inputs=True) as fake:
        terms = network.losses({name: fake.from_tensor(tensor) for name, tensor in batch.items()})
        torch.stack(list(terms.values())).sum().backward()


def test_the_terms_of_a_cuda_graph_are_those_of_the_network() -> None:
    network, batch = untrained()
    network.eval()
    ordered = OrderedLosses(network, list(batch))
    found = ordered(*batch.values())
    assert dict(zip(ordered.terms, found, strict=True)) == network.losses(batch)
