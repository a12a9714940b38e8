"""Users and items for the pages: cards, lists, names and counts, fast at 200,000 users."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from sqlalchemy import ColumnElement, Connection, Table, Text, and_, case, cast, func, select

from db.errors import InputError
from db.logs import FAILED, OPEN, SAID_NO, SUCCESSFUL
from db.queries.ties import circle_of, friends_of
from db.read_logs import ITEM_ATTRIBUTES, attribute_column
from db.schema import declined_invitations, friendships, group_members, groups, items, users
from db.store import Store, execute_in_chunks, is_in


@dataclass(frozen=True)
class Person:
    """A user in a list; the name is the id if the store has none."""

    id: str
    name: str


@dataclass(frozen=True)
class UserCard:
    """What the store knows about one user."""

    id: str
    name: str  # the id if the store has none
    launches: int
    successes: int
    failures: int
    open: int
    joins: int  # of groups that did not fail
    friends: int  # declared friendships
    circle: int  # people in the circle, as ``db.queries.ties.circle_of`` defines it
    last_launch: pd.Timestamp | None  # None without launches or launch times


@dataclass(frozen=True)
class StoreCounts:
    """What the store holds."""

    users: int
    named_users: int
    items: int
    named_items: int
    successful: int
    failed: int
    open: int
    joins: int
    declined: int  # invitations that were refused, or cancelled before the group filled
    friendships: int

    @property
    def groups(self) -> int:
        """All groups, whatever their status."""
        return self.successful + self.failed + self.open


def user_card(store: Store, id: str) -> UserCard:
    """The card of the user with the shop's ``id``; raises InputError if there is none."""
    with store.read() as connection:
        user = connection.execute(
            select(users.c.id, users.c.name).where(users.c.external_id == id)
        ).first()
        if user is None:
            raise InputError("db.users.unknown", id=(id,))
        launched = connection.execute(
            select(groups.c.status, func.count(), func.max(groups.c.launched_at))
            .where(groups.c.initiator_id == user.id, groups.c.current)
            .group_by(groups.c.status)
        ).all()
        joins = connection.execute(
            select(func.count())
            .select_from(group_members.join(groups))
            .where(group_members.c.user_id == user.id, _joined())
        ).scalar_one()
        friends = connection.execute(friends_of(user.id)).scalars().all()
        circle = connection.execute(circle_of(user.id)).scalars().all()
    by_status = {status: count for status, count, _ in launched}
    times = [latest for _, _, latest in launched if latest is not None]
    return UserCard(
        id=id,
        name=user.name or id,
        launches=sum(by_status.values()),
        successes=by_status.get(SUCCESSFUL, 0),
        failures=by_status.get(FAILED, 0),
        open=by_status.get(OPEN, 0),
        joins=joins,
        friends=len(friends),
        circle=len(circle),
        last_launch=pd.Timestamp(max(times), unit="s") if times else None,
    )


def recent_initiators(store: Store, n: int) -> list[Person]:
    """The ``n`` users who launched last, the latest first; without times, the last imported."""
    latest = (
        select(
            groups.c.initiator_id,
            func.coalesce(groups.c.launched_at, 0).label("launched_at"),
            groups.c.id.label("key"),
        )
        .where(groups.c.current)
        .order_by(groups.c.launched_at.desc().nulls_last(), groups.c.id.desc())
    )
    with store.read() as connection:
        found: dict[int, None] = {}
        for row in connection.execute(latest, execution_options={"yield_per": 100}):
            found.setdefault(row.initiator_id)
            if len(found) >= n:
                break
        return _people_by_key(connection, list(found)[:n])


def random_initiators(store: Store, n: int, seed: int) -> list[Person]:
    """``n`` users who have launched, drawn by ``seed``, or all if there are fewer."""
    with store.read() as connection:
        query = select(groups.c.initiator_id).where(groups.c.current).distinct()
        keys = np.sort(np.array(connection.execute(query).scalars().all(), np.int64))
        rng = np.random.default_rng(seed)
        drawn = rng.choice(keys, min(n, len(keys)), replace=False)
        return _people_by_key(connection, drawn.tolist())


