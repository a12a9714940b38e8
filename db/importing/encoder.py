"""Encodes the valid rows of a file: ids as positions, and what the rows state as arrays."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from db.importing import cell_values
from db.importing.staged import UNKNOWN_SIZE, ItemAttributes, UserAttributes
from db.importing.validation import ValidRows
from db.logs import FAILED, SUCCESSFUL, UNKNOWN_TIME


class IdEncoder:
    """Gives every id a position, from 0, in the order of first appearance."""

    def __init__(self) -> None:
        self._positions: dict[str, int] = {}

    def encode(self, ids: Sequence[str]) -> NDArray[np.int32]:
        """[len(ids)] the positions of ``ids``; new ids get the next ones."""
        positions = self._positions
        return np.fromiter(
            (positions.setdefault(id, len(positions)) for id in ids), np.int32, len(ids)
        )

    def position(self, id: str) -> int:
        """The position of one id, -1 if it has none."""
        return self._positions.get(id, -1)

    def ids(self) -> list[str]:
        """All ids by position."""
        return list(self._positions)


class EntityAttributes:
    """Names of users and attributes of items, by position; a later statement overrides an earlier one."""

    def __init__(self) -> None:
        self.user_names: dict[int, str] = {}
        self._cities: dict[int, str] = {}
        self.items: dict[int, ItemAttributes] = {}

    def add_users(self, users: NDArray[np.int32], names: Sequence[str] | None) -> None:
        """Add the names of users; empty names state nothing."""
        if names is not None:
            pairs = zip(users.tolist(), names, strict=True)
            self.user_names.update((user, name) for user, name in pairs if name)

    def add_cities(self, users: NDArray[np.int32], cities: Sequence[str] | None) -> None:
        """Add the cities of users, empty where nothing is stated; a negative position is no user."""
        if cities is not None:
            pairs = zip(users.tolist(), cities, strict=True)
            self._cities.update((user, city) for user, city in pairs if city and user >= 0)

    def users(self) -> dict[int, UserAttributes]:
        """The attributes of users by position."""
        named = {user: UserAttributes(name) for user, name in self.user_names.items()}
        for user, city in self._cities.items():
            named[user] = UserAttributes(self.user_names.get(user), city)
        return named

    def add_items(self, items: NDArray[np.int32], rows: ValidRows) -> None:
        """Add the attributes of the item of each row; a negative position is no item."""
        stated: dict[str, list[Any] | None] = {
            "name": rows.cells.get("item_name"),
            "category": rows.cells.get("category"),
            "brand": rows.cells.get("brand"),
            "price": _amounts(rows, "price"),
            "group_price": _amounts(rows, "group_price"),
            "min_participants": [size or None for size in sizes(rows, "min_participants").tolist()],
        }
        columns = {key: values for key, values in stated.items() if values is not None}
        # Exports repeat an item's attributes in each of its rows: handle each combination once, where it stands last.
        stated_rows = list(zip(items.tolist(), *columns.values(), strict=True))
        combinations = list(dict.fromkeys(reversed(stated_rows)))
        for item, *values in reversed(combinations):
            cleaned = (None if value == "" else value for value in values)
            attributes = ItemAttributes(**dict(zip(columns, cleaned, strict=True)))
            known = self.items.get(item, ItemAttributes())
            if item >= 0 and attributes not in (ItemAttributes(), known):
                self.items[item] = known.updated(attributes)


def _amounts(rows: ValidRows, field: str) -> list[float | None] | None:
    amounts = rows.numbers.get(field)
    if amounts is None:
        return None
    return [None if math.isnan(amount) else amount for amount in amounts.tolist()]


def codes(rows: ValidRows, field: str) -> NDArray[np.int8]:
    """[R] the codes of states or roles, UNSTATED without the column."""
    unstated = np.full(len(rows.lines), cell_values.UNSTATED, np.int8)
    return rows.numbers.get(field, unstated)


def times(rows: ValidRows, field: str) -> NDArray[np.int64]:
    """[R] seconds, UNKNOWN_TIME without the column."""
    return rows.numbers.get(field, np.full(len(rows.lines), UNKNOWN_TIME))


def sizes(rows: ValidRows, field: str) -> NDArray[np.int64]:
    """[R] people, UNKNOWN_SIZE without the column."""
    return rows.numbers.get(field, np.full(len(rows.lines), UNKNOWN_SIZE))


def with_derived_status(
    stated: NDArray[np.int8], joins: NDArray[Any], target_size: NDArray[Any]
) -> NDArray[np.int8]:
    """[G] the status of each group: as stated, or derived from its participants.

    Derived: successful with as many participants as the target size asks for (at least one), else
    failed.
    """
    full = (joins > 0) & ((target_size == UNKNOWN_SIZE) | (joins + 1 >= target_size))
    derived = np.where(full, SUCCESSFUL, FAILED)
    return np.where(stated == cell_values.UNSTATED, derived, stated).astype(np.int8)
