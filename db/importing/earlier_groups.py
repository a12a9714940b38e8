"""Which groups of a file the store, or an earlier file of the same command, has already."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from db.importing.merging import LaunchStatement, are_of_two_groups
from db.importing.staged import StagedLogs
from db.importing.twins import NO_TWIN, twin_keys
from db.logs import UNKNOWN_TIME
from db.messages import Message, Value
from db.schema import groups, items, users
from db.store import Store, execute_in_chunks, is_in


@dataclass(frozen=True)
class Launch:
    """Who launched a group, and for which item: the shop's ids."""

    initiator: str
    item: str


class EarlierLaunches:
    """The groups of the store and of the files before."""

    def __init__(self, store: Store | None = None, files: Sequence[StagedLogs] = ()) -> None:
        self._store = store
        self._files = files

    def launches(self, ids: Sequence[str]) -> dict[str, Launch]:
        """Group id -> its launch, of those ``ids`` that are known."""
        found: dict[str, Launch] = {}
        if self._store is not None:
            query = (
                select(
                    groups.c.external_id,
                    users.c.external_id.label("initiator"),
                    items.c.external_id.label("item"),
                )
                .select_from(
                    groups.join(users, users.c.id == groups.c.initiator_id).join(
                        items, items.c.id == groups.c.item_id
                    )
                )
                .where(groups.c.current, is_in(groups.c.external_id))
            )
            with self._store.read() as connection:
                rows = execute_in_chunks(connection, query, ids)
            found |= {row.external_id: Launch(row.initiator, row.item) for row in rows}
        wanted = set(ids)
        for staged in self._files:
            for k, id in enumerate(staged.group_id):
                if id is not None and id in wanted:
                    initiator = staged.users[staged.initiator[k]]
                    found[id] = Launch(initiator, staged.items[staged.item[k]])
        return found


@dataclass(frozen=True)
class Overlap:
    """How many groups of a file are known, and ids under which another group is."""

    groups: int
    shared: tuple[str, ...]
    changed: tuple[str, ...]  # ids of groups that are known for another item

    def notes(self) -> list[Message]:
        """What a person learns of it."""
        notes = []
        if self.groups:
            notes.append(Message("db.note.known_groups", {"n": self.groups}))
        if self.shared:
            values: dict[str, Value] = {"n": len(self.shared), "group": self.shared[:1]}
            notes.append(Message("db.note.shared_numbers", values))
        if self.changed:
            values = {"n": len(self.changed), "group": self.changed[:1]}
            notes.append(Message("db.note.changed_items", values))
        return notes


def overlaps(store: Store, files: Sequence[StagedLogs]) -> list[Overlap]:
    """What of each file's groups the store or a file before it has already."""
    seen_ids: dict[str, list[LaunchStatement]] = {}
    seen_twins: set[int] = set()
    found = []
    with store.read() as connection:
        empty = connection.execute(select(groups.c.id).limit(1)).first() is None
        if empty and len(files) == 1:
            return [Overlap(0, (), ())]
        for staged in files:
            mine = _launch_statements(staged)
            twins = {int(twin) for twin in twin_keys(staged) if twin != NO_TWIN}
            known = {id: list(seen_ids[id]) for id in mine.keys() & seen_ids.keys()}
            known_twins = twins & seen_twins
            if not empty:
                for id, statement in _stored(connection, sorted(mine)):
                    known.setdefault(id, []).append(statement)
                known_twins |= _known_twins(connection, sorted(twins))
            shared = {
                id
                for id, statements in known.items()
                if all(are_of_two_groups(one, mine[id]) for one in statements)
            }
            changed = [
                id
                for id, statements in known.items()
                if id not in shared and all(one.item != mine[id].item for one in statements)
            ]
            count = len(known) - len(shared) + len(known_twins)
            found.append(Overlap(count, tuple(sorted(shared)), tuple(sorted(changed))))
            if len(files) > 1:
                for id, statement in mine.items():
                    seen_ids.setdefault(id, []).append(statement)
                seen_twins |= twins
    return found


def _launch_statements(staged: StagedLogs) -> dict[str, LaunchStatement]:
    derived = (
        [False] * len(staged.group_id)
        if staged.statement is None
        else staged.statement.initiator_derived.tolist()
    )
    rows = zip(
        staged.group_id,
        staged.initiator.tolist(),
        staged.item.tolist(),
        staged.launched_at.tolist(),
        derived,
        strict=True,
    )
    return {
        id: LaunchStatement(
            staged.users[user], staged.items[item], None if at == UNKNOWN_TIME else at, is_derived
        )
        for id, user, item, at, is_derived in rows
        if id is not None
    }


def _stored(connection: Connection, ids: Sequence[str]) -> list[tuple[str, LaunchStatement]]:
    query = (
        select(
            groups.c.external_id,
            users.c.external_id,
            items.c.external_id,
            groups.c.launched_at,
            groups.c.initiator_derived,
        )
        .select_from(
            groups.join(users, users.c.id == groups.c.initiator_id).join(
                items, items.c.id == groups.c.item_id
            )
        )
        .where(groups.c.current, is_in(groups.c.external_id))
    )
    return [
        (id, LaunchStatement(initiator, item, at, derived))
        for id, initiator, item, at, derived in execute_in_chunks(connection, query, ids)
    ]


def _known_twins(connection: Connection, twins: Sequence[int]) -> set[int]:
    query = select(groups.c.twin).where(is_in(groups.c.twin))
    return {row[0] for row in execute_in_chunks(connection, query, twins)}
