"""What of a year fell into the weeks that come now: last year's launches are a forecast for goods of a season."""

import numpy as np
from numpy.typing import NDArray

from engine.evidence.describes_candidates import Moments
from engine.evidence.sparse_products import Candidates
from engine.evidence.timed.pair_counts import SingleCounts

YEAR, WEEKS = np.timedelta64(365, "D"), np.timedelta64(30, "D")
EVEN = 30 / 365  # the share of these weeks in a year without seasons


def season(counts: SingleCounts, keys: Candidates, at: Moments) -> NDArray[np.float32]:
    """The share [B, K] of last year's events that fell into the 30 days after the moment's day a year ago.

    Few events are drawn towards ``EVEN``, which is also that of what did not exist a year ago.
    """
    then, year = last_year(counts, keys, at)
    return np.where(year > 0, (then + EVEN) / (year + 1), EVEN).astype(np.float32)


def last_year(
    counts: SingleCounts, keys: Candidates, at: Moments
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Events [B, K] in the 30 days after the moment's day a year ago, and in the whole year since that day.

    None of either for what did not exist then.
    """
    a_year_ago = counts.before(keys, at - YEAR)
    then = counts.before(keys, at - YEAR + WEEKS) - a_year_ago
    since = counts.before(keys, at) - a_year_ago
    existed = a_year_ago > 0
    return np.where(existed, then, 0), np.where(existed, since, 0)
