"""Sets the names of users and the attributes of items to what the latest import states about them."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, bindparam, select, update

from db.importing.staged import ItemAttributes
from db.queries.search import spell
from db.schema import item_facts, items, user_facts, users
from db.store import execute_in_chunks, is_in


def set_user_names(
    connection: Connection, rows: Iterable[tuple[int, str | None, str | None, str | None]]
) -> None:
    """Set (key, name, pinyin, initials) of users that are in the store."""
    parameters = [{"key": r[0], "name": r[1], "pinyin": r[2], "initials": r[3]} for r in rows]
    if parameters:
        connection.execute(
            update(users)
            .where(users.c.id == bindparam("key"))
            .values({name: bindparam(name) for name in ("name", "pinyin", "initials")}),
            parameters,
        )


def refresh_user_names(connection: Connection, keys: Sequence[int]) -> None:
    """Set the names of these users to the latest that an import states, or to none."""
    query = (
        select(user_facts.c.user_id, user_facts.c.name)
        .where(is_in(user_facts.c.user_id))
        .order_by(user_facts.c.import_id)
    )
    latest: dict[int, str] = dict(execute_in_chunks(connection, query, keys))
    set_user_names(
        connection,
        (
            (key, latest[key], *spell(latest[key])) if key in latest else (key, None, None, None)
            for key in keys
        ),
    )


def refresh_item_attributes(connection: Connection, keys: Sequence[int]) -> None:
    """Set each attribute of these items to the latest that an import states, or to none."""
    latest = {key: ItemAttributes() for key in keys}
    query = select(item_facts).where(is_in(item_facts.c.item_id)).order_by(item_facts.c.import_id)
    for row in execute_in_chunks(connection, query, keys):
        values = row._mapping
        stated = ItemAttributes(**{name: values[name] for name in vars(ItemAttributes())})
        latest[row.item_id] = latest[row.item_id].updated(stated)
    if latest:
        connection.execute(
            update(items)
            .where(items.c.id == bindparam("key"))
            .values({name: bindparam(name) for name in vars(ItemAttributes())}),
            [vars(attributes) | {"key": key} for key, attributes in latest.items()],
        )
