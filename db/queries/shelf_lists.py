"""What the shop says of its items, and who may be asked, as lists for people to look through and edit."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd
from sqlalchemy import ColumnElement, func, select

from db.forgetting.people import UNNAMED
from db.queries.search import users_that_match
from db.read_logs import attribute_column
from db.schema import groups, items, users
from db.store import Store

WORDS = (
    "name",
    "category",
    "brand",
    "price",
    "group_price",
    "status",
    "stock",
    "on_sale_from",
    "on_sale_until",
)
PEOPLE_COLUMNS = ("name", "city", "tags", "contactable")
PeopleOrder = Literal["first_seen", "name", "city"]


def items_as_said(store: Store) -> pd.DataFrame:
    """All items by the shop's id, in the order in which the store first saw them, with the columns ``WORDS``."""
    query = select(items.c.external_id, *(items.c[name] for name in WORDS)).order_by(items.c.id)
    with store.read() as connection:
        rows = connection.execute(query).all()
    ids, *values = list(zip(*rows, strict=True)) or [()] * (len(WORDS) + 1)
    index = pd.Index(list(ids), dtype="str", name="id")
    columns = zip(WORDS, values, strict=True)
    return pd.DataFrame(
        {name: attribute_column(name, column, index) for name, column in columns}, index=index
    )


def launches_by_item(store: Store) -> pd.DataFrame:
    """By the shop's id, of items that somebody has launched: launches, last_launch (missing without times)."""
    query = (
        select(items.c.external_id, func.count(), func.max(groups.c.launched_at))
        .select_from(groups.join(items))
        .where(groups.c.current)
        .group_by(items.c.id, items.c.external_id)
    )
    with store.read() as connection:
        rows = connection.execute(query).all()
    ids, launches, last = list(zip(*rows, strict=True)) or [()] * 3
    index = pd.Index(list(ids), dtype="str", name="id")
    times = pd.to_datetime(pd.Series(list(last), index=index, dtype="Int64"), unit="s")
    return pd.DataFrame(
        {
            "launches": pd.Series(list(launches), index=index, dtype="int64"),
            "last_launch": times.astype("datetime64[s]"),
        }
    )


@dataclass(frozen=True)
class PeopleFilter:
    """Which people are listed; the defaults let everybody pass who was not forgotten."""

    unasked: bool = False  # only those who must not be asked
    text: str = ""  # in name, pinyin or id
    cities: tuple[str, ...] = ()


def count_people(store: Store, chosen: PeopleFilter) -> int:
    """How many people pass."""
    query = select(func.count()).select_from(users).where(*_conditions(chosen))
    with store.read() as connection:
        number: int = connection.execute(query).scalar_one()
    return number


def people(
    store: Store,
    chosen: PeopleFilter,
    order: PeopleOrder = "first_seen",
    start: int = 0,
    most: int | None = None,
) -> pd.DataFrame:
    """``most`` of those who pass, from position ``start``, by the shop's id, with the columns ``PEOPLE_COLUMNS``."""
    orders: dict[PeopleOrder, tuple[ColumnElement[object], ...]] = {
        "first_seen": (),
        "name": (users.c.name.nulls_last(),),
        "city": (users.c.city.nulls_last(), users.c.name.nulls_last()),
    }
    query = (
        select(users.c.external_id, *(users.c[name] for name in PEOPLE_COLUMNS))
        .where(*_conditions(chosen))
        .order_by(*orders[order], users.c.id)
        .offset(start)
        .limit(most)
    )
    with store.read() as connection:
        rows = connection.execute(query).all()
    return _people_frame(rows)


def people_with_ids(store: Store, ids: Sequence[str]) -> pd.DataFrame:
    """The people with these ids, as ``people`` lists them, in this order; of an unknown one nothing is said."""
    query = select(users.c.external_id, *(users.c[name] for name in PEOPLE_COLUMNS))
    with store.read() as connection:
        rows = connection.execute(query.where(users.c.external_id.in_(ids))).all()
    return _people_frame(rows).reindex(list(ids))


def _people_frame(rows: Sequence[Sequence[object]]) -> pd.DataFrame:
    ids, *values = list(zip(*rows, strict=True)) or [()] * (len(PEOPLE_COLUMNS) + 1)
    index = pd.Index(list(ids), dtype="str", name="id")
    columns = zip(PEOPLE_COLUMNS, values, strict=True)
    return pd.DataFrame(
        {name: attribute_column(name, column, index) for name, column in columns}, index=index
    )


def _conditions(chosen: PeopleFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [users.c.external_id.not_like(f"{UNNAMED}%")]
    if chosen.unasked:
        conditions.append(users.c.contactable.is_(False))
    if chosen.text.strip():
        conditions.append(users_that_match(chosen.text))
    if chosen.cities:
        conditions.append(users.c.city.in_(chosen.cities))
    return conditions


def cities(store: Store) -> list[str]:
    """Every city that the shop names for somebody, the most frequent first."""
    query = (
        select(users.c.city)
        .where(users.c.city.is_not(None))
        .group_by(users.c.city)
        .order_by(func.count().desc(), users.c.city)
    )
    with store.read() as connection:
        return list(connection.execute(query).scalars())


def told_of_people(store: Store) -> frozenset[str]:
    """Which of ``PEOPLE_COLUMNS`` the shop has told of anybody."""
    with store.read() as connection:
        return frozenset(
            name
            for name in PEOPLE_COLUMNS
            if connection.execute(
                select(users.c.id).where(users.c[name].is_not(None)).limit(1)
            ).first()
        )
