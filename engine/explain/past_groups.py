"""The past groups on which a recommendation rests, found in the store."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, and_, or_, select

from db.logs import FAILED
from db.queries.ties import circle_of
from db.schema import group_members, groups, items, users
from db.store import Store
from engine.results import PastGroup

MOST = 10
MOST_OF_A_KIND = 4
_KEYS = 5_000  # of one IN (...)


def past_groups(
    store: Store, initiator: str, item: str, participant: str | None, similar: Sequence[str]
) -> list[PastGroup]:
    """At most ten groups that did not fail and bear on this recommendation.

    In this order: groups between the initiator and the participant; her launches of the item or a
    similar one; such groups that the participant joined; the item's groups with people of her
    circle; groups for the item or a similar one that she joined. ``similar`` is the most similar
    first, and within a kind more similar items come first, then later groups.
    """
    with store.read() as connection:
        u = _key(connection, users, initiator)
        i = _key(connection, items, item)
        p = None if participant is None else _key(connection, users, participant)
        near = _ranks(connection, [item, *similar])
        searches: list[tuple[str, list[Select[Any]]]] = []
        if u is not None and p is not None:
            searches.append(("between_the_two", [_between(u, p)]))
        if u is not None:
            searches.append(("by_initiator", [_groups().where(groups.c.initiator_id == u)]))
        if p is not None:
            searches.append(("joined_by_participant", [_joined_by(p)]))
        if u is not None and i is not None:
            circle = list(connection.execute(circle_of(u)).scalars())
            searches.append(("same_item", _of_item_by(i, circle)))
        if u is not None:
            searches.append(("similar_item", [_joined_by(u)]))
        chosen: dict[int, str] = {}
        for why, queries in searches:
            rows = [row for query in queries for row in connection.execute(query)]
            if why not in ("between_the_two", "same_item"):
                rows = [row for row in rows if row.item_id in near]
            rows.sort(key=lambda row: (near.get(row.item_id, len(near)), -row.id))
            fresh = list(dict.fromkeys(row.id for row in rows if row.id not in chosen))
            chosen |= dict.fromkeys(fresh[:MOST_OF_A_KIND], why)
        return _told(connection, dict(list(chosen.items())[:MOST]))


def _groups() -> Select[Any]:
    return select(groups.c.id, groups.c.item_id).where(groups.c.current, groups.c.status != FAILED)


def _joined_by(user: int) -> Select[Any]:
    return (
        select(groups.c.id, groups.c.item_id)
        .select_from(groups.join(group_members))
        .where(groups.c.current, groups.c.status != FAILED, group_members.c.user_id == user)
    )


def _between(one: int, other: int) -> Select[Any]:
    return (
        select(groups.c.id, groups.c.item_id)
        .select_from(groups.join(group_members))
        .where(
            groups.c.current,
            groups.c.status != FAILED,
            or_(
                and_(groups.c.initiator_id == one, group_members.c.user_id == other),
                and_(groups.c.initiator_id == other, group_members.c.user_id == one),
            ),
        )
    )


def _of_item_by(item: int, people: list[int]) -> list[Select[Any]]:
    """The item's groups that one of ``people`` launched or joined."""
    queries = []
    for start in range(0, len(people), _KEYS):
        part = people[start : start + _KEYS]
        queries.append(_groups().where(groups.c.item_id == item, groups.c.initiator_id.in_(part)))
        queries.append(
            select(groups.c.id, groups.c.item_id)
            .select_from(groups.join(group_members))
            .where(
                groups.c.current,
                groups.c.status != FAILED,
                groups.c.item_id == item,
                group_members.c.user_id.in_(part),
            )
        )
    return queries


def _key(connection: Connection, table: Any, id: str) -> int | None:
    return connection.execute(select(table.c.id).where(table.c.external_id == id)).scalar()


def _ranks(connection: Connection, ids: Sequence[str]) -> dict[int, int]:
    """The place in ``ids`` of each item that the store knows, by its key."""
    found = connection.execute(
        select(items.c.external_id, items.c.id).where(items.c.external_id.in_(ids[:_KEYS]))
    )
    keys = {row.external_id: row.id for row in found}
    return {keys[id]: rank for rank, id in enumerate(ids) if id in keys}


def _told(connection: Connection, chosen: dict[int, str]) -> list[PastGroup]:
    """The groups with these keys, with everybody's ids."""
    about = (
        select(groups.c.id, users.c.external_id.label("initiator"), items.c.external_id)
        .select_from(groups.join(users, users.c.id == groups.c.initiator_id).join(items))
        .where(groups.c.id.in_(chosen))
    )
    members = (
        select(group_members.c.group_id, users.c.external_id)
        .select_from(group_members.join(users, users.c.id == group_members.c.user_id))
        .where(group_members.c.group_id.in_(chosen))
        .order_by(group_members.c.group_id, group_members.c.user_id)
    )
    facts = {row[0]: (row[1], row[2]) for row in connection.execute(about)}
    joined: dict[int, list[str]] = {key: [] for key in chosen}
    for key, participant in connection.execute(members):
        joined[key].append(participant)
    return [PastGroup(*facts[key], joined[key], why) for key, why in chosen.items()]
