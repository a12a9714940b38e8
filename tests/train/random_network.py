"""A network with the preset ``default`` and random weights, and queries to ask it."""

from dataclasses import dataclass

import numpy as np
import torch
from paper_equations import Array
from torch import Tensor, nn

from db.logs import Task
from engine.evidence.columns import ITEM_EVIDENCE, PARTICIPANT_EVIDENCE
from engine.evidence.role_vectors import ViewTables
from engine.presets import preset
from train.nn.embeddings import BatchViews, FixedViews
from train.nn.network import Network
from train.nn.tokens import Scale, item_inputs, participant_inputs

SNAPSHOTS, USERS, ITEMS, WIDTH = 2, 7, 5, 6
SMALL = (
    f"dim={WIDTH}",
    "width=8",
    "heads=2",
    "hidden=5",
    "out=4",
    "gate_hidden=3",
    "tower=3",
    "dropout=0",
    "auxiliary_negatives=2",
)


def random_tables() -> ViewTables:
    rng = np.random.default_rng(0)
    users, items = (SNAPSHOTS, USERS, WIDTH), (SNAPSHOTS, ITEMS, WIDTH)
    shapes = (users, users, users, items, items, (SNAPSHOTS, 2 * WIDTH))
    return ViewTables(*(rng.standard_normal(shape).astype(np.float32) for shape in shapes))


TABLES = random_tables()


def network_of(*changes: str) -> Network:
    """A network in double precision with random weights, scales and statistics, in evaluation mode."""
    settings = preset("default", [*SMALL, *changes])
    torch.manual_seed(1)
    network = Network(settings, FixedViews(TABLES)).double().eval()
    for parameter in network.parameters():
        nn.init.normal_(parameter, 0, 0.4)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm1d):
            nn.init.uniform_(given(module.running_mean), -0.5, 0.5)
            nn.init.uniform_(given(module.running_var), 0.5, 2)
        if isinstance(module, Scale):
            nn.init.uniform_(module.mean, -1, 1)
            nn.init.uniform_(module.spread, 0.5, 2)
    return network


def given(value: Tensor | None) -> Tensor:
    assert value is not None
    return value


@dataclass(frozen=True)
class Queries:
    """Positions of B queries with K candidates, their snapshots and their evidence."""

    snapshot: Tensor  # [B]
    u: Tensor  # [B, 1]
    i: Tensor  # [B, K] in Task I, [B, 1] in Task II
    p: Tensor  # [B, K]
    evidence: Tensor  # [B, K, columns]

    def vectors(self, network: Network) -> BatchViews:
        return BatchViews(network.views(), self.snapshot)


def queries_of(task: Task, count: int = 3, candidates: int = 4) -> Queries:
    rng = np.random.default_rng(2)
    names = ITEM_EVIDENCE if task == Task.ITEMS else PARTICIPANT_EVIDENCE
    return Queries(
        torch.arange(count) % SNAPSHOTS,
        torch.from_numpy(rng.integers(0, USERS, (count, 1))),
        torch.from_numpy(rng.integers(0, ITEMS, (count, candidates if task == Task.ITEMS else 1))),
        torch.from_numpy(rng.integers(0, USERS, (count, candidates))),
        torch.from_numpy(rng.standard_normal((count, candidates, len(names)))),
    )


def assert_agrees(found: Tensor | Array, expected: Array | float) -> None:
    values = found.detach().numpy() if isinstance(found, Tensor) else found
    np.testing.assert_allclose(values, expected, rtol=1e-6, atol=1e-9)


def inputs_of(network: Network, task: Task, queries: Queries) -> dict[str, Tensor]:
    vectors, settings = queries.vectors(network), network.settings
    if task == Task.ITEMS:
        return item_inputs(settings, vectors, queries.u, queries.i, queries.evidence)
    return participant_inputs(settings, vectors, queries.u, queries.i, queries.p, queries.evidence)
