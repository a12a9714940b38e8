"""The past groups on which a recommendation rests, found in the store or in logs in memory.

Groups that failed are left out: nobody was in them but the initiator.
"""

from collections.abc import Collection, Sequence
from functools import cached_property
from typing import Any, NamedTuple, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import Connection, Select, and_, or_, select, union

from db.logs import FAILED, Logs
from db.queries.ties import circle_of
from db.schema import group_members, groups, items, users
from engine.evidence.graphs import Graphs
from engine.results import PastGroup, Relevance

MAX_GROUPS = 10
MAX_OF_A_KIND = 4


class FoundGroup(NamedTuple):
    """A group as a search finds it; keys ascend with time."""

    key: int
    item: str


class GroupSearch(Protocol):
    """Searches the groups that did not fail. Unknown ids are in no group."""

    def between(self, one: str, other: str) -> list[FoundGroup]:
        """Groups that one of two users launched and the other joined."""
        ...

    def launched_by(self, user: str) -> list[FoundGroup]:
        """Groups of an initiator."""
        ...

    def joined_by(self, user: str) -> list[FoundGroup]:
        """Groups that a user joined."""
        ...

    def of_item_in_circle(self, item: str, user: str) -> list[FoundGroup]:
        """An item's groups that somebody in the user's circle launched or joined."""
        ...

    def people(self, keys: Collection[int]) -> dict[int, tuple[str, list[str]]]:
        """The initiator and the participants of each group."""
        ...


def find_past_groups(
    search: GroupSearch, initiator: str, item: str, participant: str | None, similar: Sequence[str]
) -> list[PastGroup]:
    """At most ten groups that bear on this recommendation; ``similar`` items, the most similar first.

    In this order: groups between the initiator and the participant; the initiator's launches of the item or a similar
    one; such groups that the participant joined; the item's groups with people of the initiator's circle; such groups
    that the initiator joined. Within a kind, more similar items come first, then later groups.
    """
    nearness = {id: rank for rank, id in enumerate([item, *similar])}

    def near(found: list[FoundGroup]) -> list[FoundGroup]:
        return [group for group in found if group.item in nearness]

    chosen: dict[int, tuple[Relevance, str]] = {}  # why and item, by key

    def choose(why: Relevance, found: list[FoundGroup]) -> None:
        found.sort(key=lambda group: (nearness.get(group.item, len(nearness)), -group.key))
        fresh = {group.key: (why, group.item) for group in found if group.key not in chosen}
        chosen.update(list(fresh.items())[:MAX_OF_A_KIND])

    if participant is not None:
        choose("between_the_two", search.between(initiator, participant))
    choose("by_initiator", near(search.launched_by(initiator)))
    if participant is not None:
        choose("joined_by_participant", near(search.joined_by(participant)))
    choose("same_item", search.of_item_in_circle(item, initiator))
    choose("similar_item", near(search.joined_by(initiator)))
    shown = dict(list(chosen.items())[:MAX_GROUPS])
    people = search.people(shown)
    return [PastGroup(people[key][0], of, people[key][1], why) for key, (why, of) in shown.items()]


