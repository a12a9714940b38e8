"""Who should launch an item: the initiators who may, ranked, under their names."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from db.activity import launchers_of
from engine.bundle import Bundle
from engine.initiators import InitiatorSearch
from engine.results import InitiatorRanking, RankedInitiator
from engine.scoring import Scorer
from engine.shop import Shop


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
        done = launchers_of(self._shop.store, item) if candidates.exclude_launched else ()
        allowed = ~listed.those(done)
        if candidates.among is not None:
            allowed &= listed.those(id.strip() for id in candidates.among)
        if candidates.least_launches > 0:
            allowed &= self._shop.launches >= candidates.least_launches
        return allowed
