"""The other way round: who should launch an item, found in two looks.

Task I is trained with a softmax over the items of one initiator, so scores of different initiators do not compare.
What compares is the share that the item has among all items of the same initiator, x = score - log(sum of exp(score)),
of which the calibrated probability is a function (``Scorer.probabilities``). That sum takes a ranking of all items,
too much to be done for every user of a large shop. So those who are worth it are found first:

1. Some initiators are ranked in full, once a model. From them a linear map learns what evidence is worth a share, and
   another what an initiator's own columns say of her sum.
2. For an item the evidence of everybody is counted at once, and the map keeps the ``POOL`` most promising.
3. Their exact scores less their guessed sums give the shortlist, which the caller ranks in full.

So what comes out is exact for whoever is on the shortlist; who else would have belonged there is a guess. Where there
are no more initiators than the shortlist takes, nothing is guessed. A model that reads no evidence has no first look:
everybody's exact score is worked out, which takes longer.


Who should launch an item: the initiators who may, ranked, under their names.
"""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from db.queries.groups import initiators_of
from engine.blas_threads import single_blas_thread
from engine.catalogue import Shop
from engine.evidence.columns import ITEM_EVIDENCE, ITEM_TOKENS
from engine.evidence.evidence import initiator_evidence
from engine.explain.reasons import NameItems, Query, reasons_for
from engine.id_map import Entities
from engine.loading import Bundle
from engine.results import InitiatorRanking, RankedInitiator, Reason
from engine.scorer import Scorer

Positions = NDArray[np.int64]
Floats = NDArray[np.float64]

REFERENCES = 24  # initiators ranked in full to learn from
BEST = 150  # items of each that are learned from because they lead her list
SPREAD = 250  # and as many from all over the shop
POOL = 2_000  # initiators whose exact score for the item is worked out, 0.2 to 0.4 ms each
SPARE = 10  # how many more than asked for are ranked in full, at least
CELLS = 700_000  # scores that full rankings may take: in a shop with fewer items more of them are affordable
RUN = 4_000  # scores that cost as much as a ranking does beside its scores
RIDGE = 1e-3
OWN = [ITEM_EVIDENCE.index(name) for name in ITEM_TOKENS["initiator"]]  # the same for all items
SAME_FOR_ALL = ("popular",)  # reasons that tell no initiator from another


@dataclass(frozen=True)
class Suited:
    """How an item suits one initiator, all her items ranked."""

    position: int
    id: str
    score: float
    share: float  # the logarithm of the share that the model gives the item among all of hers
    probability: float
    reasons: list[Reason]  # without those that hold for every initiator

    @property
    def order(self) -> tuple[float, str]:
        """Ascending from the best."""
        return -self.share, self.id


@dataclass(frozen=True)
class QuickLook:
    """Linear maps of evidence with a constant in front: to the share, and an initiator's own columns to her sum."""

    share: Floats  # [1 + E]
    normaliser: Floats  # [1 + own columns]


