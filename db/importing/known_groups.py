"""Which groups of a file the store, or an earlier file of the same command, has already."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from db.importing.staged import StagedLogs
from db.importing.twins import NO_TWIN, twin_keys
from db.schema import groups, items, users
from db.store import Store, execute_in_chunks, is_in


@dataclass(frozen=True)
class Launch:
    """Who launched a group, and for which item: the shop's ids."""

    initiator: str
    item: str


class KnownGroups:
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


def count_known(store: Store, files: Sequence[StagedLogs]) -> list[int]:
    """How many groups of each file the store or a file before it has already."""
    seen_ids: set[str] = set()
    seen_twins: set[int] = set()
    counts = []
    with store.read() as connection:
        empty = connection.execute(select(groups.c.id).limit(1)).first() is None
        for staged in files:
            ids = {id for id in staged.group_id if id is not None}
            twins = {int(twin) for twin in twin_keys(staged) if twin != NO_TWIN}
            known_ids = ids & seen_ids
            known_twins = twins & seen_twins
            if not empty:
                known_ids |= _known(connection, sorted(ids))
                known_twins |= _known_twins(connection, sorted(twins))
            counts.append(len(known_ids) + len(known_twins))
            if len(files) > 1:
                seen_ids |= ids
                seen_twins |= twins
    return counts


def _known(connection: Connection, ids: Sequence[str]) -> set[str]:
    query = select(groups.c.external_id).where(is_in(groups.c.external_id))
    return {row[0] for row in execute_in_chunks(connection, query, ids)}


def _known_twins(connection: Connection, twins: Sequence[int]) -> set[int]:
    query = select(groups.c.twin).where(is_in(groups.c.twin))
    return {row[0] for row in execute_in_chunks(connection, query, twins)}
