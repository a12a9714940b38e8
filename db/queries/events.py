"""When something last happened in the logs of the store."""

import numpy as np
from sqlalchemy import ColumnElement, func, select

from db.schema import group_members, groups
from db.store import Store


def last_event(store: Store, before: np.datetime64 | None = None) -> np.datetime64 | None:
    """The last launch, join or filling of a group, or the last ``before`` a moment; None where the logs have no times.

    Deadlines are no events: they may lie ahead.
    """

    def latest(time: ColumnElement[int]) -> int | None:
        query = select(func.max(time))
        if before is not None:
            query = query.where(time < int(before.astype("datetime64[s]").astype(np.int64)))
        return connection.execute(query).scalar()

    with store.read() as connection:
        found = [
            latest(groups.c.launched_at),  # from the index alone
            latest(groups.c.filled_at),
            latest(group_members.c.joined_at),
        ]
    known = [seconds for seconds in found if seconds is not None]
    return np.datetime64(max(known), "s") if known else None