def item_frame(store: Store) -> pd.DataFrame:
    """All items, indexed by the shop's id, in the order in which the store first saw them.

    Columns: ``ITEM_ATTRIBUTES`` (missing where unknown), and the counts launches, successes and
    failures (of the launches) and joins (of groups that did not fail).
    """
    attributes = [items.c[name] for name in ITEM_ATTRIBUTES]
    launches = (
        select(
            groups.c.item_id,
            func.count().label("launches"),
            func.sum(case((groups.c.status == SUCCESSFUL, 1), else_=0)).label("successes"),
            func.sum(case((groups.c.status == FAILED, 1), else_=0)).label("failures"),
        )
        .where(groups.c.current)
        .group_by(groups.c.item_id)
        .subquery()
    )
    joins = (
        select(groups.c.item_id, func.count().label("joins"))
        .select_from(group_members.join(groups))
        .where(_joined())
        .group_by(groups.c.item_id)
        .subquery()
    )
    query = (
        select(
            items.c.external_id,
            *attributes,
            func.coalesce(launches.c.launches, 0),
            func.coalesce(launches.c.successes, 0),
            func.coalesce(launches.c.failures, 0),
            func.coalesce(joins.c.joins, 0),
        )
        .select_from(
            items.outerjoin(launches, launches.c.item_id == items.c.id).outerjoin(
                joins, joins.c.item_id == items.c.id
            )
        )
        .order_by(items.c.id)
    )
    with store.read() as connection:
        rows = connection.execute(query).all()
    columns = ["id", *ITEM_ATTRIBUTES, "launches", "successes", "failures", "joins"]
    values = dict(zip(columns, list(zip(*rows, strict=True)) or [()] * len(columns), strict=True))
    index = pd.Index(list(values.pop("id")), dtype="str", name="id")
    return pd.DataFrame(
        {
            name: attribute_column(name, column, index)
            if name in ITEM_ATTRIBUTES
            else pd.Series(list(column), index=index, dtype="int64")
            for name, column in values.items()
        },
        index=index,
    )


def entity_names(
    store: Store, kind: Literal["users", "items"], ids: Iterable[str]
) -> dict[str, str]:
    """Id -> name of each of ``ids``; the id itself if the store has no name."""
    table = users if kind == "users" else items
    wanted = list(dict.fromkeys(ids))
    found = {id: id for id in wanted}
    query = select(table.c.external_id, table.c.name).where(
        is_in(table.c.external_id), table.c.name.is_not(None)
    )
    with store.read() as connection:
        return found | dict(execute_in_chunks(connection, query, wanted))


def _count_declined(connection: Connection) -> int:
    """Each user once a group, however many imports say so."""
    group = func.coalesce(groups.c.external_id, cast(groups.c.id, Text))
    said_no = (
        select(group, declined_invitations.c.user)
        .select_from(declined_invitations.join(groups))
        .where(declined_invitations.c.reason.in_(SAID_NO))
        .distinct()
        .subquery()
    )
    return connection.execute(select(func.count()).select_from(said_no)).scalar_one()


def store_counts(store: Store) -> StoreCounts:
    """What the store holds, in one snapshot."""
    with store.read() as connection:
        by_status = select(groups.c.status, func.count()).where(groups.c.current)
        status: dict[int, int] = {
            row[0]: row[1] for row in connection.execute(by_status.group_by(groups.c.status))
        }
        joins = connection.execute(
            select(func.count()).select_from(group_members.join(groups)).where(_joined())
        ).scalar_one()
        pairs = select(friendships.c.user_id, friendships.c.friend_id).distinct().subquery()
        friendship_count = connection.execute(select(func.count()).select_from(pairs)).scalar_one()
        return StoreCounts(
            users=_count(connection, users),
            named_users=_count(connection, users, named=True),
            items=_count(connection, items),
            named_items=_count(connection, items, named=True),
            successful=status.get(SUCCESSFUL, 0),
            failed=status.get(FAILED, 0),
            open=status.get(OPEN, 0),
            joins=joins,
            declined=_count_declined(connection),
            friendships=friendship_count,
        )


def _joined() -> ColumnElement[bool]:
    """Memberships that count as joins: of current groups that did not fail."""
    return and_(groups.c.current, groups.c.status != FAILED)


def _count(connection: Connection, table: Table, named: bool = False) -> int:
    counted = func.count(table.c.name) if named else func.count()
    return connection.execute(select(counted).select_from(table)).scalar_one()


def _people_by_key(connection: Connection, keys: list[int]) -> list[Person]:
    """The users with these keys, in the order of the keys."""
    query = select(users.c.id, users.c.external_id, users.c.name).where(is_in(users.c.id))
    rows = execute_in_chunks(connection, query, keys)
    found = {key: Person(id, name or id) for key, id, name in rows}
    return [found[key] for key in keys]
