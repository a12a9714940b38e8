"""Who is invited to which group when nobody shall be invited too often."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csr_array

_LEAST = 1e-6  # what even a hopeless invitation counts: better than leaving a place empty


@dataclass(frozen=True)
class Launch:
    """A group that is to be launched, and everybody who may be invited to it."""

    initiator: str
    item: str
    chances: Mapping[str, float]  # of joining, by the person's id

    @property
    def ranked_candidates(self) -> list[str]:
        """Those who may be invited, by chance, then by id; never the initiator."""
        people = (person for person in self.chances if person != self.initiator)
        return sorted(people, key=lambda person: (-self.chances[person], person))


def assign_invitations(launches: Sequence[Launch], each: int, limit: int) -> list[list[str]]:
    """Whom to invite to each launch, so that the most people can be expected to join in all.

    Nobody gets more than ``limit`` invitations over all launches, no launch has more than ``each``,
    nobody is invited twice to one launch or to her own. Where the limit never binds, everyone
    invites her likeliest. Where it does, the best division is found by linear programming: the
    problem is one of transportation, so its corners, and with them the answer, are whole numbers.

    Args:
        launches: L launches; their order changes nothing but the order of the answer.
        each: Invitations per launch, at most.
        limit: Invitations per person, at most.

    Returns:
        [L] lists of ids, the likeliest first; shorter than ``each`` where people run out.

    Raises:
        ValueError: ``each`` or ``limit`` is below 1.

    """
    if each < 1 or limit < 1:
        raise ValueError(f"{each} invitations a group and {limit} a person: both must be above 0.")
    ranked = [launch.ranked_candidates for launch in launches]
    wanted = Counter(person for people in ranked for person in people[:each])
    if all(times <= limit for times in wanted.values()):
        return [people[:each] for people in ranked]
    # One order for the same launches, however they were listed, decides between equal divisions.
    order = sorted(range(len(launches)), key=lambda k: (launches[k].initiator, launches[k].item))
    pairs = [(k, person) for k in order for person in ranked[k]]
    chosen = _best([(k, launches[k].chances[person], person) for k, person in pairs], each, limit)
    kept = {pair for pair, taken in zip(pairs, chosen, strict=True) if taken}
    return [[p for p in people if (k, p) in kept] for k, people in enumerate(ranked)]


def _best(pairs: list[tuple[int, float, str]], each: int, limit: int) -> NDArray[np.bool_]:
    """[N] which of the pairs (launch, chance, person) are taken."""
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
    worth = np.array([max(chance, _LEAST) for _, chance, _ in pairs])
    solved = linprog(-worth, A_ub=limits, b_ub=allowed, bounds=(0, 1), method="highs-ds")
    if solved.x is None:
        raise RuntimeError(f"The invitations could not be divided: {solved.message}")
    return np.asarray(solved.x) > 0.5
