"""The network of the preset ``paper`` on a small shop, and the paper's equations with the same weights."""

from dataclasses import dataclass

import numpy as np
import torch
from paper_equations import Array, Group, Paper, Shop
from paper_weights import paper_of
from small_shops import logs_of
from torch import Tensor, nn

from db.logs import FAILED, OPEN, SUCCESSFUL, Logs
from engine.evidence.graphs import Graphs
from engine.model_settings import ModelSettings
from engine.presets import preset
from train.nn.embeddings import BatchViews, GraphConvolutions
from train.nn.model import Level
from train.nn.network import Network

USERS, ITEMS, GROUPS = 10, 6, 30
TRAINING = np.arange(GROUPS) < 24  # the groups in the graphs
STATUSES = [SUCCESSFUL, SUCCESSFUL, SUCCESSFUL, FAILED, OPEN]
FRIENDS = [(0, 5), (2, 3), (7, 8)]


def random_groups() -> Logs:
    """Groups of every status and a few friendships; user 0 launches and never joins."""
    rng = np.random.default_rng(3)
    groups = []
    for _ in range(GROUPS):
        initiator, item = int(rng.integers(0, USERS)), int(rng.integers(0, ITEMS))
        status = int(rng.choice(STATUSES))
        others = np.setdiff1d(np.arange(1, USERS), [initiator])
        joined = rng.choice(others, int(rng.integers(1, 4)), replace=False).tolist()
        groups.append((initiator, item, status, [] if status == FAILED else joined))
    return logs_of(USERS, ITEMS, groups, FRIENDS)


LOGS = random_groups()


def groups_of(status: int) -> list[Group]:
    """The training groups with this status."""
    return [
        Group(
            int(LOGS.group_initiator[group]),
            int(LOGS.group_item[group]),
            tuple(LOGS.join_participant[LOGS.join_group == group].tolist()),
        )
        for group in np.flatnonzero(TRAINING & (LOGS.group_status == status))
    ]


SHOP = Shop(USERS, ITEMS, groups_of(SUCCESSFUL))


@dataclass(frozen=True)
class Reading:
    """The network in double precision with random weights, and the equations with the same weights."""

    settings: ModelSettings
    network: Network
    paper: Paper

    @property
    def level(self) -> Level:
        (level,) = self.network.mamgbr.levels
        assert isinstance(level, Level)
        return level

    def vectors(self, queries: int) -> BatchViews:
        return BatchViews(self.network.views(), torch.zeros(queries, dtype=torch.int64))


def read(*changes: str) -> Reading:
    """The preset with smaller vectors, and without dropout unless a change brings it back."""
    settings = preset("paper", ["dim=16", "dropout=0", *changes])
    graphs = Graphs.from_logs(LOGS, TRAINING, settings.friendships)
    torch.manual_seed(0)
    network = Network(settings, GraphConvolutions(settings, graphs)).double().eval()
    assert isinstance(network.views, GraphConvolutions)
    adjacency = network.views.adjacency
    network.views.adjacency = {name: matrix.double() for name, matrix in adjacency.items()}
    for parameter in network.parameters():  # biases and norms, too, which start at 0 and 1
        nn.init.normal_(parameter, 0, 0.3)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm1d):
            assert module.running_mean is not None
            assert module.running_var is not None
            nn.init.uniform_(module.running_mean, -0.5, 0.5)
            nn.init.uniform_(module.running_var, 0.5, 2)
    return Reading(settings, network, paper_of(network, settings, SHOP))


def assert_agrees(found: Tensor | Array, expected: Array | float) -> None:
    values = found.detach().numpy() if isinstance(found, Tensor) else found
    np.testing.assert_allclose(values, expected, rtol=1e-6, atol=1e-9)
