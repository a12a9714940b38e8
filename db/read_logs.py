"""Reads the logs from the store into arrays, with positions instead of ids."""

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import Connection, Select, Table, func, select

from db.forgetting.people import read_forgotten
from db.logs import FAILED, UNKNOWN_TIME, Logs
from db.schema import friendships, group_members, groups, imports, items, users
from db.store import Store

USER_ATTRIBUTES = ("name", "city", "contactable", "tags")
ITEM_ATTRIBUTES = (
    "name",
    "category",
    "price",
    "group_price",
    "min_participants",
    "brand",
    "on_sale_from",
    "on_sale_until",
    "stock",
    "status",
)
_DTYPES = {
    "contactable": "boolean",
    "price": "float64",
    "group_price": "float64",
    "min_participants": "Int64",
    "stock": "Int64",
    "on_sale_from": "datetime64[s]",
    "on_sale_until": "datetime64[s]",
}  # the others are text


def read_logs(store: Store) -> Logs:
    """The logs of all imports that were not undone, in one snapshot.

    Members of a failed group stay in the store but are not joins: to the models, a failed launch is
    a group that nobody joined.
    """
    with store.read() as connection:
        version = _version(connection)
        user_keys, user_frame = _entities(connection, users, USER_ATTRIBUTES)
        item_keys, item_frame = _entities(connection, items, ITEM_ATTRIBUTES)
        group = _integers(
            connection,
            select(
                groups.c.id,
                groups.c.initiator_id,
                groups.c.item_id,
                groups.c.status,
                *(
                    func.coalesce(groups.c[name], UNKNOWN_TIME)
                    for name in ("launched_at", "filled_at", "expires_at")
                ),
            )
            .where(groups.c.current)
            .order_by(groups.c.id),
        )  # [G, 7]
        join = _integers(
            connection,
            select(
                group_members.c.group_id,
                group_members.c.user_id,
                func.coalesce(group_members.c.joined_at, UNKNOWN_TIME),
            ).order_by(group_members.c.group_id, group_members.c.user_id),
        )  # [M', 3], including members of groups that a later import replaced
        friend = _integers(
            connection,
            select(friendships.c.user_id, friendships.c.friend_id)
            .distinct()
            .order_by(friendships.c.user_id, friendships.c.friend_id),
        )  # [F, 2]
    join_group = _positions(join[:, 0], group[:, 0])
    stands = (join_group >= 0) & (group[join_group, 3] != FAILED) if len(group) else join_group >= 0
    return Logs(
        users=user_frame,
        items=item_frame,
        group_initiator=_positions(group[:, 1], user_keys),
        group_item=_positions(group[:, 2], item_keys),
        group_status=group[:, 3].astype(np.int8),
        group_launched_at=group[:, 4].astype("datetime64[s]"),
        group_filled_at=group[:, 5].astype("datetime64[s]"),
        group_expires_at=group[:, 6].astype("datetime64[s]"),
        join_group=join_group[stands],
        join_participant=_positions(join[stands, 1], user_keys),
        join_at=join[stands, 2].astype("datetime64[s]"),
        friendships=_positions(friend, user_keys),
        version=version,
    )


def data_version(store: Store) -> str:
    """``Logs.version`` of the store, without reading the logs."""
    with store.read() as connection:
        return _version(connection)


def _version(connection: Connection) -> str:
    """A short hash of the imports that were not undone, in order; ``empty`` without any.

    Undone imports count by the entities that their undo kept, because those keep their positions. People who were
    forgotten count too.
    Edits do not count: they change the shelf (``db.queries.shelf``), not what the engine counts.
    """
    rows = connection.execute(
        select(
            imports.c.sha256,
            imports.c.kind,
            imports.c.format,
            imports.c.accepted,
            imports.c.kept,
            imports.c.undone_at.is_(None),
        )
        .where(imports.c.undone_at.is_(None) | (imports.c.kept > 0), imports.c.kind != "edit")
        .order_by(imports.c.id)
    ).all()
    if not rows:
        return "empty"
    forgotten = len(read_forgotten(connection).people)
    text = "\n".join(
        f"{sha256} {kind} {form} {accepted}" if stands else f"{sha256} kept {kept}"
        for sha256, kind, form, accepted, kept, stands in rows
    ) + (f"\n{forgotten} people forgotten" if forgotten else "")
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _entities(
    connection: Connection, table: Table, attributes: Sequence[str]
) -> tuple[NDArray[np.int64], pd.DataFrame]:
    """The keys in ascending order, and the attributes indexed by the shop's own ids."""
    columns = [table.c[name] for name in ("id", "external_id", *attributes)]
    rows = connection.execute(select(*columns).order_by(table.c.id)).all()
    values = list(zip(*rows, strict=True)) or [()] * len(columns)
    index = pd.Index(list(values[1]), dtype="str", name="id")
    frame = pd.DataFrame(
        {
            name: attribute_column(name, column, index)
            for name, column in zip(attributes, values[2:], strict=True)
        },
        index=index,
    )
    return np.array(values[0], np.int64), frame


def attribute_column(name: str, values: Sequence[Any], index: pd.Index) -> pd.Series:
    """An attribute of users or items as the store has it, in the type that ``Logs`` have it in."""
    dtype = _DTYPES.get(name, "str")
    if dtype == "datetime64[s]":
        seconds = [UNKNOWN_TIME if value is None else value for value in values]
        times = np.array(seconds, np.int64).astype("datetime64[s]")
        return pd.Series(times, index=index, dtype=dtype)
    return pd.Series(list(values), index=index, dtype=dtype)


def _integers(connection: Connection, query: Select[Any]) -> NDArray[np.int64]:
    """The rows as an array [rows, columns]."""
    width = len(query.selected_columns)
    result = connection.execute(query, execution_options={"yield_per": 100_000})
    blocks = [
        np.fromiter(
            (value for row in block for value in row), np.int64, len(block) * width
        ).reshape(-1, width)
        for block in result.partitions()
    ]
    return np.concatenate(blocks) if blocks else np.empty((0, width), np.int64)


def _positions(keys: NDArray[np.int64], known: NDArray[np.int64]) -> NDArray[np.int32]:
    """The position of each key among the ascending ``known`` ones, -1 if it is not among them."""
    if not len(known):
        return np.full(keys.shape, -1, np.int32)
    found = np.minimum(np.searchsorted(known, keys), len(known) - 1)
    return np.where(known[found] == keys, found, -1).astype(np.int32)
