"""What the pages read: opened once a process, shared by all sessions, keyed on the versions of
data and model.

Tables of a shop's size live in ``cache_resource`` (one copy a process) and are never changed;
answers of the engine are small and live in ``cache_data`` with a bound.
"""

from collections.abc import Iterable
from typing import Literal

import pandas as pd
import streamlit as st

from db.errors import InputError
from db.models import registry
from db.queries import entities
from db.queries.groups import last_launch, open_groups
from db.queries.search import ItemSearch
from db.queries.ties import Tie, count_ties
from db.read_logs import data_version
from db.settings import settings
from db.store import Store
from engine.recommender import Recommender
from engine.results import Explanation, InitiatorRanking, Ranking


@st.cache_resource(show_spinner=False, max_entries=2)
def _store(url: str) -> Store:
    return Store.open(url)


def open_store() -> Store:
    """The store that the settings name.

    Raises:
        StoreError: It cannot be opened; the message says why and what to do.

    """
    return _store(settings().db)


def _data() -> str:
    """Names the store and what it holds now: the key of everything that is read from it."""
    return f"{settings().db} {data_version(open_store())}"


@st.cache_resource(show_spinner=False, max_entries=2)
def _items(data: str) -> pd.DataFrame:
    return entities.item_frame(open_store())


def item_frame() -> pd.DataFrame:
    """All items by id, with attributes and counts; shared by all sessions, so nobody may write to
    it.
    """
    return _items(_data())


@st.cache_resource(show_spinner=False, max_entries=2)
def _item_search(data: str) -> ItemSearch:
    return ItemSearch(_items(data)["name"])


def item_search() -> ItemSearch:
    """Finds items as they are typed."""
    return _item_search(_data())


@st.cache_data(show_spinner=False, max_entries=4)
def _counts(data: str) -> entities.Counts:
    return entities.counts(open_store())


def shop_counts() -> entities.Counts:
    """How much the store holds."""
    return _counts(_data())


@st.cache_resource(show_spinner=False, max_entries=2)
def _waiting(data: str) -> tuple[pd.DataFrame, pd.Timestamp | None]:
    return open_groups(open_store()), last_launch(open_store())


def open_groups_and_last_launch() -> tuple[pd.DataFrame, pd.Timestamp | None]:
    """The open groups and the moment of which the logs speak; shared by all sessions, so nobody may
    write to them.
    """
    return _waiting(_data())


def entity_names(kind: Literal["users", "items"], ids: Iterable[str]) -> dict[str, str]:
    """Names by id; the id itself where the store has no name."""
    return entities.names(open_store(), kind, ids)


@st.cache_data(show_spinner=False, max_entries=32)
def _random(data: str, n: int, seed: int) -> list[entities.Person]:
    return entities.random_initiators(open_store(), n, seed)


def random_initiators(n: int, seed: int) -> list[entities.Person]:
    """Some initiators drawn by ``seed``."""
    return _random(_data(), n, seed)


def user_card(id: str) -> entities.UserCard | None:
    """The card of a user, ``None`` where the store does not know her."""
    try:
        return entities.user_card(open_store(), id)
    except InputError:
        return None


@st.cache_resource(show_spinner=False, max_entries=2)
def _recommender(models: str, version: str, data: str) -> Recommender:
    return Recommender.open(open_store(), version)


def open_recommender(version: str | None) -> Recommender:
    """The model ``version``, or the serving one; the recommender is safe to share between threads.

    Raises:
        EngineError: There is no such model, or its bundle is refused.

    """
    if version is None:
        serving = registry.serving(open_store())
        if serving is None:
            return Recommender.open(open_store())
        version = serving.version
    return _recommender(str(settings().models), version, _data())


@st.cache_data(show_spinner=False, max_entries=200)
def _ranked_items(
    key: str,
    _model: Recommender,
    initiator: str,
    top: int,
    exclude_launched: bool,
    among: tuple[str, ...] | None,
) -> Ranking:
    return _model.rank_items(initiator, top=top, exclude_launched=exclude_launched, among=among)


def rank_items(
    model: Recommender,
    initiator: str,
    top: int,
    exclude_launched: bool,
    among: tuple[str, ...] | None = None,
) -> Ranking:
    """Items for an initiator, out of all or ``among`` these."""
    key = f"{model.version} {_data()}"
    return _ranked_items(key, model, initiator, top, exclude_launched, among)


@st.cache_data(show_spinner=False, max_entries=200)
def _ranked_initiators(
    key: str, _model: Recommender, item: str, top: int, exclude_launched: bool, least: int
) -> InitiatorRanking:
    return _model.rank_initiators(
        item, top, exclude_launched=exclude_launched, least_launches=least
    )


def rank_initiators(
    model: Recommender, item: str, top: int, exclude_launched: bool = True, least: int = 1
) -> InitiatorRanking:
    """Initiators for an item, of those who have opened at least so many groups."""
    key = f"{model.version} {_data()}"
    return _ranked_initiators(key, model, item, top, exclude_launched, least)


@st.cache_data(show_spinner=False, max_entries=200)
def _ranked_participants(
    key: str, _model: Recommender, initiator: str, item: str, top: int, joined: tuple[str, ...]
) -> Ranking:
    return _model.rank_participants(initiator, item, top=top, exclude=joined)


def rank_participants(
    model: Recommender, initiator: str, item: str, top: int, joined: tuple[str, ...] = ()
) -> Ranking:
    """Participants for an initiator and an item, without those who have ``joined`` already."""
    return _ranked_participants(f"{model.version} {_data()}", model, initiator, item, top, joined)


@st.cache_data(show_spinner=False, max_entries=200)
def _explained(
    key: str, _model: Recommender, initiator: str, item: str, participant: str | None
) -> Explanation:
    return _model.explain(initiator, item, participant)


def explain(model: Recommender, initiator: str, item: str, participant: str | None) -> Explanation:
    """Why this item and this participant."""
    return _explained(f"{model.version} {_data()}", model, initiator, item, participant)


@st.cache_data(show_spinner=False, max_entries=200)
def _ties(data: str, initiator: str, people: tuple[str, ...]) -> dict[str, Tie]:
    return count_ties(open_store(), initiator, people)


def ties(initiator: str, people: tuple[str, ...]) -> dict[str, Tie]:
    """How the initiator and each of ``people`` know each other."""
    return _ties(_data(), initiator, people)
