"""What the shelf's lists read from the store, kept until the shop says something new.

Words change with every edit, which leaves the data's version alone; launches change with the data.
"""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import pandas as pd
import streamlit as st

from app.cached_reads import cached, open_store
from db.queries import shelf_lists
from db.queries.shelf import shelf_version
from db.queries.shelf_lists import PeopleFilter
from db.settings import settings

P = ParamSpec("P")
R = TypeVar("R")


def by_shelf(read: Callable[P, R]) -> Callable[P, R]:
    """Caches a function by its arguments and the version of the shelf; all callers get the same object."""

    def keyed(shelf_key: str, *args: P.args, **kwargs: P.kwargs) -> R:
        return read(*args, **kwargs)

    keyed.__module__, keyed.__qualname__ = read.__module__, read.__qualname__
    kept = st.cache_resource(show_spinner=False, max_entries=8)(keyed)

    @wraps(read)
    def cached_read(*args: P.args, **kwargs: P.kwargs) -> R:
        return kept(f"{settings().db} {shelf_version(open_store())}", *args, **kwargs)

    return cached_read


@by_shelf
def items_as_said() -> pd.DataFrame:
    """See ``db.queries.shelf_lists``."""
    return shelf_lists.items_as_said(open_store())


@cached(2, shared=True)
def launches_by_item() -> pd.DataFrame:
    """See ``db.queries.shelf_lists``."""
    return shelf_lists.launches_by_item(open_store())


def shelf_items() -> pd.DataFrame:
    """``items_as_said`` with ``launches`` and ``last_launch``; a frame of one's own."""
    said = items_as_said()
    launches = launches_by_item().reindex(said.index)
    return said.assign(
        launches=launches["launches"].fillna(0).astype("int64"),
        last_launch=launches["last_launch"],
    )


@by_shelf
def count_people(chosen: PeopleFilter) -> int:
    """See ``db.queries.shelf_lists``."""
    return shelf_lists.count_people(open_store(), chosen)


@by_shelf
def cities() -> list[str]:
    """See ``db.queries.shelf_lists``."""
    return shelf_lists.cities(open_store())


@by_shelf
def told_of_people() -> frozenset[str]:
    """See ``db.queries.shelf_lists``."""
    return shelf_lists.told_of_people(open_store())