class InitiatorSearch:
    """Finds and judges initiators for items with one scorer of Task I; threads may share it."""

    def __init__(self, scorer: Scorer, users: Entities) -> None:
        self._scorer, self._users = scorer, users

    def shortlist(self, item: int, positions: Positions, top: int) -> NDArray[np.int64]:
        """Places in ``positions`` [M] of the initiators to be ranked in full, more than ``top`` of them.

        All of them where they are few, else the most promising by the two looks, the best guess first.
        """
        most = max(top + max(SPARE, top // 2), CELLS // (self._scorer.known + RUN))
        places = np.arange(len(positions))
        if len(places) <= most:
            return places
        evidence = self._evidence(item)
        if evidence.shape[1]:
            shares = _mapped(evidence[positions], self._quick.share)
            places = _highest(shares, places, POOL)
        chosen = positions[places]
        scores = self._scorer.each(chosen, item, evidence[chosen])
        sums = _mapped(_own(evidence[chosen]), self._quick.normaliser)
        return places[_highest(scores - sums, np.arange(len(places)), most)]

    def best(
        self,
        item: int,
        positions: Positions,
        ids: NDArray[np.object_],
        top: int,
        name_items: NameItems,
    ) -> list[Suited]:
        """The ``top`` of initiators ``positions`` [M] with these ids [M], each ranked in full; of equal ones the
        smaller id first.
        """
        found: list[Suited] = []
        for initiator, id in zip(positions.tolist(), ids.tolist(), strict=True):
            everyone = self._scorer.everyone(initiator, None)
            share = float(everyone.scores[item]) - everyone.normaliser
            if len(found) >= top and (not found or (-share, id) > found[-1].order):
                continue
            query = Query(self._scorer, initiator, None, everyone)
            score = everyone.scores[item : item + 1]
            told = reasons_for(query, np.array([item], np.int64), name_items)[0]
            suited = Suited(
                position=initiator,
                id=id,
                score=float(score[0]),
                share=share,
                probability=float(self._scorer.probabilities(score, everyone.normaliser)[0]),
                reasons=[reason for reason in told if _kind(reason) not in SAME_FOR_ALL],
            )
            found = sorted([*found, suited], key=lambda one: one.order)[:top]
        return found

    @cached_property
    def _quick(self) -> QuickLook:
        """Learned from the items of the reference initiators."""
        rows, shares, own, sums = [], [], [], []
        for initiator in self._references():
            everyone = self._scorer.everyone(int(initiator), None)
            scores = everyone.scores[: self._scorer.known]
            lead = np.argsort(-scores, kind="stable")[:BEST]
            over = np.linspace(0, len(scores) - 1, min(SPREAD, len(scores))).astype(np.int64)
            seen = np.concatenate([lead, over])
            rows.append(everyone.evidence[seen])
            shares.append(scores[seen] - everyone.normaliser)
            own.append(_own(everyone.evidence[:1])[0])
            sums.append(everyone.normaliser)
        return QuickLook(
            _learned(np.concatenate(rows), np.concatenate(shares)),
            _learned(np.array(own), np.array(sums)),
        )

    def _references(self) -> Positions:
        """Initiators from the quietest to the busiest, half of them from the busiest tenth."""
        count = self._users.newcomer
        order = np.arange(count)
        if self._scorer.evidence is not None:
            busy = self._scorer.evidence.graphs.user_counts[:count].sum(1)
            order = np.argsort(busy, kind="stable")
        half = REFERENCES // 2
        busiest = order[-max(count // 10, 1) :]
        return np.unique(
            np.concatenate(
                [part[np.linspace(0, len(part) - 1, half).astype(int)] for part in (order, busiest)]
            )
        )

    def _evidence(self, item: int) -> NDArray[np.float32]:
        """The evidence of the item for each initiator, [U+1, E]; E is 0 for a model that reads none."""
        if self._scorer.evidence is None:
            return np.zeros((self._users.newcomer + 1, 0), np.float32)
        return initiator_evidence(self._scorer.evidence, item)


def _kind(reason: Reason) -> str:
    return reason.kind.removesuffix("_one")


def _own(evidence: NDArray[np.float32]) -> NDArray[np.float32]:
    """The columns that say what the initiators [N] themselves did; none for a model without evidence."""
    return evidence[:, OWN] if evidence.shape[1] else evidence


def _with_constant(values: NDArray[np.float32]) -> Floats:
    return np.concatenate([np.ones((len(values), 1)), values], 1).astype(np.float64)


def _mapped(values: NDArray[np.float32], weights: Floats) -> Floats:
    return weights[0] + values @ weights[1:].astype(np.float32)


def _learned(values: NDArray[np.float32], wanted: NDArray[np.floating]) -> Floats:
    """The weights [1 + E] of least squares, held a little so that a column that never varies does no harm."""
    design = _with_constant(values)
    square = design.T @ design / len(design) + RIDGE * np.eye(design.shape[1])
    return np.asarray(np.linalg.solve(square, design.T @ wanted / len(design)))


def _highest(values: Floats, places: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """The ``count`` places of the highest values, of equal ones the first."""
    return places[np.argsort(-values, kind="stable")[:count]]


@dataclass(frozen=True)
class Candidates:
    """Who may be ranked: ``among`` these ids (None: all users), without who has a successful or an open group for
    the item, and with at least so many groups opened.
    """

    among: Collection[str] | None
    exclude_launched: bool
    least_launches: int


class Launchers:
    """Ranks a shop's initiators for items with one scorer of Task I; threads may share it."""

    def __init__(self, version: str, scorer: Scorer, bundle: Bundle, shop: Shop) -> None:
        self._version, self._bundle, self._shop = version, bundle, shop
        self._search = InitiatorSearch(scorer, bundle.users)

    def ranking(self, item: str, top: int, candidates: Candidates) -> InitiatorRanking:
        """The ``top`` initiators; ``Recommender.rank_initiators`` says how they are found."""
        place = self._bundle.items.position(item)
        listed = self._shop.users
        places = np.flatnonzero(self._allowed(item, candidates))
        with single_blas_thread():
            short = self._search.shortlist(place, listed.positions[places], top)
        chosen = places[short]
        best = self._search.best(
            place, listed.positions[chosen], listed.ids[chosen], top, self._shop.item_names
        )
        names = self._shop.names("users", [suited.id for suited in best])
        return InitiatorRanking(
            model=self._version,
            item=item,
            item_newcomer=self._bundle.items.is_new(place),
            results=[
                RankedInitiator(
                    rank=number + 1,
                    id=suited.id,
                    name=names[suited.id],
                    score=suited.score,
                    probability=suited.probability,
                    reasons=suited.reasons,
                    newcomer=self._bundle.users.is_new(suited.position),
                    launches=int(self._shop.launches[listed.places[suited.id]]),
                )
                for number, suited in enumerate(best)
            ],
            candidates=len(places),
            ranked=len(short),
        )

    def _allowed(self, item: str, candidates: Candidates) -> NDArray[np.bool_]:
        """Which of the store's users may be ranked, [N]."""
        listed = self._shop.users
        done = initiators_of(self._shop.store, item) if candidates.exclude_launched else ()
        allowed = ~listed.those(done)
        if candidates.among is not None:
            allowed &= listed.those(id.strip() for id in candidates.among)
        if candidates.least_launches > 0:
            allowed &= self._shop.launches >= candidates.least_launches
        return allowed
