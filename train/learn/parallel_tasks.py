"""A step's two tasks side by side, each in a thread of its own.

A step consists of thousands of short products. Two threads that share each of them wait for each other most of the
time; with a task for each they meet once a step. The tasks share weights, so each has the network with norms and
dropout of its own, and the same seed gives the same weights whoever is done first.
"""

import copy
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import torch
from torch import Tensor, nn

from train.nn.losses import sum_terms
from train.nn.model import Dropout
from train.nn.network import Network

SEEDS = 2**62

Part = TypeVar("Part", bound=nn.Module)


class ParallelTasks:
    """The step of a network that learns both tasks over fixed views, on the CPU."""

    def __init__(self, network: Network, threads: int) -> None:
        """``network`` is trained; with one thread the tasks take turns, to the very same end."""
        self.weights = [weight for weight in network.parameters() if weight.requires_grad]
        self.networks = (network, _twin(network))
        for one in self.networks:
            for dropout in _parts(one, Dropout):
                dropout.generator = torch.Generator()
        self._pool: ThreadPoolExecutor | None = None
        if threads > 1:
            self._pool = ThreadPoolExecutor(2, "half", torch.set_num_threads, (threads // 2,))

    def backward(self, put: dict[str, Tensor]) -> dict[str, Tensor]:
        """Leaves the gradients with the weights; the weighted terms of eq. 25 come back, by name."""
        ours, theirs = (list(_parts(one, nn.BatchNorm1d)) for one in self.networks)
        before = [_statistics(norm) for norm in ours]
        for one in self.networks:
            # Drawn here, in the order of the tasks: threads would draw in any order.
            seed = int(torch.randint(SEEDS, ()))
            for dropout in _parts(one, Dropout):
                dropout.seed(seed)
        for norm, other in zip(ours, theirs, strict=True):
            other.load_state_dict(norm.state_dict())
        wanted = (self.networks, ("items", "participants"), (put, put))
        halves = list((self._pool.map if self._pool else map)(self._half, *wanted))
        (terms, own), (others, more) = halves
        for weight, gradient, further in zip(self.weights, own, more, strict=True):
            weight.grad = _sum(gradient, further)
        for norm, other, was in zip(ours, theirs, before, strict=True):
            _follow(norm, other, was)
        return sum_terms(terms, others)

    def _half(
        self, network: Network, task: str, put: dict[str, Tensor]
    ) -> tuple[dict[str, Tensor], tuple[Tensor | None, ...]]:
        """A task's terms and their gradients by weight, None where a weight has no part in it."""
        terms = network.task_losses(task, put)
        loss = torch.stack(list(terms.values())).sum()
        gradients = torch.autograd.grad(loss, self.weights, allow_unused=True)
        return {name: term.detach() for name, term in terms.items()}, gradients


def _twin(network: Network) -> Network:
    """The network with the same weights and views, and norms and dropout of its own."""
    shared = [*network.parameters(), *network.views.buffers()]
    return copy.deepcopy(network, {id(tensor): tensor for tensor in shared})


def _parts(network: Network, kind: type[Part]) -> Iterator[Part]:
    return (module for module in network.modules() if isinstance(module, kind))


def _sum(one: Tensor | None, other: Tensor | None) -> Tensor | None:
    if one is None or other is None:
        return other if one is None else one
    return one + other


def _statistics(norm: nn.BatchNorm1d) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in norm.named_buffers()}


@torch.no_grad()
def _follow(norm: nn.BatchNorm1d, other: nn.BatchNorm1d, was: dict[str, Tensor]) -> None:
    """Lets the ``norm`` see after its own batches those of the ``other``, which began where it ``was`` as well."""
    seen = other.get_buffer("num_batches_tracked") - was["num_batches_tracked"]
    norm.get_buffer("num_batches_tracked").add_(seen)
    kept = (1 - (norm.momentum or 0.0)) ** int(seen)
    for name in ("running_mean", "running_var"):
        running, theirs = norm.get_buffer(name), other.get_buffer(name)
        running.mul_(kept).add_(theirs - kept * was[name])
