"""Writes staged rows into the store, inside the transaction that it is given."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Table, bindparam, func, insert, select, update

from db.importing.readers.chunk import RowError
from db.importing.staged import UNKNOWN_SIZE, ItemFacts, Staged
from db.logs import UNKNOWN_TIME
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

Progress = Callable[[str, int, int], None]  # stage, done, total (0: not known)

_ROWS = 20_000  # of one executemany
_KEYS = 5_000  # of one IN (...), below SQLite's limit on bound values


@dataclass(frozen=True)
class Source:
    """Where staged rows come from, as the history tells it."""

    batch: str
    file: str
    kind: str  # groups, failed, friendships or demo
    format: str
    sha256: str
    accepted: int
    rejected: int


def silent(_stage: str, _done: int, _total: int) -> None:
    """Report progress to nobody."""


def write_staged(
    connection: Connection,
    staged: Staged,
    source: Source,
    errors: Sequence[RowError] = (),
    progress: Progress = silent,
) -> int:
    """Write one file's rows and its entry in the history; the import's id comes back."""
    marks = _high_marks(connection)
    import_id = _record_import(connection, source, marks)
    writer = _Writer(connection, import_id, staged.size(), progress)
    _insert_errors(writer, errors)
    user_keys, last_user = _insert_users(writer, staged, marks[0])
    item_keys, last_item = _insert_items(writer, staged, marks[1])
    last_group = _insert_groups(writer, staged, user_keys, item_keys, marks[2])
    _insert_friendships(writer, staged, user_keys)
    _retire_earlier_groups(connection, import_id)
    connection.execute(
        update(imports)
        .where(imports.c.id == import_id)
        .values(last_user=last_user, last_item=last_item, last_group=last_group)
    )
    return import_id


class _Writer:
    """Inserts columns in blocks and says how far it is."""

    def __init__(
        self, connection: Connection, import_id: int, total: int, progress: Progress
    ) -> None:
        self.connection = connection
        self.import_id = import_id
        self._total = total
        self._progress = progress
        self._done = 0

    def insert(
        self, table: Table, columns: Mapping[str, Sequence[Any]], count: bool = True
    ) -> None:
        """Insert rows given as columns of equal length; the import's id is added."""
        statement = _insert_statement(self.connection, table, [*columns, "import_id"])
        length = len(next(iter(columns.values())))
        for start in range(0, length, _ROWS):
            block = [values[start : start + _ROWS] for values in columns.values()]
            block.append([self.import_id] * len(block[0]))
            rows = list(zip(*block, strict=True))
            self.connection.exec_driver_sql(statement, rows)
            if count:
                self._done += len(rows)
                self._progress("writing", self._done, self._total)


def _insert_statement(connection: Connection, table: Table, columns: Sequence[str]) -> str:
    """An INSERT that takes tuples as they are: a million rows as dicts cost twice the time."""
    dialect = connection.dialect
    mark = "?" if dialect.paramstyle == "qmark" else "%s"
    quote = dialect.identifier_preparer.quote
    names = ", ".join(quote(name) for name in columns)
    marks = ", ".join([mark] * len(columns))
    return f"INSERT INTO {quote(table.name)} ({names}) VALUES ({marks})"  # noqa: S608


def _high_marks(connection: Connection) -> tuple[int, int, int]:
    row = connection.execute(
        select(
            func.coalesce(func.max(imports.c.last_user), 0),
            func.coalesce(func.max(imports.c.last_item), 0),
            func.coalesce(func.max(imports.c.last_group), 0),
        )
    ).one()
    return (row[0], row[1], row[2])


def _record_import(connection: Connection, source: Source, marks: tuple[int, int, int]) -> int:
    values = asdict(source) | {
        "created_at": int(time.time()),
        "last_user": marks[0],
        "last_item": marks[1],
        "last_group": marks[2],
    }
    return connection.execute(insert(imports).values(values).returning(imports.c.id)).scalar_one()


def _insert_errors(writer: _Writer, errors: Sequence[RowError]) -> None:
    if errors:
        columns = {name: [getattr(error, name) for error in errors] for name in vars(errors[0])}
        writer.insert(import_errors, columns, count=False)


def _known_keys(connection: Connection, table: Table, ids: Sequence[str]) -> dict[str, int]:
    """The keys of those ``ids`` that the table has."""
    query = select(table.c.external_id, table.c.id).where(
        table.c.external_id.in_(bindparam("ids", expanding=True))
    )
    known: dict[str, int] = {}
    for start in range(0, len(ids), _KEYS):
        found = connection.execute(query, {"ids": ids[start : start + _KEYS]})
        known.update((external_id, key) for external_id, key in found)
    return known


def _assign_keys(
    known: dict[str, int], ids: Sequence[str], last: int
) -> tuple[NDArray[np.int64], list[int], int]:
    """Keys of all ``ids``, the positions of the new ones among them, and the highest key."""
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


