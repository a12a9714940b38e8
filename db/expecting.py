"""What staged rows would bring to the store, counted before anything is written."""

from collections.abc import Sequence

import numpy as np
from sqlalchemy import Connection, Table, bindparam, func, select

from db.logs import FAILED, OPEN, SUCCESSFUL
from db.schema import items, users
from db.staging import Staged
from db.store import Store

_KEYS = 5_000  # of one IN (...), below SQLite's limit on bound values
_STATES = {"successful": SUCCESSFUL, "failed": FAILED, "open": OPEN}


def states_of(staged: Staged) -> dict[str, int]:
    """How many groups of each state there are."""
    return {name: int(np.sum(staged.status == code)) for name, code in _STATES.items()}


def expected(store: Store, staged: Staged) -> dict[str, int]:
    """New users, items, groups, members and friendships, as an import now would report them."""
    with store.read() as connection:
        new_users = len(staged.users) - _known(connection, users, staged.users)
        new_items = len(staged.items) - _known(connection, items, staged.items)
    pairs = np.unique(np.sort(staged.friendships, axis=1), axis=0)  # [F, 2]
    return {
        "users": new_users,
        "items": new_items,
        "groups": len(staged.group_id),
        "members": len(staged.member),
        "friendships": len(pairs),
    }


def _known(connection: Connection, table: Table, ids: Sequence[str]) -> int:
    """How many of ``ids`` the table has."""
    query = (
        select(func.count())
        .select_from(table)
        .where(table.c.external_id.in_(bindparam("ids", expanding=True)))
    )
    return sum(
        connection.execute(query, {"ids": ids[start : start + _KEYS]}).scalar_one()
        for start in range(0, len(ids), _KEYS)
    )
