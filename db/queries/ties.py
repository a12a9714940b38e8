"""Who knows whom, read from the store: a user's circle, and how an initiator and possible participants are tied."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, and_, func, or_, select, union

from db.logs import FAILED, SHARED
from db.schema import friendships, group_members, groups, users
from db.store import Store


@dataclass(frozen=True)
class Tie:
    """What the logs say of one person and the initiator."""

    friends: bool = False  # declared
    joined_her: int = 0  # groups of the initiator that this person joined
    joined_by_her: int = 0  # groups of this person that the initiator joined
    together: int = 0  # groups of others in which both took part


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


def count_ties(store: Store, initiator: str, people: Sequence[str]) -> dict[str, Tie]:
    """The tie of each of ``people`` (ids) to ``initiator``; strangers and unknown ids get an
    empty tie.
    """
    with store.read() as connection:
        keys = dict(
            connection.execute(
                select(users.c.id, users.c.external_id).where(
                    users.c.external_id.in_([initiator, *people])
                )
            ).all()
        )
        hers = [key for key, number in keys.items() if number == initiator]
        others = [key for key, number in keys.items() if number != initiator]
        if not hers or not others:
            return dict.fromkeys(people, Tie())
        her = hers[0]
        friends = _friends(connection, her, others)
        joined_her = _joins(connection, [her], others)
        joined_by_her = {
            launcher: n for (launcher, _), n in _joins(connection, others, [her]).items()
        }
        together = _together(connection, her, others)
    ties = {
        keys[key]: Tie(
            key in friends,
            joined_her.get((her, key), 0),
            joined_by_her.get(key, 0),
            together.get(key, 0),
        )
        for key in others
    }
    return {number: ties.get(number, Tie()) for number in people}


def _friends(connection: Connection, her: int, others: Sequence[int]) -> set[int]:
    table = friendships.c
    rows = connection.execute(
        select(table.user_id, table.friend_id).where(
            or_(
                and_(table.user_id == her, table.friend_id.in_(others)),
                and_(table.friend_id == her, table.user_id.in_(others)),
            )
        )
    )
    return {second if first == her else first for first, second in rows}


def _joins(
    connection: Connection, launchers: Sequence[int], joiners: Sequence[int]
) -> dict[tuple[int, int], int]:
    """How many groups of a launcher a joiner has joined, by (launcher, joiner)."""
    rows = connection.execute(
        select(groups.c.initiator_id, group_members.c.user_id, func.count())
        .join(group_members, group_members.c.group_id == groups.c.id)
        .where(
            groups.c.current,
            groups.c.status != FAILED,
            groups.c.initiator_id.in_(launchers),
            group_members.c.user_id.in_(joiners),
        )
        .group_by(groups.c.initiator_id, group_members.c.user_id)
    )
    return {(launcher, joiner): n for launcher, joiner, n in rows}


def _together(connection: Connection, her: int, others: Sequence[int]) -> dict[int, int]:
    """In how many groups that neither of them launched both took part."""
    mine, theirs = group_members.alias(), group_members.alias()
    rows = connection.execute(
        select(theirs.c.user_id, func.count())
        .join(mine, mine.c.group_id == theirs.c.group_id)
        .join(groups, groups.c.id == mine.c.group_id)
        .where(
            groups.c.current,
            groups.c.status != FAILED,
            mine.c.user_id == her,
            theirs.c.user_id.in_(others),
        )
        .group_by(theirs.c.user_id)
    )
    return dict(rows.all())