class StoredGroups:
    """The groups of the store, over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def between(self, one: str, other: str) -> list[FoundGroup]:
        """See ``GroupSearch``."""
        a, b = self._user(one), self._user(other)
        if a is None or b is None:
            return []
        pair = or_(
            and_(groups.c.initiator_id == a, group_members.c.user_id == b),
            and_(groups.c.initiator_id == b, group_members.c.user_id == a),
        )
        return self._found(_standing(joined=True).where(pair))

    def launched_by(self, user: str) -> list[FoundGroup]:
        """See ``GroupSearch``."""
        return self._found(_standing().where(groups.c.initiator_id == self._user(user)))

    def joined_by(self, user: str) -> list[FoundGroup]:
        """See ``GroupSearch``."""
        key = self._user(user)
        return self._found(_standing(joined=True).where(group_members.c.user_id == key))

    def of_item_in_circle(self, item: str, user: str) -> list[FoundGroup]:
        """See ``GroupSearch``."""
        key = self._user(user)
        if key is None:
            return []
        circle, of_item = circle_of(key), items.c.external_id == item
        launched = _standing().where(of_item, groups.c.initiator_id.in_(circle))
        joined = _standing(joined=True).where(of_item, group_members.c.user_id.in_(circle))
        return self._found(union(launched, joined))

    def people(self, keys: Collection[int]) -> dict[int, tuple[str, list[str]]]:
        """See ``GroupSearch``."""
        initiators = (
            select(groups.c.id, users.c.external_id)
            .select_from(groups.join(users, users.c.id == groups.c.initiator_id))
            .where(groups.c.id.in_(keys))
        )
        members = (
            select(group_members.c.group_id, users.c.external_id)
            .select_from(group_members.join(users, users.c.id == group_members.c.user_id))
            .where(group_members.c.group_id.in_(keys))
            .order_by(group_members.c.group_id, group_members.c.user_id)
        )
        found: dict[int, tuple[str, list[str]]] = {
            key: (initiator, []) for key, initiator in self._connection.execute(initiators)
        }
        for key, participant in self._connection.execute(members):
            found[key][1].append(participant)
        return found

    def _user(self, id: str) -> int | None:
        query = select(users.c.id).where(users.c.external_id == id)
        return self._connection.execute(query).scalar()

    def _found(self, query: Any) -> list[FoundGroup]:
        return [FoundGroup(*row) for row in self._connection.execute(query)]


def _standing(joined: bool = False) -> Select[Any]:
    """Groups that did not fail, with their members where ``joined``."""
    tables = groups.join(items, items.c.id == groups.c.item_id)
    if joined:
        tables = tables.join(group_members, group_members.c.group_id == groups.c.id)
    return (
        select(groups.c.id, items.c.external_id)
        .select_from(tables)
        .where(groups.c.current, groups.c.status != FAILED)
    )


def find_position(ids: pd.Index, id: str) -> int:
    """The position of ``id``, -1 if it is unknown."""
    return int(ids.get_indexer(pd.Index([id]))[0])


class LoggedGroups:
    """The groups of logs in memory; keys are positions."""

    def __init__(self, logs: Logs) -> None:
        self._logs = logs
        self._standing = logs.group_status != FAILED  # [G]
        self._initiator_of_join = logs.group_initiator[logs.join_group]  # [M]

    def between(self, one: str, other: str) -> list[FoundGroup]:
        """See ``GroupSearch``."""
        a, b = self._user(one), self._user(other)
        initiators, participants = self._initiator_of_join, self._logs.join_participant
        pair = ((initiators == a) & (participants == b)) | ((initiators == b) & (participants == a))
        return self._found(self._logs.join_group[pair])

    def launched_by(self, user: str) -> list[FoundGroup]:
        """See ``GroupSearch``."""
        return self._found(np.flatnonzero(self._logs.group_initiator == self._user(user)))

    def joined_by(self, user: str) -> list[FoundGroup]:
        """See ``GroupSearch``."""
        joined = self._logs.join_participant == self._user(user)
        return self._found(self._logs.join_group[joined])

    def of_item_in_circle(self, item: str, user: str) -> list[FoundGroup]:
        """See ``GroupSearch``."""
        logs, key = self._logs, self._user(user)
        of_item = logs.group_item == find_position(logs.items.index, item)
        circle = np.zeros(len(logs.users), bool)
        if key >= 0:
            circle[self._graphs.circle[key].indices] = True
        met = circle[logs.group_initiator]
        met[logs.join_group[circle[logs.join_participant]]] = True
        return self._found(np.flatnonzero(of_item & met))

    def people(self, keys: Collection[int]) -> dict[int, tuple[str, list[str]]]:
        """See ``GroupSearch``."""
        logs, ids = self._logs, self._logs.users.index
        return {
            key: (
                ids[logs.group_initiator[key]],
                list(ids[np.sort(logs.join_participant[logs.join_group == key])]),
            )
            for key in keys
        }

    @cached_property
    def _graphs(self) -> Graphs:
        return Graphs.from_logs(self._logs)

    def _user(self, id: str) -> int:
        return find_position(self._logs.users.index, id)

    def _found(self, keys: NDArray[np.integer]) -> list[FoundGroup]:
        standing = np.unique(keys[self._standing[keys]])
        item_ids = self._logs.items.index[self._logs.group_item[standing]]
        return list(map(FoundGroup, standing.tolist(), item_ids))
