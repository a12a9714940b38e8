"""What the shop has on its shelf, and whom it must not ask.

An item cannot be had where the shop says so: hidden, off the shelf, sold out, not on sale yet or no longer. Each reason
is a ``Message`` whose key is ``db.shelf.`` and the reason (``why_not`` takes it out again), with its dates as values.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Connection, and_, exists, func, or_, select, union_all

from db.forgetting.people import read_forgotten
from db.messages import Message
from db.schema import (
    friendships,
    group_members,
    groups,
    imports,
    item_facts,
    items,
    users,
)
from db.shop_clock import on_clock, shop_now, shop_zone
from db.store import Store

QUIET_WEEKS = (
    8  # an item of which the shop says nothing gets a remark after so many without a launch
)
NOT_CONTACTABLE = Message("db.shelf.not_contactable")
NOT_KNOWN_YET = Message("db.shelf.not_known_yet")
_WEEK = 7 * 86_400
_ALWAYS = np.iinfo(np.int64).min  # when something without a time happened


@dataclass(frozen=True)
class Shelf:
    """What cannot be had at a moment, and why, by the shop's ids."""

    unavailable: Mapping[str, Message] = field(default_factory=dict)
    remarks: Mapping[str, Message] = field(default_factory=dict)  # of items that can be had
    # When the next sale begins or ends, datetime64[s]; None where none does.
    changes_at: np.datetime64 | None = None


def why_not(message: Message) -> str:
    """The reason in a message about an item or a person: sold_out, off, hidden, not_yet, no_longer and so on."""
    return message.key.split(".")[2]


def shelf_version(store: Store) -> str:
    """Changes with every import, edit and undo, and when a person is forgotten; cheap."""
    with store.read() as connection:
        query = select(
            func.max(imports.c.id), func.count(imports.c.undone_at), func.max(imports.c.undone_at)
        )
        forgotten = len(read_forgotten(connection).people)
        return " ".join(map(str, (*connection.execute(query).one(), forgotten)))


def not_contactable(store: Store) -> frozenset[str]:
    """The ids of the users who do not want to be asked; a wish counts whatever the moment."""
    with store.read() as connection:
        query = select(users.c.external_id).where(users.c.contactable.is_(False))
        return frozenset(connection.execute(query).scalars())


def read_shelf(store: Store, at: np.datetime64 | None, picked: bool = False) -> Shelf:
    """The shelf at a moment of the shop's clock (None: the shop's now).

    Dates of sale are judged at the moment. Status and stock are the newest word of the shop, or, at a moment that
    somebody ``picked``, the newest that had been said by then; there an item that came later cannot be had, either: one
    whose first launch and first sale lie later or, without launches, whose import does.
    """
    moment = shop_now(store).to_datetime64() if at is None else at
    seconds = int(moment.astype("datetime64[s]").astype(np.int64))
    zone = shop_zone(store).name
    with store.read() as connection:
        said = _stated_times(connection, zone)
        facts = _facts(connection, said, seconds if picked else None)
        found = _not_on_sale(connection, seconds)
        found |= _sold_out(facts) | _off(facts)
        if picked:
            found = _not_in_store(connection, said, seconds) | found
        return Shelf(found, _quiet(connection, seconds), _next_change(connection, seconds))


@dataclass(frozen=True)
class _Word:
    """The newest word on an item, and since when (seconds on the shop's clock) the shop has been saying so."""

    value: Any
    since: int


def _stated_times(connection: Connection, zone: str) -> dict[int, int]:
    """When each import stated what it states, in seconds on the shop's clock."""
    rows = connection.execute(select(imports.c.id, imports.c.created_at)).all()
    shown = on_clock(np.array([row.created_at for row in rows], np.int64), zone)
    return dict(zip((row.id for row in rows), shown.tolist(), strict=True))


def _facts(
    connection: Connection, said: Mapping[int, int], before: int | None
) -> dict[str, dict[str, _Word]]:
    """The newest ``status`` and ``stock`` of each item, by its id; with ``before``, of those said before a moment.

    Without, only items whose newest word is that they cannot be had.
    """
    query = (
        select(items.c.external_id, item_facts.c.import_id, item_facts.c.status, item_facts.c.stock)
        .select_from(item_facts.join(items).join(imports, imports.c.id == item_facts.c.import_id))
        .where(
            imports.c.undone_at.is_(None),
            or_(item_facts.c.status.is_not(None), item_facts.c.stock.is_not(None)),
        )
        .order_by(item_facts.c.import_id)
    )
    if before is None:
        query = query.where(or_(items.c.status.in_(("off", "hidden")), items.c.stock <= 0))
    words: dict[str, dict[str, _Word]] = {}
    for id, number, status, stock in connection.execute(query):
        if before is not None and said[number] >= before:
            continue
        known = words.setdefault(id, {})
        for name, value in (("status", status), ("stock", None if stock is None else stock <= 0)):
            if value is not None and (name not in known or known[name].value != value):
                known[name] = _Word(value, said[number])
    return words


