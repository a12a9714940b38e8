"""Ids as small integers in the order of first sight, and what a file says about them."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from db.importing import cell_values
from db.importing.staged import UNKNOWN_SIZE, ItemFacts
from db.importing.validation import Checked
from db.logs import FAILED, SUCCESSFUL, UNKNOWN_TIME


class Codes:
    """Gives every id a number, from 0, in the order of first sight."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def encode(self, ids: Sequence[str]) -> NDArray[np.int32]:
        """[len(ids)] the numbers of ``ids``; new ids get the next ones."""
        numbers = self._numbers
        return np.fromiter((numbers.setdefault(id, len(numbers)) for id in ids), np.int32, len(ids))

    def ids(self) -> list[str]:
        """All ids by number."""
        return list(self._numbers)


class Facts:
    """What the rows say about users and items, the last word winning."""

    def __init__(self) -> None:
        self.user_names: dict[int, str] = {}
        self.items: dict[int, ItemFacts] = {}

    def add_users(self, users: NDArray[np.int32], names: Sequence[str] | None) -> None:
        """Take the names of users; empty ones say nothing."""
        if names is not None:
            pairs = zip(users.tolist(), names, strict=True)
            self.user_names.update((user, name) for user, name in pairs if name)

    def add_items(self, items: NDArray[np.int32], rows: Checked) -> None:
        """Take the attributes of the item of each row; a negative number is no item."""
        said: dict[str, list[Any] | None] = {
            "name": rows.cells.get("item_name"),
            "category": rows.cells.get("category"),
            "price": _amounts(rows, "price"),
            "group_price": _amounts(rows, "group_price"),
            "min_participants": [size or None for size in sizes(rows, "min_participants").tolist()],
        }
        present = {key: values for key, values in said.items() if values is not None}
        # An export repeats the item's attributes in each of its rows: look at each wording once.
        wordings = dict.fromkeys(zip(items.tolist(), *present.values(), strict=True))
        for item, *values in wordings:
            words = zip(present, (None if value == "" else value for value in values), strict=True)
            fact = ItemFacts(**dict(words))
            known = self.items.get(item, ItemFacts())
            if item >= 0 and fact not in (ItemFacts(), known):
                self.items[item] = known.updated(fact)


def _amounts(rows: Checked, field: str) -> list[float | None] | None:
    amounts = rows.numbers.get(field)
    if amounts is None:
        return None
    return [None if math.isnan(amount) else amount for amount in amounts.tolist()]


def states(rows: Checked, field: str) -> NDArray[np.int8]:
    """[R] the codes of a field, UNSAID without the column."""
    unsaid = np.full(len(rows.lines), cell_values.UNSAID, np.int8)
    return rows.numbers.get(field, unsaid)


def times(rows: Checked, field: str) -> NDArray[np.int64]:
    """[R] seconds, UNKNOWN_TIME without the column."""
    return rows.numbers.get(field, np.full(len(rows.lines), UNKNOWN_TIME))


def sizes(rows: Checked, field: str) -> NDArray[np.int64]:
    """[R] people, UNKNOWN_SIZE without the column."""
    return rows.numbers.get(field, np.full(len(rows.lines), UNKNOWN_SIZE))


def said_or_derived(
    said: NDArray[np.int8], joins: NDArray[Any], target: NDArray[Any]
) -> NDArray[np.int8]:
    """[G] the state of each group: what was said, or what its participants tell.

    Successful with participants, as many as the target size asks where there is one; else failed.
    """
    full = (joins > 0) & ((target == UNKNOWN_SIZE) | (joins + 1 >= target))
    derived = np.where(full, SUCCESSFUL, FAILED)
    return np.where(said == cell_values.UNSAID, derived, said).astype(np.int8)
