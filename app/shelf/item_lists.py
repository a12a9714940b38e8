"""Which items are on which list of the shelf. Pure functions of the frame of items."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

ItemState = Literal["on", "off", "hidden", "sold_out", "not_yet", "no_longer"]
STATES: tuple[ItemState, ...] = ("on", "off", "hidden", "sold_out", "not_yet", "no_longer")
# "new": nobody has launched it; "quiet": nobody has for some weeks; both of what can be had.
LISTS = ("all", *STATES, "new", "quiet")
ORDERS = ("first_seen", "latest", "name", "stock", "launches", "last_launch")


@dataclass(frozen=True)
class ItemFilter:
    """Which items are listed; the defaults let everything pass."""

    found: frozenset[str] | None = None  # ids that a search has found
    categories: tuple[str, ...] = ()
    brands: tuple[str, ...] = ()

    def permitted(self, items: pd.DataFrame) -> pd.Series:
        """[I] whether each item passes."""
        passes = pd.Series(True, index=items.index)
        if self.found is not None:
            passes &= items.index.isin(self.found)
        if self.categories:
            passes &= items["category"].isin(self.categories)
        if self.brands:
            passes &= items["brand"].isin(self.brands)
        return passes


def item_states(items: pd.DataFrame, at: pd.Timestamp) -> pd.Series:
    """[I] the ``ItemState`` of each item at a moment of the shop's clock: "on" means that it can be had."""
    conditions = {
        "hidden": items["status"] == "hidden",
        "off": items["status"] == "off",
        "sold_out": items["stock"] <= 0,
        "no_longer": items["on_sale_until"] <= at,
        "not_yet": items["on_sale_from"] > at,
    }  # the first that holds says why
    holds = [condition.fillna(False).to_numpy(bool) for condition in conditions.values()]
    return pd.Series(np.select(holds, list(conditions), "on"), index=items.index, dtype="str")


def lists_of(
    items: pd.DataFrame, states: pd.Series, at: pd.Timestamp, weeks: int
) -> Mapping[str, pd.Series]:
    """For each of ``LISTS`` [I] whether each item is on it."""
    at_hand = states == "on"
    quiet = items["last_launch"] < at - pd.Timedelta(weeks=weeks)
    return {
        "all": pd.Series(True, index=items.index),
        **{state: states == state for state in STATES},
        "new": at_hand & (items["launches"] == 0),
        "quiet": at_hand & quiet.fillna(False),
    }


def ordered(items: pd.DataFrame, order: str) -> pd.DataFrame:
    """The items in one of ``ORDERS``; unknown values come last."""
    ways: dict[str, Callable[[], pd.DataFrame]] = {
        "first_seen": lambda: items,
        "latest": lambda: items.iloc[::-1],
        "name": lambda: _by(items, "name"),
        "stock": lambda: _by(items, "stock"),
        "launches": lambda: _by(items, "launches", ascending=False),
        "last_launch": lambda: _by(items, "last_launch"),
    }
    return ways[order]()


def _by(items: pd.DataFrame, column: str, ascending: bool = True) -> pd.DataFrame:
    return items.sort_values(column, ascending=ascending, kind="stable", na_position="last")


def told(items: pd.DataFrame) -> Mapping[str, bool]:
    """Whether the shop has told status, stock or dates of sale of anything."""
    dates: Sequence[str] = ("on_sale_from", "on_sale_until")
    return {
        "status": bool(items["status"].notna().any()),
        "stock": bool(items["stock"].notna().any()),
        "dates": bool(items[list(dates)].notna().any(axis=None)),
    }
