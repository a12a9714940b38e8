"""Friends: who has shared a group with whom, directly and over one more person."""

import numpy as np

from db.evidence.products import ahead, cells
from train.protocol import Lists
from train.systems.mixture import Mixture, Terms


class Friends(Mixture):
    """Task II: the candidate's joins, whether she is of the initiator's circle, and how many of it she is tied to."""

    name = "friends"
    adaptation = "Task I: the item's launches, and those of the initiator's circle."

    def terms(self, lists: Lists) -> Terms:
        """Popularity, then the ties."""
        graphs, candidates = self.graphs, lists.candidates
        circle = graphs.circle[lists.initiator]
        if lists.item is None:
            near = ahead(circle, graphs.launched_ever, candidates)
            return [np.log1p(graphs.item_counts[candidates, 0]), np.log1p(near)]
        ties = graphs.ties[lists.initiator]
        return [
            np.log1p(graphs.user_counts[candidates, 2]),
            cells(circle, candidates),
            np.log1p(20 * ahead(ties, graphs.ties, candidates)),
        ]
