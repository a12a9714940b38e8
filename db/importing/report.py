"""The report on an import: accepted and rejected rows, notes, and what is new in the store."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from sqlalchemy import Connection, Table, func, select

from db.errors import InputError
from db.importing.questions import Question
from db.importing.readers.chunk import RowError
from db.importing.staged import StagedLogs
from db.importing.stored_rows import StoredGroup, StoredItem, StoredUser
from db.messages import Message, Value
from db.schema import friendships, group_members, groups, items, users
from db.store import Store, execute_in_chunks, is_in


@dataclass(frozen=True)
class ImportReport:
    """What became of one file; the counts of new rows were taken after the commit.

    In the report of a dry run they are those that an import would bring now.
    """

    id: int | None  # None if nothing was written: a dry run or a refusal
    file: str
    sha256: str
    kind: str  # groups, failed, friendships, items or users
    format: str  # csv, jsonl, parquet or beibei
    shape: str  # groups, orders, friendships, items or users: what a row is
    accepted: int  # rows of the file
    rejected: int
    errors: list[RowError] = field(repr=False)
    notes: list[Message]
    new: dict[str, int]  # users, items, groups, members and friendships that the import brought
    states: dict[str, int]  # successful, failed and open groups among the accepted rows
    questions: tuple[Question, ...] = ()  # what only a person can say about the file
    zone: str = ""  # of the clock that moments in the file were brought to
    examples: tuple[StoredGroup, ...] = ()  # the first groups as they are stored, where asked for
    entities: tuple[StoredItem | StoredUser, ...] = ()  # the same of a file of items or users

    def as_json(self) -> dict[str, Any]:
        """As ``python -m db import --json`` prints it, with the messages in English."""
        values = asdict(self)
        values["errors"] = [vars(error) | {"problem": str(error.problem)} for error in self.errors]
        values["notes"] = [str(note) for note in self.notes]
        values["questions"] = [vars(one) | {"message": str(one.message)} for one in self.questions]
        values["examples"] = [one.as_json() for one in self.examples]
        values["entities"] = [one.as_json() for one in self.entities]
        return values


class RefusedImportError(InputError):
    """Nothing was imported; ``reports`` tell which rows are at fault."""

    def __init__(
        self, key: str | Message, /, reports: Sequence[ImportReport], **values: Value
    ) -> None:
        super().__init__(key, **values)
        self.reports = list(reports)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickles with the reports."""
        return type(self), (self.message, self.reports)


def count_new(connection: Connection, import_id: int) -> dict[str, int]:
    """How many users, items, groups, members and friendships an import brought."""
    tables = {
        "users": users,
        "items": items,
        "groups": groups,
        "members": group_members,
        "friendships": friendships,
    }
    counts = {
        name: connection.execute(
            select(func.count()).select_from(table).where(table.c.import_id == import_id)
        ).scalar_one()
        for name, table in tables.items()
    }
    # Rows that join several imports' statements are nobody's own.
    merged = (groups.c.import_id == import_id, groups.c.merged)
    joined = select(func.count()).select_from(group_members.join(groups)).where(*merged)
    counts["members"] -= connection.execute(joined).scalar_one()
    counts["groups"] -= connection.execute(
        select(func.count()).select_from(groups).where(*merged)
    ).scalar_one()
    return counts


def predict_new(store: Store, files: Sequence[StagedLogs]) -> list[dict[str, int]]:
    """What ``count_new`` would give for each file after an import of all of them, in their order."""
    seen_users: set[str] = set()
    seen_items: set[str] = set()
    predicted = []
    with store.read() as connection:
        for staged in files:
            new_users = [id for id in staged.users if id not in seen_users]
            new_items = [id for id in staged.items if id not in seen_items]
            seen_users.update(new_users)
            seen_items.update(new_items)
            pairs = np.unique(np.sort(staged.friendships, axis=1), axis=0)  # [F, 2]
            predicted.append(
                {
                    "users": len(new_users) - _count_known(connection, users, new_users),
                    "items": len(new_items) - _count_known(connection, items, new_items),
                    "groups": len(staged.group_id),
                    "members": len(staged.member),
                    "friendships": len(pairs),
                }
            )
    return predicted


def known_entities(store: Store, staged: StagedLogs) -> list[Message]:
    """A note on how many items or users of a file of them are in the store already."""
    if staged.group_id or len(staged.friendships):
        return []
    notes = []
    with store.read() as connection:
        for key, table, ids in (
            ("db.note.known_items", items, staged.items),
            ("db.note.known_users", users, staged.users),
        ):
            if known := _count_known(connection, table, ids):
                notes.append(Message(key, {"n": known}))
    return notes


def _count_known(connection: Connection, table: Table, ids: Sequence[str]) -> int:
    """How many of ``ids`` the table has."""
    query = select(func.count()).select_from(table).where(is_in(table.c.external_id))
    return sum(count for (count,) in execute_in_chunks(connection, query, ids))
