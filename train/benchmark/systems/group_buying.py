"""GBMF and GBGCN, peers made for group buying (Zhang et al., ICDE 2021); they share a score and its losses.

GBMF, group-buying matrix factorisation, has one free vector for each user and item. GBGCN propagates them in a view of
initiators and a view of participants, with messages within and across the views.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import scipy.sparse as sp
import torch
from torch import Tensor, nn
from torch.nn import functional

from db.logs import Task
from engine.evidence.graphs import Graphs
from train.benchmark.systems.group_batches import GroupBatch, GroupBatches
from train.benchmark.systems.network_peer import LEARNING, LEARNING_SENTENCE, Tables, TrainingData
from train.benchmark.systems.popularity_term import TERM_SENTENCE, PopularityTerm, with_popularity
from train.benchmark.systems.search_space import Domain, Range, Space, Whole
from train.benchmark.systems.searched import Scope
from train.benchmark.systems.vector_network import (
    VECTORS,
    Edges,
    VectorNetwork,
    VectorPeer,
    VectorSetting,
    free_vectors,
    row_mean,
    row_products,
    symmetric,
)
from train.nn.losses import bpr

ADAPTATION = (
    "Friends are declared friendships and, as few logs have any, initiators and participants of the same training "
    "groups. Task II: the participant's interest in the item, plus the product of initiator and participant. Losses: "
    "BPR between items on the score of Task I, friends included, where the paper has the initiator's interest and that "
    "of each participant apart, and BPR between participants for Task II, which the paper does not have. Of a failed "
    "launch the friends' mean interest is taken, not each friend's. Each task has a network of its own, which learns "
    "from the losses of both. "
)


@dataclass(frozen=True, kw_only=True)
class GroupBuyingSetting(VectorSetting):
    """Adds the weights of the friends in a launch, of a failed launch as a sign against them, and of Task II."""

    friends: float = 0.5  # alpha: share of the friends' interest in the score of a launch
    refusal: float = 0.05  # beta: weight of a failed launch as a sign against the friends' interest
    task_weight: float = 1.0  # of the loss of Task II


WEIGHTS: dict[str, Domain] = {
    "friends": Range(0.0, 1.0, closed=("low", "high")),
    "refusal": Range(1e-3, 10.0, log=True),
    "task_weight": Range(0.01, 100.0, log=True, closed=("low", "high")),
}


class GroupBuyingNetwork(VectorNetwork):
    """Its tables are ``initiator`` and ``launched``, ``participant`` and ``joined``, and ``friends``.

    The first two pairs hold users and items in either role; row u of ``friends`` is the mean of the participant vectors
    of u's friends.
    """

    def __init__(self, graphs: Graphs, setting: GroupBuyingSetting) -> None:
        super().__init__()
        self.setting = setting
        self.users = free_vectors(graphs.users + 1, setting.dim)
        self.items = free_vectors(graphs.items + 1, setting.dim)
        self.popularity = PopularityTerm(graphs, setting.popularity)

    def score_items(self, tables: Tables, initiator: Tensor, items: Tensor) -> Tensor:
        """(1 - alpha) the initiator's interest + alpha the mean interest of their friends as participants."""
        own = row_products(tables["initiator"], initiator, tables["launched"], items)
        theirs = row_products(tables["friends"], initiator, tables["joined"], items)
        alpha = self.setting.friends
        return with_popularity((1 - alpha) * own + alpha * theirs, tables, Task.ITEMS, items)

    def score_participants(
        self, tables: Tables, initiator: Tensor, item: Tensor, participants: Tensor
    ) -> Tensor:
        """The participant's interest in the item, plus initiator times participant."""
        interest = row_products(tables["joined"], item, tables["participant"], participants)
        tie = row_products(tables["initiator"], initiator, tables["participant"], participants)
        return with_popularity(interest + tie, tables, Task.PARTICIPANTS, participants)

    def losses(self, batch: GroupBatch) -> dict[str, Tensor]:
        """BPR of both tasks and of failed launches: the initiator wanted the item, their friends did not."""
        tables = self()
        found = self.task_losses(tables, batch)
        if Task.PARTICIPANTS in found:
            found[Task.PARTICIPANTS] = self.setting.task_weight * found[Task.PARTICIPANTS]
        if batch.failures is not None and len(batch.failures.initiator):
            initiator, items = batch.failures.initiator, batch.failures.items
            own = row_products(tables["initiator"], initiator, tables["launched"], items)
            theirs = row_products(tables["friends"], initiator, tables["joined"], items)
            found["failed"] = bpr(own[:, :1], own[:, 1:])
            found["refused"] = self.setting.refusal * bpr(-theirs[:, :1], -theirs[:, 1:])
        return found


