"""How what the pages read is cached, and the moment and the shelf that it hangs on.

``cached`` keys every result on the version of the data and on the version of the model, so an import, an undo or a
promotion never shows old results and nothing has to be cleared. What hangs on the moment that the session has picked
is keyed on it too, and what hangs on the shelf on what the shop says of it: an edit shows at the next redraw and makes
the engine count nothing anew. The number of results is bounded.
"""

from collections.abc import Callable
from functools import wraps
from typing import Literal, ParamSpec, TypeVar

import numpy as np
import pandas as pd
import streamlit as st

from app.url_state import picked_as_of
from db.errors import InputError
from db.queries.groups import logged_span
from db.queries.shelf import shelf_version
from db.read_logs import data_version
from db.settings import settings
from db.store import Store
from engine.availability import Availability, StoredAvailability
from engine.moment import Moment, current_moment, moment_of
from engine.recommender import Recommender

P = ParamSpec("P")
R = TypeVar("R")


@st.cache_resource(show_spinner=False, max_entries=2)
def _store(url: str) -> Store:
    return Store.open(url)


def open_store() -> Store:
    """The store that the settings name.

    Raises:
        StoreError: It cannot be opened.

    """
    return _store(settings().db)


def _data_key() -> str:
    """The store and the version of its data."""
    return f"{settings().db} {data_version(open_store())}"


def _model_key(model: Recommender) -> str:
    return model.version


Depends = Literal["data", "moment", "shelf"]


def cached(
    entries: int, shared: bool = False, on: Depends = "data"
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Caches a function by its arguments and by the version of the data; a model counts by its version.

    Args:
        entries: Results to keep; the oldest is dropped first.
        shared: All callers get the same object, which they must not change, instead of a copy.
        on: What else the results hang on: "moment", that which the session has picked; "shelf", that and what the shop
            says of its shelf and of people's wishes at the moment.

    """

    def decorate(read: Callable[P, R]) -> Callable[P, R]:
        def keyed(data_key: str, *args: P.args, **kwargs: P.kwargs) -> R:
            return read(*args, **kwargs)

        # Streamlit tells cached functions apart by these names.
        keyed.__module__, keyed.__qualname__ = read.__module__, read.__qualname__
        cache = st.cache_resource if shared else st.cache_data
        kept = cache(show_spinner=False, max_entries=entries, hash_funcs={Recommender: _model_key})(
            keyed
        )

        @wraps(read)
        def cached_read(*args: P.args, **kwargs: P.kwargs) -> R:
            return kept(_key(on), *args, **kwargs)

        return cached_read

    return decorate


def _key(on: Depends) -> str:
    """What the results of a function hang on besides its arguments."""
    if on == "data":
        return _data_key()
    picked = usable_moment()
    moment = f"{_data_key()} {'' if picked is None else picked}"
    if on == "moment":
        return moment
    changes_at = (
        availability().shelf.changes_at
    )  # a sale that begins or ends changes the shelf, too
    return f"{moment} {shelf_version(open_store())} {changes_at}"


# The moment


@cached(2)
def logged_days() -> tuple[pd.Timestamp, pd.Timestamp] | None:
    """The first and the last launch of the logs; ``None`` where they have no times."""
    return logged_span(open_store())


def picked_moment() -> Moment | None:
    """The moment that the session has picked; ``None`` for the current one.

    Raises:
        InputError: What the address says is no moment, or nothing was known at it.

    """
    text = picked_as_of()
    if text is None:
        return None
    moment = moment_of(open_store(), text)
    span = logged_days()
    if span is None:
        raise InputError("app.moment.no_times", text=(text,))
    if moment is None or moment.at <= np.datetime64(span[0], "s"):
        raise InputError("app.moment.before_logs", text=(text,), day=str(span[0].date()))
    return moment


def usable_moment() -> Moment | None:
    """The picked moment; the current one where what was picked is none, which the page says."""
    try:
        return picked_moment()
    except InputError:
        return None


def moment_in_force() -> Moment | None:
    """The moment as of which the pages rank; ``None`` where the logs have no times."""
    return usable_moment() or current_moment(open_store())


@st.cache_resource(show_spinner=False, max_entries=3)
def _stored_availability(url: str, picked: Moment | None) -> StoredAvailability:
    return StoredAvailability(open_store(), picked)


def availability() -> Availability:
    """What can be had and who may be asked at the moment; read again when the shop says something new."""
    return _stored_availability(settings().db, usable_moment()).current()
