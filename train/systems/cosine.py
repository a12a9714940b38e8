"""Item-item cosine: what goes with what somebody did before."""

import numpy as np
from numpy.typing import NDArray

from db.evidence.products import Candidates, at, meet, scaled
from train.systems.mixture import Mixture, Terms


class Cosine(Mixture):
    """cos(i, j) = users of both / sqrt(users of i * users of j), over launches, failed launches and joins.

    Task I: popularity and the cosines between the initiator's history and the item, summed.
    """

    name = "cosine"
    adaptation = "Task II: the candidate's history against the item, and her joins."

    def terms(
        self, initiator: NDArray[np.int64], item: NDArray[np.int64] | None, candidates: Candidates
    ) -> Terms:
        """Popularity and the summed cosine, the sum spread out near zero."""
        graphs, queries = self.graphs, len(initiator)
        if item is None:
            history = scaled(graphs.history[initiator], graphs.rarity)
            met = meet(graphs.together, graphs.together, history, candidates)
            met = met * at(graphs.rarity, candidates, queries)
            known = np.log1p(graphs.item_counts[:, 0])
            return [at(known, candidates, queries), np.log1p(20 * met)]
        near = scaled(graphs.together[item], graphs.rarity)
        met = meet(graphs.history, graphs.history_by_item, near, candidates)
        met = met * graphs.rarity[item][:, None]
        known = np.log1p(graphs.user_counts[:, 2])
        return [at(known, candidates, queries), np.log1p(20 * met)]
