"""Past groups drawn so that the whole shop is seen: every kind of item and of initiator."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from db.logs import SUCCESSFUL, Logs

MOST = 20_000  # groups that are looked at: the mean weight of an expert is then known to half a percent
LEAST = 1_000  # of every kind of group, where there are as many
POPULAR = (1, 9, 99, 999)  # groups of an item, the ends of its bands
KNOWN = (0, 4)  # other groups of a person, the ends of hers


@dataclass(frozen=True)
class PastCases:
    """N successful groups with one participant each, and how much the logs know of everyone in them."""

    initiators: NDArray[np.str_]  # [N] ids, as the following two
    items: NDArray[np.str_]
    participants: NDArray[np.str_]
    item_groups: NDArray[np.int64]  # [N] successful groups of the item
    initiator_others: NDArray[np.int64]  # [N] her launches and joins besides this group
    participant_others: NDArray[np.int64]  # [N] likewise
    stands_for: NDArray[np.float64]  # [N] successful groups of the shop that the case speaks for

    def __len__(self) -> int:
        return len(self.items)

    def at(self, places: NDArray[np.int64]) -> "PastCases":
        """The cases at ``places``, in that order."""
        return PastCases(*[getattr(self, entry.name)[places] for entry in fields(self)])


def draw_cases(
    logs: Logs, most: int = MOST, least: int = LEAST, seed: int = 0
) -> tuple[PastCases, NDArray[np.int64]]:
    """All successful groups that somebody joined, with their positions [N] in the logs, ascending.

    Of more than ``most`` they are a stratified draw, the same at each call.

    The strata are the bands of the item's popularity by those of what is known of the initiator. Each gives its share
    of ``most``, and ``least`` at any rate, so that rare kinds are seen well; ``stands_for`` puts the weights right,
    and sums to the number of such groups.
    """
    rng = np.random.default_rng(seed)
    successful = logs.group_status == SUCCESSFUL
    joined = np.zeros(len(successful), bool)
    joined[logs.join_group] = True
    groups = np.flatnonzero(successful & joined)
    of_item = np.bincount(logs.group_item[successful], minlength=len(logs.items))
    of_user = np.bincount(logs.group_initiator, minlength=len(logs.users))
    of_user = of_user + np.bincount(logs.join_participant, minlength=len(logs.users))

    popular = np.searchsorted(POPULAR, of_item[logs.group_item[groups]])
    known = np.searchsorted(KNOWN, of_user[logs.group_initiator[groups]] - 1)
    stratum = popular * (len(KNOWN) + 1) + known
    chosen, stands_for = _drawn(stratum, most, least, rng)
    groups = groups[chosen]

    first, last = (np.searchsorted(logs.join_group, groups, side) for side in ("left", "right"))
    participants = logs.join_participant[rng.integers(first, last)]
    initiators, items = logs.group_initiator[groups], logs.group_item[groups]
    users, goods = logs.users.index.to_numpy(str), logs.items.index.to_numpy(str)
    cases = PastCases(
        initiators=users[initiators],
        items=goods[items],
        participants=users[participants],
        item_groups=of_item[items],
        initiator_others=of_user[initiators] - 1,
        participant_others=of_user[participants] - 1,
        stands_for=stands_for,
    )
    return cases, groups


def _drawn(
    stratum: NDArray[np.int64], most: int, least: int, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The places that were drawn, ascending, and for how many of their stratum each stands."""
    if len(stratum) <= most:
        return np.arange(len(stratum)), np.ones(len(stratum))
    places, weights = [], []
    for kind in np.unique(stratum):
        members = np.flatnonzero(stratum == kind)
        share = round(most * len(members) / len(stratum))
        taken = min(len(members), max(share, least))
        places.append(rng.choice(members, taken, replace=False))
        weights.append(np.full(taken, len(members) / taken))
    found, stands_for = np.concatenate(places), np.concatenate(weights)
    order = np.argsort(found)
    return found[order], stands_for[order]
