"""Writes staged logs into the store, within the transaction that it is given."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Table, func, insert, select, update

from db.importing.latest_attributes import state_of_items, state_of_users
from db.importing.merging import again, merge_statements
from db.importing.readers.chunk import RowError
from db.importing.staged import (
    UNKNOWN_SIZE,
    ItemAttributes,
    StagedLogs,
    UserAttributes,
    as_columns,
)
from db.importing.twins import NO_TWIN, twin_keys
from db.logs import UNKNOWN_TIME
from db.queries.search import spell_names
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
from db.store import execute_in_chunks, is_in

ProgressCallback = Callable[[str, int, int], None]  # stage, rows done, rows in total (0: unknown)

_ROWS_PER_INSERT = 20_000


@dataclass(frozen=True)
class ImportRecord:
    """A file's entry in the history of imports."""

    batch: str  # shared by the files of one call
    file: str
    kind: str  # groups, failed, friendships, items, users, edit or demo
    format: str
    sha256: str
    accepted: int  # rows
    rejected: int


def no_progress(_stage: str, _done: int, _total: int) -> None:
    """Ignore the progress."""


def write_staged(
    connection: Connection,
    staged: StagedLogs,
    record: ImportRecord,
    errors: Sequence[RowError] = (),
    progress: ProgressCallback = no_progress,
) -> int:
    """Write one file's rows and its entry in the history; returns the import's id."""
    last_user, last_item, last_group = _last_keys(connection)
    values = {"last_user": last_user, "last_item": last_item, "last_group": last_group}
    import_id: int = connection.execute(
        insert(imports)
        .values(asdict(record) | values | {"created_at": int(time.time())})
        .returning(imports.c.id)
    ).scalar_one()
    inserter = _Inserter(connection, import_id, staged.row_count(), progress)
    _insert_errors(inserter, errors)
    user_keys, last_user = _insert_users(inserter, staged, last_user)
    item_keys, last_item = _insert_items(inserter, staged, last_item)
    last_group = _insert_groups(inserter, staged, user_keys, item_keys, last_group)
    _insert_friendships(inserter, staged, user_keys)
    for column in (groups.c.external_id, groups.c.twin):
        last_group = merge_statements(
            connection, column, again(connection, import_id, column), last_group
        )
    connection.execute(
        update(imports)
        .where(imports.c.id == import_id)
        .values(last_user=last_user, last_item=last_item, last_group=last_group)
    )
    return import_id


class _Inserter:
    """Inserts columns in blocks and reports the progress."""

    def __init__(
        self, connection: Connection, import_id: int, total: int, progress: ProgressCallback
    ) -> None:
        self.connection = connection
        self.import_id = import_id
        self._total = total
        self._progress = progress
        self._done = 0

    def insert(
        self, table: Table, columns: Mapping[str, Sequence[Any]], count: bool = True
    ) -> None:
        """Insert rows given as columns of equal length, with the import's id; ``count`` as progress."""
        statement = _insert_statement(self.connection, table, [*columns, "import_id"])
        length = len(next(iter(columns.values())))
        for start in range(0, length, _ROWS_PER_INSERT):
            block = [values[start : start + _ROWS_PER_INSERT] for values in columns.values()]
            block.append([self.import_id] * len(block[0]))
            rows = list(zip(*block, strict=True))
            self.connection.exec_driver_sql(statement, rows)
            if count:
                self._done += len(rows)
                self._progress("writing", self._done, self._total)


def _insert_statement(connection: Connection, table: Table, columns: Sequence[str]) -> str:
    """An INSERT for plain tuples: with a million rows, dicts would take twice as long."""
    dialect = connection.dialect
    placeholder = "?" if dialect.paramstyle == "qmark" else "%s"
    quote = dialect.identifier_preparer.quote
    names = ", ".join(quote(name) for name in columns)
    placeholders = ", ".join([placeholder] * len(columns))
    return f"INSERT INTO {quote(table.name)} ({names}) VALUES ({placeholders})"  # noqa: S608


def _last_keys(connection: Connection) -> tuple[int, int, int]:
    """The highest keys of users, items and groups that were ever assigned."""
    row = connection.execute(
        select(
            func.coalesce(func.max(imports.c.last_user), 0),
            func.coalesce(func.max(imports.c.last_item), 0),
            func.coalesce(func.max(imports.c.last_group), 0),
        )
    ).one()
    return (row[0], row[1], row[2])


def _insert_errors(inserter: _Inserter, errors: Sequence[RowError]) -> None:
    if errors:
        names = ("line", "column", "value", "row")
        columns = {name: [getattr(error, name) for error in errors] for name in names}
        # Rows with the same problem share its message: render each message once.
        messages = {id(error.problem): error.problem for error in errors}
        texts = {key: str(message) for key, message in messages.items()}
        as_json = {key: message.to_json() for key, message in messages.items()}
        columns["problem"] = [texts[id(error.problem)] for error in errors]
        columns["message"] = [as_json[id(error.problem)] for error in errors]
        inserter.insert(import_errors, columns, count=False)


def _known_keys(connection: Connection, table: Table, ids: Sequence[str]) -> dict[str, int]:
    """Id -> key of those ``ids`` that the table has."""
    query = select(table.c.external_id, table.c.id).where(is_in(table.c.external_id))
    return dict(execute_in_chunks(connection, query, ids))


def _assign_keys(
    known: dict[str, int], ids: Sequence[str], last: int
) -> tuple[NDArray[np.int64], list[int], int]:
    """The keys of all ``ids``, the positions of the new ones among them, and the highest key."""
    keys = np.empty(len(ids), np.int64)
    new: list[int] = []
    for position, external_id in enumerate(ids):
        key = known.get(external_id)
        if key is None:
            last += 1
            key = last
            new.append(position)
        keys[position] = key
    return keys, new, last


