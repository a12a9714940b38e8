"""Assigning people to groups so that nobody is invited too often: a transportation problem, solved exactly."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csr_array

_MIN_GAIN = 1e-6  # of any invitation: even a hopeless one is better than an empty place


@dataclass(frozen=True)
class Launch:
    """A group to launch, and everybody who may be invited to it."""

    initiator: str
    item: str
    shares: Mapping[
        str, float
    ]  # of the group's taken spots, by id: they order, and forecast nothing

    @property
    def ranked_candidates(self) -> list[str]:
        """Those who may be invited by descending share, then by id; never the initiator."""
        people = (person for person in self.shares if person != self.initiator)
        return sorted(people, key=lambda person: (-self.shares[person], person))


def assign_invitations(launches: Sequence[Launch], each: int, limit: int) -> list[list[str]]:
    """Whom to invite to each launch, so that the sum of the shares over all invitations is greatest.

    Nobody gets more than ``limit`` invitations, no launch has more than ``each``, and nobody is invited twice to a
    launch or to their own. Where the limit never binds, every launch invites its likeliest. Where it does, linear
    programming finds the optimum: as in every transportation problem, its vertices are integers.

    Args:
        launches: L launches; their order does not change who is invited.
        each: The most invitations per launch.
        limit: The most invitations per person.

    Returns:
        [L] lists of ids, the likeliest first; shorter than ``each`` where people run out.

    Raises:
        ValueError: ``each`` or ``limit`` is below 1.

    """
    if each < 1 or limit < 1:
        raise ValueError(
            f"{each} invitations per group and {limit} per person: both must be positive"
        )
    ranked = [launch.ranked_candidates for launch in launches]
    invitations = Counter(person for people in ranked for person in people[:each])
    if all(times <= limit for times in invitations.values()):
        return [people[:each] for people in ranked]
    # A fixed order of the launches decides between equally good assignments.
    order = sorted(range(len(launches)), key=lambda k: (launches[k].initiator, launches[k].item))
    pairs = [(k, person) for k in order for person in ranked[k]]
    chosen = _solve([(k, launches[k].shares[person], person) for k, person in pairs], each, limit)
    kept = {pair for pair, taken in zip(pairs, chosen, strict=True) if taken}
    return [[p for p in people if (k, p) in kept] for k, people in enumerate(ranked)]


def _solve(pairs: list[tuple[int, float, str]], each: int, limit: int) -> NDArray[np.bool_]:
    """Which of the pairs (launch, share, person) are invited, [N]."""
    rows: dict[object, int] = {}
    for launch, _, _ in pairs:
        rows.setdefault(launch, len(rows))
    launch_rows = len(rows)
    for _, _, person in pairs:
        rows.setdefault(person, len(rows))
    columns = np.arange(len(pairs))
    of_launch = np.array([rows[launch] for launch, _, _ in pairs])
    of_person = np.array([rows[person] for _, _, person in pairs])
    limits = csr_array(
        (
            np.ones(2 * len(pairs)),
            (np.concatenate([of_launch, of_person]), np.concatenate([columns, columns])),
        ),
        shape=(len(rows), len(pairs)),
    )  # [launches + people, N]
    allowed = np.full(len(rows), float(limit))
    allowed[:launch_rows] = each
    gains = np.array([max(share, _MIN_GAIN) for _, share, _ in pairs])
    solved = linprog(-gains, A_ub=limits, b_ub=allowed, bounds=(0, 1), method="highs-ds")
    if solved.x is None:
        raise RuntimeError(f"The invitations could not be assigned: {solved.message}")
    return np.asarray(solved.x) > 0.5
