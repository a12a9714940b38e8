"""Tells groups without an id again, in exports that overlap, by initiator, item, time and people."""

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from db.importing.staged import StagedLogs
from db.logs import UNKNOWN_TIME

NO_TWIN = 0
_SECONDS_A_DAY = 86_400


def twin_keys(staged: StagedLogs) -> NDArray[np.int64]:
    """[G] a number that two rows share if they are of one group; NO_TWIN if nothing tells.

    A group with an id of its own has none, nor does one without a launch time. Initiator, item and a
    time of day tell a group, unless a file has two such groups with other participants. Of a day alone
    the participants tell it too, and how many such groups the file has above it.
    """
    if staged.twins is not None:
        return staged.twins
    keys = np.full(len(staged.group_id), NO_TWIN, np.int64)
    nameless = np.fromiter((id is None for id in staged.group_id), bool, len(keys))
    rows = np.flatnonzero(nameless & (staged.launched_at != UNKNOWN_TIME))
    if not len(rows):
        return keys
    users, items = _hashes(staged.users), _hashes(staged.items)
    launch = _mixed(users[staged.initiator[rows]])
    launch = _mixed(launch ^ items[staged.item[rows]])
    launch = _mixed(launch ^ staged.launched_at[rows].view(np.uint64))
    people = np.zeros(len(keys), np.uint64)
    np.add.at(people, staged.member_group, _mixed(users[staged.member]))
    people = _mixed(launch ^ people[rows])

    by_day = staged.launched_at[rows] % _SECONDS_A_DAY == 0
    _, place = np.unique(launch, return_inverse=True)
    different = np.unique(np.stack([place.astype(np.uint64), people]), axis=1)[0]
    ambiguous = np.bincount(different.astype(np.int64))[place] > 1
    key = np.where(by_day | ambiguous, people, launch)
    copies = _occurrences(people)
    key = np.where(by_day & (copies > 0), _mixed(key + copies), key)
    keys[rows] = key.view(np.int64)
    return keys


def _hashes(ids: Sequence[str]) -> NDArray[np.uint64]:
    """[len(ids)] 64 bits of each id's BLAKE2."""
    digests = b"".join(
        hashlib.blake2b(id.encode("utf-8", "replace"), digest_size=8).digest() for id in ids
    )
    return np.frombuffer(digests, np.uint64)


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The finaliser of SplitMix64 (Steele, Lea and Flood, 2014)."""
    values = values + np.uint64(0x9E3779B97F4A7C15)
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def _occurrences(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """[len(values)] how many equal values stand above each."""
    order = np.argsort(values, kind="stable")
    ranked = values[order]
    starts = np.r_[True, ranked[1:] != ranked[:-1]]
    begins = np.maximum.accumulate(np.where(starts, np.arange(len(ranked)), 0))
    counts = np.empty(len(values), np.uint64)
    counts[order] = np.arange(len(ranked)) - begins
    return counts
