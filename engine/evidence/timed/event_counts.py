"""Counts of events by key, as of any moment: how many, how recently, and how many if older ones weigh less.

A decayed count at a moment t is the sum over the key's events before t of 2^-((t - t_e) / h). The state right after
each event is kept, so one binary search answers for all half-lives h.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.lapack import dtbtrs

HALF_LIVES = (2.0, 7.0, 30.0, 90.0, 365.0)  # days
DAY = 86_400  # seconds
NEVER = np.float32(np.inf)

_SPAN_BITS = 34  # of seconds in a search key: 544 years
_SPAN = np.int64(1) << _SPAN_BITS
_KEYS = np.int64(1) << (63 - _SPAN_BITS)


@dataclass(frozen=True)
class Tally:
    """What happened with each key before a moment.

    ``count`` [...] events; ``decayed`` [..., H] by half-life; ``since_last`` and ``since_first`` [...] in days,
    infinite where nothing has happened.
    """

    count: NDArray[np.float32]
    decayed: NDArray[np.float32]
    since_last: NDArray[np.float32]
    since_first: NDArray[np.float32]

    @classmethod
    def of_nothing(cls, shape: tuple[int, ...], half_lives: int) -> "Tally":
        """Keys without any event."""
        return cls(
            np.zeros(shape, np.float32),
            np.zeros((*shape, half_lives), np.float32),
            np.full(shape, NEVER),
            np.full(shape, NEVER),
        )

    def __getitem__(self, part: object) -> "Tally":
        """The tally of some of the keys."""
        return Tally(*(getattr(self, entry.name)[part] for entry in fields(self)))

    @classmethod
    def stack(cls, tallies: Sequence["Tally"]) -> "Tally":
        """Tallies of the same shape along a new first axis; a view for a single one."""
        if len(tallies) == 1:
            return tallies[0][None]
        return cls(
            *(np.stack([getattr(one, entry.name) for one in tallies]) for entry in fields(cls))
        )

    def scattered(self, places: NDArray[np.int64], size: int) -> "Tally":
        """The tally of ``size`` keys of which those at ``places`` [N] are these [N], and the others have no event."""
        found = Tally.of_nothing((size,), self.decayed.shape[-1])
        for entry in fields(self):
            getattr(found, entry.name)[places] = getattr(self, entry.name)
        return found


class EventCounts:
    """Events by key in the order of their times; an event without a time happened before all others, long ago."""

    def __init__(
        self,
        keys: NDArray[np.integer],
        times: NDArray[np.datetime64],
        half_lives: tuple[float, ...] = HALF_LIVES,
        amounts: NDArray[np.floating] | None = None,
    ) -> None:
        """``keys`` [N] from 0 on, ``times`` [N] in seconds; ``amounts`` [N, H] count instead of 1 in decayed counts."""
        self.half_lives = np.array(half_lives, np.float64)
        seconds = _seconds(times)
        order = _by_key_and_time(keys, seconds)
        ordered = np.asarray(keys, np.int64)[order]
        self.keys, self._start, size = np.unique(ordered, return_index=True, return_counts=True)
        if len(self.keys) >= _KEYS:
            raise ValueError(f"{len(self.keys)} keys are more than a search key can hold")
        rank = np.repeat(np.arange(len(self.keys), dtype=np.int64), size)
        self._stop = self._start + size
        ordered_seconds = seconds[order]
        self._search = (rank << _SPAN_BITS) + ordered_seconds
        self._states = _states(
            None if amounts is None else amounts[order],
            ordered_seconds / DAY,
            np.arange(len(order)) - self._start[rank],
            self.half_lives,
        )

    def at(self, keys: NDArray[np.integer], moments: NDArray[np.datetime64]) -> Tally:
        """What had happened with ``keys`` strictly before ``moments``, which broadcast against each other."""
        shape = np.broadcast_shapes(keys.shape, moments.shape)
        tally = Tally.of_nothing(shape, len(self.half_lives))
        flat = Tally(
            tally.count.reshape(-1),
            tally.decayed.reshape(-1, len(self.half_lives)),
            tally.since_last.reshape(-1),
            tally.since_first.reshape(-1),
        )
        self._fill(flat, *self._known(keys, moments, shape))
        return tally

    def latest(
        self, keys: NDArray[np.integer], moments: NDArray[np.datetime64]
    ) -> NDArray[np.datetime64]:
        """The times of the last events strictly before ``moments``, to the second; NaT where none is, or is unknown."""
        shape = np.broadcast_shapes(keys.shape, moments.shape)
        places, rank, asked = self._known(keys, moments, shape)
        last = self._ends(rank, asked) - 1
        began = last >= self._start[rank]
        seconds = self._seconds_of(last[began])
        found = np.full(shape, np.datetime64("NaT"), "datetime64[s]")
        times = (seconds - 1).astype("datetime64[s]")
        found.reshape(-1)[places[began]] = np.where(seconds > 0, times, np.datetime64("NaT"))
        return found

    def before(
        self, keys: NDArray[np.integer], moments: NDArray[np.datetime64]
    ) -> NDArray[np.float32]:
        """How many events ``keys`` had strictly before ``moments``, which broadcast against each other."""
        shape = np.broadcast_shapes(keys.shape, moments.shape)
        places, rank, asked = self._known(keys, moments, shape)
        found = np.zeros(shape, np.float32)
        found.reshape(-1)[places] = self._ends(rank, asked) - self._start[rank]
        return found

    def _known(
        self,
        keys: NDArray[np.integer],
        moments: NDArray[np.datetime64],
        shape: tuple[int, ...],
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """The keys of any event, by place in the flat ``shape``, with their rank and the seconds of their moment."""
        if not len(self.keys):
            return (np.empty(0, np.int64),) * 3
        flat_keys = np.broadcast_to(keys, shape).ravel()
        seconds = np.broadcast_to(_seconds(moments), shape).ravel()
        rank = np.minimum(np.searchsorted(self.keys, flat_keys), len(self.keys) - 1)
        places = np.flatnonzero(self.keys[rank] == flat_keys)
        return places, rank[places], seconds[places]

    def _ends(self, rank: NDArray[np.int64], seconds: NDArray[np.int64]) -> NDArray[np.int64]:
        """The places right behind the last events of the keys of that ``rank`` strictly before ``seconds``."""
        return np.searchsorted(self._search, (rank << _SPAN_BITS) + seconds, side="left")

    def _seconds_of(self, events: NDArray[np.int64]) -> NDArray[np.int64]:
        """When the events at these places happened."""
        return self._search[events] & (_SPAN - 1)

    def between(
        self, first: int, last: int, moment: np.datetime64
    ) -> tuple[NDArray[np.int64], Tally]:
        """All keys in [first, last) with an event, and their tallies at the moment."""
        low, high = np.searchsorted(self.keys, [first, last])
        keys = self.keys[low:high]
        tally = Tally.of_nothing(keys.shape, len(self.half_lives))
        seconds = np.full(len(keys), _seconds(np.array(moment)))
        self._fill(tally, np.arange(len(keys)), np.arange(low, high), seconds)
        return keys, tally

    def _fill(
        self,
        tally: Tally,
        rows: NDArray[np.int64],
        rank: NDArray[np.int64],
        seconds: NDArray[np.int64],
    ) -> None:
        """Writes the tallies of the keys of that ``rank`` at ``seconds`` into these rows of a flat ``tally``."""
        last = self._ends(rank, seconds) - 1
        first = self._start[rank]
        began = last >= first
        rows, last, first, seconds = rows[began], last[began], first[began], seconds[began]
        age = (seconds - self._seconds_of(last)) / DAY
        tally.count[rows] = last - first + 1
        tally.decayed[rows] = self._states[last] * np.exp2(-age[:, None] / self.half_lives)
        tally.since_last[rows] = age
        tally.since_first[rows] = (seconds - self._seconds_of(first)) / DAY


def _by_key_and_time(keys: NDArray[np.integer], seconds: NDArray[np.int64]) -> NDArray[np.int64]:
    """The order of events by key, then by time."""
    if keys.max(initial=0) < _KEYS:
        # One sort in place of two.
        return np.argsort((keys.astype(np.int64) << _SPAN_BITS) + seconds)
    return np.lexsort((seconds, keys))


def _states(
    amounts: NDArray[np.floating] | None,
    days: NDArray[np.float64],
    place: NDArray[np.int64],
    half_lives: NDArray[np.float64],
) -> NDArray[np.float32]:
    """The decayed counts [N, H] right after each event; ``place`` [N] is that of an event among those of its key.

    ``amounts`` [N, H] are what the events count for by themselves, None where that is 1. A state is the amount plus
    what is left of the state before, so the states solve a triangular system with one band beside the diagonal; sums
    of 2^(t/h) from one origin would overflow after a few years at the shortest half-life.
    """
    states = np.empty((len(days), len(half_lives)), np.float32)
    if not len(days):
        return states
    follows = place[1:] > 0  # an event of the same key
    gap = np.where(follows, np.diff(days), 0)
    bands = np.zeros((2, len(days)), order="F")  # the diagonal, not read, and what lies below it
    for column, half_life in enumerate(half_lives):
        bands[1, :-1] = np.where(follows, -np.exp2(-gap / half_life), 0)
        own = np.ones(len(days)) if amounts is None else amounts[:, column].astype(np.float64)
        solved, _ = dtbtrs(bands, own, uplo="L", diag="U", overwrite_b=1)
        states[:, column] = solved.reshape(-1)
    return states


def _seconds(times: NDArray[np.datetime64]) -> NDArray[np.int64]:
    """Seconds since a second before 1970 that are never negative; 0 for an unknown or an earlier time."""
    seconds = times.astype("datetime64[s]").astype(np.int64)
    return np.clip(seconds + 1, 0, _SPAN - 1)


@dataclass(frozen=True)
class LatestEvents:
    """The latest L events of B keys: ``values`` [B, L] with the latest first, ``age`` [B, L] in days.

    Where a key has fewer, ``real`` is false and the age infinite.
    """

    real: NDArray[np.bool_]
    values: NDArray[np.int64]
    age: NDArray[np.float32]

    def weights(self, half_life: float) -> NDArray[np.float32]:
        """Weights [B, L] that halve with every ``half_life`` days and sum to 1, or to 0 for a key without events."""
        latest = np.where(
            self.real[:, :1], self.age[:, :1], 0
        )  # counted from it, not all underflow
        weight = np.exp2((latest - self.age) / half_life)
        total = weight.sum(1, keepdims=True)
        return np.asarray(weight / np.where(total > 0, total, 1), np.float32)


class Histories:
    """Events with a value each, by key; the latest of a key before a moment are read at once."""

    def __init__(
        self, keys: NDArray[np.integer], times: NDArray[np.datetime64], values: NDArray[np.integer]
    ) -> None:
        """``keys`` [N] from 0 on, ``times`` [N] in seconds, ``values`` [N]."""
        seconds = _seconds(times)
        order = np.lexsort((seconds, keys))
        self._seconds = seconds[order]
        self._search = (np.asarray(keys, np.int64)[order] << _SPAN_BITS) + self._seconds
        self._values = np.asarray(values, np.int64)[order]

    def latest(
        self, keys: NDArray[np.integer], moments: NDArray[np.datetime64], length: int
    ) -> LatestEvents:
        """The latest ``length`` events of each key [B] strictly before its moment [B]."""
        seconds = _seconds(moments)
        begin = np.asarray(keys, np.int64) << _SPAN_BITS
        stop = np.searchsorted(self._search, begin + seconds, side="left")
        start = np.searchsorted(self._search, begin, side="left")
        index = stop[:, None] - 1 - np.arange(length)
        real = index >= start[:, None]
        if not len(self._search):
            nothing = np.zeros(real.shape, np.int64)
            return LatestEvents(np.zeros_like(real), nothing, np.full(real.shape, NEVER))
        index = np.where(real, index, 0)
        age = np.where(real, (seconds[:, None] - self._seconds[index]) / DAY, NEVER)
        return LatestEvents(real, np.where(real, self._values[index], 0), age.astype(np.float32))