def _insert_users(
    inserter: _Inserter, staged: StagedLogs, last: int
) -> tuple[NDArray[np.int64], int]:
    """Insert new users and attributes; returns the keys of all staged users and the highest key."""
    known = _known_keys(inserter.connection, users, staged.users)
    keys, new, last = _assign_keys(known, staged.users, last)
    if new:
        nothing = UserAttributes()
        stated = [staged.user_attributes.get(position, nothing) for position in new]
        columns = as_columns(UserAttributes, stated)
        if "name" in columns:
            columns |= spell_names(columns["name"])
        columns["id"] = keys[new].tolist()
        columns["external_id"] = [staged.users[position] for position in new]
        inserter.insert(users, columns)
    if staged.user_attributes:
        positions = list(staged.user_attributes)
        columns = as_columns(UserAttributes, list(staged.user_attributes.values()))
        columns["user_id"] = keys[positions].tolist()
        inserter.insert(user_facts, columns, count=False)
        if len(new) < len(keys):
            state_of_users(inserter.connection, inserter.import_id, columns.keys() - {"user_id"})
    return keys, last


def _insert_items(
    inserter: _Inserter, staged: StagedLogs, last: int
) -> tuple[NDArray[np.int64], int]:
    """Insert new items and attributes; returns the keys of all staged items and the highest key."""
    known = _known_keys(inserter.connection, items, staged.items)
    keys, new, last = _assign_keys(known, staged.items, last)
    if new:
        nothing = ItemAttributes()
        stated = [staged.item_attributes.get(position, nothing) for position in new]
        columns = as_columns(ItemAttributes, stated)
        columns["id"] = keys[new].tolist()
        columns["external_id"] = [staged.items[position] for position in new]
        inserter.insert(items, columns)
    if staged.item_attributes:
        positions = list(staged.item_attributes)
        columns = as_columns(ItemAttributes, list(staged.item_attributes.values()))
        columns["item_id"] = keys[positions].tolist()
        inserter.insert(item_facts, columns, count=False)
        if len(new) < len(keys):
            state_of_items(inserter.connection, inserter.import_id, columns.keys() - {"item_id"})
    return keys, last


def _insert_groups(
    inserter: _Inserter,
    staged: StagedLogs,
    user_keys: NDArray[np.int64],
    item_keys: NDArray[np.int64],
    last: int,
) -> int:
    """Insert the groups and their members; returns the highest key."""
    count = len(staged.group_id)
    if not count:
        return last
    inserter.insert(
        groups,
        {
            "id": range(last + 1, last + 1 + count),
            "external_id": staged.group_id,
            "initiator_id": user_keys[staged.initiator].tolist(),
            "item_id": item_keys[staged.item].tolist(),
            "status": staged.status.tolist(),
            "launched_at": _nullable(staged.launched_at, UNKNOWN_TIME),
            "target_size": _nullable(staged.target_size, UNKNOWN_SIZE),
            "expires_at": _nullable(staged.expires_at, UNKNOWN_TIME),
            **_times("filled_at", staged.filled_at),
            **_twins(staged),
            **_stated(staged),
        },
    )
    if len(staged.member):
        inserter.insert(
            group_members,
            {
                "group_id": (staged.member_group.astype(np.int64) + last + 1).tolist(),
                "user_id": user_keys[staged.member].tolist(),
                **_times("joined_at", staged.joined_at),
            },
        )
    statement = staged.statement
    if statement is not None and statement.declined_user:
        inserter.insert(
            declined_invitations,
            {
                "group_id": (statement.declined_group.astype(np.int64) + last + 1).tolist(),
                "user": statement.declined_user,
                "reason": statement.reason.tolist(),
            },
            count=False,
        )
    return last + count


def _times(name: str, seconds: NDArray[np.int64] | None) -> dict[str, list[int | None]]:
    """A column of times; none if nothing is stated."""
    if seconds is None or not (known := seconds != UNKNOWN_TIME).any():
        return {}
    return {name: seconds.tolist() if known.all() else _nullable(seconds, UNKNOWN_TIME)}


def _twins(staged: StagedLogs) -> dict[str, list[int | None]]:
    """The column that tells groups without an id again; none if all have one."""
    twins = twin_keys(staged)
    return {"twin": _nullable(twins, NO_TWIN)} if twins.any() else {}


def _stated(staged: StagedLogs) -> dict[str, list[Any]]:
    """The columns that say how far the file states its groups; none if it states all."""
    statement = staged.statement
    if statement is None:
        return {}
    names = ("status_derived", "initiator_derived", "continues", "initiator_void", "seats")
    columns = {name: getattr(statement, name) for name in names}
    # What is nowhere so is left to the default: a million rows take less time.
    return {name: values.tolist() for name, values in columns.items() if values.any()}


def _nullable(values: NDArray[Any], unknown: int) -> list[int | None]:
    column = values.astype(object)
    column[values == unknown] = None
    return list(column)


def _insert_friendships(
    inserter: _Inserter, staged: StagedLogs, user_keys: NDArray[np.int64]
) -> None:
    if len(staged.friendships):
        pairs = np.unique(np.sort(user_keys[staged.friendships], axis=1), axis=0)  # [F, 2]
        inserter.insert(
            friendships,
            {"user_id": pairs[:, 0].tolist(), "friend_id": pairs[:, 1].tolist()},
        )
