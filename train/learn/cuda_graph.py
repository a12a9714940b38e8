"""A GPU's step, recorded once and played back.

A step is two thousand small kernels, and a GPU waits longer for each to be asked for than it works on it: on an H100 a
step took 46 ms asked for one by one and 8 ms played back. Nothing in it may depend on the values of tensors, neither a
shape nor a branch.
"""

from collections.abc import Callable
from typing import cast

import torch
from torch import Tensor, nn

from train.nn.network import Network

Terms = Callable[[dict[str, Tensor]], dict[str, Tensor]]
Play = Callable[..., tuple[Tensor, ...]]


class OrderedLosses(nn.Module):
    """The loss's terms as a function of tensors in one ``order``, since only such can be recorded."""

    def __init__(self, network: Network, order: list[str]) -> None:
        super().__init__()
        self.network, self.order = network, order
        self.terms: list[str] = []  # the names of what comes back, in its order

    def forward(self, *put: Tensor) -> tuple[Tensor, ...]:
        """The tensors of a batch -> the terms of its loss."""
        found = self.network.losses(dict(zip(self.order, put, strict=True)))
        self.terms = list(found)
        return tuple(found.values())


def recorded(network: Network, first: dict[str, Tensor]) -> Terms:
    """The network's losses on batches of the shape of the ``first``, recorded with their gradients on its GPU."""
    before = {name: value.clone() for name, value in network.state_dict().items()}
    ordered = OrderedLosses(network, list(first))
    own = tuple(tensor.clone() for tensor in first.values())  # what is played back reads from these
    torch.autograd.graph.set_warn_on_accumulate_grad_stream_mismatch(False)
    play = cast(Play, torch.cuda.make_graphed_callables(ordered, own, allow_unused_input=True))
    network.load_state_dict(before)  # recording runs the step, which moves the normalisations

    def losses(put: dict[str, Tensor]) -> dict[str, Tensor]:
        return dict(zip(ordered.terms, play(*put.values()), strict=True))

    return losses
