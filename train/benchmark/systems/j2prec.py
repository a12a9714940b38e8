"""J2PRec: items for the initiator and participants for the group, learned jointly (Sha et al.)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from db.logs import Task
from engine.evidence.graphs import Graphs
from train.benchmark.systems.network_peer import (
    LEARNING,
    LEARNING_SENTENCE,
    Budget,
    NetworkPeer,
    NetworkSetting,
    PeerNetwork,
    Tables,
    TrainingData,
)
from train.benchmark.systems.popularity_term import TERM_SENTENCE, PopularityTerm, with_popularity
from train.benchmark.systems.search_space import Range, Space, Whole
from train.nn.embeddings import bipartite, normalised
from train.nn.losses import bpr
from train.prepare.examples import Examples, triples

GROUPS_A_STEP = 4096  # at most
FEWEST_STEPS = 16  # an epoch: a small shop learns in smaller batches


@dataclass
class TripleBatches:
    """Triples of the training groups with uniform negatives, drawn anew in each epoch."""

    data: TrainingData
    negatives: int  # per positive

    def groups_a_step(self) -> int:
        """Groups a step."""
        return max(1, min(GROUPS_A_STEP, len(self.data.split.training) // FEWEST_STEPS))

    def steps(self) -> int:
        """Steps of an epoch; groups that do not fill a batch are left out."""
        return len(self.data.split.training) // self.groups_a_step()

    def epoch(self, number: int) -> Iterator[Examples]:
        """Order and negatives are drawn by the seed and the epoch."""
        rng = np.random.default_rng((self.data.seed, number))
        groups = rng.permutation(self.data.split.training)
        data, visible = self.data, self.data.split.visible_groups(self.data.logs)
        drawn = triples(
            data.logs, groups, self.negatives, rng, data.graphs, visible, data.split.question
        )
        size = self.groups_a_step()
        for step in range(self.steps()):
            part = slice(step * size, (step + 1) * size)
            yield Examples(**{name: value[part] for name, value in vars(drawn).items()})


@dataclass(frozen=True, kw_only=True)
class J2PRecSetting(NetworkSetting):
    """``task_weight`` weighs the loss of Task II."""

    dim: int = 32
    task_weight: float = 0.5
    negatives: int = 4  # per positive
    rate: float = 5e-3
    decay: float = 5e-7


class JointNetwork(PeerNetwork[Examples]):
    """One table of users and items, messages over three relations, and a projection for each role of a user.

    The tables ``initiators`` and ``participants`` [U+1, 2d] are users in either role; ``items`` is [I+1, 2d].
    """

    def __init__(self, graphs: Graphs, setting: J2PRecSetting) -> None:
        super().__init__()
        self.users, self.task_weight, dim = graphs.users + 1, setting.task_weight, setting.dim
        self.popularity = PopularityTerm(graphs, setting.popularity)
        count = self.users + graphs.items + 1
        circle = graphs.circle.copy()
        circle.resize(count, count)
        relations = {
            "launched": bipartite(graphs.launched_ever + graphs.failed_ever),
            "joined": bipartite(graphs.joined_ever),
            "shared": circle,
        }
        for name, matrix in relations.items():
            self.register_buffer(name, normalised(matrix), persistent=False)
        self.start = nn.Parameter(torch.randn(count, dim) * 0.1)
        self.messages = nn.ModuleDict({name: nn.Linear(dim, dim) for name in relations})
        self.roles = nn.ModuleDict(
            {role: nn.Linear(2 * dim, 2 * dim) for role in ("initiator", "participant")}
        )

    def forward(self) -> Tables:
        """Each vector beside the messages from its neighbours in every relation."""
        messages = torch.zeros_like(self.start)
        for name, message in self.messages.items():
            messages = messages + message(self.get_buffer(name) @ self.start)
        vectors = torch.cat([self.start, torch.tanh(messages)], 1)  # [U+1+I+1, 2d]
        users, items = vectors[: self.users], vectors[self.users :]
        return {
            "initiators": self.roles["initiator"](users),
            "participants": self.roles["participant"](users),
            "items": items,
            **self.popularity(),
        }

    def score_items(self, tables: Tables, initiator: Tensor, items: Tensor) -> Tensor:
        """Initiator times item."""
        likes = _products(tables["initiators"][initiator], tables["items"][items])
        return with_popularity(likes, tables, Task.ITEMS, items)

    def score_participants(
        self, tables: Tables, initiator: Tensor, item: Tensor, participants: Tensor
    ) -> Tensor:
        """Participant times item, plus participant times initiator."""
        query = tables["items"][item] + tables["initiators"][initiator]
        joins = _products(query, tables["participants"][participants])
        return with_popularity(joins, tables, Task.PARTICIPANTS, participants)

    def losses(self, batch: Examples) -> dict[str, Tensor]:
        """BPR of both tasks, the second one weighted."""
        tables, device = self(), self.start.device
        initiator, items, participants = (
            torch.from_numpy(part).to(device)
            for part in (batch.initiator, batch.items, batch.participants)
        )
        first = self.score_items(tables, initiator, items)
        second = self.score_participants(tables, initiator, items[:, 0], participants)
        return {
            "items": bpr(first[:, :1], first[:, 1:]),
            "participants": self.task_weight * bpr(second[:, :1], second[:, 1:]),
        }


class J2PRec(NetworkPeer[J2PRecSetting, Examples]):
    """Relational graph embeddings that both tasks share, and a joint loss."""

    name = "j2prec"
    adaptation = (
        "A simplification. One layer of messages over three relations (launches with failed ones, joins, shared groups "
        "with friendships), each with a linear map of its own and normalised by degrees, then tanh; the paper weighs "
        "every edge by attention that it learns with a translation loss, transforms users and items apart, mixes "
        "what a node was and what it receives by a gate, and concatenates several normalised layers. Task II: the "
        "participant times the sum of item and initiator, learned by BPR against uniform users; the paper has "
        "multi-head attention of initiator and item over the initiator's friends, and the "
        "log-likelihood of the participants among these. " + TERM_SENTENCE + LEARNING_SENTENCE
    )
    budget = Budget(epochs=6, evaluations=2, early=4, patience=3)
    default = J2PRecSetting()
    domains: ClassVar[Space] = {
        "dim": Whole(2, 7, powers=True),
        "task_weight": Range(0.01, 100.0, log=True, closed=("low", "high")),
        "negatives": Whole(0, 6, powers=True, closed=("low",)),
        **LEARNING,
    }

    def network(
        self, graphs: Graphs, tasks: tuple[Task, ...], setting: J2PRecSetting
    ) -> JointNetwork:
        """One network for both tasks."""
        return JointNetwork(graphs, setting)

    def batches(
        self, data: TrainingData, tasks: tuple[Task, ...], setting: J2PRecSetting
    ) -> TripleBatches:
        """The training groups as triples."""
        return TripleBatches(data, setting.negatives)

    def settings(self) -> dict[str, Any]:
        """With the most groups of a step."""
        return super().settings() | {"batch": GROUPS_A_STEP}


def _products(query: Tensor, candidates: Tensor) -> Tensor:
    """[B, d] times [B, K, d] -> [B, K]."""
    return (query[:, None] * candidates).sum(-1)
