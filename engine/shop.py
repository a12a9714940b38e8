"""What serving reads from the store: who and what can be recommended, and what happened."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from db import directory
from db.activity import launch_counts
from db.logs import FAILED
from db.schema import groups, items, users
from db.store import Store
from engine.entities import Entities

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
        return directory.names(self.store, kind, ids)

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