class GroupBuyingPeer(VectorPeer[GroupBuyingSetting]):
    """A network for each task, which learns from the losses of both and from failed launches."""

    scopes: ClassVar[Sequence[Scope]] = ((Task.ITEMS,), (Task.PARTICIPANTS,))
    failures = True

    def batches(
        self, data: TrainingData, tasks: tuple[Task, ...], setting: GroupBuyingSetting
    ) -> GroupBatches:
        """Groups with what both tasks learn from, whichever task the network is for."""
        return super().batches(data, tuple(Task), setting)


class Factorisation(GroupBuyingNetwork):
    """One free vector for each user and item, the same in either role."""

    def __init__(self, graphs: Graphs, setting: GroupBuyingSetting) -> None:
        super().__init__(graphs, setting)
        self.circle = Edges(row_mean(graphs.circle))

    def forward(self) -> Tables:
        """The free vectors, and the mean over each user's friends."""
        return {
            "initiator": self.users,
            "participant": self.users,
            "launched": self.items,
            "joined": self.items,
            "friends": self.circle(self.users),
            **self.popularity(),
        }


class GBMF(GroupBuyingPeer):
    """Matrix factorisation: the score without any propagation."""

    name = "gbmf"
    adaptation = (
        ADAPTATION
        + "It is not pretrained by plain matrix factorisation. "
        + TERM_SENTENCE
        + LEARNING_SENTENCE
    )
    needs_all_groups = True
    default = GroupBuyingSetting(rate=0.01, decay=0.1)
    domains: ClassVar[Space] = {
        "dim": Whole(2, 7, powers=True),
        "negatives": VECTORS["negatives"],
        **LEARNING,
        **WEIGHTS,
    }

    def network(
        self, graphs: Graphs, tasks: tuple[Task, ...], setting: GroupBuyingSetting
    ) -> Factorisation:
        """The network of either task."""
        return Factorisation(graphs, setting)


class View(nn.Module):
    """Propagates over one role's graph of users and items as LightGCN does; its layers are concatenated."""

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


class TwoViews(GroupBuyingNetwork):
    """Free vectors that both views share: propagation within each view and one step across, concatenated.

    Across the views, initiators receive from the participants who joined them, participants from the initiators whom
    they joined, and items from the users of the other view. Messages across first pass a linear layer and LeakyReLU of
    their view.
    """

    def __init__(self, graphs: Graphs, setting: GroupBuyingSetting) -> None:
        super().__init__(graphs, setting)
        # A failed launch shows what its initiator wanted, so it belongs to the initiators' view.
        launched = graphs.launched_ever.maximum(graphs.failed_ever)
        self.initiators = View(launched, setting.layers)
        self.participants = View(graphs.joined_ever, setting.layers)
        self.shared = Edges(symmetric(graphs.invited))
        self.circle = Edges(row_mean(graphs.circle))
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
        return tables | {"friends": self.circle(tables["participant"]), **self.popularity()}


class GBGCN(GroupBuyingPeer):
    """Two views, with messages within and across them."""

    name = "gbgcn"
    adaptation = (
        ADAPTATION
        + (
            "Vectors are not pretrained by GBMF, and there is no social regularisation. Messages are normalised by the "
            "degrees of both ends, not means, and rows of a layer keep their length. Across the views a message is "
            "transformed before it is sent, by one linear layer for each sender without a bias and by LeakyReLU, to "
            "the width of a free vector; the receiver adds its own and leaves out the neighbours of its own view. "
        )
        + TERM_SENTENCE
        + LEARNING_SENTENCE
    )
    default = GroupBuyingSetting(dim=16, layers=2)
    domains: ClassVar[Space] = {**VECTORS, **WEIGHTS, "layers": Whole(1, 3, closed=("low",))}

    def network(
        self, graphs: Graphs, tasks: tuple[Task, ...], setting: GroupBuyingSetting
    ) -> TwoViews:
        """The network of either task."""
        return TwoViews(graphs, setting)
