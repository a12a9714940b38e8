"""What an expert is in a task: idle, dominating, or carrying its part; and where it stands out."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.experts.slices import SliceMeans

IDLE = 0.1  # of an even share: an expert below it is hardly used
CLEAR = 50  # cases below which a slice says nothing
APART = 0.05  # by which a slice's mean stands out from the expert's own


@dataclass(frozen=True)
class Verdict:
    """One expert over the whole shop, in one task."""

    expert: int
    mean: float  # weight
    leads: float  # share of the groups in which no other expert weighs more
    most: float  # the weight that it exceeds in one group of a hundred
    idle: bool
    dominates: bool


def verdicts(weights: NDArray[np.floating], stands_for: NDArray[np.floating]) -> list[Verdict]:
    """Every expert's part, in the order of ``weights`` [N, experts]; each case counts ``stands_for`` [N] groups.

    An expert is idle below a tenth of an even share. It dominates more than half of the way from an even share to
    all of the weight: of two experts with three quarters, of four with 62.5 %.
    """
    size = weights.shape[1]
    even = 1 / size
    leader = weights.argmax(1)
    found = []
    for k, mean in enumerate(np.average(weights, axis=0, weights=stands_for)):
        found.append(
            Verdict(
                expert=k,
                mean=float(mean),
                leads=float(stands_for[leader == k].sum() / stands_for.sum()),
                most=float(np.quantile(weights[:, k], 0.99)),
                idle=bool(mean < IDLE * even),
                dominates=bool(size > 1 and mean > (1 + even) / 2),
            )
        )
    return found


@dataclass(frozen=True)
class StandsOut:
    """A slice in which an expert weighs much more than it does on the whole."""

    expert: int
    slice: int
    there: float
    overall: float


def stands_out(found: SliceMeans, overall: NDArray[np.floating]) -> list[StandsOut]:
    """For each expert the slice that lifts it most, the greatest lift first; small lifts and small slices are left out.

    ``overall`` [experts] are the mean weights over all groups.
    """
    lifts = np.where((found.cases >= CLEAR)[:, None], found.means - overall, -np.inf)
    best = lifts.argmax(0)
    chosen = [k for k in range(len(overall)) if lifts[best[k], k] >= APART]
    chosen.sort(key=lambda k: -lifts[best[k], k])
    return [
        StandsOut(k, int(best[k]), float(found.means[best[k], k]), float(overall[k]))
        for k in chosen
    ]
