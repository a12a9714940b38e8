"""Where serving reads the shop: the store, or logs in memory.

Both give the same answers for the same logs. Ids are the shop's own.
"""

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Literal, Protocol

import numpy as np
import pandas as pd
import scipy.sparse as sp
from sqlalchemy import select

from db.logs import FAILED, SUCCESSFUL, Logs
from db.queries import entities
from db.queries import groups as group_queries
from db.schema import items, users
from db.store import Store
from engine.candidates import launched_items
from engine.explain.past_groups import LoggedGroups, StoredGroups, find_past_groups, find_position
from engine.results import PastGroup

Kind = Literal["users", "items"]


class Source(Protocol):
    """What serving needs to know of a shop besides the model."""

    def ids(self, kind: Kind) -> list[str]:
        """All users or items, in the order in which the shop first saw them."""
        ...

    def names(self, kind: Kind, ids: Iterable[str]) -> dict[str, str]:
        """The name of each of ``ids``; the id itself where the shop gives no name."""
        ...

    def launch_counts(self) -> dict[str, int]:
        """How many groups each initiator has opened, whatever became of them."""
        ...

    def closed_group_counts(self) -> dict[str, tuple[int, int]]:
        """How many groups of each item succeeded and failed, for items that have any of these."""
        ...

    def launched_items(self, initiators: Sequence[str]) -> dict[str, set[str]]:
        """The items that each initiator has launched already (``db.logs.LAUNCHED``)."""
        ...

    def initiators_of(self, item: str) -> set[str]:
        """The initiators who have launched the item already."""
        ...

    def past_groups(
        self, initiator: str, item: str, participant: str | None, similar: Sequence[str]
    ) -> list[PastGroup]:
        """The past groups on which a recommendation rests; ``similar`` items, the most similar first."""
        ...


class StoreSource:
    """A shop in the store, read at each call."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def ids(self, kind: Kind) -> list[str]:
        """See ``Source``."""
        table = users if kind == "users" else items
        query = select(table.c.external_id).order_by(table.c.id)
        with self._store.read() as connection:
            return list(connection.execute(query).scalars())

    def names(self, kind: Kind, ids: Iterable[str]) -> dict[str, str]:
        """See ``Source``."""
        return entities.entity_names(self._store, kind, ids)

    def launch_counts(self) -> dict[str, int]:
        """See ``Source``."""
        return group_queries.launch_counts(self._store)

    def closed_group_counts(self) -> dict[str, tuple[int, int]]:
        """See ``Source``."""
        return group_queries.closed_group_counts(self._store)

    def launched_items(self, initiators: Sequence[str]) -> dict[str, set[str]]:
        """See ``Source``."""
        return group_queries.launched_items(self._store, initiators)

    def initiators_of(self, item: str) -> set[str]:
        """See ``Source``."""
        return group_queries.initiators_of(self._store, item)

    def past_groups(
        self, initiator: str, item: str, participant: str | None, similar: Sequence[str]
    ) -> list[PastGroup]:
        """See ``Source``."""
        with self._store.read() as connection:
            groups = StoredGroups(connection)
            return find_past_groups(groups, initiator, item, participant, similar)


class LogsSource:
    """A shop in memory."""

    def __init__(self, logs: Logs) -> None:
        self._logs = logs
        self._user_ids, self._item_ids = list(logs.users.index), list(logs.items.index)

    def ids(self, kind: Kind) -> list[str]:
        """See ``Source``."""
        return self._user_ids if kind == "users" else self._item_ids

    def names(self, kind: Kind, ids: Iterable[str]) -> dict[str, str]:
        """See ``Source``."""
        frame = self._logs.users if kind == "users" else self._logs.items
        wanted = list(dict.fromkeys(ids))
        if "name" not in frame:
            return {id: id for id in wanted}
        names = frame["name"].reindex(wanted).tolist()
        return {
            id: id if pd.isna(name) else str(name) for id, name in zip(wanted, names, strict=True)
        }

    def launch_counts(self) -> dict[str, int]:
        """See ``Source``."""
        initiators, counts = np.unique(self._logs.group_initiator, return_counts=True)
        return {
            self._user_ids[initiator]: count
            for initiator, count in zip(initiators.tolist(), counts.tolist(), strict=True)
        }

    def closed_group_counts(self) -> dict[str, tuple[int, int]]:
        """See ``Source``."""
        successes, failures = (
            np.bincount(
                self._logs.group_item[self._logs.group_status == status],
                minlength=len(self._item_ids),
            )
            for status in (SUCCESSFUL, FAILED)
        )
        closed = np.flatnonzero(successes + failures).tolist()
        return {self._item_ids[k]: (int(successes[k]), int(failures[k])) for k in closed}

    def launched_items(self, initiators: Sequence[str]) -> dict[str, set[str]]:
        """See ``Source``."""
        launched: dict[str, set[str]] = {id: set() for id in initiators}
        for id in launched:
            row = find_position(self._logs.users.index, id)
            if row >= 0:
                launched[id] = {self._item_ids[k] for k in self._launched[row].indices}
        return launched

    def initiators_of(self, item: str) -> set[str]:
        """See ``Source``."""
        column = find_position(self._logs.items.index, item)
        if column < 0:
            return set()
        return {self._user_ids[k] for k in self._launched_by_item[column].indices}

    def past_groups(
        self, initiator: str, item: str, participant: str | None, similar: Sequence[str]
    ) -> list[PastGroup]:
        """See ``Source``."""
        return find_past_groups(self._groups, initiator, item, participant, similar)

    @cached_property
    def _launched(self) -> sp.csr_matrix:
        return launched_items(self._logs)

    @cached_property
    def _launched_by_item(self) -> sp.csr_matrix:
        return self._launched.T.tocsr()

    @cached_property
    def _groups(self) -> LoggedGroups:
        return LoggedGroups(self._logs)