def _insert_users(writer: _Writer, staged: Staged, last: int) -> tuple[NDArray[np.int64], int]:
    known = _known_keys(writer.connection, users, staged.users)
    keys, new, last = _assign_keys(known, staged.users, last)
    spelled = {position: (name, *spell(name)) for position, name in staged.user_names.items()}
    if new:
        details = [spelled.get(position, (None, None, None)) for position in new]
        writer.insert(
            users,
            {
                "id": keys[new].tolist(),
                "external_id": [staged.users[position] for position in new],
                "name": [row[0] for row in details],
                "pinyin": [row[1] for row in details],
                "initials": [row[2] for row in details],
            },
        )
    if spelled:
        named = list(spelled)
        writer.insert(
            user_facts,
            {"user_id": keys[named].tolist(), "name": [spelled[p][0] for p in named]},
            count=False,
        )
        fresh = set(new)
        rename_users(
            writer.connection,
            ((int(keys[p]), *spelled[p]) for p in named if p not in fresh),
        )
    return keys, last


def rename_users(
    connection: Connection, rows: Iterable[tuple[int, str | None, str | None, str | None]]
) -> None:
    """Set (key, name, pinyin, initials) of users that stand."""
    parameters = [{"key": r[0], "name": r[1], "pinyin": r[2], "initials": r[3]} for r in rows]
    if parameters:
        connection.execute(
            update(users)
            .where(users.c.id == bindparam("key"))
            .values({name: bindparam(name) for name in ("name", "pinyin", "initials")}),
            parameters,
        )


def _insert_items(writer: _Writer, staged: Staged, last: int) -> tuple[NDArray[np.int64], int]:
    known = _known_keys(writer.connection, items, staged.items)
    keys, new, last = _assign_keys(known, staged.items, last)
    if new:
        facts = [staged.item_facts.get(position, ItemFacts()) for position in new]
        columns: dict[str, Sequence[Any]] = {
            name: [getattr(fact, name) for fact in facts] for name in vars(ItemFacts())
        }
        columns |= {
            "id": keys[new].tolist(),
            "external_id": [staged.items[position] for position in new],
        }
        writer.insert(items, columns)
    if staged.item_facts:
        positions = list(staged.item_facts)
        said = list(staged.item_facts.values())
        columns = {name: [getattr(fact, name) for fact in said] for name in vars(ItemFacts())}
        columns["item_id"] = keys[positions].tolist()
        writer.insert(item_facts, columns, count=False)
        fresh = set(new)
        older = [int(keys[p]) for p in positions if p not in fresh]
        refresh_items(writer.connection, older)
    return keys, last


def refresh_items(connection: Connection, keys: Sequence[int]) -> None:
    """Set the attributes of these items to the latest word of the imports that stand."""
    latest = {key: ItemFacts() for key in keys}
    query = (
        select(item_facts)
        .where(item_facts.c.item_id.in_(bindparam("keys", expanding=True)))
        .order_by(item_facts.c.import_id)
    )
    for start in range(0, len(keys), _KEYS):
        for row in connection.execute(query, {"keys": keys[start : start + _KEYS]}).mappings():
            said = ItemFacts(**{name: row[name] for name in vars(ItemFacts())})
            latest[row["item_id"]] = latest[row["item_id"]].updated(said)
    if latest:
        connection.execute(
            update(items)
            .where(items.c.id == bindparam("key"))
            .values({name: bindparam(name) for name in vars(ItemFacts())}),
            [vars(fact) | {"key": key} for key, fact in latest.items()],
        )


def _insert_groups(
    writer: _Writer,
    staged: Staged,
    user_keys: NDArray[np.int64],
    item_keys: NDArray[np.int64],
    last: int,
) -> int:
    count = len(staged.group_id)
    if not count:
        return last
    writer.insert(
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
        },
    )
    if len(staged.member):
        writer.insert(
            group_members,
            {
                "group_id": (staged.member_group.astype(np.int64) + last + 1).tolist(),
                "user_id": user_keys[staged.member].tolist(),
            },
        )
    return last + count


def _nullable(values: NDArray[Any], unknown: int) -> list[int | None]:
    column = values.astype(object)
    column[values == unknown] = None
    return list(column)


def _insert_friendships(writer: _Writer, staged: Staged, user_keys: NDArray[np.int64]) -> None:
    if len(staged.friendships):
        pairs = np.unique(np.sort(user_keys[staged.friendships], axis=1), axis=0)  # [F, 2]
        writer.insert(
            friendships,
            {"user_id": pairs[:, 0].tolist(), "friend_id": pairs[:, 1].tolist()},
        )


def _retire_earlier_groups(connection: Connection, import_id: int) -> None:
    """A group that this import brings again replaces the earlier word about it."""
    again = select(groups.c.external_id).where(
        groups.c.import_id == import_id, groups.c.external_id.is_not(None)
    )
    connection.execute(
        update(groups)
        .where(groups.c.import_id < import_id, groups.c.current, groups.c.external_id.in_(again))
        .values(current=False)
    )
