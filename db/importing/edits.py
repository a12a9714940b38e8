"""Edits by hand: what the shop says of an item on its shelf, and who must not be asked.

An edit is an import of kind ``edit``: it states facts like a file, the newest word wins, and its undo brings the
earlier word back. It brings no user, item or group, so the evidence of the logs stays as it is.
"""

import hashlib
import json
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, Table, bindparam, func, insert, select, update

from db.errors import InputError
from db.importing.staged import LARGEST_STOCK
from db.messages import Message
from db.schema import imports, item_facts, items, user_facts, users
from db.store import Store, execute_in_chunks, is_in

EDIT = "edit"  # the kind of import
STATUSES = ("on", "off", "hidden")
_LONGEST_SHOWN = 60  # characters of a name in the history

Status = Literal["on", "off", "hidden"]  # hidden: never this item for this shop
Cell = str | int | bool
Seen = Mapping[str, Cell | None]


@dataclass(frozen=True)
class ItemEdit:
    """New words about an item; None leaves one as it is."""

    id: str
    status: Status | None = None
    stock: int | None = None
    seen: Seen | None = None  # what stood there when somebody decided, by attribute; None: whatever


@dataclass(frozen=True)
class UserEdit:
    """Whether a person may be asked; False is a wish that outlives every list."""

    id: str
    contactable: bool
    seen: Seen | None = None


@dataclass(frozen=True)
class Conflict:
    """A cell that somebody else had changed since it was seen; theirs stands."""

    id: str
    attribute: str
    wanted: Cell
    now: Cell | None


@dataclass(frozen=True)
class EditReport:
    """What became of an edit."""

    import_id: int | None  # its entry in the history; None where there was nothing to write
    words: Message | None  # the same entry's name
    changed: int  # cells
    conflicts: tuple[Conflict, ...]


@dataclass(frozen=True)
class _Kind:
    """Where the words about items, or about people, stand."""

    name: Literal["items", "users"]
    table: Table
    facts: Table
    key: str
    attributes: tuple[str, ...]
    unknown: str  # the message about an id that the store does not have


_ITEMS = _Kind("items", items, item_facts, "item_id", ("status", "stock"), "db.edit.unknown_item")
_USERS = _Kind("users", users, user_facts, "user_id", ("contactable",), "db.edit.unknown_user")
_OF_STATUS = {
    "on": "db.edit.status.on",
    "off": "db.edit.status.off",
    "hidden": "db.edit.status.hidden",
}


@dataclass(frozen=True)
class _Changed:
    """An entity with the new values of its cells."""

    key: int
    label: str  # name and id
    values: dict[str, Cell]


def edit_items(store: Store, changes: Sequence[ItemEdit]) -> EditReport:
    """States status and stock of items, all in one import.

    A cell whose present value is not the one that was ``seen`` stays as it is and is reported as a conflict. Raises
    InputError for an item that the store does not have and for a value out of range; nothing is changed then.
    """
    for change in changes:
        if change.status is not None and change.status not in STATUSES:
            raise InputError("db.edit.status", id=(change.id,), value=(str(change.status),))
        if change.stock is not None and not 0 <= change.stock <= LARGEST_STOCK:
            raise InputError(
                "db.edit.stock", id=(change.id,), value=change.stock, most=LARGEST_STOCK
            )
    return _edit(
        store,
        _ITEMS,
        [(one.id, {"status": one.status, "stock": one.stock}, one.seen) for one in changes],
    )


def edit_users(store: Store, changes: Sequence[UserEdit]) -> EditReport:
    """States whether people may be asked, all in one import; conflicts and errors as in ``edit_items``."""
    return _edit(
        store, _USERS, [(one.id, {"contactable": one.contactable}, one.seen) for one in changes]
    )


def _edit(
    store: Store,
    kind: _Kind,
    changes: Sequence[tuple[str, Mapping[str, Cell | None], Seen | None]],
) -> EditReport:
    with store.write() as connection:
        standing = _standing(connection, kind, [id for id, _, _ in changes])
        conflicts: list[Conflict] = []
        changed: dict[str, _Changed] = {}
        for id, wanted, seen in changes:
            row = standing[id]
            for attribute, value in wanted.items():
                now = row[attribute]
                if value is None or value == now:
                    continue
                if seen is not None and seen.get(attribute) != now:
                    conflicts.append(Conflict(id, attribute, value, now))
                    continue
                one = changed.setdefault(id, _Changed(row["id"], _label(id, row["name"]), {}))
                one.values[attribute] = value
        if not changed:
            return EditReport(None, None, 0, tuple(conflicts))
        words = _words(kind, list(changed.values()))
        import_id = _enter(connection, kind, words, changed)
        _state(connection, kind, import_id, list(changed.values()))
    cells = sum(len(one.values) for one in changed.values())
    return EditReport(import_id, words, cells, tuple(conflicts))


