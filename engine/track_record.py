"""Track records: how the closed groups of an item ended, smoothed towards the success rate of the shop.

The rate of an item is (successes + 4 x base rate) / (closed groups + 4); the base rate is that of all closed groups of
the shop. Groups that are still open are no part of it. It says how groups for the item went in general, and knows
neither who launches the next one nor whom they invite.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from db.queries.groups import closed_group_counts
from db.store import Store

PRIOR_GROUPS = 4  # closed groups at the base rate that every item has beside its own

Gap = Literal["nothing_closed", "no_failures"]
Number = TypeVar("Number", float, NDArray[np.float64])


def smoothed_rate(successes: Number, closed: Number, base_rate: float) -> Number:
    """The success rate of an item, or of items [N], drawn towards the base rate while there are few closed groups."""
    return (successes + PRIOR_GROUPS * base_rate) / (closed + PRIOR_GROUPS)


@dataclass(frozen=True)
class TrackRecord:
    """How the closed groups of an item ended."""

    successes: int
    closed: int  # successful and failed groups; with none of them, the rate is the base rate
    base_rate: float  # of the shop

    @property
    def rate(self) -> float:
        """The smoothed success rate."""
        return smoothed_rate(float(self.successes), float(self.closed), self.base_rate)


@dataclass(frozen=True)
class TrackRecords:
    """The track records of a shop's items."""

    counts: Mapping[str, tuple[int, int]]  # successes and failures by item, where there are any

    @cached_property
    def _totals(self) -> tuple[int, int]:
        """Successes and failures of the shop."""
        successes = sum(count for count, _ in self.counts.values())
        return successes, sum(count for _, count in self.counts.values())

    @property
    def gap(self) -> Gap | None:
        """Why no item has a track record; None where they have.

        A shop whose logs name no failed group would give every item 100 %, whatever became of its other launches.
        """
        successes, failures = self._totals
        if failures:
            return None
        return "no_failures" if successes else "nothing_closed"

    @property
    def base_rate(self) -> float | None:
        """The share of the shop's closed groups that succeeded; None where it has a ``gap``."""
        successes, failures = self._totals
        return None if self.gap is not None else successes / (successes + failures)

    def of(self, item: str) -> TrackRecord | None:
        """The track record of the item with this id; None where the shop has a ``gap``."""
        base_rate = self.base_rate
        if base_rate is None:
            return None
        successes, failures = self.counts.get(item, (0, 0))
        return TrackRecord(successes, successes + failures, base_rate)


def read_track_records(store: Store) -> TrackRecords:
    """The track records of all items, counted in the store."""
    return TrackRecords(closed_group_counts(store))
