"""What the pages read from the store and ask of a model, cached in one way.

``cached`` keys every result on the version of the data and on the version of the model, so an import, an undo or a
promotion never shows old results and nothing has to be cleared. The number of results is bounded. Tables of a shop's
size and models are shared by all sessions and must not be changed; other results are copied to whoever asks.
"""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Literal, ParamSpec, TypeVar

import pandas as pd
import streamlit as st

from db.code_version import code_version
from db.errors import InputError
from db.models import registry
from db.queries import entities, statistics
from db.queries.groups import last_launch, open_groups
from db.queries.search import ItemSearch
from db.queries.ties import Tie, count_ties
from db.read_logs import data_version
from db.settings import settings
from db.store import Store
from engine.recommender import Recommender
from engine.results import Explanation, InitiatorRanking, Ranking
from engine.track_record import TrackRecords, read_track_records

P = ParamSpec("P")
R = TypeVar("R")
RANKINGS = 200  # results of the model that are kept


@st.cache_resource(show_spinner=False, max_entries=2)
def _store(url: str) -> Store:
    return Store.open(url)


def open_store() -> Store:
    """The store that the settings name.

    Raises:
        StoreError: It cannot be opened.

    """
    return _store(settings().db)


@st.cache_resource(show_spinner=False)
def running_code() -> str:
    """The commit or the version of the code, read once for each server: it cannot change while it runs."""
    return code_version()


def _data_key() -> str:
    """The store and the version of its data."""
    return f"{settings().db} {data_version(open_store())}"


def _model_key(model: Recommender) -> str:
    return model.version


def cached(entries: int, shared: bool = False) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Caches a function by its arguments and by the version of the data; a model counts by its version.

    Args:
        entries: Results to keep; the oldest is dropped first.
        shared: All callers get the same object, which they must not change, instead of a copy.

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
            return kept(_data_key(), *args, **kwargs)

        return cached_read

    return decorate


# The store


@cached(2, shared=True)
def item_frame() -> pd.DataFrame:
    """All items by id, with their attributes and counts."""
    return entities.item_frame(open_store())


@cached(2, shared=True)
def item_search() -> ItemSearch:
    """Finds items by name, id or pinyin."""
    return ItemSearch(item_frame()["name"])


@cached(4)
def shop_counts() -> entities.StoreCounts:
    """How much the store contains."""
    return entities.store_counts(open_store())


@cached(4)
def store_statistics() -> statistics.StoreStatistics:
    """What the charts of the page Data show."""
    return statistics.store_statistics(open_store())


@cached(2, shared=True)
def open_groups_and_last_launch() -> tuple[pd.DataFrame, pd.Timestamp | None]:
    """The open groups, and the time of the latest launch in the logs; ``None`` where no time is known."""
    return open_groups(open_store()), last_launch(open_store())


@cached(2, shared=True)
def track_records() -> TrackRecords:
    """How the closed groups of each item ended."""
    return read_track_records(open_store())


def entity_names(kind: Literal["users", "items"], ids: Iterable[str]) -> dict[str, str]:
    """Names by id; the id itself where the store has no name. Not cached: a look-up by key."""
    return entities.entity_names(open_store(), kind, ids)


@cached(32)
def random_initiators(n: int, seed: int) -> list[entities.Person]:
    """``n`` initiators drawn at random; the same ones for the same ``seed``."""
    return entities.random_initiators(open_store(), n, seed)


@cached(RANKINGS)
def user_card(id: str) -> entities.UserCard | None:
    """The card of a user; ``None`` where the store does not know the id."""
    try:
        return entities.user_card(open_store(), id)
    except InputError:
        return None


@cached(RANKINGS)
def ties(initiator: str, people: tuple[str, ...]) -> dict[str, Tie]:
    """How the initiator and each of ``people`` know each other, by id."""
    return count_ties(open_store(), initiator, people)


# The model


@cached(2, shared=True)
def _recommender(models: str, version: str) -> Recommender:
    return Recommender.open(open_store(), version)


def open_recommender(version: str | None) -> Recommender:
    """The model ``version``, or the serving one; the recommender is safe to share between threads.

    Raises:
        EngineError: There is no such model, or its bundle is refused.

    """
    if version is None:
        serving = registry.serving(open_store())
        if serving is None:
            return Recommender.open(open_store())  # raises
        version = serving.version
    return _recommender(str(settings().models), version)


@cached(RANKINGS)
def rank_items(
    model: Recommender,
    initiator: str,
    top: int,
    exclude_launched: bool | None = None,
    among: tuple[str, ...] | None = None,
) -> Ranking:
    """The best ``top`` items for an initiator, out of all or ``among`` these; see ``Recommender.rank_items``."""
    return model.rank_items(initiator, top=top, exclude_launched=exclude_launched, among=among)


@cached(RANKINGS)
def rank_initiators(
    model: Recommender,
    item: str,
    top: int,
    exclude_launched: bool | None = None,
    least_launches: int = 1,
) -> InitiatorRanking:
    """The best ``top`` initiators for an item, out of those with at least ``least_launches`` launches."""
    return model.rank_initiators(
        item, top, exclude_launched=exclude_launched, least_launches=least_launches
    )


@cached(RANKINGS)
def rank_participants(
    model: Recommender, initiator: str, item: str, top: int, joined: tuple[str, ...] = ()
) -> Ranking:
    """The best ``top`` participants for an initiator and an item, without those who have ``joined`` already."""
    return model.rank_participants(initiator, item, top=top, exclude=joined)


@cached(RANKINGS)
def explain(model: Recommender, initiator: str, item: str, participant: str | None) -> Explanation:
    """Why the model recommends this item and this participant."""
    return model.explain(initiator, item, participant)