def _off(facts: Mapping[str, Mapping[str, _Word]]) -> dict[str, Message]:
    return {
        id: Message(f"db.shelf.{word.value}.since", {"day": _day(word.since)})
        for id, known in facts.items()
        if (word := known.get("status")) is not None and word.value in ("off", "hidden")
    }


def _sold_out(facts: Mapping[str, Mapping[str, _Word]]) -> dict[str, Message]:
    return {
        id: Message("db.shelf.sold_out.since", {"day": _day(word.since)})
        for id, known in facts.items()
        if (word := known.get("stock")) is not None and word.value
    }


def _not_on_sale(connection: Connection, at: int) -> dict[str, Message]:
    query = select(items.c.external_id, items.c.on_sale_from, items.c.on_sale_until).where(
        or_(items.c.on_sale_from > at, items.c.on_sale_until <= at)
    )
    found = {}
    for id, start, end in connection.execute(query):
        over = end is not None and end <= at
        key, day = ("no_longer", end) if over else ("not_yet", start)
        found[id] = Message(f"db.shelf.{key}", {"day": _time(day)})
    return found


def _not_in_store(connection: Connection, said: Mapping[int, int], at: int) -> dict[str, Message]:
    first = (
        select(
            groups.c.item_id, func.min(func.coalesce(groups.c.launched_at, _ALWAYS)).label("time")
        )
        .where(groups.c.current)
        .group_by(groups.c.item_id)
        .subquery()
    )
    late = [number for number, time in said.items() if time >= at]
    query = (
        select(items.c.external_id)
        .select_from(items.outerjoin(first, first.c.item_id == items.c.id))
        .where(
            or_(first.c.time >= at, and_(first.c.time.is_(None), items.c.import_id.in_(late))),
            or_(items.c.on_sale_from.is_(None), items.c.on_sale_from >= at),
        )
    )
    message = Message("db.shelf.not_in_store")
    return dict.fromkeys(connection.execute(query).scalars(), message)


def _quiet(connection: Connection, at: int) -> dict[str, Message]:
    """Remarks on items of which the shop says nothing and that nobody has launched for ``QUIET_WEEKS``."""
    last = func.max(groups.c.launched_at)
    query = (
        select(items.c.external_id, last)
        .select_from(groups.join(items))
        .where(
            groups.c.current,
            groups.c.launched_at < at,
            *(
                items.c[name].is_(None)
                for name in ("status", "stock", "on_sale_from", "on_sale_until")
            ),
        )
        .group_by(items.c.id, items.c.external_id)
        .having(last < at - QUIET_WEEKS * _WEEK)
    )
    return {
        id: Message("db.shelf.quiet", {"weeks": int(at - time) // _WEEK})
        for id, time in connection.execute(query)
    }


def _next_change(connection: Connection, at: int) -> np.datetime64 | None:
    times = [
        connection.execute(select(func.min(column)).where(column > at)).scalar()
        for column in (items.c.on_sale_from, items.c.on_sale_until)
    ]
    known = [time for time in times if time is not None]
    return np.datetime64(min(known), "s") if known else None


def people_not_known(store: Store, at: np.datetime64) -> frozenset[str]:
    """The ids of the users who came after a moment: their first launch or join lies at or after it.

    Of somebody who is in no group and has no friends, the import that brought them counts.
    """
    seconds = int(at.astype("datetime64[s]").astype(np.int64))
    seen = union_all(
        select(
            groups.c.initiator_id.label("user"),
            func.coalesce(groups.c.launched_at, _ALWAYS).label("time"),
        ).where(groups.c.current),
        select(
            group_members.c.user_id,
            func.coalesce(group_members.c.joined_at, groups.c.launched_at, _ALWAYS),
        )
        .select_from(group_members.join(groups))
        .where(groups.c.current),
    ).subquery()
    first = (
        select(seen.c.user, func.min(seen.c.time).label("time")).group_by(seen.c.user).subquery()
    )
    befriended = exists().where(
        or_(friendships.c.user_id == users.c.id, friendships.c.friend_id == users.c.id)
    )
    with store.read() as connection:
        said = _stated_times(connection, shop_zone(store).name)
        late = [number for number, time in said.items() if time >= seconds]
        query = (
            select(users.c.external_id)
            .select_from(users.outerjoin(first, first.c.user == users.c.id))
            .where(
                or_(
                    first.c.time >= seconds,
                    and_(first.c.time.is_(None), users.c.import_id.in_(late), ~befriended),
                )
            )
        )
        return frozenset(connection.execute(query).scalars())


def _day(seconds: int) -> str:
    return str(pd.Timestamp(seconds, unit="s").date())


def _time(seconds: int) -> str:
    """The day, and the time of day where it is not the first second."""
    time = pd.Timestamp(seconds, unit="s")
    return _day(seconds) if time == time.normalize() else f"{time:%Y-%m-%d %H:%M}"
