"""Friends: who has shared a group with whom, directly and over one more person."""

import numpy as np
from numpy.typing import NDArray

from db.evidence.products import Candidates, ahead, at, cells
from train.systems.mixture import Mixture, Terms


class Friends(Mixture):
    """Task II: the candidate's joins, whether she is of the initiator's circle, and how many of it she is tied to."""

    name = "friends"
    adaptation = "Task I: the item's launches, and those of the initiator's circle."

    def terms(
        self, initiator: NDArray[np.int64], item: NDArray[np.int64] | None, candidates: Candidates
    ) -> Terms:
        """Popularity, then the ties."""
        graphs, queries = self.graphs, len(initiator)
        circle = graphs.circle[initiator]
        if item is None:
            near = ahead(circle, graphs.launched_ever, candidates)
            launches = np.log1p(graphs.item_counts[:, 0])
            return [at(launches, candidates, queries), np.log1p(near)]
        ties = graphs.ties[initiator]
        return [
            at(np.log1p(graphs.user_counts[:, 2]), candidates, queries),
            cells(circle, candidates),
            np.log1p(20 * ahead(ties, graphs.ties, candidates)),
        ]
