"""Open groups, how closed ones ended, and the launches of initiators and items."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Select, and_, case, func, or_, select

from db.logs import FAILED, LAUNCHED, OPEN, SUCCESSFUL
from db.schema import group_members, groups, items, users
from db.store import Store, execute_in_chunks, is_in


def open_groups(store: Store) -> pd.DataFrame:
    """The open groups, the nearest deadline first.

    Columns: group (the shop's id, missing if the logs have none), initiator, item, launched_at and
    expires_at (on the shop's clock, missing if unknown), target_size (people, the initiator
    included; if unknown, from the item's min_participants), joined (participants so far), missing
    (participants still needed) and participants (a list of ids).
    """
    is_open = and_(groups.c.current, groups.c.status == OPEN)
    with store.read() as connection:
        rows = connection.execute(_groups_query().where(is_open)).all()
        members = connection.execute(_members_query().where(is_open)).all()
    return _group_frame(rows, members)


def groups_open_at(
    store: Store, keys: Sequence[int], at: np.datetime64, untimed: bool
) -> pd.DataFrame:
    """The groups with these keys as they were at ``at``, when they were open; columns as in ``open_groups``.

    ``untimed``: whether a join whose time is unknown had been made.
    """
    joined = group_members.c.joined_at < int(at.astype("datetime64[s]").astype(np.int64))
    if untimed:
        joined = or_(joined, group_members.c.joined_at.is_(None))
    with store.read() as connection:
        query = _groups_query().where(is_in(groups.c.id))
        rows = execute_in_chunks(connection, query, keys)
        query = _members_query().where(is_in(groups.c.id), joined)
        members = execute_in_chunks(connection, query, keys)
    return _group_frame(rows, members)


def _groups_query() -> Select[Any]:
    initiator = users.alias()
    return select(
        groups.c.id,
        groups.c.external_id,
        initiator.c.external_id,
        items.c.external_id,
        groups.c.launched_at,
        groups.c.expires_at,
        func.coalesce(groups.c.target_size, items.c.min_participants + 1),
    ).select_from(groups.join(initiator, initiator.c.id == groups.c.initiator_id).join(items))


def _members_query() -> Select[Any]:
    return (
        select(group_members.c.group_id, users.c.external_id)
        .select_from(group_members.join(groups).join(users, users.c.id == group_members.c.user_id))
        .order_by(group_members.c.group_id, group_members.c.user_id)
    )


def _group_frame(rows: Iterable[Any], members: Iterable[Any]) -> pd.DataFrame:
    """The frame of ``open_groups`` from the rows of the two queries."""
    columns = ["key", "group", "initiator", "item", "launched_at", "expires_at", "target_size"]
    frame = pd.DataFrame([tuple(row) for row in rows], columns=columns)
    joined: dict[int, list[str]] = {key: [] for key in frame["key"]}
    for group, participant in members:
        joined[group].append(participant)
    frame["target_size"] = frame["target_size"].astype("Int64")
    for name in ("launched_at", "expires_at"):
        frame[name] = pd.to_datetime(frame[name].astype("Int64"), unit="s").astype("datetime64[s]")
    frame["participants"] = [joined[key] for key in frame["key"]]
    frame["joined"] = [len(joined[key]) for key in frame["key"]]
    frame["missing"] = (frame["target_size"] - 1 - frame["joined"]).clip(lower=0)
    frame = frame.sort_values(["expires_at", "key"], na_position="last", ignore_index=True)
    return frame.drop(columns="key")


def current_group_keys(store: Store) -> list[int]:
    """The keys of the current groups, in the order of ``db.read_logs.read_logs``."""
    query = select(groups.c.id).where(groups.c.current).order_by(groups.c.id)
    with store.read() as connection:
        return list(connection.execute(query).scalars())


def logged_span(store: Store) -> tuple[pd.Timestamp, pd.Timestamp] | None:
    """The times of the first and the latest launch, on the shop's clock; None if the logs have no times."""
    span = select(func.min(groups.c.launched_at), func.max(groups.c.launched_at))
    with store.read() as connection:
        first, last = connection.execute(span.where(groups.c.current)).one()
    return None if first is None else (pd.Timestamp(first, unit="s"), pd.Timestamp(last, unit="s"))


def launch_counts(store: Store) -> dict[str, int]:
    """Initiator's id -> how many groups they have launched, whatever became of those."""
    opened = (
        select(groups.c.initiator_id, func.count().label("times"))
        .where(groups.c.current)
        .group_by(groups.c.initiator_id)
        .subquery()
    )
    query = select(users.c.external_id, opened.c.times).join(
        opened, opened.c.initiator_id == users.c.id
    )
    with store.read() as connection:
        return dict(connection.execute(query).all())


def closed_group_counts(store: Store) -> dict[str, tuple[int, int]]:
    """Item's id -> how many of its groups succeeded and how many failed, for the items that have any of these."""
    counted = (
        select(
            groups.c.item_id,
            func.sum(case((groups.c.status == SUCCESSFUL, 1), else_=0)).label("successes"),
            func.sum(case((groups.c.status == FAILED, 1), else_=0)).label("failures"),
        )
        .where(groups.c.current, groups.c.status.in_((SUCCESSFUL, FAILED)))
        .group_by(groups.c.item_id)
        .subquery()
    )
    query = select(items.c.external_id, counted.c.successes, counted.c.failures).join(
        counted, counted.c.item_id == items.c.id
    )
    with store.read() as connection:
        rows = connection.execute(query).all()
    return {id: (int(successes), int(failures)) for id, successes, failures in rows}


def initiators_of(store: Store, item: str) -> set[str]:
    """The ids of the initiators who have launched the item with the shop's id ``item``, see ``db.logs.LAUNCHED``."""
    query = (
        select(users.c.external_id)
        .select_from(groups.join(users, users.c.id == groups.c.initiator_id).join(items))
        .where(items.c.external_id == item, groups.c.current, groups.c.status.in_(LAUNCHED))
    )
    with store.read() as connection:
        return set(connection.execute(query).scalars())


def launched_items(store: Store, initiators: Sequence[str]) -> dict[str, set[str]]:
    """The ids of the items that each of these initiators has launched, see ``db.logs.LAUNCHED``."""
    query = (
        select(users.c.external_id, items.c.external_id)
        .select_from(groups.join(users, users.c.id == groups.c.initiator_id).join(items))
        .where(is_in(users.c.external_id), groups.c.current, groups.c.status.in_(LAUNCHED))
    )
    launched: dict[str, set[str]] = {id: set() for id in initiators}
    with store.read() as connection:
        for initiator, item in execute_in_chunks(connection, query, list(launched)):
            launched[initiator].add(item)
    return launched
