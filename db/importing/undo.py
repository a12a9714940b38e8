"""Undoes an import: its rows are removed, except what other imports need, and earlier ones restored."""

import time
from dataclasses import dataclass

from sqlalchemy import Connection, Table, and_, delete, func, or_, select, update

from db.errors import InputError
from db.importing.latest_attributes import refresh_item_attributes, refresh_user_names
from db.schema import (
    friendships,
    group_members,
    groups,
    imports,
    item_facts,
    items,
    user_facts,
    users,
)
from db.store import Store, execute_in_chunks, is_in


@dataclass(frozen=True)
class UndoReport:
    """How many rows an undo removed, and how many users and items of the import it kept."""

    id: int
    file: str
    users: int
    items: int
    groups: int
    members: int
    friendships: int
    kept: int  # users and items that other imports refer to


def undo_import(store: Store, id: int) -> UndoReport:
    """Remove what the import brought, in one transaction; its entry stays in the history.

    Users and items that other imports refer to stay. Raises InputError if there is no such import
    or it was undone before.
    """
    with store.write() as connection:
        entry = connection.execute(select(imports).where(imports.c.id == id)).first()
        if entry is None:
            raise InputError("db.import.unknown", number=id)
        if entry.undone_at is not None:
            raise InputError("db.import.already_undone", number=id, file=entry.file)
        named = _keys(connection, user_facts, "user_id", id)
        described = _keys(connection, item_facts, "item_id", id)
        members = _remove(connection, group_members, id)
        group_count = _remove_groups(connection, id)
        friendship_count = _remove(connection, friendships, id)
        _remove(connection, user_facts, id)
        _remove(connection, item_facts, id)
        refresh_user_names(connection, named)
        refresh_item_attributes(connection, described)
        connection.execute(
            update(imports).where(imports.c.id == id).values(undone_at=int(time.time()))
        )
        removed_users, removed_items = _remove_unreferenced(connection)
        _update_kept_counts(connection)
        kept = connection.execute(select(imports.c.kept).where(imports.c.id == id)).scalar_one()
        return UndoReport(
            id=id,
            file=entry.file,
            users=removed_users,
            items=removed_items,
            groups=group_count,
            members=members,
            friendships=friendship_count,
            kept=kept,
        )


def _keys(connection: Connection, table: Table, column: str, id: int) -> list[int]:
    query = select(table.c[column]).where(table.c.import_id == id)
    return list(connection.execute(query).scalars())


def _remove(connection: Connection, table: Table, id: int) -> int:
    return connection.execute(delete(table).where(table.c.import_id == id)).rowcount


def _remove_groups(connection: Connection, id: int) -> int:
    """Remove the import's groups; the latest earlier row of each becomes current again."""
    replaced = select(groups.c.external_id).where(
        groups.c.import_id == id, groups.c.external_id.is_not(None), groups.c.current
    )
    external_ids = list(connection.execute(replaced).scalars())
    count = _remove(connection, groups, id)
    latest = (
        select(func.max(groups.c.id))
        .where(is_in(groups.c.external_id))
        .group_by(groups.c.external_id)
    )
    restore = update(groups).where(groups.c.id.in_(latest)).values(current=True)
    execute_in_chunks(connection, restore, external_ids)
    return count


def _remove_unreferenced(connection: Connection) -> tuple[int, int]:
    """Remove the users and items of undone imports that nothing refers to; returns how many."""
    undone = select(imports.c.id).where(imports.c.undone_at.is_not(None))
    user_needed = or_(
        select(groups.c.id).where(groups.c.initiator_id == users.c.id).exists(),
        select(group_members.c.group_id).where(group_members.c.user_id == users.c.id).exists(),
        select(friendships.c.user_id).where(friendships.c.user_id == users.c.id).exists(),
        select(friendships.c.user_id).where(friendships.c.friend_id == users.c.id).exists(),
        select(user_facts.c.user_id).where(user_facts.c.user_id == users.c.id).exists(),
    )
    item_needed = or_(
        select(groups.c.id).where(groups.c.item_id == items.c.id).exists(),
        select(item_facts.c.item_id).where(item_facts.c.item_id == items.c.id).exists(),
    )
    removed = [
        connection.execute(
            delete(table).where(and_(table.c.import_id.in_(undone), ~needed))
        ).rowcount
        for table, needed in ((users, user_needed), (items, item_needed))
    ]
    return removed[0], removed[1]


def _update_kept_counts(connection: Connection) -> None:
    """Record for each undone import how many of its users and items are still there."""
    remaining = {
        table: select(func.count())
        .select_from(table)
        .where(table.c.import_id == imports.c.id)
        .scalar_subquery()
        for table in (users, items)
    }
    connection.execute(
        update(imports)
        .where(imports.c.undone_at.is_not(None))
        .values(kept=remaining[users] + remaining[items])
    )
