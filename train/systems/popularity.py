"""Popularity: what is launched most, who joins most."""

import numpy as np
from numpy.typing import NDArray

from db.evidence.products import Candidates, at
from train.systems.mixture import Mixture, Terms


class Popularity(Mixture):
    """Task I: successful launches of the item. Task II: joins of the candidate. The same list for everybody."""

    name = "popularity"
    adaptation = ""

    def terms(
        self, initiator: NDArray[np.int64], item: NDArray[np.int64] | None, candidates: Candidates
    ) -> Terms:
        """The logarithm of the count: the order is the count's own."""
        graphs = self.graphs
        count = graphs.item_counts[:, 0] if item is None else graphs.user_counts[:, 2]
        return [at(np.log1p(count), candidates, len(initiator))]
