"""GBGCN (Zhang et al., ICDE 2021): a view of initiators and a view of participants, and messages within and across."""

import scipy.sparse as sp
import torch
from torch import Tensor, nn
from torch.nn import functional

from db.evidence.graphs import Graphs
from train.systems.edges import Edges, averaging, symmetric
from train.systems.group_buying import GroupBuying, GroupBuyingSetting, GroupBuyingSystem
from train.systems.vectors import Setting, Tables, Vectors, free_vectors


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
