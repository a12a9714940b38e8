"""Snapshots: the state of the logs as a model sees it, some of the groups with the evidence and views made of them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from db.logs import Logs, Task
from engine.evidence.describes_candidates import DescribesCandidates
from engine.evidence.evidence import Evidence
from engine.evidence.graphs import Graphs
from engine.evidence.role_vectors import (
    ViewTables,
    item_vectors,
    procrustes_rotation,
    propagate_views,
)
from engine.evidence.sparse_products import Candidates
from engine.model_settings import ModelSettings
from train.evaluate.sampled_ranking import CandidateLists

TasteVectors = tuple[NDArray[np.float32], NDArray[np.float32]]  # sharp [I+1, k], smooth [I+1, m]

EVIDENCE_VALUES = 40_000_000  # at a time, when every candidate's evidence is computed
# The cost of a chosen pair, in candidates of a query whose every candidate is computed (measured: 10 to 25 and 2 to 5
# microseconds against 0.1 to 0.4).
ITEM_PAIR_COST, PARTICIPANT_PAIR_COST = 64, 8


@dataclass(frozen=True)
class Snapshot:
    """A state of the logs as the model sees it.

    ``evidence`` and ``tables`` are None where the model does not take them or learns its own. ``rotation`` [m, d] made
    the item vectors of the tables from the smooth taste vectors.
    """

    graphs: Graphs
    evidence: DescribesCandidates | None
    tables: ViewTables | None
    rotation: NDArray[np.float32] | None = None

    @property
    def item_vectors(self) -> NDArray[np.float32] | None:
        """The item vectors [I+1, d] that other snapshots are rotated towards; None where there are none."""
        if self.evidence is None or self.rotation is None:
            return None
        return item_vectors(self.evidence, self.rotation)


def take_snapshot(
    logs: Logs,
    settings: ModelSettings,
    groups: NDArray[np.bool_] | None,
    target: NDArray[np.float32] | None = None,
    vectors: TasteVectors | None = None,
) -> Snapshot:
    """The snapshot of the groups that are true in ``groups`` [G], or of all.

    Its item vectors are rotated towards the ``target`` [I+1, d] of a reference snapshot (orthogonal Procrustes).
    ``vectors`` are its taste vectors, for callers that have computed them already, because they take long.
    """
    graphs = Graphs.from_logs(logs, groups, settings.friendships)
    if not _has_evidence(settings):
        return Snapshot(graphs, None, None)
    evidence = _evidence(graphs, settings) if vectors is None else Evidence(graphs, *vectors)
    if settings.embeddings != "taste":
        return Snapshot(graphs, evidence, None)
    rotation = procrustes_rotation(evidence, settings.dim, target)
    return Snapshot(graphs, evidence, propagate_views(evidence, rotation), rotation)


def snapshot_taste_vectors(
    logs: Logs, settings: ModelSettings, groups: NDArray[np.bool_] | None
) -> TasteVectors | None:
    """The taste vectors of the snapshot of these groups; None where the model takes none."""
    if not _has_evidence(settings):
        return None
    evidence = _evidence(Graphs.from_logs(logs, groups, settings.friendships), settings)
    return evidence.taste, evidence.smooth_taste


def _has_evidence(settings: ModelSettings) -> bool:
    return settings.evidence or settings.embeddings == "taste"


def _evidence(graphs: Graphs, settings: ModelSettings) -> Evidence:
    return Evidence.from_graphs(graphs, settings.taste_rank, settings.leaning_rank)


def list_evidence(
    lists: CandidateLists, snapshot: Snapshot, settings: ModelSettings
) -> NDArray[np.float32]:
    """The evidence of candidate lists in that snapshot, [n, N, E]; [n, N, 0] where the model takes none."""
    if snapshot.evidence is None or not settings.evidence:
        return np.empty((*lists.candidates.shape, 0), np.float32)
    return _evidence_of(snapshot.evidence, lists.initiator, lists.item, lists.candidates, lists.at)


def long_list_evidence(
    lists: CandidateLists, snapshot: Snapshot, settings: ModelSettings
) -> NDArray[np.float32]:
    """The same as ``list_evidence`` up to float32 rounding, faster for long lists.

    Where that pays, the evidence of every candidate is computed and the lists are picked out.
    """
    size, pair_cost = snapshot.graphs.users, PARTICIPANT_PAIR_COST
    if lists.item is None:
        size, pair_cost = snapshot.graphs.items, ITEM_PAIR_COST
    if lists.candidates.shape[1] * pair_cost < size or settings.knows_time:
        return list_evidence(lists, snapshot, settings)
    rows = evidence_of_all_in_blocks(lists.initiator, lists.item, size, snapshot, settings)
    return np.stack([evidence[lists.candidates[row]] for row, evidence in rows])


def evidence_of_all_in_blocks(
    initiator: NDArray[np.int64],
    item: NDArray[np.int64] | None,
    size: int,
    snapshot: Snapshot,
    settings: ModelSettings,
    at: NDArray[np.datetime64] | None = None,
) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """The row of each query with the evidence [size, E] of the first ``size`` items, or users where ``item`` is given.

    Computes as many queries at a time as ``EVIDENCE_VALUES`` allows, each as of ``at`` [n].
    """
    task = Task.ITEMS if item is None else Task.PARTICIPANTS
    columns = 0 if snapshot.evidence is None else len(snapshot.evidence.columns[task])
    rows = max(1, EVIDENCE_VALUES // (size * max(columns, 1)))
    for start in range(0, len(initiator), rows):
        part = slice(start, start + rows)
        if snapshot.evidence is None or not settings.evidence:
            block = np.empty((len(initiator[part]), size, 0), np.float32)
        else:
            items = None if item is None else item[part]
            moments = None if at is None else at[part]
            block = _evidence_of(snapshot.evidence, initiator[part], items, None, moments)[:, :size]
        yield from enumerate(block, start)


def _evidence_of(
    evidence: DescribesCandidates,
    initiator: NDArray[np.int64],
    item: NDArray[np.int64] | None,
    candidates: Candidates,
    at: NDArray[np.datetime64] | None,
) -> NDArray[np.float32]:
    if item is None:
        return evidence.items(initiator, candidates, at)
    return evidence.participants(initiator, item, candidates, at)
