"""Who launches, how often and what: the store's launches seen by initiator."""

from collections.abc import Iterable

from sqlalchemy import bindparam, func, select

from db.logs import FAILED
from db.schema import groups, items, users
from db.store import Store

_KEYS = 5_000  # of one IN (...), below SQLite's limit on bound values


def launch_counts(store: Store, ids: Iterable[str]) -> dict[str, int]:
    """How many groups each of these users has opened, whatever became of them; 0 for an unknown id."""
    wanted = list(dict.fromkeys(ids))
    found = dict.fromkeys(wanted, 0)
    query = (
        select(users.c.external_id, func.count())
        .select_from(groups.join(users, users.c.id == groups.c.initiator_id))
        .where(users.c.external_id.in_(bindparam("ids", expanding=True)), groups.c.current)
        .group_by(users.c.id, users.c.external_id)
    )
    with store.read() as connection:
        for start in range(0, len(wanted), _KEYS):
            part = {"ids": wanted[start : start + _KEYS]}
            found.update((id, times) for id, times in connection.execute(query, part))
    return found


def initiators_with(store: Store, least: int) -> set[str]:
    """The ids of all who have opened at least ``least`` groups, whatever became of them."""
    often = (
        select(groups.c.initiator_id)
        .where(groups.c.current)
        .group_by(groups.c.initiator_id)
        .having(func.count() >= least)
        .subquery()
    )
    query = select(users.c.external_id).join(often, often.c.initiator_id == users.c.id)
    with store.read() as connection:
        return set(connection.execute(query).scalars())


def launchers_of(store: Store, item: str) -> set[str]:
    """The ids of all who have a successful or an open group for the item with the shop's id ``item``."""
    query = (
        select(users.c.external_id)
        .select_from(groups.join(users, users.c.id == groups.c.initiator_id).join(items))
        .where(items.c.external_id == item, groups.c.current, groups.c.status != FAILED)
    )
    with store.read() as connection:
        return set(connection.execute(query).scalars())
