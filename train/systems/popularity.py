"""Popularity: what is launched most, who joins most."""

import numpy as np

from train.protocol import Lists
from train.systems.mixture import Mixture, Terms


class Popularity(Mixture):
    """Task I: successful launches of the item. Task II: joins of the candidate. The same list for everybody."""

    name = "popularity"
    adaptation = ""

    def terms(self, lists: Lists) -> Terms:
        """The logarithm of the count: the order is the count's own."""
        if lists.item is None:
            return [np.log1p(self.graphs.item_counts[lists.candidates, 0])]
        return [np.log1p(self.graphs.user_counts[lists.candidates, 2])]
