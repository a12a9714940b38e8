"""The people whom somebody met last: whose groups they joined and who joined theirs, at most ``MOST`` of them.

Whoever launched hundreds of times has met everybody; bounded by recency, the cost of a query does not grow with that.
"""

import numpy as np
from numpy.typing import NDArray

from db.logs import Logs
from engine.evidence.describes_candidates import Moments, Positions
from engine.evidence.sparse_products import Candidates
from engine.evidence.timed.event_counts import Histories, Tally
from engine.evidence.timed.pair_counts import PairCounts, SingleCounts
from engine.evidence.timed.values import Columns, Floats, of_decayed, share_of

LATEST = 30  # meetings that the people are taken from
MOST = 10  # people
HALF_LIFE = 90.0  # days, of the weight of a meeting
KEPT = ("30d", "365d")


class Ties:
    """Meetings of users: a join ties its participant and its group's initiator, both ways."""

    def __init__(self, logs: Logs) -> None:
        host, guest = logs.group_initiator[logs.join_group], logs.join_participant
        user, other = np.concatenate([host, guest]), np.concatenate([guest, host])
        times, users = np.concatenate([logs.joined_at, logs.joined_at]), len(logs.users) + 1
        self._latest = Histories(user, times, other)
        self._pairs = PairCounts(user, other, times, users)
        self._all = SingleCounts(user, times, users)

    def people(self, u: Positions, at: Moments) -> tuple[Positions, Floats]:
        """The people [B, MOST] whom users [B] met last, with weights that sum to at most 1; 0 for nobody."""
        latest = self._latest.latest(u, at, LATEST)
        same = latest.values[:, :, None] == latest.values[:, None]  # [B, L, L]
        weight = (same * latest.weights(HALF_LIFE)[:, None]).sum(2)
        repeated = np.tril(same, -1).any(2)
        weight = np.where(repeated | ~latest.real, 0, weight).astype(np.float32)
        most = np.argsort(-weight, axis=1, kind="stable")[:, :MOST]
        return np.take_along_axis(latest.values, most, 1), np.take_along_axis(weight, most, 1)

    def launch_columns(
        self, launches: PairCounts, u: Positions, c: Candidates, at: Moments
    ) -> Columns:
        """Launches [B, K] of items by the people whom the initiators met last, by their weight."""
        people, weight = self.people(u, at)
        decayed = launches.at(people.ravel(), _repeated(c), np.repeat(at, MOST)).decayed
        return of_decayed("circle_launches", _sum(weight, decayed), KEPT)

    def tie_columns(self, u: Positions, c: Candidates, at: Moments) -> Columns:
        """The share [B, K] of candidates in the meetings of the people whom the initiators met last."""
        people, weight = self.people(u, at)
        moments = np.repeat(at, MOST)
        every = self._all.at(people.reshape(-1, 1), moments)
        share = share_of(self.met(people.ravel(), _repeated(c), moments), every, "90d")
        return {"tie_of_ties": _sum(weight, share)}

    def met(self, u: Positions, c: Candidates, at: Moments) -> Tally:
        """Meetings of users [B] with candidates [B, K]."""
        return self._pairs.at(u, c, at)


def _repeated(c: Candidates) -> Candidates:
    return None if c is None else np.repeat(c, MOST, 0)


def _sum(weight: Floats, values: NDArray[np.float32]) -> Floats:
    """The sum [B, ...] over people of ``weight`` [B, MOST] x ``values`` [B x MOST, ...], always in the same order."""
    parts = values.reshape(*weight.shape, *values.shape[1:])
    total = np.zeros((len(weight), *values.shape[1:]), np.float32)
    for k in range(weight.shape[1]):
        total += weight[:, k].reshape(-1, *[1] * (values.ndim - 1)) * parts[:, k]
    return total
