"""Sets the attributes of users and items to what the latest import states about them."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import ColumnElement, Connection, Table, bindparam, func, select, update

from db.importing.staged import Attributes, ItemAttributes, UserAttributes
from db.queries.search import spell_names
from db.schema import item_facts, items, user_facts, users
from db.store import execute_in_chunks, is_in


def state_of_users(connection: Connection, import_id: int, names: Collection[str]) -> None:
    """Set what the newest import states of users that were in the store before, in these attributes."""
    stated = user_facts.c.import_id == import_id, users.c.import_id != import_id
    if "name" in names:
        other = users.c.name.is_distinct_from(user_facts.c.name) & user_facts.c.name.is_not(None)
        renamed = select(users.c.id, user_facts.c.name).join_from(users, user_facts)
        rows = connection.execute(renamed.where(*stated, other)).all()
        _spell(connection, {row.id: row.name for row in rows})
    _state(connection, users, user_facts, names, *stated, user_facts.c.user_id == users.c.id)


def state_of_items(connection: Connection, import_id: int, names: Collection[str]) -> None:
    """Set what the newest import states of items that were in the store before, in these attributes."""
    stated = item_facts.c.import_id == import_id, items.c.import_id != import_id
    _state(connection, items, item_facts, names, *stated, item_facts.c.item_id == items.c.id)


def refresh_user_attributes(connection: Connection, keys: Sequence[int]) -> None:
    """Set each attribute of these users to the latest that an import states, or to none."""
    before = _names(connection, keys)
    _refresh(connection, keys, users, user_facts, "user_id", UserAttributes)
    after = _names(connection, keys)
    _spell(connection, {key: name for key, name in after.items() if name != before[key]})


def refresh_item_attributes(connection: Connection, keys: Sequence[int]) -> None:
    """Set each attribute of these items to the latest that an import states, or to none."""
    _refresh(connection, keys, items, item_facts, "item_id", ItemAttributes)


def _state(
    connection: Connection,
    entities: Table,
    facts: Table,
    names: Collection[str],
    *conditions: ColumnElement[bool],
) -> None:
    newest = {name: func.coalesce(facts.c[name], entities.c[name]) for name in names}
    if newest:
        connection.execute(update(entities).where(*conditions).values(newest))


def _spell(connection: Connection, names: Mapping[int, str | None]) -> None:
    """Set pinyin and initials of users who have these names from now on."""
    spelled = spell_names(list(names.values()))
    rows = zip(names, spelled["pinyin"], spelled["initials"], strict=True)
    parameters = [{"key": key, "pinyin": full, "initials": short} for key, full, short in rows]
    if parameters:
        connection.execute(
            update(users)
            .where(users.c.id == bindparam("key"))
            .values(pinyin=bindparam("pinyin"), initials=bindparam("initials")),
            parameters,
        )


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
