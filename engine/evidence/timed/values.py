"""From tallies to columns: counts and ages on scales that a network can read."""

import numpy as np
from numpy.typing import NDArray

from engine.evidence.timed.columns import SHARES
from engine.evidence.timed.event_counts import HALF_LIVES, Tally

Floats = NDArray[np.float32]
Columns = dict[str, Floats]

LEAST = 1e-3  # added to decayed counts: one event ten half-lives ago
NEVER = 9.0  # the age of what never happened, on the scale of log(1 + days)
OLDEST = 5000.0  # days
ENOUGH = 0.1  # added to the denominators of shares

_PLACE = {f"{half_life:g}d": place for place, half_life in enumerate(HALF_LIVES)}


def of_family(name: str, tally: Tally, parts: tuple[str, ...]) -> Columns:
    """The columns of a family, each [B, K]."""
    return {f"{name}_{part}": _part(tally, part) for part in parts}


def of_decayed(name: str, decayed: Floats, parts: tuple[str, ...]) -> Columns:
    """The columns of sums of decayed counts [B, K, H], each [B, K]."""
    return {f"{name}_{part}": log_decayed(decayed[..., _PLACE[part]]) for part in parts}


def shares_of(name: str, part: Tally, whole: Tally) -> Columns:
    """The shares of the decayed counts in those of a whole, by half-life."""
    return {f"{name}_{kept}": share_of(part, whole, kept) for kept in SHARES}


def share_of(part: Tally, whole: Tally, half_life: str) -> Floats:
    """The share of decayed counts in those of a whole."""
    place = _PLACE[half_life]
    return np.asarray(part.decayed[..., place] / (whole.decayed[..., place] + ENOUGH), np.float32)


def trend(tally: Tally) -> Floats:
    """The log of the ratio between this week's and this quarter's decayed counts."""
    return log_decayed(tally.decayed[..., _PLACE["7d"]]) - log_decayed(
        tally.decayed[..., _PLACE["90d"]]
    )


def log_decayed(count: Floats) -> Floats:
    """A decayed count, which may be tiny and still say which came last."""
    return np.log(count + np.float32(LEAST))


def log_age(days: Floats) -> Floats:
    """log(1 + days); ``NEVER`` for what never happened."""
    return np.where(np.isinf(days), np.float32(NEVER), np.log1p(np.minimum(days, OLDEST)))


def _part(tally: Tally, part: str) -> Floats:
    match part:
        case "count":
            return np.log1p(tally.count)
        case "since_last":
            return log_age(tally.since_last)
        case "since_first":
            return log_age(tally.since_first)
        case _:
            return log_decayed(tally.decayed[..., _PLACE[part]])
