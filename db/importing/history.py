"""The history of imports, their rejected rows, and their undo.

Undoing an import removes its rows, except what other imports need, and restores earlier ones.
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime

import pandas as pd
from sqlalchemy import Connection, Table, and_, delete, func, or_, select, update

from db.errors import InputError
from db.importing.edits import EDIT, edit_words
from db.importing.latest_attributes import refresh_item_attributes, refresh_user_attributes
from db.importing.merging import merge_statements, stated
from db.importing.readers.chunk import RowError
from db.messages import Message
from db.schema import (
    declined_invitations,
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
    """One imported file, or an edit."""

    id: int
    file: str  # an edit has its words in English
    sha256: str
    accepted: int  # rows
    rejected: int
    created_at: str  # ISO 8601, UTC
    undone: bool
    batch: str  # shared by the files of one call
    kind: str  # groups, failed, friendships, items, users, edit or demo
    format: str  # of an edit: items or users
    words: Message | None = None  # what an edit changed


def import_history(store: Store) -> list[ImportEntry]:
    """All imports, the oldest first, including those that were undone."""
    with store.read() as connection:
        rows = connection.execute(select(imports).order_by(imports.c.id)).all()
    return [
        ImportEntry(
            id=row.id,
            file=import_name(row.kind, row.file),
            sha256=row.sha256,
            accepted=row.accepted,
            rejected=row.rejected,
            created_at=datetime.fromtimestamp(row.created_at, UTC).isoformat(),
            undone=row.undone_at is not None,
            batch=row.batch,
            kind=row.kind,
            format=row.format,
            words=edit_words(row.file) if row.kind == EDIT else None,
        )
        for row in rows
    ]


def import_name(kind: str, file: str) -> str:
    """What the history calls an import in English: the file's name, or what an edit changed."""
    return str(edit_words(file)) if kind == EDIT else file


def rejected_rows(store: Store, id: int) -> pd.DataFrame:
    """The errors of import ``id``, a row each, with the columns of RowError.

    ``problem`` holds Messages; errors of older stores have their English text as "db.text". A row
    of the file with several flaws has an error for each. Raises InputError if there is no such
    import.
    """
    with store.read() as connection:
        known = connection.execute(select(imports.c.id).where(imports.c.id == id)).scalar()
        if known is None:
            raise InputError("db.import.unknown", number=id)
        query = select(import_errors).where(import_errors.c.import_id == id)
        rows = connection.execute(query.order_by(import_errors.c.id)).all()
    errors = [
        RowError(row.line, row.column, row.value, _problem(row.message, row.problem), row.row)
        for row in rows
    ]
    columns = list(RowError.__dataclass_fields__)
    return pd.DataFrame([vars(error) for error in errors], columns=columns)


def _problem(message: str | None, text: str) -> Message:
    return Message("db.text", {"text": text}) if message is None else Message.from_json(message)


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
    edit: bool  # it was an edit by hand, which brought nothing but words


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
            name: str | Message = entry.file if entry.kind != EDIT else edit_words(entry.file)
            raise InputError("db.import.already_undone", number=id, file=name)
        named = _keys(connection, user_facts, "user_id", id)
        described = _keys(connection, item_facts, "item_id", id)
        members = group_count = friendship_count = 0
        if entry.kind != EDIT:  # which has none, and looking would take seconds in a large shop
            _remove(connection, declined_invitations, id)
            members, group_count = _remove_groups(connection, id)
            friendship_count = _remove(connection, friendships, id)
        _remove(connection, user_facts, id)
        _remove(connection, item_facts, id)
        refresh_user_attributes(connection, named)
        refresh_item_attributes(connection, described)
        connection.execute(
            update(imports).where(imports.c.id == id).values(undone_at=int(time.time()))
        )
        removed_users, removed_items = _remove_unreferenced(connection)
        _update_kept_counts(connection)
        kept = connection.execute(select(imports.c.kept).where(imports.c.id == id)).scalar_one()
        return UndoReport(
            id=id,
            file=import_name(entry.kind, entry.file),
            users=removed_users,
            items=removed_items,
            groups=group_count,
            members=members,
            friendships=friendship_count,
            kept=kept,
            edit=entry.kind == EDIT,
        )


def _keys(connection: Connection, table: Table, column: str, id: int) -> list[int]:
    query = select(table.c[column]).where(table.c.import_id == id)
    return list(connection.execute(query).scalars())


def _remove(connection: Connection, table: Table, id: int) -> int:
    return connection.execute(delete(table).where(table.c.import_id == id)).rowcount


def _remove_groups(connection: Connection, id: int) -> tuple[int, int]:
    """Remove what the import states of groups; what other imports state of them stands again.

    Returns how many members and groups that were.
    """
    columns = (groups.c.external_id, groups.c.twin)
    affected = {column.name: stated(connection, id, column) for column in columns}
    merged = select(groups.c.id).where(groups.c.import_id == id, groups.c.merged)
    connection.execute(delete(group_members).where(group_members.c.group_id.in_(merged)))
    connection.execute(delete(groups).where(groups.c.import_id == id, groups.c.merged))
    members = _remove(connection, group_members, id)
    count = _remove(connection, groups, id)
    last = connection.execute(select(func.coalesce(func.max(imports.c.last_group), 0))).scalar_one()
    for column in columns:
        last = merge_statements(connection, column, affected[column.name], last)
    # The highest keys ever assigned stay known.
    connection.execute(update(imports).where(imports.c.id == id).values(last_group=last))
    return members, count


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
