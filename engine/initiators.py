"""Who should launch an item: initiators ranked by the chance that a launch of theirs is of this item.

Task I is trained with a softmax over the items of one initiator, so scores of different initiators do not compare.
What compares is the share that the item has among all items of the same initiator, and the probability that the
calibration makes of it (``engine.scorer.ScoredQuery``). It takes a ranking of all items, too much for every user of a
large shop, so a shortlist is made first:

1. Once per model, some reference initiators are ranked in full. Least squares on their items learns a linear map from
   evidence to the share, and another from an initiator's own columns to the logarithm of the sum.
2. For an item, the evidence of every initiator is computed at once; the first map keeps the ``POOL`` most promising.
3. Their exact scores minus their predicted sums give the shortlist, which is ranked in full.

So the result is exact for everyone on the shortlist, and who is on it is an estimate. A shop with few initiators needs
no shortlist. A model without evidence has no first map: every initiator's exact score is computed, which takes longer.
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from db.logs import Query
from engine.blas_threads import single_blas_thread
from engine.candidates import Question
from engine.catalogue import Catalogue, Offered, count_reasons
from engine.evidence.columns import ITEM_TOKENS
from engine.evidence.timed.columns import ITEM_TOKENS as TIMED_ITEM_TOKENS
from engine.explain.reasons import find_reasons
from engine.results import InitiatorRanking, RankedInitiator, Reason
from engine.scorer import ScoredQuery, Scorer

Positions = NDArray[np.int64]
Floats = NDArray[np.float64]

REFERENCES = 24  # initiators ranked in full to learn the maps from, at least
A_COLUMN = 4  # references for each of the initiators' own columns, at least
BEST = 150  # of each reference's items, the leading ones
SPREAD = 250  # and as many spread over the shop
POOL = 2_000  # initiators whose exact score for the item is computed, 0.2 to 0.4 ms each
SPARE = 10  # how many more than requested are ranked in full, at least
CELLS = 700_000  # scores that full rankings may take: in a shop with fewer items more of them are affordable
RUN = 4_000  # scores that cost as much as the fixed cost of a ranking
RIDGE = 1e-1
# The columns that are equal for all items.
OWN_COLUMNS = {*ITEM_TOKENS["initiator"], *TIMED_ITEM_TOKENS["initiator"]}
SAME_FOR_ALL = (  # reasons that do not tell initiators apart
    *("popular", "popular_one", "rising", "in_season", "new_item", "discount"),
    *("launched_lately", "launched_lately_one", "first_lately", "first_lately_one"),
)


@dataclass(frozen=True)
class InitiatorFilter:
    """Who may be ranked: users ``among`` these ids (None: all) with at least ``least_launches`` groups opened.

    Where the question is who launches the item as something new, without those who have launched it already.
    """

    among: Collection[str] | None
    question: Question
    least_launches: int


@dataclass(frozen=True)
class InitiatorScore:
    """How an item does among all items of one initiator."""

    position: int
    id: str
    score: float
    probability: float
    reasons: list[Reason]  # without those that hold for every initiator

    @property
    def order(self) -> tuple[float, str]:
        """Sorts the best first, ties by id."""
        return -self.probability, self.id


@dataclass(frozen=True)
class ShortlistMaps:
    """Linear maps, the constant first: from evidence to the share, and from an initiator's own columns to the
    normaliser.
    """

    share: Floats  # [1 + E]
    normaliser: Floats  # [1 + own columns]


class InitiatorRanker:
    """Ranks the initiators of a catalogue for items with a scorer of Task I; threads may share it."""

    def __init__(self, version: str, scorer: Scorer, catalogue: Catalogue) -> None:
        self._version, self._scorer, self._catalogue = version, scorer, catalogue
        self._maps: dict[Question, ShortlistMaps] = {}  # learned when a question is first asked

    def rank(self, item: str, top: int, filter: InitiatorFilter) -> InitiatorRanking:
        """The ``top`` initiators, see ``Recommender.rank_initiators``."""
        position = self._catalogue.item_map.position(item)
        listed, offered = self._catalogue.users, self._catalogue.offered()
        wanted = self._allowed(item, filter)
        allowed = np.flatnonzero(wanted & offered.people)
        with single_blas_thread():  # once for all rankings: each would pay for setting it
            positions = listed.positions[allowed]
            shortlist = allowed[self._shortlist(position, positions, top, filter.question, offered)]
            best = self._best(position, shortlist, top, filter.question, offered)
        names = self._catalogue.names("users", [found.id for found in best])
        return InitiatorRanking(
            model=self._version,
            item=item,
            item_newcomer=self._catalogue.item_map.is_new(position),
            results=[
                RankedInitiator(
                    rank=rank,
                    id=found.id,
                    name=names[found.id],
                    score=found.score,
                    probability=found.probability,
                    reasons=found.reasons,
                    newcomer=self._catalogue.user_map.is_new(found.position),
                    launches=int(self._catalogue.launches[listed.index[found.id]]),
                )
                for rank, found in enumerate(best, 1)
            ],
            candidates=len(allowed),
            ranked=len(shortlist),
            question=filter.question,
            moment=self._catalogue.moment,
            left_out=count_reasons(
                listed, wanted & offered.refusing, offered.availability.refusing
            ),
            item_unavailable=offered.why_not_item(item),
        )

    def _shortlist(
        self, item: int, positions: Positions, top: int, question: Question, offered: Offered
    ) -> NDArray[np.int64]:
        """Indices into ``positions`` [M] of the initiators to rank in full, more than ``top``.

        All of them if they are few, otherwise the most promising, the best estimate first.
        """
        items = self._scorer.size - len(offered.absent_items)
        size = max(top + max(SPARE, top // 2), CELLS // (items + RUN))
        pool = np.arange(len(positions))
        if len(pool) <= size:
            return pool
        evidence, maps = self._evidence(item), self._maps_of(question, offered)
        if evidence.shape[1]:
            pool = pool[_highest(_apply(maps.share, evidence[positions]), POOL)]
        chosen = positions[pool]
        scores = self._scorer.score_initiators(chosen, item, evidence[chosen])
        normalisers = _apply(maps.normaliser, self._own_columns(evidence[chosen]))
        temperature = self._scorer.calibration_of(question).temperature
        return pool[_highest(scores / temperature - normalisers, size)]

    def _allowed(self, item: str, filter: InitiatorFilter) -> NDArray[np.bool_]:
        """Which users of the list may be ranked, [L]."""
        listed = self._catalogue.users
        new = filter.question is Question.NEW
        excluded = self._catalogue.source.initiators_of(item) if new else ()
        allowed = ~listed.mask(excluded)
        if filter.among is not None:
            allowed &= listed.mask(id.strip() for id in filter.among)
        if filter.least_launches > 0:
            allowed &= self._catalogue.launches >= filter.least_launches
        return allowed

    def _best(
        self,
        item: int,
        shortlist: NDArray[np.int64],
        top: int,
        question: Question,
        offered: Offered,
    ) -> list[InitiatorScore]:
        """The ``top`` of the shortlisted initiators (indices into the list of users), each ranked in full."""
        listed, best = self._catalogue.users, list[InitiatorScore]()
        launched = self._launched(listed.ids[shortlist].tolist(), question)
        missing = bool(np.isin(item, offered.missing))
        for index in shortlist.tolist():
            id, position = listed.ids[index], int(listed.positions[index])
            scored = self._score_all(position, launched[id], question, offered)
            score = scored.scores[item : item + 1]
            probability = float(scored.probabilities(score, missing)[0])
            if len(best) >= top and (not best or (-probability, id) > best[-1].order):
                continue
            reasons = find_reasons(scored, np.array([item], np.int64), self._catalogue.item_names)
            found = InitiatorScore(
                position=position,
                id=id,
                score=float(score[0]),
                probability=probability,
                reasons=[reason for reason in reasons[0] if reason.kind not in SAME_FOR_ALL],
            )
            best = sorted([*best, found], key=lambda one: one.order)[:top]
        return best

    def _launched(self, initiators: list[str], question: Question) -> dict[str, set[str]]:
        """The items of each initiator that are no candidates of the question."""
        if question is Question.ANY:
            return {id: set() for id in initiators}
        return self._catalogue.source.launched_items(initiators)

    def _score_all(
        self,
        position: int,
        launched: Collection[str],
        question: Question,
        offered: Offered,
    ) -> ScoredQuery:
        excluded = self._catalogue.item_map.positions(list(launched))
        return self._scorer.score_all(
            Query(position), excluded, question, offered.missing, offered.absent_items
        )

    def _maps_of(self, question: Question, offered: Offered) -> ShortlistMaps:
        """Learned from the items of the reference initiators."""
        if question not in self._maps:
            self._maps[question] = self._learn_maps(question, offered)
        return self._maps[question]

    def _learn_maps(self, question: Question, offered: Offered) -> ShortlistMaps:
        evidence, shares, own, normalisers = [], [], [], []
        ids = {k: self._catalogue.user_map.ids[k] for k in self._references(offered).tolist()}
        launched = self._launched(list(ids.values()), question)
        for initiator, id in ids.items():
            scored = self._score_all(initiator, launched[id], question, offered)
            present = np.flatnonzero(scored.present)
            lead = np.argsort(-scored.scores[present], kind="stable")[:BEST]
            spread = np.linspace(0, len(present) - 1, min(SPREAD, len(present))).astype(np.int64)
            sample = present[np.concatenate([lead, spread])]
            evidence.append(scored.evidence[sample])
            shares.append(scored.log_shares(scored.scores[sample]))
            own.append(self._own_columns(scored.evidence[:1])[0])
            normalisers.append(scored.normaliser)
        return ShortlistMaps(
            _least_squares(np.concatenate(evidence), np.concatenate(shares)),
            _least_squares(np.array(own), np.array(normalisers)),
        )

    def _references(self, offered: Offered) -> Positions:
        """Initiators from the least to the most active, half of them from the most active tenth."""
        count = self._catalogue.user_map.cold_start
        order = np.setdiff1d(np.arange(count), offered.absent_users)
        if self._scorer.evidence is not None:
            activity = self._scorer.evidence.graphs.user_counts[order].sum(1)
            order = order[np.argsort(activity, kind="stable")]
        most_active = order[-max(len(order) // 10, 1) :]
        own = sum(name in OWN_COLUMNS for name in self._scorer.manifest.evidence)
        half = max(REFERENCES, A_COLUMN * own) // 2
        samples = [
            part[np.linspace(0, len(part) - 1, half).astype(int)] for part in (order, most_active)
        ]
        return np.unique(np.concatenate(samples))

    def _evidence(self, item: int) -> NDArray[np.float32]:
        """The evidence of the item for each initiator, [U+1, E]; E is 0 for a model without evidence."""
        if self._scorer.evidence is None:
            return np.zeros((self._catalogue.user_map.cold_start + 1, 0), np.float32)
        return self._scorer.evidence.initiators(item)

    def _own_columns(self, evidence: NDArray[np.float32]) -> NDArray[np.float32]:
        """The columns about the initiators [M] themselves; none for a model without evidence."""
        names = self._scorer.manifest.evidence
        return evidence[:, [index for index, name in enumerate(names) if name in OWN_COLUMNS]]


def _apply(weights: Floats, values: NDArray[np.float32]) -> Floats:
    return weights[0] + values @ weights[1:].astype(np.float32)


def _least_squares(values: NDArray[np.float32], target: NDArray[np.floating]) -> Floats:
    """Ridge regression of ``target`` on ``values``, the constant first: [1 + E].

    Columns are standardised for it: many of them nearly say the same, on scales of their own.
    """
    mean, spread = values.mean(0, dtype=np.float64), values.std(0, dtype=np.float64) + 1e-6
    design = (values - mean) / spread
    gram = design.T @ design / len(design) + RIDGE * np.eye(design.shape[1])
    slopes = np.linalg.solve(gram, design.T @ (target - target.mean()) / len(design)) / spread
    return np.concatenate([[target.mean() - slopes @ mean], slopes])


def _highest(values: Floats, count: int) -> NDArray[np.int64]:
    """The indices of the ``count`` highest values, the first of equal ones."""
    return np.argsort(-values, kind="stable")[:count]
