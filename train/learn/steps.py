"""How a training step is taken: the loss and its gradients, plainly, with a thread for each task, or as a CUDA graph.

A step consists of thousands of short operations. On CPU cores, two threads that share each of them spend most of the
time waiting for each other; with a task for each they meet once a step. A GPU waits longer for each operation to be
launched than it takes to compute it: on an H100 a step took 46 ms launched one by one, and 8 ms as a CUDA graph.
"""

import copy
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar, cast

import torch
from torch import Tensor, nn

from db.logs import Task
from train.nn.embeddings import FixedViews
from train.nn.losses import backpropagate, sum_terms
from train.nn.model import Dropout
from train.nn.network import Batch, Network

SEEDS = 2**62

# Takes a batch, adds the gradients to the weights, and returns the weighted terms of the loss by name, detached.
Step = Callable[[Batch], dict[str, Tensor]]
Losses = Callable[[Batch], dict[str, Tensor]]
Module = TypeVar("Module", bound=nn.Module)


def fastest_step(network: Network, device: torch.device, first: Batch) -> Step:
    """The fastest way to take steps on batches like the ``first``; learned views only know the plain one."""
    losses: Losses = network.losses
    if isinstance(network.views, FixedViews):
        if device.type == "cuda":
            losses = capture_cuda_graph(network, first)
        elif len(network.tasks()) > 1:
            return ParallelTasks(network, torch.get_num_threads()).backward
    return lambda batch: backpropagate(losses(batch))


class ParallelTasks:
    """Steps of a network that learns both tasks over fixed views on the CPU, each task in a thread of its own.

    The tasks share weights, so each has the network with batch normalisation and dropout of its own; the same seed
    gives the same weights whichever task finishes first.
    """

    def __init__(self, network: Network, threads: int) -> None:
        """``network`` is trained; with one thread the tasks take turns, to exactly the same result."""
        self.weights = [weight for weight in network.parameters() if weight.requires_grad]
        self.networks = (network, _twin(network))
        for one in self.networks:
            for dropout in _modules(one, Dropout):
                dropout.generator = torch.Generator()
        self._pool: ThreadPoolExecutor | None = None
        if threads > 1:
            self._pool = ThreadPoolExecutor(2, "task", torch.set_num_threads, (threads // 2,))

    def backward(self, batch: Batch) -> dict[str, Tensor]:
        """Sets the gradients of the weights; returns the weighted terms of eq. 25, by name."""
        ours, theirs = (list(_modules(one, nn.BatchNorm1d)) for one in self.networks)
        before = [_statistics(norm) for norm in ours]
        for one in self.networks:
            # Drawn here, in the order of the tasks: threads would draw in any order.
            seed = int(torch.randint(SEEDS, ()))
            for dropout in _modules(one, Dropout):
                dropout.seed(seed)
        for norm, other in zip(ours, theirs, strict=True):
            other.load_state_dict(norm.state_dict())
        run = self._pool.map if self._pool else map
        first, second = run(self._task_gradients, self.networks, tuple(Task), (batch, batch))
        for weight, gradient, other_gradient in zip(self.weights, first[1], second[1], strict=True):
            weight.grad = _sum(gradient, other_gradient)
        for norm, other, start in zip(ours, theirs, before, strict=True):
            _merge_statistics(norm, other, start)
        return sum_terms(first[0], second[0])

    def _task_gradients(
        self, network: Network, task: Task, batch: Batch
    ) -> tuple[dict[str, Tensor], tuple[Tensor | None, ...]]:
        """A task's terms and the gradient of each weight, None where the task does not use it."""
        terms = network.task_losses(task, batch)
        loss = torch.stack(list(terms.values())).sum()
        gradients = torch.autograd.grad(loss, self.weights, allow_unused=True)
        return {name: term.detach() for name, term in terms.items()}, gradients


def _twin(network: Network) -> Network:
    """The network with the same weights and views, and batch normalisation and dropout of its own."""
    shared = [*network.parameters(), *network.views.buffers()]
    return copy.deepcopy(network, {id(tensor): tensor for tensor in shared})


def _modules(network: Network, kind: type[Module]) -> Iterator[Module]:
    return (module for module in network.modules() if isinstance(module, kind))


def _sum(one: Tensor | None, other: Tensor | None) -> Tensor | None:
    if one is None or other is None:
        return other if one is None else one
    return one + other


def _statistics(norm: nn.BatchNorm1d) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in norm.named_buffers()}


@torch.no_grad()
def _merge_statistics(
    norm: nn.BatchNorm1d, other: nn.BatchNorm1d, start: dict[str, Tensor]
) -> None:
    """Updates ``norm`` as if the batches of ``other``, which began at ``start`` too, had followed its own."""
    batches = other.get_buffer("num_batches_tracked") - start["num_batches_tracked"]
    norm.get_buffer("num_batches_tracked").add_(batches)
    kept = (1 - (norm.momentum or 0.0)) ** int(batches)
    for name in ("running_mean", "running_var"):
        running, others = norm.get_buffer(name), other.get_buffer(name)
        running.mul_(kept).add_(others - kept * start[name])


class OrderedLosses(nn.Module):
    """The terms of the loss as a function of tensors in a fixed ``order``, as a CUDA graph needs it."""

    def __init__(self, network: Network, order: list[str]) -> None:
        super().__init__()
        self.network, self.order = network, order
        self.terms: list[str] = []  # the names of what ``forward`` returned, in its order

    def forward(self, *arrays: Tensor) -> tuple[Tensor, ...]:
        """The tensors of a batch -> the terms of its loss."""
        found = self.network.losses(dict(zip(self.order, arrays, strict=True)))
        self.terms = list(found)
        return tuple(found.values())


def capture_cuda_graph(network: Network, first: Batch) -> Losses:
    """The network's losses with their gradients as a CUDA graph, for batches of the shape of the ``first``.

    Nothing in them may depend on the values of tensors, neither a shape nor a branch.
    """
    before = {name: value.clone() for name, value in network.state_dict().items()}
    ordered = OrderedLosses(network, list(first))
    inputs = tuple(tensor.clone() for tensor in first.values())  # the graph reads from these
    torch.autograd.graph.set_warn_on_accumulate_grad_stream_mismatch(False)
    replay = cast(
        Callable[..., tuple[Tensor, ...]],
        torch.cuda.make_graphed_callables(ordered, inputs, allow_unused_input=True),
    )
    network.load_state_dict(before)  # capturing runs the step, which moves the batch statistics

    def losses(batch: Batch) -> dict[str, Tensor]:
        return dict(zip(ordered.terms, replay(*batch.values()), strict=True))

    return losses
