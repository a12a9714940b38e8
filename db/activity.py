"""Who launches, how often and what: the store's launches seen by initiator."""

from sqlalchemy import func, select

from db.logs import FAILED
from db.schema import groups, items, users
from db.store import Store


def launch_counts(store: Store) -> dict[str, int]:
    """How many groups each initiator has opened, whatever became of them, by her id."""
    opened = (
        select(groups.c.initiator_id, func.count().label("times"))
        .where(groups.c.current)
        .group_by(groups.c.initiator_id)
        .subquery()
    )
    query = select(users.c.external_id, opened.c.times).join(
        opened, opened.c.initiator_id == users.c.id
    )
    with store.read() as connection:
        return dict(connection.execute(query).all())


def launchers_of(store: Store, item: str) -> set[str]:
    """The ids of all who have a successful or an open group for the item with the shop's id ``item``."""
    query = (
        select(users.c.external_id)
        .select_from(groups.join(users, users.c.id == groups.c.initiator_id).join(items))
        .where(items.c.external_id == item, groups.c.current, groups.c.status != FAILED)
    )
    with store.read() as connection:
        return set(connection.execute(query).scalars())
