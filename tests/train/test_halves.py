"""Tasks side by side: the gradients, the norms and the random numbers of tasks one after the other."""

import copy

import pytest
import torch
from test_step import untrained

from train.learn.parallel_tasks import ParallelTasks
from train.nn.losses import backpropagate
from train.nn.model import Dropout
from train.nn.network import Network


def without_dropout(network: Network) -> Network:
    for module in network.modules():
        if isinstance(module, Dropout):
            module.share = 0.0
    return network


def steps(network: Network, put: dict[str, torch.Tensor], threads: int) -> Network:
    """The network after three steps of plain descent, each with the drop-outs of one seed."""
    halves = ParallelTasks(network, threads)
    torch.manual_seed(3)
    for _ in range(3):
        halves.backward(put)
        with torch.no_grad():
            for weight in halves.weights:
                if weight.grad is not None:
                    weight -= 0.1 * weight.grad
    return network


def test_gradients_and_norms_are_those_of_one_task_after_the_other() -> None:
    network, put = untrained()
    plain = without_dropout(network)
    ours = copy.deepcopy(plain)
    expected = backpropagate(plain.losses(put))
    told = ParallelTasks(ours, 2).backward(put)
    assert list(told) == list(expected)
    for name, term in expected.items():
        torch.testing.assert_close(told[name], term)
    for (name, weight), other in zip(plain.named_parameters(), ours.parameters(), strict=True):
        assert weight.grad is not None, name
        torch.testing.assert_close(other.grad, weight.grad, rtol=1e-4, atol=1e-7, msg=name)
    moved = [name for name, _ in plain.named_buffers() if "running" in name]
    assert moved
    for (name, value), other in zip(plain.named_buffers(), ours.buffers(), strict=True):
        torch.testing.assert_close(other, value, msg=name)


def test_the_same_seed_gives_the_same_weights_with_one_thread_and_with_two() -> None:
    network, put = untrained()
    begun = copy.deepcopy(network.state_dict())
    one, two = (steps(copy.deepcopy(network), put, threads) for threads in (1, 2))
    again = steps(copy.deepcopy(network), put, 2).state_dict()
    for name, value in one.state_dict().items():
        assert torch.equal(two.state_dict()[name], value), name
        assert torch.equal(again[name], value), name
    assert any(not torch.equal(one.state_dict()[name], value) for name, value in begun.items())


def test_an_error_in_one_task_is_told() -> None:
    network, put = untrained()
    broken = put | {"participants": put["participants"] + 10**6}
    with pytest.raises(IndexError):
        ParallelTasks(network, 2).backward(broken)


def test_what_is_dropped_hangs_on_the_seed_alone_and_keeps_the_mean() -> None:
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
