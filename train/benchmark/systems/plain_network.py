"""A plain network on exactly what MAMGBR's head reads: what experts, gates and attention add shows against it."""

from collections.abc import Sequence
from typing import ClassVar

import torch
from torch import Tensor, nn

from db.logs import Task
from engine.model_settings import ModelSettings
from train.benchmark.systems.search_space import Range, Space, Whole
from train.benchmark.systems.searched import Scope
from train.benchmark.systems.searched_network import SearchedNetwork
from train.nn.model import PerTask, TaskOutput, concatenate
from train.nn.network import Network
from train.nn.tokens import token_inputs


class PlainHead(nn.Module):
    """Two layers with ReLU for each task over the inputs of all tokens side by side, then a linear score."""

    def __init__(self, settings: ModelSettings) -> None:
        super().__init__()
        inputs = token_inputs(settings)
        self.tasks = PerTask(
            lambda task: nn.Sequential(
                nn.Linear(sum(inputs[task].values()), settings.hidden),
                nn.ReLU(),
                nn.Dropout(settings.dropout),
                nn.Linear(settings.hidden, settings.out),
                nn.ReLU(),
                nn.Dropout(settings.dropout),
                nn.Linear(settings.out, 1),
            )
        )

    def forward(self, task: Task, inputs: dict[str, Tensor]) -> TaskOutput:
        """Scores [B, K] from the inputs by token, each [B, K or 1, width]; no gate, no attention."""
        scores = self.tasks[task](concatenate(list(inputs.values())))[..., 0]
        nothing = torch.empty(*scores.shape, 0, 0, 0, 0)
        return TaskOutput(scores, torch.ones_like(scores)[..., None], nothing)


class PlainNetwork(SearchedNetwork):
    """MAMGBR's examples, negatives, folds and sampled softmax; each task has a network and settings of its own."""

    name = "mlp"
    adaptation = "No published model: a plain network on the evidence, role vectors and products that MAMGBR reads."
    scopes: ClassVar[Sequence[Scope]] = ((Task.ITEMS,), (Task.PARTICIPANTS,))
    domains: ClassVar[Space] = {
        "hidden": Whole(3, 10, powers=True),
        "out": Whole(2, 9, powers=True),
        "dropout": Range(0.0, 0.6, closed=("low",)),
        "rate": Range(1e-4, 3e-2, log=True),
        "weight_decay": Range(1e-6, 3.0, log=True, closed=("low",)),
    }

    def alter(self, network: Network) -> None:
        """Puts the plain head in the place of MAMGBR's."""
        network.mamgbr = PlainHead(network.settings)  # type: ignore[assignment]
