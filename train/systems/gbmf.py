"""GBMF, group-buying matrix factorisation (Zhang et al., ICDE 2021): their score without any propagation."""

from db.evidence.graphs import Graphs
from train.systems.edges import Edges, averaging
from train.systems.group_buying import GroupBuying, GroupBuyingSetting, GroupBuyingSystem
from train.systems.vectors import Setting, Tables, Vectors, free_vectors


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
