"""Sets the attributes of users and items to what the latest import states about them."""

from collections.abc import Sequence

from sqlalchemy import Connection, Table, bindparam, select, update

from db.importing.staged import Attributes, ItemAttributes, UserAttributes
from db.queries.search import spell_names
from db.schema import item_facts, items, user_facts, users
from db.store import execute_in_chunks, is_in


def refresh_user_attributes(connection: Connection, keys: Sequence[int]) -> None:
    """Set each attribute of these users to the latest that an import states, or to none."""
    before = _names(connection, keys)
    _refresh(connection, keys, users, user_facts, "user_id", UserAttributes)
    after = _names(connection, keys)
    renamed = [key for key, name in after.items() if name != before[key]]
    spelled = spell_names([after[key] for key in renamed])
    rows = zip(renamed, spelled["pinyin"], spelled["initials"], strict=True)
    parameters = [{"key": key, "pinyin": full, "initials": short} for key, full, short in rows]
    if parameters:
        connection.execute(
            update(users)
            .where(users.c.id == bindparam("key"))
            .values(pinyin=bindparam("pinyin"), initials=bindparam("initials")),
            parameters,
        )


def refresh_item_attributes(connection: Connection, keys: Sequence[int]) -> None:
    """Set each attribute of these items to the latest that an import states, or to none."""
    _refresh(connection, keys, items, item_facts, "item_id", ItemAttributes)


def _refresh(
    connection: Connection,
    keys: Sequence[int],
    entities: Table,
    facts: Table,
    entity: str,
    kind: type[Attributes],
) -> None:
    latest = {
        name: select(facts.c[name])
        .where(facts.c[entity] == entities.c.id, facts.c[name].is_not(None))
        .order_by(facts.c.import_id.desc())
        .limit(1)
        .scalar_subquery()
        for name in kind.names()
    }
    execute_in_chunks(connection, update(entities).where(is_in(entities.c.id)).values(latest), keys)


def _names(connection: Connection, keys: Sequence[int]) -> dict[int, str | None]:
    query = select(users.c.id, users.c.name).where(is_in(users.c.id))
    return {row.id: row.name for row in execute_in_chunks(connection, query, keys)}
