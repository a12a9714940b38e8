"""A state of the logs as the model sees it: the evidence of some of the groups, and role tables made from them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from db.logs import Logs
from engine.evidence.evidence import Evidence
from engine.evidence.graphs import Graphs
from engine.evidence.role_vectors import (
    ViewTables,
    item_vectors,
    procrustes_rotation,
    propagate_views,
)
from engine.model_settings import ModelSettings

TasteVectors = tuple[NDArray[np.float32], NDArray[np.float32]]  # sharp [I+1, k], smooth [I+1, m]


@dataclass(frozen=True)
class Snapshot:
    """One state of the logs as the model sees it: evidence, and role tables where they are not learned.

    ``rotation`` [m, d] made the tables' item vectors from the smooth taste vectors.
    """

    graphs: Graphs
    evidence: Evidence | None
    tables: ViewTables | None
    rotation: NDArray[np.float32] | None = None

    @property
    def item_vectors(self) -> NDArray[np.float32] | None:
        """What the item vectors of other worlds are to agree with, [I+1, d]."""
        if self.evidence is None or self.rotation is None:
            return None
        return item_vectors(self.evidence, self.rotation)


def take_snapshot(
    logs: Logs,
    config: ModelSettings,
    groups: NDArray[np.bool_] | None,
    agreed: NDArray[np.float32] | None = None,
    vectors: TasteVectors | None = None,
) -> Snapshot:
    """The world of the groups where ``groups`` is true (all for None).

    Its item vectors are turned to agree with the ``agreed`` ones [I+1, d] of another world. Its taste ``vectors`` take
    long to find, and whoever has them already can give them.
    """
    graphs = Graphs.from_logs(logs, groups, config.friendships)
    if not _has_tastes(config):
        return Snapshot(graphs, None, None)
    evidence = _evidence(graphs, config) if vectors is None else Evidence(graphs, *vectors)
    if config.embeddings != "taste":
        return Snapshot(graphs, evidence, None)
    rotation = procrustes_rotation(evidence, config.dim, agreed)
    return Snapshot(graphs, evidence, propagate_views(evidence, rotation), rotation)


def snapshot_taste_vectors(
    logs: Logs, config: ModelSettings, groups: NDArray[np.bool_] | None
) -> TasteVectors | None:
    """The taste vectors of the world of these groups; ``None`` where the model takes none."""
    if not _has_tastes(config):
        return None
    evidence = _evidence(Graphs.from_logs(logs, groups, config.friendships), config)
    return evidence.taste, evidence.smooth_taste


def _has_tastes(config: ModelSettings) -> bool:
    return config.evidence or config.embeddings == "taste"


def _evidence(graphs: Graphs, config: ModelSettings) -> Evidence:
    return Evidence.from_graphs(graphs, config.taste_rank, config.leaning_rank)


def known(graphs: Graphs) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which items [I] and which users [U] have any history there."""
    items, users = graphs.history.getnnz(0), graphs.history.getnnz(1)
    return items[:-1] > 0, users[:-1] > 0
