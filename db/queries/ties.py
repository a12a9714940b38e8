"""Who knows whom, read from the store: a user's circle, and how an initiator and possible participants are tied."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, and_, func, or_, select, union

from db.logs import FAILED, SHARED
from db.schema import friendships, group_members, groups, users
from db.store import Store, execute_in_chunks, is_in


@dataclass(frozen=True)
class Tie:
    """What the logs tell about a participant and the initiator."""

    friends: bool = False  # declared
    joined_initiator: int = 0  # groups of the initiator that the participant joined
    initiator_joined: int = 0  # groups of the participant that the initiator joined
    together: int = 0  # groups of others that both joined


def circle_of(user: int) -> Select[Any]:
    """The keys of the people in a user's circle, given the user's key in the store.

    A circle holds the initiators whose successful groups the user joined, the participants of the user's own, and the
    user's declared friends. ``engine.evidence.graphs.Graphs.circle`` is the same for all users at once.
    """
    shared = and_(groups.c.current, groups.c.status.in_(SHARED))
    in_group = group_members.join(groups)
    people = union(
        select(group_members.c.user_id)
        .select_from(in_group)
        .where(groups.c.initiator_id == user, shared),
        select(groups.c.initiator_id)
        .select_from(in_group)
        .where(group_members.c.user_id == user, shared),
        friends_of(user),
    ).subquery()
    return select(people.c[0]).where(people.c[0] != user)


def friends_of(user: int) -> Select[Any]:
    """The keys of a user's declared friends, given the user's key in the store."""
    both = union(
        select(friendships.c.friend_id).where(friendships.c.user_id == user),
        select(friendships.c.user_id).where(friendships.c.friend_id == user),
    ).subquery()
    return select(both.c[0])


def count_ties(store: Store, initiator: str, participants: Sequence[str]) -> dict[str, Tie]:
    """Participant's id -> their tie to ``initiator``; an empty tie for strangers and unknown ids."""
    with store.read() as connection:
        query = select(users.c.id, users.c.external_id).where(is_in(users.c.external_id))
        rows = execute_in_chunks(connection, query, list({initiator, *participants}))
        ids: dict[int, str] = dict(rows)
        initiator_key = next((key for key, id in ids.items() if id == initiator), None)
        others = [key for key, id in ids.items() if id != initiator]
        if initiator_key is None or not others:
            return dict.fromkeys(participants, Tie())
        friends = _friends(connection, initiator_key, others)
        joined_initiator = _joins_of(connection, initiator_key, others)
        initiator_joined = _joins_by(connection, initiator_key, others)
        together = _together(connection, initiator_key, others)
    ties = {
        ids[key]: Tie(
            key in friends,
            joined_initiator.get(key, 0),
            initiator_joined.get(key, 0),
            together.get(key, 0),
        )
        for key in others
    }
    return {id: ties.get(id, Tie()) for id in participants}


def _friends(connection: Connection, initiator: int, others: Sequence[int]) -> set[int]:
    """Those of ``others`` who are declared friends of the initiator."""
    first, second = friendships.c.user_id, friendships.c.friend_id
    query = select(first, second).where(
        or_(
            and_(first == initiator, is_in(second)),
            and_(second == initiator, is_in(first)),
        )
    )
    rows = execute_in_chunks(connection, query, others)
    return {b if a == initiator else a for a, b in rows}


def _joins_of(connection: Connection, initiator: int, others: Sequence[int]) -> dict[int, int]:
    """How many of the initiator's groups each of ``others`` joined."""
    query = (
        select(group_members.c.user_id, func.count())
        .select_from(group_members.join(groups))
        .where(
            groups.c.current,
            groups.c.status != FAILED,
            groups.c.initiator_id == initiator,
            is_in(group_members.c.user_id),
        )
        .group_by(group_members.c.user_id)
    )
    return dict(execute_in_chunks(connection, query, others))


def _joins_by(connection: Connection, initiator: int, others: Sequence[int]) -> dict[int, int]:
    """How many groups of each of ``others`` the initiator joined."""
    query = (
        select(groups.c.initiator_id, func.count())
        .select_from(group_members.join(groups))
        .where(
            groups.c.current,
            groups.c.status != FAILED,
            is_in(groups.c.initiator_id),
            group_members.c.user_id == initiator,
        )
        .group_by(groups.c.initiator_id)
    )
    return dict(execute_in_chunks(connection, query, others))


def _together(connection: Connection, initiator: int, others: Sequence[int]) -> dict[int, int]:
    """How many groups of third persons the initiator and each of ``others`` joined."""
    mine, theirs = group_members.alias(), group_members.alias()
    query = (
        select(theirs.c.user_id, func.count())
        .join(mine, mine.c.group_id == theirs.c.group_id)
        .join(groups, groups.c.id == mine.c.group_id)
        .where(
            groups.c.current,
            groups.c.status != FAILED,
            mine.c.user_id == initiator,
            is_in(theirs.c.user_id),
        )
        .group_by(theirs.c.user_id)
    )
    return dict(execute_in_chunks(connection, query, others))
