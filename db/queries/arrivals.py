"""Who and what came to the shop after a moment, and the logs as a store that ends there would have them.

A user came with their first launch or join, an item with its first launch or the beginning of its sale. Of those who
are in no group, the import that brought them counts; friendships, which have no times, were always known.
"""

import time
from typing import Any

import numpy as np
from sqlalchemy import Connection, Select, and_, case, exists, func, or_, select, union_all

from db.logs import FAILED, SUCCESSFUL, Logs
from db.queries.events import last_event
from db.read_logs import read_logs
from db.schema import friendships, group_members, groups, imports, items, users
from db.shop_clock import on_clock, shop_zone
from db.store import Store

_ALWAYS = np.iinfo(np.int64).min  # when something without a time happened


def logs_before(store: Store, at: np.datetime64) -> Logs:
    """``Logs.known_before`` without the users and items that came later: a store that ends at ``at``."""
    known = read_logs(store).known_before(at)
    return known.without(later_users(store, at), later_items(store, at))


def later_items(store: Store, at: np.datetime64) -> frozenset[str]:
    """The ids of the items that came at or after a moment of the shop's clock."""
    seconds = seconds_of(at)
    first = (
        select(
            groups.c.item_id, func.min(func.coalesce(groups.c.launched_at, _ALWAYS)).label("time")
        )
        .where(groups.c.current)
        .group_by(groups.c.item_id)
        .subquery()
    )
    with store.read() as connection:
        query = (
            select(items.c.external_id)
            .select_from(items.outerjoin(first, first.c.item_id == items.c.id))
            .where(
                or_(
                    first.c.time >= seconds,
                    and_(
                        first.c.time.is_(None),
                        items.c.import_id.in_(_late_imports(connection, store, seconds)),
                    ),
                ),
                or_(items.c.on_sale_from.is_(None), items.c.on_sale_from >= seconds),
            )
        )
        return frozenset(connection.execute(query).scalars())


def later_users(store: Store, at: np.datetime64) -> frozenset[str]:
    """The ids of the users who came at or after a moment of the shop's clock."""
    seconds = seconds_of(at)
    seen = union_all(
        select(
            groups.c.initiator_id.label("user"),
            func.coalesce(groups.c.launched_at, _ALWAYS).label("time"),
        ).where(groups.c.current),
        _joins(store),
    ).subquery()
    first = (
        select(seen.c.user, func.min(seen.c.time).label("time")).group_by(seen.c.user).subquery()
    )
    befriended = exists().where(
        or_(friendships.c.user_id == users.c.id, friendships.c.friend_id == users.c.id)
    )
    with store.read() as connection:
        query = (
            select(users.c.external_id)
            .select_from(users.outerjoin(first, first.c.user == users.c.id))
            .where(
                or_(
                    first.c.time >= seconds,
                    and_(
                        first.c.time.is_(None),
                        users.c.import_id.in_(_late_imports(connection, store, seconds)),
                    ),
                ),
                ~befriended,
            )
        )
        return frozenset(connection.execute(query).scalars())


def _joins(store: Store) -> Select[Any]:
    """Every participant with the time from which on their join is known, as in ``Logs.joined_at``.

    Of a failed group, which has no joins in the logs, the participants without a time came by its deadline.
    """
    last = last_event(store)
    end = _ALWAYS if last is None else seconds_of(last)
    last_join = (
        select(group_members.c.group_id, func.max(group_members.c.joined_at).label("time"))
        .where(group_members.c.joined_at.is_not(None))
        .group_by(group_members.c.group_id)
        .subquery()
    )
    deadline = case((groups.c.expires_at > end, end), else_=groups.c.expires_at)
    launched = groups.c.launched_at
    closed = case(
        (
            groups.c.status == SUCCESSFUL,
            func.coalesce(groups.c.filled_at, last_join.c.time, launched, _ALWAYS),
        ),
        (groups.c.status == FAILED, func.coalesce(deadline, launched, _ALWAYS)),
        else_=end,
    )
    return (
        select(group_members.c.user_id, func.coalesce(group_members.c.joined_at, closed))
        .select_from(
            group_members.join(groups).outerjoin(last_join, last_join.c.group_id == groups.c.id)
        )
        .where(groups.c.current)
    )


def stated_times(connection: Connection, store: Store) -> dict[int, int]:
    """When each import stated what it states, in seconds on the shop's clock.

    Where the machine's clock was set back, the order of the imports counts: none was stated after a later one, nor
    lies in the future.
    """
    query = select(imports.c.id, imports.c.created_at).order_by(imports.c.id)
    rows = connection.execute(query).all()
    stated = np.array([row.created_at for row in rows], np.int64)
    stated = np.minimum.accumulate(stated[::-1])[::-1]
    past = stated <= int(time.time())
    stated[~past] = stated[past].max(initial=0)
    shown = on_clock(stated, shop_zone(store).name)
    return dict(zip((row.id for row in rows), shown.tolist(), strict=True))


def seconds_of(at: np.datetime64) -> int:
    """A moment as the store has times: seconds since 1970 on the shop's clock."""
    return int(at.astype("datetime64[s]").astype(np.int64))


def _late_imports(connection: Connection, store: Store, seconds: int) -> list[int]:
    stated = stated_times(connection, store)
    return [number for number, second in stated.items() if second >= seconds]
