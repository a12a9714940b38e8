"""GBGCN (Zhang et al., ICDE 2021): a view of initiators and a view of participants, and messages within and across."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from db.evidence.graphs import Graphs
from train.systems.edges import Edges, averaging
from train.systems.group_buying import GroupBuying, GroupBuyingSetting, GroupBuyingSystem
from train.systems.vectors import Setting, Tables, Vectors, free_vectors


class View(nn.Module):
    """One role's graph of users and items: each layer takes means over the neighbours, layers stand side by side."""

    def __init__(self, to_users: Edges, to_items: Edges, layers: int) -> None:
        super().__init__()
        self.to_users, self.to_items, self.layers = to_users, to_items, layers

    def forward(self, users: Tensor, items: Tensor) -> tuple[Tensor, Tensor]:
        """[U+1, d] and [I+1, d] -> [U+1, (1+layers) d] and [I+1, (1+layers) d]."""
        all_users, all_items = [users], [items]
        for _ in range(self.layers):
            users, items = self.to_users(items), self.to_items(users)
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
        joined = graphs.joined_ever
        to_launched, to_joined = Edges(averaging(launched.T)), Edges(averaging(joined.T))
        self.initiators = View(Edges(averaging(launched)), to_launched, setting.layers)
        self.participants = View(Edges(averaging(joined)), to_joined, setting.layers)
        self.from_participants = Edges(averaging(graphs.invited))
        self.from_initiators = Edges(averaging(graphs.invited.T))
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
            "initiator": sent["initiator"] + self.from_participants(sent["participant"]),
            "participant": sent["participant"] + self.from_initiators(sent["initiator"]),
            "launched": sent["launched"] + self.participants.to_items(sent["participant"]),
            "joined": sent["joined"] + self.initiators.to_items(sent["initiator"]),
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
