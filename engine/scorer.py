"""Scores of a task: evidence counted, the graph run, logits turned into probabilities."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.blas_threads import single_blas_thread
from engine.bundle.manifest import Calibration, TaskManifest
from engine.evidence.evidence import Evidence, item_evidence, participant_evidence
from engine.onnx_session import Graph, Positions

ITEMS, PARTICIPANTS = "items", "participants"


@dataclass(frozen=True)
class Everyone:
    """All known candidates of one query; row N of N + 1 is whoever is in no log."""

    scores: NDArray[np.float32]  # [N + 1]
    evidence: NDArray[np.float32]  # [N + 1, E]
    normaliser: float  # log of the sum of exp(score) over all candidates: what the calibration compares with


@dataclass(frozen=True)
class Scorer:
    """One task of a bundle. Entities are positions; ``item`` is None in Task I."""

    task: str
    manifest: TaskManifest
    calibration: Calibration
    graph: Graph
    evidence: Evidence | None
    trained: int  # candidates that the model was trained with, which come first
    known: int  # and with those that came later: N, the position of whoever is in no log

    def everyone(self, initiator: int, item: int | None) -> Everyone:
        """Every candidate scored, exactly."""
        evidence = self.everyone_evidence(initiator, item)
        scores = self.scores(initiator, item, np.arange(self.known + 1, dtype=np.int64), evidence)
        counted = np.ones(self.known, bool)
        counted[self._left_out(initiator, item)] = False
        return Everyone(scores, evidence, _normaliser(scores[: self.known][counted]))

    def _left_out(self, initiator: int, item: int | None) -> Positions:
        """Who or what is no candidate of this query, as in the training's calibration: the items that she launched
        with success, or she herself.
        """
        if item is not None:
            return np.array([initiator] if initiator < self.known else [], np.int64)
        if self.evidence is None:
            return np.empty(0, np.int64)
        return self.evidence.graphs.launched[initiator].indices.astype(np.int64)

    def everyone_evidence(self, initiator: int, item: int | None) -> NDArray[np.float32]:
        """The evidence of every candidate, [N + 1, E]."""
        if self.evidence is None:
            return np.zeros((self.known + 1, 0), np.float32)
        initiators = np.array([initiator], np.int64)
        with single_blas_thread():
            if item is None:
                return item_evidence(self.evidence, initiators, None)[0]
            items = np.array([item], np.int64)
            return participant_evidence(self.evidence, initiators, items, None)[0]

    def scores(
        self,
        initiator: int,
        item: int | None,
        candidates: Positions,
        evidence: NDArray[np.float32],
    ) -> NDArray[np.float32]:
        """The logits [N] of candidates [N] with evidence [N, E] for one query."""
        return self.graph.scores(initiator, item, candidates, evidence)

    def pairs(
        self, initiators: Positions, items: Positions | None, candidates: Positions
    ) -> NDArray[np.float32]:
        """The logits [B, K] of candidates [B, K] for queries [B]."""
        evidence = self.pairs_evidence(initiators, items, candidates)
        found = np.empty(candidates.shape, np.float32)
        for k, query in enumerate(_queries(initiators, items)):
            found[k] = self.graph.scores(*query, candidates[k], evidence[k])
        return found

    def each(
        self, initiators: Positions, item: int, evidence: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """The logits [N] of one item for initiators [N] with evidence [N, E]; of Task I alone."""
        return self.graph.each(initiators, item, evidence)

    def pairs_gates(
        self, initiators: Positions, items: Positions | None, candidates: Positions
    ) -> NDArray[np.float32]:
        """The gate's weights [B, experts] for one candidate [B] of each query [B].

        Candidates of the same query go through the graph together: a run costs more than a row.
        """
        evidence = self.pairs_evidence(initiators, items, candidates[:, None])[:, 0]
        found = np.empty((len(candidates), len(self.manifest.experts)), np.float32)
        rows: dict[tuple[int, int | None], list[int]] = {}
        for k, query in enumerate(_queries(initiators, items)):
            rows.setdefault(query, []).append(k)
        for query, together in rows.items():
            found[together] = self.graph.gates(*query, candidates[together], evidence[together])
        return found

    def pairs_evidence(
        self, initiators: Positions, items: Positions | None, candidates: Positions
    ) -> NDArray[np.float32]:
        """The evidence [B, K, E] of candidates [B, K] for queries [B]."""
        if self.evidence is None:
            return np.zeros((*candidates.shape, 0), np.float32)
        with single_blas_thread():
            if items is None:
                return item_evidence(self.evidence, initiators, candidates)
            return participant_evidence(self.evidence, initiators, items, candidates)

    def probabilities(self, scores: NDArray[np.float32], normaliser: float) -> NDArray[np.float64]:
        """The calibrated probability of each score among all candidates of its query."""
        return self.calibration.probabilities(scores.astype(np.float64) - normaliser)


def _queries(initiators: Positions, items: Positions | None) -> Iterator[tuple[int, int | None]]:
    chosen = [None] * len(initiators) if items is None else items.tolist()
    return zip(initiators.tolist(), chosen, strict=True)


def _normaliser(scores: NDArray[np.float32]) -> float:
    """log(sum(exp(scores)))."""
    if not len(scores):
        return 0.0
    highest = float(scores.max())
    return highest + float(np.log(np.exp(scores.astype(np.float64) - highest).sum()))
