"""Orders: the best of a list of scores, and the place of one candidate in it."""

import numpy as np
from numpy.typing import NDArray

from engine.shop import Listed


def top_ranked(
    scores: NDArray[np.float32],
    ids: NDArray[np.object_],
    allowed: NDArray[np.bool_],
    top: int,
) -> NDArray[np.int64]:
    """Where the ``top`` best allowed scores [N] stand, best first; the smaller id of equal ones."""
    places = np.flatnonzero(allowed)
    if top < 1 or not len(places):
        return places[:0]
    if top < len(places):
        kept = scores[places]
        least = np.partition(kept, len(kept) - top)[len(kept) - top]
        places = places[kept >= least]  # with all that tie for the last place
    order = sorted(places.tolist(), key=lambda place: (-float(scores[place]), ids[place]))
    return np.array(order[:top], np.int64)


def place(
    scores: NDArray[np.float32],
    listed: Listed,
    allowed: NDArray[np.bool_],
    id: str,
    position: int,
) -> tuple[int, int]:
    """The rank, from 1, of the candidate ``id`` among the allowed ones, and how many they are.

    ``scores`` are by position in the model. A candidate that the store does not list stands beside
    them.
    """
    rivals = allowed.copy()
    if id in listed.places:
        rivals[listed.places[id]] = False
    own, others = scores[position], scores[listed.positions]
    equal = np.flatnonzero(rivals & (others == own))
    ahead = int((rivals & (others > own)).sum())
    ahead += sum(1 for k in equal.tolist() if listed.ids[k] < id)
    return ahead + 1, int(rivals.sum()) + 1