def _standing(
    connection: Connection, kind: _Kind, ids: Sequence[str]
) -> dict[str, Mapping[str, Any]]:
    """Key, name and cells of each id; InputError for one that the store does not have."""
    table = kind.table
    columns = [table.c[name] for name in ("external_id", "id", "name", *kind.attributes)]
    query = select(*columns).where(is_in(table.c.external_id))
    found = {row.external_id: row._mapping for row in execute_in_chunks(connection, query, ids)}
    for id in ids:
        if id not in found:
            raise InputError(kind.unknown, id=(id,))
    return found


def _label(id: str, name: str | None) -> str:
    shown = name if name is None or len(name) <= _LONGEST_SHOWN else f"{name[:_LONGEST_SHOWN]}…"
    return f"{shown} ({id})" if shown and shown != id else id


def _words(kind: _Kind, changed: Sequence[_Changed]) -> Message:
    """What the history calls the edit. People are not named: who is forgotten must not stay in it."""
    if kind is _USERS:
        return _people_words([bool(one.values["contactable"]) for one in changed])
    first = changed[0]
    parts = [_cell_words(first.label, name, value) for name, value in first.values.items()]
    words = parts[0]
    if len(parts) > 1:
        words = Message("db.edit.both", {"first": parts[0], "second": parts[1]})
    if len(changed) > 1:
        words = Message("db.edit.more", {"first": words, "n": len(changed) - 1})
    return words


def _people_words(contactable: Sequence[bool]) -> Message:
    n = len(contactable)
    if all(contactable):
        return Message("db.edit.contact.people" if n > 1 else "db.edit.contact.person", {"n": n})
    if any(contactable):
        return Message("db.edit.contact.both", {"n": n})
    return Message("db.edit.no_contact.people" if n > 1 else "db.edit.no_contact.person", {"n": n})


def _cell_words(item: str, attribute: str, value: Cell) -> Message:
    if attribute == "status":
        return Message(_OF_STATUS[str(value)], {"item": item})
    return Message("db.edit.stock.is", {"item": item, "n": int(value)})


@dataclass(frozen=True)
class EditedCell:
    """What an edit says of one item or person."""

    id: str
    name: str  # the id if the store has none
    attribute: str
    value: Cell


def edited_cells(store: Store, import_id: int) -> list[EditedCell]:
    """What an edit says, in the order of the store; nothing once it was undone."""
    found = []
    with store.read() as connection:
        for kind in (_ITEMS, _USERS):
            table, facts = kind.table, kind.facts
            query = (
                select(
                    table.c.external_id, table.c.name, *(facts.c[name] for name in kind.attributes)
                )
                .select_from(facts.join(table, facts.c[kind.key] == table.c.id))
                .where(facts.c.import_id == import_id)
                .order_by(table.c.id)
            )
            for id, name, *values in connection.execute(query):
                found += [
                    EditedCell(id, name or id, attribute, value)
                    for attribute, value in zip(kind.attributes, values, strict=True)
                    if value is not None
                ]
    return found


def edit_words(file: str) -> Message:
    """The name of an edit, as the history keeps it among the names of files."""
    return Message.from_json(file)


def _enter(
    connection: Connection, kind: _Kind, words: Message, changed: Mapping[str, _Changed]
) -> int:
    """The edit's entry in the history; returns its number."""
    batch = str(uuid.uuid4())
    # With the batch: the same edit may be made again, as a file may not.
    content = json.dumps([batch, *((id, one.values) for id, one in changed.items())])
    last = {
        name: func.coalesce(func.max(imports.c[name]), 0)
        for name in ("last_user", "last_item", "last_group")
    }
    keys = connection.execute(select(*last.values())).one()
    entry = insert(imports).values(
        batch=batch,
        file=words.to_json(),
        kind=EDIT,
        format=kind.name,
        sha256=hashlib.sha256(content.encode()).hexdigest(),
        accepted=len(changed),
        rejected=0,
        created_at=int(time.time()),
        **dict(zip(last, keys, strict=True)),
    )
    number: int = connection.execute(entry.returning(imports.c.id)).scalar_one()
    return number


def _state(
    connection: Connection, kind: _Kind, import_id: int, changed: Sequence[_Changed]
) -> None:
    """Writes the facts, and the words that stand from now on: no import is newer."""
    facts = [
        {
            "import_id": import_id,
            kind.key: one.key,
            **{name: one.values.get(name) for name in kind.attributes},
        }
        for one in changed
    ]
    connection.execute(insert(kind.facts), facts)
    for name in kind.attributes:
        new = [{"key": one.key, "value": one.values[name]} for one in changed if name in one.values]
        if new:
            change = update(kind.table).where(kind.table.c.id == bindparam("key"))
            connection.execute(change.values({name: bindparam("value")}), new)
