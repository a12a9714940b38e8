"""Statistics of the store for charts, counted by the database, and sizes on disk."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Connection, Select, Table, and_, func, select, text, union_all

from db.logs import FAILED, OPEN, SUCCESSFUL
from db.schema import friendships, group_members, groups, items, users
from db.store import Store

_DAY = 86_400
_STATES = {SUCCESSFUL: "successful", FAILED: "failed", OPEN: "open"}


@dataclass(frozen=True)
class StoreStatistics:
    """Distributions of the groups and the users in the store, and how complete its data are."""

    daily: pd.DataFrame  # launches a day by status, of groups with a launch time
    sizes: pd.Series  # successful groups by number of people, the initiator included
    launches: pd.Series  # users by number of groups launched, whatever became of those
    joins: pd.Series  # users by number of groups joined that did not fail
    friends: pd.Series  # users by number of declared friends
    coverage: dict[str, tuple[int, int]]  # field -> known values, all values


def store_statistics(store: Store) -> StoreStatistics:
    """Count the statistics in one snapshot of the store."""
    with store.read() as connection:
        return StoreStatistics(
            daily=_daily(connection),
            sizes=_distribution(connection, _people_in_groups()),
            launches=_distribution(
                connection, _count_by(groups, groups.c.initiator_id, groups.c.current)
            ),
            joins=_distribution(connection, _joins_per_user()),
            friends=_distribution(connection, _friends_per_user()),
            coverage=_coverage(connection),
        )


def _daily(connection: Connection) -> pd.DataFrame:
    """[days, 3] launches of each status, the days in ascending order."""
    day = (groups.c.launched_at // _DAY).label("day")
    query = (
        select(day, groups.c.status, func.count())
        .where(groups.c.current, groups.c.launched_at.is_not(None))
        .group_by(day, groups.c.status)
    )
    rows = connection.execute(query).all()
    frame = pd.DataFrame([tuple(row) for row in rows], columns=["day", "status", "groups"])
    table = frame.pivot_table(index="day", columns="status", values="groups", fill_value=0)
    table = table.reindex(columns=list(_STATES), fill_value=0).rename(columns=_STATES)
    table.index = pd.to_datetime(table.index.astype("int64"), unit="D")
    table.columns.name = None
    return table.astype("int64")


def _people_in_groups() -> Select[Any]:
    return (
        select((func.count() + 1).label("n"))
        .select_from(group_members.join(groups))
        .where(groups.c.current, groups.c.status == SUCCESSFUL)
        .group_by(group_members.c.group_id)
    )


def _count_by(
    table: Any, column: ColumnElement[Any], condition: ColumnElement[bool]
) -> Select[Any]:
    """How many rows that meet the condition have each value of the column."""
    return select(func.count().label("n")).select_from(table).where(condition).group_by(column)


def _joins_per_user() -> Select[Any]:
    stands = and_(groups.c.current, groups.c.status != FAILED)
    return _count_by(group_members.join(groups), group_members.c.user_id, stands)


def _friends_per_user() -> Select[Any]:
    # Several imports may bring the same pair; it is one friendship.
    pairs = select(friendships.c.user_id, friendships.c.friend_id).distinct().subquery()
    ends = union_all(select(pairs.c.user_id.label("user")), select(pairs.c.friend_id)).subquery()
    return select(func.count().label("n")).select_from(ends).group_by(ends.c.user)


def _distribution(connection: Connection, counted: Select[Any]) -> pd.Series:
    """How many rows of the query have each n, indexed by n in ascending order."""
    each = counted.subquery()
    query = select(each.c.n, func.count()).group_by(each.c.n).order_by(each.c.n)
    rows = connection.execute(query).all()
    index = pd.Index([row[0] for row in rows], dtype="int64", name="n")
    return pd.Series([row[1] for row in rows], index=index, dtype="int64")


def _coverage(connection: Connection) -> dict[str, tuple[int, int]]:
    """How many entities have a value, and how many there are, by names such as item.price."""
    wanted: tuple[tuple[str, Table, tuple[str, ...]], ...] = (
        ("user", users, ("name",)),
        ("item", items, ("name", "category", "price", "group_price", "min_participants")),
        ("group", groups, ("launched_at", "target_size", "expires_at")),
    )
    found: dict[str, tuple[int, int]] = {}
    for kind, table, names in wanted:
        counted = [func.count(), *(func.count(table.c[name]) for name in names)]
        query = select(*counted).select_from(table)
        if table is groups:
            query = query.where(groups.c.current)
        total, *known = (int(value) for value in connection.execute(query).one())
        found |= {f"{kind}.{name}": (n, total) for name, n in zip(names, known, strict=True)}
    return found


def store_bytes(store: Store) -> int:
    """Bytes of the store: its SQLite files, or its database on the server."""
    if store.path is not None:
        files = (store.path.with_name(store.path.name + end) for end in ("", "-wal", "-shm"))
        return sum(file.stat().st_size for file in files if file.exists())
    with store.read() as connection:
        return int(
            connection.execute(text("select pg_database_size(current_database())")).scalar_one()
        )


def folder_bytes(folder: Path) -> int:
    """Bytes of all files in a folder and its subfolders; 0 if it does not exist."""
    found = 0
    for path in folder.rglob("*"):
        try:
            found += 0 if path.is_symlink() or path.is_dir() else path.stat().st_size
        except OSError:  # a file that was removed meanwhile
            continue
    return found
