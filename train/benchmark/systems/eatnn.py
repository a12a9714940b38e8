"""EATNN: what users like and whom they know inform each other through attention (Chen et al., SIGIR 2019)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import scipy.sparse as sp
import torch
from numpy.typing import NDArray
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
from train.benchmark.systems.searched import Scope

USERS_A_STEP = 4096
TASKS = {"item": Task.ITEMS, "person": Task.PARTICIPANTS}  # the task that each domain scores
DOMAINS = tuple(TASKS)


@dataclass(frozen=True)
class Links:
    """Everything that some users are linked to: pairs of a user's row in the batch [m] and the other end [m]."""

    user: Tensor
    other: Tensor


@dataclass(frozen=True)
class UserBatch:
    """Users [B] with all items and all people they are linked to; what they are not linked to counts as well."""

    users: Tensor
    items: Links
    people: Links


@dataclass
class UserBatches:
    """Users who have any history, ``USERS_A_STEP`` at a time, in an order that ``seed`` and the epoch decide."""

    history: sp.csr_matrix
    circle: sp.csr_matrix
    seed: int

    def __post_init__(self) -> None:
        """Leaves out users of whom nothing is known."""
        linked = self.history.getnnz(1) + self.circle.getnnz(1)
        self.known: NDArray[np.int64] = np.flatnonzero(linked)

    def steps(self) -> int:
        """Steps of an epoch."""
        return -(-len(self.known) // USERS_A_STEP)

    def epoch(self, number: int) -> Iterator[UserBatch]:
        """Every known user once."""
        order = np.random.default_rng((self.seed, number)).permutation(self.known)
        for start in range(0, len(order), USERS_A_STEP):
            users = order[start : start + USERS_A_STEP]
            yield UserBatch(
                torch.from_numpy(users), _links(self.history[users]), _links(self.circle[users])
            )


@dataclass(frozen=True, kw_only=True)
class EatnnSetting(NetworkSetting):
    """Weights: ``absent`` of pairs without a link, ``social`` of the social domain's loss, ``tie`` of its score."""

    dim: int = 32
    absent: float = 0.01
    social: float = 0.5
    tie: float = 1.0
    dropout: float = 0.3  # share of a user's vector that is dropped in training
    rate: float = 5e-3
    decay: float = 5e-4


class TransferNetwork(PeerNetwork[UserBatch]):
    """Users have a vector for items, one for people and a common one; attention mixes the common one into both.

    The tables ``likes`` and ``knows`` [U+1, d] are the users' vectors for items and for people, times the weights of
    their products; ``item`` and ``person`` are the other ends.
    """

    def __init__(self, graphs: Graphs, setting: EatnnSetting) -> None:
        super().__init__()
        self.setting = setting
        users, dim = graphs.users + 1, setting.dim
        self.own = nn.ParameterDict({domain: _table(users, dim) for domain in DOMAINS})
        self.common = _table(users, dim)
        self.others = nn.ParameterDict(
            {"item": _table(graphs.items + 1, dim), "person": _table(users, dim)}
        )
        self.attention = nn.ModuleDict(
            {
                domain: nn.Sequential(nn.Linear(dim, dim), nn.ReLU(), nn.Linear(dim, 1, bias=False))
                for domain in DOMAINS
            }
        )
        self.weights = nn.ParameterDict({d: nn.Parameter(torch.ones(dim)) for d in DOMAINS})
        self.dropout = nn.Dropout(setting.dropout)
        self.popularity = PopularityTerm(graphs, setting.popularity)

    def _transferred(self, domain: str, users: Tensor | slice) -> Tensor:
        """Vectors [B, d] of one domain: the own and the common one, mixed by attention."""
        both = torch.stack([self.own[domain][users], self.common[users]], 1)  # [B, 2, d]
        return (torch.softmax(self.attention[domain](both), 1) * both).sum(1)

    def forward(self) -> Tables:
        """All users in both domains, and the other ends of their links."""
        likes, knows = (
            self._transferred(domain, slice(None)) * self.weights[domain] for domain in DOMAINS
        )
        return {"likes": likes, "knows": knows, **self.others, **self.popularity()}

    def score_items(self, tables: Tables, initiator: Tensor, items: Tensor) -> Tensor:
        """How much the initiator likes the item."""
        likes = (tables["likes"][initiator][:, None] * tables["item"][items]).sum(-1)
        return with_popularity(likes, tables, Task.ITEMS, items)

    def score_participants(
        self, tables: Tables, initiator: Tensor, item: Tensor, participants: Tensor
    ) -> Tensor:
        """How much the participant likes the item, plus how well the initiator knows them."""
        likes = (tables["likes"][participants] * tables["item"][item][:, None]).sum(-1)
        knows = (tables["knows"][initiator][:, None] * tables["person"][participants]).sum(-1)
        scores = likes + self.setting.tie * knows
        return with_popularity(scores, tables, Task.PARTICIPANTS, participants)

    def losses(self, batch: UserBatch) -> dict[str, Tensor]:
        """The squared error over all pairs of these users with everything, per user."""
        return {
            "items": self._all_pairs("item", batch.users, batch.items),
            "people": self.setting.social * self._all_pairs("person", batch.users, batch.people),
        }

    def _all_pairs(self, domain: str, users: Tensor, links: Links) -> Tensor:
        """Sum over links of (1 - c) r^2 - 2 r, and over all pairs of c r^2 with c = ``absent``, less a constant.

        The second sum needs no pairs: it is the sum over the cells of three products [d, d]. The popularity term is one
        more dimension, in which all users are 1.
        """
        others, weights = self.others[domain], self.weights[domain]
        device, absent = others.device, self.setting.absent
        vectors = self.dropout(self._transferred(domain, users.to(device)))  # [B, d]
        term = self.popularity().get(f"{TASKS[domain]}/popularity")
        if term is not None:
            one = torch.ones(1, device=device)
            vectors = torch.cat([vectors, one.expand(len(vectors), 1)], 1)
            others, weights = torch.cat([others, term[:, None]], 1), torch.cat([weights, one])
        linked = vectors[links.user.to(device)] * others[links.other.to(device)]  # [m, d]
        scores = linked @ weights
        present = ((1 - absent) * scores**2 - 2 * scores).sum()
        every = torch.outer(weights, weights) * (vectors.T @ vectors) * (others.T @ others)
        return (present + absent * every.sum()) / len(users)


class Eatnn(NetworkPeer[EatnnSetting, UserBatch]):
    """Learns from all links and all absent ones at once, without negative sampling."""

    name = "eatnn"
    adaptation = (
        "Its social domain is who has shared a group with whom, and declared friendships where there are any. "
        "Task II: how much the participant likes the item, plus, weighted, how well the initiator knows them. The "
        "loss is divided by the users of a step; the weights of the products start at 1. Each task has a network of "
        "its own, which learns both domains. " + TERM_SENTENCE + LEARNING_SENTENCE
    )
    scopes: ClassVar[Sequence[Scope]] = ((Task.ITEMS,), (Task.PARTICIPANTS,))
    needs_all_groups = True
    budget = Budget(epochs=16, evaluations=1, early=4, patience=3)
    default = EatnnSetting()
    domains: ClassVar[Space] = {
        "dim": Whole(2, 7, powers=True),
        "absent": Range(1e-5, 1.0, log=True),
        "social": Range(0.01, 10.0, log=True),
        "tie": Range(0.03, 30.0, log=True),
        "dropout": Range(0.0, 0.8, closed=("low",)),
        **LEARNING,
    }

    def network(
        self, graphs: Graphs, tasks: tuple[Task, ...], setting: EatnnSetting
    ) -> TransferNetwork:
        """The network of either task."""
        return TransferNetwork(graphs, setting)

    def batches(
        self, data: TrainingData, tasks: tuple[Task, ...], setting: EatnnSetting
    ) -> UserBatches:
        """Users with their history and their circle."""
        return UserBatches(data.graphs.history, data.graphs.circle, data.seed)

    def settings(self) -> dict[str, Any]:
        """With the users of a step."""
        return super().settings() | {"batch": USERS_A_STEP}


def _table(rows: int, dim: int) -> nn.Parameter:
    return nn.Parameter(torch.randn(rows, dim) * 0.05)


def _links(rows: sp.csr_matrix) -> Links:
    owner = np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))
    return Links(torch.from_numpy(owner), torch.from_numpy(rows.indices.astype(np.int64)))
