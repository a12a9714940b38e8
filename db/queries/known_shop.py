"""What the pages ask of a shop as it was known at a past moment: the counterparts of the queries of the store.

``KnownShop`` answers from logs in memory (``Logs.known_before``), with the same rules as ``db.queries.entities``,
``groups`` and ``ties`` have for the store as it is now.
"""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from db.errors import InputError
from db.logs import FAILED, OPEN, SHARED, SUCCESSFUL, Logs
from db.queries.entities import Person, UserCard
from db.queries.groups import current_group_keys, groups_open_at
from db.queries.ties import Tie
from db.read_logs import data_version, read_logs
from db.store import Store


def known_shop_at(store: Store, at: np.datetime64) -> "KnownShop":
    """The shop as it was known at a moment, of which what happened strictly before it counts."""
    while True:
        logs, keys = read_logs(store), np.array(current_group_keys(store), np.int64)
        if data_version(store) == logs.version:  # nothing was imported between the two
            return KnownShop(logs, at, keys)


class KnownShop:
    """Users, items and groups as they were known at ``at``; threads may share it."""

    def __init__(self, logs: Logs, at: np.datetime64, keys: NDArray[np.int64]) -> None:
        """``logs``: all of them; ``keys`` [G]: of their groups in the store."""
        self.logs, self._at = logs.known_before(at), at
        known = keys[~(logs.group_launched_at >= at)]
        self._open_keys: list[int] = known[self.logs.group_status == OPEN].tolist()
        self._untimed_joins = not logs.last_event >= at

    def open_groups(self, store: Store) -> pd.DataFrame:
        """The groups that were open, with those who had joined; see ``db.queries.groups.open_groups``."""
        return groups_open_at(store, self._open_keys, self._at, self._untimed_joins)

    @cached_property
    def _user_ids(self) -> list[str]:
        return list(self.logs.users.index)

    @cached_property
    def _member_initiator(self) -> NDArray[np.int32]:
        """[M] The initiator of each join's group."""
        return self.logs.group_initiator[self.logs.join_group]

    def item_counts(self) -> pd.DataFrame:
        """Launches, successes and failures (of the launches) and joins of each item, indexed by the shop's id."""
        logs, size = self.logs, len(self.logs.items)

        def counted(items: NDArray[np.int32]) -> NDArray[np.int64]:
            return np.bincount(items, minlength=size).astype(np.int64)

        return pd.DataFrame(
            {
                "launches": counted(logs.group_item),
                "successes": counted(logs.group_item[logs.group_status == SUCCESSFUL]),
                "failures": counted(logs.group_item[logs.group_status == FAILED]),
                "joins": counted(logs.group_item[logs.join_group]),
            },
            index=logs.items.index,
        )

    def closed_group_counts(self) -> dict[str, tuple[int, int]]:
        """Item's id -> how many of its groups had succeeded and how many failed, for the items that had any."""
        counts = self.item_counts()
        closed = counts[(counts["successes"] > 0) | (counts["failures"] > 0)]
        pairs = zip(closed["successes"].tolist(), closed["failures"].tolist(), strict=True)
        return dict(zip(closed.index, pairs, strict=True))

    def user_card(self, id: str) -> UserCard:
        """The card of the user with the shop's ``id``; raises InputError if there is none."""
        user, logs = self._user(id), self.logs
        if user is None:
            raise InputError("db.users.unknown", id=(id,))
        launched = logs.group_initiator == user
        status, times = logs.group_status[launched], logs.group_launched_at[launched]
        times = times[~np.isnat(times)]
        friends = self._friends(user)
        return UserCard(
            id=id,
            name=self._name(user),
            launches=int(launched.sum()),
            successes=int((status == SUCCESSFUL).sum()),
            failures=int((status == FAILED).sum()),
            open=int((status == OPEN).sum()),
            joins=int((logs.join_participant == user).sum()),
            friends=len(friends),
            circle=len(self._circle(user, friends)),
            last_launch=pd.Timestamp(times.max()) if len(times) else None,
        )

    def recent_initiators(self, n: int) -> list[Person]:
        """The ``n`` users who had launched last, the latest first; those whose launches have no time come last."""
        launched = self.logs.group_launched_at.astype(np.int64)  # NaT is the smallest
        latest = np.lexsort((np.arange(len(launched)), launched))[::-1]
        users = pd.unique(self.logs.group_initiator[latest])[:n]
        return [self._person(user) for user in users.tolist()]

    def random_initiators(self, n: int, seed: int) -> list[Person]:
        """``n`` users who had launched, drawn by ``seed``, or all if there are fewer."""
        users = np.unique(self.logs.group_initiator)
        drawn = np.random.default_rng(seed).choice(users, min(n, len(users)), replace=False)
        return [self._person(user) for user in drawn.tolist()]

    def ties(self, initiator: str, participants: Sequence[str]) -> dict[str, Tie]:
        """Participant's id -> their tie to ``initiator``; an empty tie for strangers and unknown ids."""
        user = self._user(initiator)
        if user is None:
            return dict.fromkeys(participants, Tie())
        people, opened = self.logs.join_participant, self._member_initiator
        joined_initiator = self._count(people[opened == user])
        initiator_joined = self._count(opened[people == user])
        shared = np.isin(self.logs.join_group, self.logs.join_group[people == user])
        together = self._count(people[shared])
        friends = set(self._friends(user).tolist())
        found = {}
        for id in participants:
            other = self._user(id)
            stranger = other is None or other == user
            found[id] = (
                Tie()
                if stranger or other is None
                else Tie(
                    friends=other in friends,
                    joined_initiator=int(joined_initiator[other]),
                    initiator_joined=int(initiator_joined[other]),
                    together=int(together[other]),
                )
            )
        return found

    def _count(self, users: NDArray[np.int32]) -> NDArray[np.int64]:
        return np.bincount(users, minlength=len(self._user_ids)).astype(np.int64)

    def _user(self, id: str) -> int | None:
        found = self.logs.users.index.get_indexer(pd.Index([id]))[0]
        return None if found < 0 else int(found)

    def _name(self, user: int) -> str:
        name = self.logs.users["name"].iloc[user] if "name" in self.logs.users else None
        return name if isinstance(name, str) and name else self._user_ids[user]

    def _person(self, user: int) -> Person:
        return Person(self._user_ids[user], self._name(user))

    def _friends(self, user: int) -> NDArray[np.int32]:
        pairs = self.logs.friendships
        return np.unique(
            np.concatenate([pairs[pairs[:, 0] == user, 1], pairs[pairs[:, 1] == user, 0]])
        )

    def _circle(self, user: int, friends: NDArray[np.int32]) -> NDArray[np.int32]:
        shared = np.isin(self.logs.group_status, SHARED)[self.logs.join_group]
        people, opened = self.logs.join_participant[shared], self._member_initiator[shared]
        circle = np.concatenate([people[opened == user], opened[people == user], friends])
        return np.unique(circle[circle != user])
