"""What a file of items or of people changes of those that the store has already."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Table, select

from db.importing.staged import Attributes, ItemAttributes, StagedLogs, UserAttributes, as_columns
from db.messages import Message, Term
from db.schema import items, users
from db.store import Store, execute_in_chunks, is_in

# Attributes as messages name them, in the order in which people look for them.
_FIELDS = {
    "status": "shelf_status",
    "stock": "stock",
    "on_sale_from": "on_sale_from",
    "on_sale_until": "on_sale_until",
    "contactable": "contactable",
    "price": "price",
    "group_price": "group_price",
    "min_participants": "target_size",
    "name": "",  # item_name or user_name
    "category": "category",
    "brand": "brand",
    "city": "city",
    "tags": "tags",
}

_Kind = tuple[Table, Sequence[str], Mapping[int, Attributes], type[Attributes], str]


def changes(store: Store, staged: StagedLogs) -> list[Message]:
    """A note on how many known items or people a file of them changes, and in what; none on a file of logs."""
    if staged.group_id or len(staged.friendships):
        return []
    kinds: tuple[_Kind, ...] = (
        (items, staged.items, staged.item_attributes, ItemAttributes, "item_name"),
        (users, staged.users, staged.user_attributes, UserAttributes, "user_name"),
    )
    notes = []
    for table, ids, stated, kind, own_name in kinds:
        columns = as_columns(kind, list(stated.values()))
        if not columns:
            continue
        known, changed, counts = _compare(store, table, [ids[k] for k in stated], columns)
        if known and not changed:
            notes.append(Message("db.note.nothing_changed"))
        elif changed:
            parts = [
                Message(
                    "db.note.changed_field",
                    {"field": Term("field", field or own_name), "n": counts[name]},
                )
                for name, field in _FIELDS.items()
                if counts.get(name)
            ]
            notes.append(Message("db.note.changed", {"n": changed, "what": _listed(parts)}))
    return notes


def _compare(
    store: Store, table: Table, ids: Sequence[str], columns: Mapping[str, Sequence[object]]
) -> tuple[int, int, dict[str, int]]:
    """How many of ``ids`` the store has, of how many the file changes anything, and of how many each attribute."""
    query = select(table.c.external_id, *(table.c[name] for name in columns))
    with store.read() as connection:
        rows = execute_in_chunks(connection, query.where(is_in(table.c.external_id)), ids)
    if not rows:
        return 0, 0, {}
    position = {id: k for k, id in enumerate(ids)}
    found, *before = zip(*rows, strict=True)
    places = [position[id] for id in found]
    changed: set[int] = set()
    counts = {}
    for (name, stated), old in zip(columns.items(), before, strict=True):
        differ = [
            k
            for k, was in zip(places, old, strict=True)
            if stated[k] is not None and stated[k] != was
        ]
        counts[name] = len(differ)
        changed.update(differ)
    return len(rows), len(changed), counts


def _listed(parts: Sequence[Message]) -> Message:
    listed = parts[-1]
    for part in reversed(parts[:-1]):
        listed = Message("db.note.changed_and", {"first": part, "rest": listed})
    return listed
