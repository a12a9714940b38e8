"""Item-item cosine: what goes with what somebody did before."""

import numpy as np

from db.evidence.products import meet, scaled
from train.protocol import Lists
from train.systems.mixture import Mixture, Terms


class Cosine(Mixture):
    """cos(i, j) = users of both / sqrt(users of i * users of j), over launches, failed launches and joins.

    Task I: popularity and the cosines between the initiator's history and the item, summed.
    """

    name = "cosine"
    adaptation = "Task II: the candidate's history against the item, and her joins."

    def terms(self, lists: Lists) -> Terms:
        """Popularity and the summed cosine, the sum spread out near zero."""
        graphs, candidates = self.graphs, lists.candidates
        if lists.item is None:
            history = scaled(graphs.history[lists.initiator], graphs.rarity)
            met = meet(graphs.together, graphs.together, history, candidates)
            met = met * graphs.rarity[candidates]
            return [np.log1p(graphs.item_counts[candidates, 0]), np.log1p(20 * met)]
        near = scaled(graphs.together[lists.item], graphs.rarity)
        met = meet(graphs.history, graphs.history, near, candidates)
        met = met * graphs.rarity[lists.item][:, None]
        return [np.log1p(graphs.user_counts[candidates, 2]), np.log1p(20 * met)]
