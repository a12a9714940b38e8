"""What the pages read from the store and ask of a model, cached in one way (``app.caching``).

Tables of a shop's size and models are shared by all sessions and must not be changed; other results are copied to
whoever asks. Of past moments, whose evidence is counted beside the current one, the last alone is kept.
"""

from collections.abc import Iterable
from typing import Literal

import pandas as pd
import streamlit as st

from app.caching import availability, cached, usable_moment
from app.caching import open_store as open_store
from db.code_version import code_version
from db.errors import InputError
from db.models import registry
from db.queries import entities, statistics
from db.queries.groups import open_groups
from db.queries.known_shop import KnownShop, known_shop_at
from db.queries.search import ItemSearch
from db.queries.ties import Tie, count_ties
from db.settings import settings
from engine.moment import Moment
from engine.recommender import Recommender
from engine.results import Explanation, InitiatorRanking, Ranking
from engine.track_record import TrackRecords, read_track_records

RANKINGS = 200  # results of the model that are kept


@st.cache_resource(show_spinner=False)
def running_code() -> str:
    """The commit or the version of the code, read once for each server: it cannot change while it runs."""
    return code_version()


@cached(1, shared=True, on="moment")
def _past_shop() -> KnownShop:
    picked = usable_moment()
    assert picked is not None, "only a picked moment lies in the past"  # noqa: S101
    return known_shop_at(open_store(), picked.at)


def _known_shop() -> KnownShop | None:
    """The shop as it was known at the picked moment; ``None`` where none is picked."""
    return None if usable_moment() is None else _past_shop()


# The store


@cached(2, shared=True, on="shelf")
def item_frame() -> pd.DataFrame:
    """All items by id, with their attributes, and their counts as of the moment."""
    items, past = entities.item_frame(open_store()), _known_shop()
    if past is None:
        return items
    counts = past.item_counts().reindex(items.index).fillna(0).astype("int64")
    return items.assign(**{str(name): counts[name] for name in counts})


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


@cached(2, shared=True, on="moment")
def groups_still_open() -> pd.DataFrame:
    """The groups that were open at the moment, see ``db.queries.groups.open_groups``."""
    past = _known_shop()
    return open_groups(open_store()) if past is None else past.open_groups(open_store())


@cached(2, shared=True, on="moment")
def track_records() -> TrackRecords:
    """How the closed groups of each item had ended."""
    past = _known_shop()
    return (
        read_track_records(open_store())
        if past is None
        else TrackRecords(past.closed_group_counts())
    )


def entity_names(kind: Literal["users", "items"], ids: Iterable[str]) -> dict[str, str]:
    """Names by id; the id itself where the store has no name. Not cached: a look-up by key."""
    return entities.entity_names(open_store(), kind, ids)


def recent_initiators(n: int) -> list[entities.Person]:
    """The ``n`` initiators who had launched last and may be asked. Not cached: the store reads the latest launches."""
    unasked, past = availability().unasked, _known_shop()
    found = (past or _CurrentShop()).recent_initiators(n + len(unasked))
    return [person for person in found if person.id not in unasked][:n]


@cached(32, on="shelf")
def random_initiators(n: int, seed: int) -> list[entities.Person]:
    """``n`` initiators who may be asked, drawn at random; the same ones for the same ``seed``."""
    unasked, past = availability().unasked, _known_shop()
    found = (past or _CurrentShop()).random_initiators(n + len(unasked), seed)
    return [person for person in found if person.id not in unasked][:n]


class _CurrentShop:
    """The store as it is now, asked like a ``KnownShop``."""

    def recent_initiators(self, n: int) -> list[entities.Person]:
        return entities.recent_initiators(open_store(), n)

    def random_initiators(self, n: int, seed: int) -> list[entities.Person]:
        return entities.random_initiators(open_store(), n, seed)


@cached(RANKINGS, on="moment")
def user_card(id: str) -> entities.UserCard | None:
    """The card of a user as of the moment; ``None`` where the store does not know the id."""
    past = _known_shop()
    try:
        return entities.user_card(open_store(), id) if past is None else past.user_card(id)
    except InputError:
        return None


@cached(RANKINGS, on="moment")
def ties(initiator: str, people: tuple[str, ...]) -> dict[str, Tie]:
    """How the initiator and each of ``people`` knew each other, by id."""
    past = _known_shop()
    if past is None:
        return count_ties(open_store(), initiator, people)
    return past.ties(initiator, people)


# The model


@cached(2, shared=True)
def _recommender(models: str, version: str) -> Recommender:
    return Recommender.open(open_store(), version)


@cached(1, shared=True)
def _past_recommender(models: str, version: str, picked: Moment) -> Recommender:
    return Recommender.open(open_store(), version, as_of=picked)


def open_recommender(version: str | None, as_of: Moment | None = None) -> Recommender:
    """The model ``version``, or the serving one; the recommender is safe to share between threads.

    ``as_of`` is a moment that somebody picked.

    Raises:
        EngineError: There is no such model, its bundle is refused, or it cannot answer as of that moment.

    """
    if version is None:
        serving = registry.serving(open_store())
        if serving is None:
            return Recommender.open(open_store())  # raises
        version = serving.version
    models = str(settings().models)
    if as_of is None:
        return _recommender(models, version)
    return _past_recommender(models, version, as_of)


def recommender_at_moment(version: str | None) -> Recommender:
    """The model as of the moment that the session has picked; see ``open_recommender``."""
    return open_recommender(version, usable_moment())


@cached(RANKINGS, on="shelf")
def rank_items(
    model: Recommender,
    initiator: str,
    top: int,
    exclude_launched: bool | None = None,
    among: tuple[str, ...] | None = None,
    show_all: bool = False,
) -> Ranking:
    """The best ``top`` items for an initiator, out of all or ``among`` these; see ``Recommender.rank_items``."""
    return model.rank_items(
        initiator, top=top, exclude_launched=exclude_launched, among=among, show_all=show_all
    )


@cached(RANKINGS, on="shelf")
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


@cached(RANKINGS, on="shelf")
def rank_participants(
    model: Recommender, initiator: str, item: str, top: int, joined: tuple[str, ...] = ()
) -> Ranking:
    """The best ``top`` participants for an initiator and an item, without those who have ``joined`` already."""
    return model.rank_participants(initiator, item, top=top, exclude=joined)


@cached(RANKINGS, on="shelf")
def explain(model: Recommender, initiator: str, item: str, participant: str | None) -> Explanation:
    """Why the model recommends this item and this participant."""
    return model.explain(initiator, item, participant)
