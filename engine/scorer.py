"""Scores of one task: evidence is computed, the graph run, and logits turned into probabilities."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from db.logs import Query, Task
from engine.blas_threads import single_blas_thread
from engine.bundle.manifest import Calibration, TaskManifest
from engine.candidates import Question
from engine.evidence.describes_candidates import DescribesCandidates
from engine.onnx_session import OnnxHead, Positions


@dataclass(frozen=True)
class Scorer:
    """One task of a bundle. Users and items are positions.

    ``size`` is N, how many users or items can be ranked; position N is the cold-start row, which stands for ids that
    are in no log. The first ``trained`` of them were in the logs of the training, the others came later.
    """

    task: Task
    manifest: TaskManifest
    calibration: Calibration
    head: OnnxHead
    evidence: DescribesCandidates | None  # None for a model without evidence
    trained: int
    size: int
    # Of Task I: the calibrations of its questions; a question that is not among them has ``calibration``.
    by_question: Mapping[Question, Calibration] = field(default_factory=dict)

    def score_all(
        self,
        query: Query,
        excluded: Positions,
        question: Question | None = None,
        missing: Positions | None = None,
        absent: Positions | None = None,
    ) -> "ScoredQuery":
        """Scores everyone, exactly. ``excluded`` [X] are no candidates of the query (``engine.candidates``).

        They are scored as well but have no share of the probability, which is that of the ``question`` in Task I. Nor
        have the candidates that are ``missing``, since nobody can launch what cannot be had. They do belong to the
        list on which the model was calibrated: a share is taken and corrected among all candidates, and then divided
        by the sum over those that can be had. That is the calibrated probability, given that it is one of them.
        The ``absent`` are none of the shop's: no candidates, and nothing is compared with them.
        """
        evidence = self.evidence_of_all(query)
        scores = self.score(query, np.arange(self.size + 1, dtype=np.int64), evidence)
        candidates = np.ones(self.size + 1, bool)
        if absent is not None:
            candidates[absent] = False
        present = candidates[: self.size].copy()
        candidates[excluded] = False
        candidates[self.size] = False
        calibration = self.calibration_of(question)
        shares = scores.astype(np.float64) / calibration.temperature
        normaliser = _log_sum_exp(shares[candidates])
        if missing is not None:
            candidates[missing] = False
        shares = shares[candidates]
        return ScoredQuery(
            self,
            query,
            scores,
            evidence,
            normaliser,
            calibration,
            _log_sum_exp(calibration.corrected(shares - normaliser)),
            present,
        )

    def calibration_of(self, question: Question | None) -> Calibration:
        """The calibration of a question of Task I, or of Task II."""
        if question is None:
            return self.calibration
        return self.by_question.get(question, self.calibration)

    def score(
        self, query: Query, candidates: Positions, evidence: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """The logits [K] of candidates [K] with evidence [K, E]."""
        return self.head.scores(query, candidates, evidence)

    def score_pairs(
        self,
        initiators: Positions,
        items: Positions | None,
        candidates: Positions,
        at: NDArray[np.datetime64] | None = None,
    ) -> NDArray[np.float32]:
        """The logits [B, K] of candidates [B, K] for queries [B], each as of ``at`` [B]; no ``items`` in Task I."""
        evidence = self.evidence_of_pairs(initiators, items, candidates, at)
        scores = np.empty(candidates.shape, np.float32)
        for k, query in enumerate(_queries(initiators, items)):
            scores[k] = self.score(query, candidates[k], evidence[k])
        return scores

    def score_initiators(
        self, initiators: Positions, item: int, evidence: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """The logits [B] of one item for initiators [B] with evidence [B, E]; Task I only."""
        return self.head.scores_of_item(item, initiators, evidence)

    def gates_of_pairs(
        self, initiators: Positions, items: Positions | None, candidates: Positions
    ) -> NDArray[np.float32]:
        """The gate weights [B, experts] for one candidate [B] of each query [B].

        Candidates of the same query go through the graph together, because a run costs more than a row.
        """
        evidence = self.evidence_of_pairs(initiators, items, candidates[:, None])[:, 0]
        weights = np.empty((len(candidates), len(self.manifest.experts)), np.float32)
        rows: dict[Query, list[int]] = {}
        for k, query in enumerate(_queries(initiators, items)):
            rows.setdefault(query, []).append(k)
        for query, same in rows.items():
            weights[same] = self.head.gates(query, candidates[same], evidence[same])
        return weights

    def evidence_of_all(self, query: Query) -> NDArray[np.float32]:
        """The evidence of everyone, [N + 1, E]; E is 0 for a model without evidence."""
        if self.evidence is None:
            return np.zeros((self.size + 1, 0), np.float32)
        initiators = np.array([query.initiator], np.int64)
        with single_blas_thread():
            if query.item is None:
                return self.evidence.items(initiators, None)[0]
            items = np.array([query.item], np.int64)
            return self.evidence.participants(initiators, items, None)[0]

    def evidence_of_pairs(
        self,
        initiators: Positions,
        items: Positions | None,
        candidates: Positions,
        at: NDArray[np.datetime64] | None = None,
    ) -> NDArray[np.float32]:
        """The evidence [B, K, E] of candidates [B, K] for queries [B] as of ``at`` [B]; no ``items`` in Task I."""
        if self.evidence is None:
            return np.zeros((*candidates.shape, 0), np.float32)
        with single_blas_thread():
            if items is None:
                return self.evidence.items(initiators, candidates, at)
            return self.evidence.participants(initiators, items, candidates, at)


@dataclass(frozen=True)
class ScoredQuery:
    """A query with the score and the evidence of everyone, N of them and the cold-start row.

    ``normaliser`` is the log of the sum of exp(score / temperature) over the candidates, -inf where there is none,
    and ``total`` the log of the sum of the corrected shares of those that can be had.
    """

    scorer: Scorer
    query: Query
    scores: NDArray[np.float32]  # [N + 1]
    evidence: NDArray[np.float32]  # [N + 1, E]
    normaliser: float
    calibration: Calibration
    total: float
    present: NDArray[np.bool_]  # [N] whom or what the shop has

    @property
    def average_evidence(self) -> NDArray[np.float32]:
        """The mean evidence of everyone that the shop has, [E]."""
        known = self.evidence[:-1]
        return np.asarray((known if self.present.all() else known[self.present]).mean(0))

    def probabilities(
        self, scores: NDArray[np.float32], missing: NDArray[np.bool_] | bool = False
    ) -> NDArray[np.float64]:
        """The calibrated probability of each score among all candidates of the query that can be had.

        Where ``missing`` says that a candidate cannot be had, what its probability would be beside those that can.
        """
        if self.normaliser == -np.inf:
            return np.zeros(scores.shape)
        logits = self.calibration.corrected(self.log_shares(scores))
        if self.calibration.normalised:
            own = np.where(missing, np.logaddexp(self.total, logits), self.total)
            return np.minimum(np.exp(logits - own), 1.0)
        return np.asarray(1 / (1 + np.exp(-logits)))

    def log_shares(self, scores: NDArray[np.float32]) -> NDArray[np.float64]:
        """The log of the share that the model gives a candidate with each score."""
        return scores.astype(np.float64) / self.calibration.temperature - self.normaliser


def _queries(initiators: Positions, items: Positions | None) -> Iterator[Query]:
    columns = [None] * len(initiators) if items is None else items.tolist()
    return map(Query, initiators.tolist(), columns)


def _log_sum_exp(scores: NDArray[np.floating]) -> float:
    if not len(scores):
        return -float("inf")
    highest = float(scores.max())
    return highest + float(np.log(np.exp(scores.astype(np.float64) - highest).sum()))
