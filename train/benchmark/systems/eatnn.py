"""EATNN: what people like and whom they know inform each other through attention (Chen et al., SIGIR 2019)."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from db.logs import Logs
from engine.evidence.graphs import Graphs
from train.benchmark.systems.learned import Learned, Peer
from train.benchmark.systems.tuned import Setting
from train.prepare.splits import Split

USERS = 4096  # a step
DROPOUT = 0.3
SIDES = ("item", "person")  # the two domains


@dataclass(frozen=True)
class Links:
    """Everything that some users have: pairs of a user's place in the batch [m] and what she is linked to [m]."""

    user: Tensor
    other: Tensor


@dataclass(frozen=True)
class Everything:
    """A batch of users [B] with all items and all people they are linked to; what is not there counts as well."""

    users: Tensor
    items: Links
    people: Links


@dataclass
class Users:
    """Users who have any history, a batch at a time in an order that ``seed`` and the epoch decide."""

    history: sp.csr_matrix
    circle: sp.csr_matrix
    seed: int

    def __post_init__(self) -> None:
        """Leaves out whom nothing is known of."""
        linked = self.history.getnnz(1) + self.circle.getnnz(1)
        self.known: NDArray[np.int64] = np.flatnonzero(linked)

    def batch(self) -> int:
        """Users a step."""
        return USERS

    def steps(self) -> int:
        """Steps of an epoch."""
        return -(-len(self.known) // USERS)

    def epoch(self, number: int) -> Iterator[Everything]:
        """Everybody once."""
        order = np.random.default_rng((self.seed, number)).permutation(self.known)
        for start in range(0, len(order), USERS):
            users = order[start : start + USERS]
            yield Everything(
                torch.from_numpy(users), _links(self.history[users]), _links(self.circle[users])
            )


@dataclass(frozen=True)
class Vectors:
    """Users towards items and towards people, [U+1, d], already times the weights of their products."""

    likes: Tensor
    knows: Tensor


class TransferNetwork(Peer[Everything]):
    """Users have a vector for items, one for people and a common one; attention mixes the common one into both."""

    def __init__(self, graphs: Graphs, dim: int, absent: float, social: float) -> None:
        """``absent`` weighs what is not there, ``social`` the loss of the social domain."""
        super().__init__()
        self.absent, self.social = absent, social
        users = graphs.users + 1
        self.own = nn.ParameterDict({side: _table(users, dim) for side in SIDES})
        self.common = _table(users, dim)
        self.others = nn.ParameterDict(
            {"item": _table(graphs.items + 1, dim), "person": _table(users, dim)}
        )
        self.attention = nn.ModuleDict(
            {
                side: nn.Sequential(nn.Linear(dim, dim), nn.ReLU(), nn.Linear(dim, 1, bias=False))
                for side in SIDES
            }
        )
        self.weights = nn.ParameterDict({side: nn.Parameter(torch.ones(dim)) for side in SIDES})
        self.dropout = nn.Dropout(DROPOUT)

    def _transferred(self, side: str, users: Tensor | slice) -> Tensor:
        """Vectors [B, d] of one domain: the own and the common one, mixed as attention says."""
        both = torch.stack([self.own[side][users], self.common[users]], 1)  # [B, 2, d]
        return (torch.softmax(self.attention[side](both), 1) * both).sum(1)

    def forward(self) -> Vectors:
        """All users in both domains."""
        likes, knows = (self._transferred(side, slice(None)) * self.weights[side] for side in SIDES)
        return Vectors(likes, knows)

    def items(self, vectors: Vectors, u: Tensor, i: Tensor) -> Tensor:
        """How sure it is that the user has to do with the item."""
        return (vectors.likes[u][:, None] * self.others["item"][i]).sum(-1)

    def participants(self, vectors: Vectors, u: Tensor, i: Tensor, p: Tensor) -> Tensor:
        """How sure it is that the participant has to do with the item, and the initiator with her."""
        likes = (vectors.likes[p] * self.others["item"][i][:, None]).sum(-1)
        return likes + (vectors.knows[u][:, None] * self.others["person"][p]).sum(-1)

    def losses(self, batch: Everything) -> dict[str, Tensor]:
        """The squared error over all pairs of these users with everything, a user."""
        return {
            "items": self._whole("item", batch.users, batch.items),
            "people": self.social * self._whole("person", batch.users, batch.people),
        }

    def _whole(self, side: str, users: Tensor, links: Links) -> Tensor:
        """Sum over links of (1 - c) r^2 - 2 r, and over all pairs of c r^2, c being ``absent``; a constant is left out.

        The second sum needs no pairs: it is the sum over the cells of three products [d, d].
        """
        others, weights = self.others[side], self.weights[side]
        place = others.device
        vectors = self.dropout(self._transferred(side, users.to(place)))  # [B, d]
        met = vectors[links.user.to(place)] * others[links.other.to(place)]  # [m, d]
        sure = met @ weights
        there = ((1 - self.absent) * sure**2 - 2 * sure).sum()
        every = torch.outer(weights, weights) * (vectors.T @ vectors) * (others.T @ others)
        return (there + self.absent * every.sum()) / len(users)


class Eatnn(Learned[Everything]):
    """Learns from all that is and is not there at once, without drawing negatives."""

    name = "eatnn"
    adaptation = (
        "Its social domain is who shared a group with whom, with declared friendships where there are any. "
        "Task II: how the participant likes the item, plus how the initiator knows her."
    )
    epochs = 20
    grid = (
        {"dim": 32, "absent": 0.05, "social": 0.5, "rate": 5e-3, "weight_decay": 1e-3},
        {"dim": 32, "absent": 0.2, "social": 0.5, "rate": 5e-3, "weight_decay": 1e-3},
        {"dim": 32, "absent": 0.01, "social": 0.5, "rate": 5e-3, "weight_decay": 1e-1},
    )

    def network(self, graphs: Graphs, setting: Setting) -> TransferNetwork:
        """Of the setting's width and weights."""
        return TransferNetwork(graphs, setting["dim"], setting["absent"], setting["social"])

    def batches(self, logs: Logs, parts: Split, graphs: Graphs, seed: int) -> Users:
        """Users with their history and their circle."""
        return Users(graphs.history, graphs.circle, seed)


def _table(rows: int, dim: int) -> nn.Parameter:
    return nn.Parameter(torch.randn(rows, dim) * 0.05)


def _links(rows: sp.csr_matrix) -> Links:
    owner = np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))
    return Links(torch.from_numpy(owner), torch.from_numpy(rows.indices.astype(np.int64)))
