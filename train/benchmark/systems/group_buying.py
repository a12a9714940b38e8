"""The score and the losses of group buying that GBMF and GBGCN share (Zhang et al., ICDE 2021).

GBMF, group-buying matrix factorisation (Zhang et al., ICDE 2021): their score without any propagation.


GBGCN (Zhang et al., ICDE 2021): a view of initiators and a view of participants, and messages within and across.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import scipy.sparse as sp
import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.evidence.graphs import Graphs
from train.benchmark.systems.edges import Edges, averaging, symmetric
from train.benchmark.systems.vector_system import VectorSystem
from train.benchmark.systems.vectors import Batch, Setting, Tables, Vectors, free_vectors, product
from train.nn.losses import bpr

ADAPTATION = (
    "Friends are declared friendships and, as few logs have any, the ties of initiators and participants in training "
    "groups. Task II: the participant's interest in the item, plus the product of initiator and participant. Where "
    "messages are passed they are normalised by both ends: plain means did worse on validation groups."
)


@dataclass(frozen=True)
class GroupBuyingSetting(Setting):
    """With the weights of the two roles and of the two signs."""

    friends: float = 0.5  # alpha: the share of the friends' interest in a launch's score
    refusal: float = 0.05  # beta: how much a failed launch says against the friends' interest


class GroupBuying(Vectors):
    """Vectors whose tables are ``initiator`` and ``launched``, ``participant`` and ``joined``, and ``friends``.

    Rows of the first two pairs are a user's and an item's vectors in either role; row u of ``friends`` is the mean of
    her friends' participant vectors.
    """

    setting: GroupBuyingSetting

    def score_items(self, tables: Tables, initiator: Tensor, items: Tensor) -> Tensor:
        """(1 - alpha) own interest as an initiator + alpha the mean interest of her friends as participants."""
        own = product(tables["initiator"], initiator, tables["launched"], items)
        theirs = product(tables["friends"], initiator, tables["joined"], items)
        alpha = self.setting.friends
        return (1 - alpha) * own + alpha * theirs

    def score_participants(
        self, tables: Tables, initiator: Tensor, item: Tensor, participants: Tensor
    ) -> Tensor:
        """The participant's interest in the item, plus initiator times participant."""
        interest = product(tables["joined"], item, tables["participant"], participants)
        tie = product(tables["initiator"], initiator, tables["participant"], participants)
        return interest + tie

    def losses(self, batch: Batch) -> dict[str, Tensor]:
        """BPR of both tasks, and of failed launches: the initiator wanted the item, her friends did not."""
        tables = self()
        found = self.task_losses(tables, batch)
        if batch.failures is not None and len(batch.failures.initiator):
            initiator, items = batch.failures.initiator, batch.failures.items
            own = product(tables["initiator"], initiator, tables["launched"], items)
            theirs = product(tables["friends"], initiator, tables["joined"], items)
            found["failed"] = bpr(own[:, :1], own[:, 1:])
            found["refused"] = self.setting.refusal * bpr(-theirs[:, :1], -theirs[:, 1:])
        return found


class GroupBuyingSystem(VectorSystem):
    """Both tasks learned together, from failed launches as well."""

    adaptation = ADAPTATION
    scopes: ClassVar[Sequence[tuple[str, ...]]] = (("items", "participants"),)
    failures = True


class Factors(GroupBuying):
    """One free vector for each user and item, the same in either role."""

    def __init__(self, graphs: Graphs, setting: GroupBuyingSetting) -> None:
        super().__init__()
        self.setting = setting
        self.users = free_vectors(graphs.users + 1, setting.dim)
        self.items = free_vectors(graphs.items + 1, setting.dim)
        self.circle = Edges(averaging(graphs.circle))

    def forward(self) -> Tables:
        """The free vectors, and the mean over each user's friends."""
        return {
            "initiator": self.users,
            "participant": self.users,
            "launched": self.items,
            "joined": self.items,
            "friends": self.circle(self.users),
        }


