"""Counts of events by pairs and by single users, items or categories: of chosen candidates, or of every one."""

import numpy as np
from numpy.typing import NDArray

from engine.evidence.describes_candidates import Moments, Positions
from engine.evidence.sparse_products import Candidates
from engine.evidence.timed.event_counts import HALF_LIVES, EventCounts, Tally


class PairCounts:
    """Events of pairs (major, minor), such as launches by initiator and item."""

    def __init__(
        self,
        major: NDArray[np.integer],
        minor: NDArray[np.integer],
        times: Moments,
        width: int,
        half_lives: tuple[float, ...] = HALF_LIVES,
        amounts: NDArray[np.floating] | None = None,
    ) -> None:
        """``major``, ``minor`` and ``times`` are [N]; minors are below ``width``. ``amounts``: as in EventCounts."""
        self._width = width
        key = major.astype(np.int64) * width + minor
        self._counts = EventCounts(key, times, half_lives, amounts)

    def at(self, major: Positions, minor: Candidates, moments: Moments) -> Tally:
        """The tallies [B, K] of ``major`` [B] with ``minor`` [B, K] as of ``moments`` [B]; of all minors for None."""
        if minor is not None:
            return self._counts.at(major[:, None] * self._width + minor, moments[:, None])
        rows = [self._row(int(one), moment) for one, moment in zip(major, moments, strict=True)]
        return Tally.stack(rows)

    def latest(self, major: Positions, minor: Positions, moments: Moments) -> Moments:
        """The times [B, K] of the last events before ``moments`` [B]; NaT where none is, or is unknown."""
        return self._counts.latest(major[:, None] * self._width + minor, moments[:, None])

    def _row(self, major: int, moment: np.datetime64) -> Tally:
        first = major * self._width
        keys, found = self._counts.between(first, first + self._width, moment)
        return found.scattered(keys - first, self._width)


class PairMeans:
    """Means of a value over the events of pairs; an event weighs less with every ``half_life`` days."""

    def __init__(
        self,
        major: NDArray[np.integer],
        minor: NDArray[np.integer],
        times: Moments,
        width: int,
        values: NDArray[np.float32],
        half_life: float,
    ) -> None:
        """``values`` [N]; all else as in PairCounts."""
        amounts = np.stack([np.ones_like(values), values], 1)
        self._sums = PairCounts(major, minor, times, width, (half_life, half_life), amounts)

    def at(self, major: Positions, minor: Candidates, moments: Moments) -> NDArray[np.float32]:
        """The means [B, K] as of ``moments`` [B], of all minors for None; NaN without an event."""
        sums = self._sums.at(major, minor, moments).decayed
        weight, total = sums[..., 0], sums[..., 1]
        return np.where(weight > 0, total / np.where(weight > 0, weight, 1), np.float32(np.nan))


class SingleCounts:
    """Events of single users, items or categories; those of everybody as of the latest moment asked are kept."""

    def __init__(self, keys: NDArray[np.integer], times: Moments, size: int) -> None:
        """``keys`` [N] below ``size``."""
        self._everybody = np.arange(size)
        self._counts = EventCounts(keys, times)
        self._kept: tuple[np.datetime64, Tally] | None = None

    def at(self, keys: Candidates, moments: Moments) -> Tally:
        """The tallies [B, K] of ``keys`` [B, K] as of ``moments`` [B]; of everybody for None."""
        if keys is not None:
            return self._counts.at(keys, moments[:, None])
        return Tally.stack([self._of_everybody(moment) for moment in moments])

    def before(self, keys: Candidates, moments: Moments) -> NDArray[np.float32]:
        """How many events ``keys`` [B, K] had before ``moments`` [B]; everybody for None."""
        return self._counts.before(
            self._everybody[None] if keys is None else keys, moments[:, None]
        )

    def _of_everybody(self, moment: np.datetime64) -> Tally:
        kept = self._kept
        if kept is None or kept[0] != moment:
            kept = moment, self._counts.at(self._everybody, np.array(moment))
            self._kept = kept
        return kept[1]
