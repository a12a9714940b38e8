"""J2PRec: items for the initiator and participants for the group, learned jointly (Sha et al.)."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from db.logs import Logs
from engine.evidence.graphs import Graphs
from train.benchmark.systems.learned import NEGATIVES, Learned, Peer, Triples
from train.benchmark.systems.tuned import Setting
from train.nn.embeddings import bipartite, normalised
from train.nn.losses import bpr
from train.prepare.examples import Examples
from train.prepare.splits import Split


@dataclass(frozen=True)
class Vectors:
    """Users as initiators and as participants, both [U+1, 2d], and items [I+1, 2d]."""

    initiators: Tensor
    participants: Tensor
    items: Tensor


class JointNetwork(Peer[Examples]):
    """One table of users and items, messages over three relations, and a projection for each role of a user."""

    def __init__(self, graphs: Graphs, dim: int, task_weight: float) -> None:
        super().__init__()
        self.border, self.task_weight = graphs.users + 1, task_weight
        count = self.border + graphs.items + 1
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

    def forward(self) -> Vectors:
        """What each is, beside what its neighbours of every relation say."""
        heard = torch.zeros_like(self.start)
        for name, message in self.messages.items():
            heard = heard + message(self.get_buffer(name) @ self.start)
        vectors = torch.cat([self.start, torch.tanh(heard)], 1)  # [U+1+I+1, 2d]
        users, items = vectors[: self.border], vectors[self.border :]
        return Vectors(self.roles["initiator"](users), self.roles["participant"](users), items)

    def items(self, vectors: Vectors, u: Tensor, i: Tensor) -> Tensor:
        """The initiator's vector times the item's."""
        return _dots(vectors.initiators[u], vectors.items[i])

    def participants(self, vectors: Vectors, u: Tensor, i: Tensor, p: Tensor) -> Tensor:
        """The participant's vector times the item's and the initiator's."""
        return _dots(vectors.items[i] + vectors.initiators[u], vectors.participants[p])

    def losses(self, batch: Examples) -> dict[str, Tensor]:
        """BPR of both tasks, the second one weighted."""
        vectors, place = self(), self.start.device
        u = torch.from_numpy(batch.initiator).to(place)
        i = torch.from_numpy(batch.items).to(place)
        p = torch.from_numpy(batch.participants).to(place)
        first = self.items(vectors, u, i)
        second = self.participants(vectors, u, i[:, 0], p)
        return {
            "items": bpr(first[:, :1], first[:, 1:]),
            "participants": self.task_weight * bpr(second[:, :1], second[:, 1:]),
        }


class J2PRec(Learned[Examples]):
    """Relational graph embeddings that both tasks share, and a joint loss."""

    name = "j2prec"
    adaptation = ""
    epochs = 6
    grid = (
        {"dim": 32, "task_weight": 1.0, "rate": 5e-3, "weight_decay": 1e-2},
        {"dim": 32, "task_weight": 1.0, "rate": 2e-2, "weight_decay": 1e-1},
        {"dim": 32, "task_weight": 0.5, "rate": 5e-3, "weight_decay": 1e-4},
    )

    def network(self, graphs: Graphs, setting: Setting) -> JointNetwork:
        """Of the setting's width."""
        return JointNetwork(graphs, setting["dim"], setting["task_weight"])

    def batches(self, logs: Logs, parts: Split, graphs: Graphs, seed: int) -> Triples:
        """The training groups."""
        return Triples(logs, parts.training, graphs, seed)

    def settings(self) -> dict[str, Any]:
        """With the uniform negatives that a positive meets."""
        return super().settings() | {"negatives": NEGATIVES}


def _dots(query: Tensor, candidates: Tensor) -> Tensor:
    """[B, w] times [B, K, w] -> [B, K]."""
    return (query[:, None] * candidates).sum(-1)
