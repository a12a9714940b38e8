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


def expected(store: Store, files: Sequence[Staged]) -> list[dict[str, int]]:
    """New users, items, groups, members and friendships of each file, as an import would report.

    What an earlier one of the files brings is not new in a later one.
    """
    seen_users: set[str] = set()
    seen_items: set[str] = set()
    brought = []
    with store.read() as connection:
        for staged in files:
            fresh_users = [id for id in staged.users if id not in seen_users]
            fresh_items = [id for id in staged.items if id not in seen_items]
            seen_users.update(fresh_users)
            seen_items.update(fresh_items)
            pairs = np.unique(np.sort(staged.friendships, axis=1), axis=0)  # [F, 2]
            brought.append(
                {
                    "users": len(fresh_users) - _known(connection, users, fresh_users),
                    "items": len(fresh_items) - _known(connection, items, fresh_items),
                    "groups": len(staged.group_id),
                    "members": len(staged.member),
                    "friendships": len(pairs),
                }
            )
    return brought


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
