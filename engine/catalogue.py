"""What serving reads from the store: who and what can be recommended, and what happened.

Orders: the best of a list of scores, and the place of one candidate in it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from db.logs import FAILED
from db.queries import entities
from db.queries.groups import launch_counts
from db.schema import groups, items, users
from db.store import Store
from engine.id_map import Entities

_KEYS = 5_000  # of one IN (...)


@dataclass(frozen=True)
class Listed:
    """All users, or all items, of the store: N of them, in the order of first sight."""

    ids: NDArray[np.object_]  # [N] the shop's ids
    positions: NDArray[np.int64]  # [N] in what is served, the newcomer's where it is not in it

    @cached_property
    def places(self) -> dict[str, int]:
        """Where each id stands in the list."""
        return {id: place for place, id in enumerate(self.ids.tolist())}

    def those(self, ids: Iterable[str]) -> NDArray[np.bool_]:
        """Which of the list these ids are, [N]; ids that are not listed count for nothing."""
        marked = np.zeros(len(self.ids), bool)
        marked[[self.places[id] for id in ids if id in self.places]] = True
        return marked


class Shop:
    """The store, seen with the eyes of one model. Threads may share it.

    The lists of users and items and their launches are read when first asked for and stay as they are: open another
    recommender when the store has changed. All else is read at each call.
    """

    def __init__(self, store: Store, known_users: Entities, known_items: Entities) -> None:
        self.store = store
        self._users, self._items = known_users, known_items

    @cached_property
    def users(self) -> Listed:
        """Everybody who can be invited."""
        return self._listed("users", self._users)

    @cached_property
    def items(self) -> Listed:
        """Everything that can be launched."""
        return self._listed("items", self._items)

    @cached_property
    def launches(self) -> NDArray[np.int64]:
        """How many groups each of the users has opened, whatever became of them, [N]."""
        counted = launch_counts(self.store)
        return np.array([counted.get(id, 0) for id in self.users.ids.tolist()], np.int64)

    def names(self, kind: Literal["users", "items"], ids: Iterable[str]) -> dict[str, str]:
        """Names by id; the id itself where the store knows none."""
        return entities.names(self.store, kind, ids)

    def item_names(self, positions: Iterable[int]) -> dict[int, str]:
        """Names of known items by their positions."""
        ids = {position: self._items.ids[position] for position in positions}
        named = self.names("items", ids.values())
        return {position: named[id] for position, id in ids.items()}

    def launched(self, initiator: str) -> set[str]:
        """The items of which she has a successful or an open group.

        What she launched and nobody joined is not among them: she may try it again.
        """
        query = (
            select(items.c.external_id)
            .select_from(groups.join(users, users.c.id == groups.c.initiator_id).join(items))
            .where(users.c.external_id == initiator, groups.c.current, groups.c.status != FAILED)
        )
        with self.store.read() as connection:
            return set(connection.execute(query).scalars())

    def _listed(self, kind: Literal["users", "items"], known: Entities) -> Listed:
        table = users if kind == "users" else items
        with self.store.read() as connection:
            ids = list(
                connection.execute(select(table.c.external_id).order_by(table.c.id)).scalars()
            )
        # As a rule both are the same: nothing was taken away since the training.
        same = ids == known.ids
        positions = np.arange(len(ids), dtype=np.int64) if same else known.positions(ids)
        return Listed(np.array(ids, object), positions)


def top_ranked(
    scores: NDArray[np.float32],
    ids: NDArray[np.object_],
    allowed: NDArray[np.bool_],
    top: int,
) -> NDArray[np.int64]:
    """Where the ``top`` best allowed scores [N] stand, best first; the smaller id of equal ones."""
    places = np.flatnonzero(allowed)
    if top < 1 or not len(places):
        return places[:0]
    if top < len(places):
        kept = scores[places]
        least = np.partition(kept, len(kept) - top)[len(kept) - top]
        places = places[kept >= least]  # with all that tie for the last place
    order = sorted(places.tolist(), key=lambda place: (-float(scores[place]), ids[place]))
    return np.array(order[:top], np.int64)


def place(
    scores: NDArray[np.float32],
    listed: Listed,
    allowed: NDArray[np.bool_],
    id: str,
    position: int,
) -> tuple[int, int]:
    """The rank, from 1, of the candidate ``id`` among the allowed ones, and how many they are.

    ``scores`` are by position in the model. A candidate that the store does not list stands beside
    them.
    """
    rivals = allowed.copy()
    if id in listed.places:
        rivals[listed.places[id]] = False
    own, others = scores[position], scores[listed.positions]
    equal = np.flatnonzero(rivals & (others == own))
    ahead = int((rivals & (others > own)).sum())
    ahead += sum(1 for k in equal.tolist() if listed.ids[k] < id)
    return ahead + 1, int(rivals.sum()) + 1
