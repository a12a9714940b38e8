"""The history of imports, and the rows that they could not use.

Takes an import back: its rows go, what later imports need stays, earlier words return.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import pandas as pd
from sqlalchemy import Connection, Table, and_, bindparam, delete, func, or_, select, update

from db.errors import InputError
from db.importing.writer import refresh_items, rename_users
from db.queries.pinyin import spell
from db.schema import (
    friendships,
    group_members,
    groups,
    import_errors,
    imports,
    item_facts,
    items,
    user_facts,
    users,
)
from db.store import Store


@dataclass(frozen=True)
class ImportEntry:
    """One imported file."""

    id: int
    file: str
    sha256: str
    accepted: int  # rows
    rejected: int
    created_at: str  # ISO 8601, UTC
    undone: bool
    batch: str  # the files of one command share it
    kind: str  # groups, failed, friendships or demo
    format: str


def history(store: Store) -> list[ImportEntry]:
    """All imports, the oldest first, undone ones among them."""
    with store.read() as connection:
        rows = connection.execute(select(imports).order_by(imports.c.id)).all()
    return [
        ImportEntry(
            id=row.id,
            file=row.file,
            sha256=row.sha256,
            accepted=row.accepted,
            rejected=row.rejected,
            created_at=datetime.fromtimestamp(row.created_at, UTC).isoformat(),
            undone=row.undone_at is not None,
            batch=row.batch,
            kind=row.kind,
            format=row.format,
        )
        for row in rows
    ]


def rejected_rows(store: Store, id: int) -> pd.DataFrame:
    """What is wrong with the rows that import ``id`` could not use.

    Columns: line, column, value, problem, row. A row with several flaws stands once for each.
    """
    with store.read() as connection:
        known = connection.execute(select(imports.c.id).where(imports.c.id == id)).scalar()
        if known is None:
            raise InputError(f"There is no import {id}. `python -m db imports` lists them.")
        columns = [import_errors.c[name] for name in ("line", "column", "value", "problem", "row")]
        query = select(*columns).where(import_errors.c.import_id == id)
        rows = connection.execute(query.order_by(import_errors.c.id)).all()
    return pd.DataFrame([tuple(row) for row in rows], columns=[column.name for column in columns])


_KEYS = 5_000  # of one IN (...), below SQLite's limit on bound values


@dataclass(frozen=True)
class UndoReport:
    """What an undo removed, and the users and items that later imports keep."""

    id: int
    file: str
    users: int
    items: int
    groups: int
    members: int
    friendships: int
    kept: int


def undo_import(store: Store, id: int) -> UndoReport:
    """Remove what the import brought, in one transaction; its entry stays in the history.

    Users and items that other imports refer to stay. Raises InputError where there is no such
    import, or it was undone before.
    """
    with store.write() as connection:
        entry = connection.execute(select(imports).where(imports.c.id == id)).first()
        if entry is None:
            raise InputError(f"There is no import {id}. `python -m db imports` lists them.")
        if entry.undone_at is not None:
            raise InputError(f"Import {id} ({entry.file}) was undone already.")
        named = _keys(connection, user_facts, "user_id", id)
        described = _keys(connection, item_facts, "item_id", id)
        members = _remove(connection, group_members, id)
        group_count = _remove_groups(connection, id)
        friendship_count = _remove(connection, friendships, id)
        _remove(connection, user_facts, id)
        _remove(connection, item_facts, id)
        _restore_names(connection, named)
        refresh_items(connection, described)
        connection.execute(
            update(imports).where(imports.c.id == id).values(undone_at=int(time.time()))
        )
        removed = _sweep(connection)
        kept = connection.execute(select(imports.c.kept).where(imports.c.id == id)).scalar_one()
        return UndoReport(id, entry.file, *removed, group_count, members, friendship_count, kept)


def _keys(connection: Connection, table: Table, column: str, id: int) -> list[int]:
    query = select(table.c[column]).where(table.c.import_id == id)
    return list(connection.execute(query).scalars())


def _remove(connection: Connection, table: Table, id: int) -> int:
    return connection.execute(delete(table).where(table.c.import_id == id)).rowcount


def _remove_groups(connection: Connection, id: int) -> int:
    """Remove the import's groups; the latest earlier word about each of them counts again."""
    replaced = select(groups.c.external_id).where(
        groups.c.import_id == id, groups.c.external_id.is_not(None), groups.c.current
    )
    names = list(connection.execute(replaced).scalars())
    count = _remove(connection, groups, id)
    latest = (
        select(func.max(groups.c.id))
        .where(groups.c.external_id.in_(bindparam("names", expanding=True)))
        .group_by(groups.c.external_id)
    )
    for start in range(0, len(names), _KEYS):
        connection.execute(
            update(groups).where(groups.c.id.in_(latest)).values(current=True),
            {"names": names[start : start + _KEYS]},
        )
    return count


def _restore_names(connection: Connection, keys: Sequence[int]) -> None:
    """Set the names of these users to the latest word of the imports that stand."""
    latest: dict[int, str] = {}
    query = (
        select(user_facts.c.user_id, user_facts.c.name)
        .where(user_facts.c.user_id.in_(bindparam("keys", expanding=True)))
        .order_by(user_facts.c.import_id)
    )
    for start in range(0, len(keys), _KEYS):
        found = connection.execute(query, {"keys": keys[start : start + _KEYS]})
        latest.update((key, name) for key, name in found)
    rename_users(
        connection,
        (
            (key, latest[key], *spell(latest[key])) if key in latest else (key, None, None, None)
            for key in keys
        ),
    )


def _sweep(connection: Connection) -> tuple[int, int]:
    """Remove the users and items of undone imports that nothing refers to; note those that stay."""
    undone = select(imports.c.id).where(imports.c.undone_at.is_not(None))
    needed_user = or_(
        select(groups.c.id).where(groups.c.initiator_id == users.c.id).exists(),
        select(group_members.c.group_id).where(group_members.c.user_id == users.c.id).exists(),
        select(friendships.c.user_id).where(friendships.c.user_id == users.c.id).exists(),
        select(friendships.c.user_id).where(friendships.c.friend_id == users.c.id).exists(),
        select(user_facts.c.user_id).where(user_facts.c.user_id == users.c.id).exists(),
    )
    needed_item = or_(
        select(groups.c.id).where(groups.c.item_id == items.c.id).exists(),
        select(item_facts.c.item_id).where(item_facts.c.item_id == items.c.id).exists(),
    )
    removed = [
        connection.execute(
            delete(table).where(and_(table.c.import_id.in_(undone), ~needed))
        ).rowcount
        for table, needed in ((users, needed_user), (items, needed_item))
    ]
    kept = {
        table: select(func.count())
        .select_from(table)
        .where(table.c.import_id == imports.c.id)
        .scalar_subquery()
        for table in (users, items)
    }
    connection.execute(
        update(imports)
        .where(imports.c.undone_at.is_not(None))
        .values(kept=kept[users] + kept[items])
    )
    return removed[0], removed[1]