class GBMF(GroupBuyingSystem):
    """Factors of users and items."""

    name = "gbmf"
    grid = (
        GroupBuyingSetting(rate=0.01, weight_decay=10.0),
        GroupBuyingSetting(rate=0.01, weight_decay=1.0),
        GroupBuyingSetting(dim=64, rate=0.01, weight_decay=10.0, friends=0.3),
    )

    def vectors(self, graphs: Graphs, tasks: tuple[str, ...], setting: Setting) -> Vectors:
        """Factors for both tasks."""
        assert isinstance(setting, GroupBuyingSetting)  # noqa: S101  the grid's kind
        return Factors(graphs, setting)


class View(nn.Module):
    """One role's graph of users and items, walked as LightGCN does; the layers stand side by side."""

    def __init__(self, matrix: sp.csr_matrix, layers: int) -> None:
        super().__init__()
        self.edges, self.layers = Edges(symmetric(matrix)), layers

    def forward(self, users: Tensor, items: Tensor) -> tuple[Tensor, Tensor]:
        """[U+1, d] and [I+1, d] -> [U+1, (1+layers) d] and [I+1, (1+layers) d]."""
        all_users, all_items = [users], [items]
        for _ in range(self.layers):
            users, items = self.edges(items), self.edges.backwards(users)
            all_users.append(users)
            all_items.append(items)
        return torch.cat(all_users, 1), torch.cat(all_items, 1)


class TwoViews(GroupBuying):
    """Free vectors shared by both views; in-view propagation, then one step across, both side by side.

    Across, an initiator hears the participants that joined her and a participant the initiators whom she joined; an
    item hears the users of the other view. What is sent across first passes a linear layer and LeakyReLU of its view.
    """

    def __init__(self, graphs: Graphs, setting: GroupBuyingSetting) -> None:
        super().__init__()
        self.setting = setting
        self.users = free_vectors(graphs.users + 1, setting.dim)
        self.items = free_vectors(graphs.items + 1, setting.dim)
        # A failed launch shows what its initiator wanted, so it belongs to her view.
        launched = graphs.launched_ever.maximum(graphs.failed_ever)
        self.initiators = View(launched, setting.layers)
        self.participants = View(graphs.joined_ever, setting.layers)
        self.shared = Edges(symmetric(graphs.invited))
        self.circle = Edges(averaging(graphs.circle))
        wide = (1 + setting.layers) * setting.dim
        self.sent = nn.ModuleDict(
            {
                name: nn.Linear(wide, setting.dim, bias=False)
                for name in ("initiator", "participant", "launched", "joined")
            }
        )

    def forward(self) -> Tables:
        """Tables of width (2+layers) d."""
        initiator, launched = self.initiators(self.users, self.items)
        participant, joined = self.participants(self.users, self.items)
        sent = {
            name: functional.leaky_relu(self.sent[name](vectors))
            for name, vectors in (
                ("initiator", initiator),
                ("participant", participant),
                ("launched", launched),
                ("joined", joined),
            )
        }
        across = {
            "initiator": sent["initiator"] + self.shared(sent["participant"]),
            "participant": sent["participant"] + self.shared.backwards(sent["initiator"]),
            "launched": sent["launched"] + self.participants.edges.backwards(sent["participant"]),
            "joined": sent["joined"] + self.initiators.edges.backwards(sent["initiator"]),
        }
        tables = {
            "initiator": torch.cat([initiator, across["initiator"]], 1),
            "participant": torch.cat([participant, across["participant"]], 1),
            "launched": torch.cat([launched, across["launched"]], 1),
            "joined": torch.cat([joined, across["joined"]], 1),
        }
        return tables | {"friends": self.circle(tables["participant"])}


class GBGCN(GroupBuyingSystem):
    """Two views with messages across."""

    name = "gbgcn"
    grid = (
        GroupBuyingSetting(dim=16, layers=2),
        GroupBuyingSetting(dim=16, layers=2, rate=0.01, weight_decay=1.0),
        GroupBuyingSetting(dim=32, layers=2, friends=0.3),
    )

    def vectors(self, graphs: Graphs, tasks: tuple[str, ...], setting: Setting) -> Vectors:
        """Two views for both tasks."""
        assert isinstance(setting, GroupBuyingSetting)  # noqa: S101  the grid's kind
        return TwoViews(graphs, setting)
