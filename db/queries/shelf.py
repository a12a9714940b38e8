"""What the shop has on its shelf, and whom it must not ask.

An item cannot be had where the shop says so: hidden, off the shelf, sold out, not on sale yet or no longer. One of
which it says nothing at all counts as gone where nobody has launched it for ``DORMANT_WEEKS``. Each reason is a
``Message`` whose key is ``db.shelf.`` and the reason (``why_not`` takes it out again), with its dates as values.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Connection, and_, func, or_, select

from db.forgetting.people import read_forgotten
from db.messages import Message
from db.queries.arrivals import later_items, seconds_of, stated_times
from db.schema import groups, imports, item_facts, items, users
from db.shop_clock import shop_now
from db.store import Store

# An item of which the shop says nothing gets a remark after so many weeks without a launch.
QUIET_WEEKS = 8
# After so many it counts as gone: a year, and a quarter more for what comes back with its season.
DORMANT_WEEKS = 65
# What the shop may say of whether an item can be had.
SHELF_COLUMNS = ("status", "stock", "on_sale_from", "on_sale_until")
NOT_CONTACTABLE = Message("db.shelf.not_contactable")
NOT_KNOWN_YET = Message("db.shelf.not_known_yet")
_WEEK = 7 * 86_400


@dataclass(frozen=True)
class Shelf:
    """What cannot be had at a moment, and why, by the shop's ids."""

    unavailable: Mapping[str, Message] = field(default_factory=dict)
    remarks: Mapping[str, Message] = field(default_factory=dict)
    later: frozenset[str] = frozenset()  # items that came after the moment, unavailable, too
    # When the next sale begins or ends, datetime64[s]; None where none does.
    changes_at: np.datetime64 | None = None


def why_not(message: Message) -> str:
    """The reason in a message about an item or a person: sold_out, off, hidden, not_yet, no_longer and so on."""
    return message.key.split(".")[2]


def dormant(last: int, shops_last: int) -> Message | None:
    """Why an item of which the shop says nothing counts as gone, by its last launch and the shop's (seconds); or None.

    Not by the moment: a shop that has launched nothing for long still has what it had.
    """
    if shops_last - last <= DORMANT_WEEKS * _WEEK:
        return None
    return Message("db.shelf.dormant", {"weeks": (shops_last - last) // _WEEK})


def shelf_version(store: Store) -> str:
    """Changes with every import, edit and undo, and when a person is forgotten; cheap."""
    with store.read() as connection:
        query = select(
            func.max(imports.c.id), func.count(imports.c.undone_at), func.max(imports.c.undone_at)
        )
        forgotten = len(read_forgotten(connection).people)
        return " ".join(map(str, (*connection.execute(query).one(), forgotten)))


def not_contactable(store: Store) -> frozenset[str]:
    """The ids of the users who do not want to be asked, and of unnamed people; a wish counts whatever the moment."""
    with store.read() as connection:
        query = select(users.c.external_id).where(users.c.contactable.is_(False))
        unnamed = read_forgotten(connection).people.values()
        return frozenset(connection.execute(query).scalars()) | frozenset(unnamed)


def read_shelf(store: Store, at: np.datetime64 | None, picked: bool = False) -> Shelf:
    """The shelf at a moment of the shop's clock (None: the shop's now).

    Dates of sale are judged at the moment. Status and stock are the newest word of the shop, or, at a moment that
    somebody ``picked``, the newest that had been said by then; there an item that came later cannot be had, either: one
    whose first launch and first sale lie later or, without launches, whose import does.
    """
    moment = shop_now(store).to_datetime64() if at is None else at
    seconds = seconds_of(moment)
    with store.read() as connection:
        said = stated_times(connection, store)
        facts = _facts(connection, said, seconds if picked else None)
        found = _not_on_sale(connection, seconds)
        found |= _sold_out(facts) | _off(facts)
        (gone, quiet), next_change = _silent(connection, seconds), _next_change(connection, seconds)
    later = later_items(store, moment) if picked else frozenset()
    came_later = dict.fromkeys(later, Message("db.shelf.not_in_store"))
    return Shelf(came_later | gone | found, quiet, later, next_change)


@dataclass(frozen=True)
class _Word:
    """The newest word on an item, and since when (seconds on the shop's clock) the shop has been saying so."""

    value: Any
    since: int


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
    """Items before the beginning or after the end of their sale; an end before the beginning is an earlier sale's."""
    start, end = items.c.on_sale_from, items.c.on_sale_until
    ended = and_(end <= at, or_(start.is_(None), start < end))
    words = (("not_yet", start, start > at), ("no_longer", end, ended))
    return {
        id: Message(f"db.shelf.{key}", {"day": _time(time)})
        for key, column, holds in words
        for id, time in connection.execute(select(items.c.external_id, column).where(holds))
    }


def _silent(connection: Connection, at: int) -> tuple[dict[str, Message], dict[str, Message]]:
    """Of what the shop says nothing of: the dormant items, and remarks on the quiet ones."""
    launched_at = func.max(groups.c.launched_at)
    before = (groups.c.current, groups.c.launched_at < at)
    shops_last = connection.execute(select(launched_at).where(*before)).scalar()
    if shops_last is None:
        return {}, {}
    unsaid = (items.c[name].is_(None) for name in SHELF_COLUMNS)
    query = (
        select(items.c.external_id, launched_at)
        .select_from(groups.join(items))
        .where(*before, *unsaid)
        .group_by(items.c.id, items.c.external_id)
        .having(launched_at < at - QUIET_WEEKS * _WEEK)
    )
    gone, quiet = {}, {}
    for id, last in connection.execute(query):
        if (reason := dormant(last, shops_last)) is not None:
            gone[id] = reason
        else:
            quiet[id] = Message("db.shelf.quiet", {"weeks": int(at - last) // _WEEK})
    return gone, quiet


def _next_change(connection: Connection, at: int) -> np.datetime64 | None:
    times = [
        connection.execute(select(func.min(column)).where(column > at)).scalar()
        for column in (items.c.on_sale_from, items.c.on_sale_until)
    ]
    known = [time for time in times if time is not None]
    return np.datetime64(min(known), "s") if known else None


def _day(seconds: int) -> str:
    return str(pd.Timestamp(seconds, unit="s").date())


def _time(seconds: int) -> str:
    """The day, and the time of day where it is not the first second."""
    time = pd.Timestamp(seconds, unit="s")
    return _day(seconds) if time == time.normalize() else f"{time:%Y-%m-%d %H:%M}"
