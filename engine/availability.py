"""What can be had and who may be asked at a moment, kept until the shop says something new."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from db.logs import Logs
from db.messages import Message
from db.queries.arrivals import later_users
from db.queries.shelf import (
    NOT_CONTACTABLE,
    NOT_KNOWN_YET,
    SHELF_COLUMNS,
    Shelf,
    dormant,
    not_contactable,
    read_shelf,
    shelf_version,
)
from db.shop_clock import shop_now
from db.store import Store
from engine.moment import Moment, current_moment

NEVER = np.iinfo(np.int64).min  # the last launch of what nobody has launched


@dataclass(frozen=True)
class Availability:
    """The shelf at a moment, and the people whom no list may name."""

    shelf: Shelf = field(default_factory=Shelf)
    refusing: Mapping[str, Message] = field(default_factory=dict)  # who do not want to be asked
    unknown: Collection[str] = ()  # who came after the moment

    @cached_property
    def unasked(self) -> Mapping[str, Message]:
        """Whom no list names, by id, with why."""
        return {**dict.fromkeys(self.unknown, NOT_KNOWN_YET), **self.refusing}


class ReadsAvailability(Protocol):
    """Where a recommender learns what can be had."""

    def current(self) -> Availability:
        """What holds now, the same object as before as long as nothing has changed."""
        ...

    def moment(self) -> Moment | None:
        """The moment as of which it holds; None where the logs have no times."""
        ...


class StoredAvailability:
    """The shelf of a store at a picked moment, or as time goes by; threads may share it."""

    def __init__(self, store: Store, picked: Moment | None) -> None:
        self._store, self._picked = store, picked
        self._kept: tuple[str, Availability] | None = None
        self._unknown: frozenset[str] | None = None  # does not change with the shelf

    def moment(self) -> Moment | None:
        """See ``ReadsAvailability``."""
        return self._picked or current_moment(self._store)

    def current(self) -> Availability:
        """See ``ReadsAvailability``."""
        version, moment = shelf_version(self._store), self.moment()
        kept = self._kept
        if kept is not None and kept[0] == version:
            changes_at = kept[1].shelf.changes_at
            if self._picked or changes_at is None or self._time(moment) < changes_at:
                return kept[1]
        found = self._read(moment)
        self._kept = version, found
        return found

    def _time(self, moment: Moment | None) -> np.datetime64:
        return shop_now(self._store).to_datetime64() if moment is None else moment.at

    def _read(self, moment: Moment | None) -> Availability:
        picked = moment is not None and moment.picked
        shelf = read_shelf(self._store, None if moment is None else moment.at, picked)
        refusing = dict.fromkeys(not_contactable(self._store), NOT_CONTACTABLE)
        unknown = self._unknown
        if unknown is None:
            later = moment.at if moment is not None and picked else None
            unknown = frozenset() if later is None else later_users(self._store, later)
            self._unknown = unknown
        return Availability(shelf, refusing, unknown)


class LoggedAvailability:
    """What the attributes in logs in memory say, at their end or at a moment."""

    def __init__(self, logs: Logs, moment: Moment | None = None) -> None:
        last = logs.last_event
        if moment is None and not np.isnat(last):
            moment = Moment(last + np.timedelta64(1, "s"), picked=False)
        self._moment = moment
        self._found = Availability(
            Shelf(_dormant(logs, moment) | _unavailable(logs.items, moment)),
            dict.fromkeys(_refusing(logs.users), NOT_CONTACTABLE),
        )

    def moment(self) -> Moment | None:
        """See ``ReadsAvailability``."""
        return self._moment

    def current(self) -> Availability:
        """See ``ReadsAvailability``."""
        return self._found


def _unavailable(items: pd.DataFrame, moment: Moment | None) -> dict[str, Message]:
    found: dict[str, Message] = {}
    if moment is not None and {"on_sale_from", "on_sale_until"} <= {*items.columns}:
        start, end = items["on_sale_from"], items["on_sale_until"]
        ended = (end <= moment.at) & ~(start >= end)  # else it is the end of an earlier sale
        for key, days in (("not_yet", start[start > moment.at]), ("no_longer", end[ended])):
            found |= {
                str(id): Message(f"db.shelf.{key}", {"day": str(day.date())})
                for id, day in days.items()
            }
    if "stock" in items:
        stock = items["stock"].dropna()
        found |= dict.fromkeys(stock.index[stock <= 0], Message("db.shelf.sold_out"))
    for status in ("off", "hidden"):
        if "status" in items:
            gone = items.index[items["status"].eq(status).fillna(False).astype(bool)]
            found |= dict.fromkeys(gone, Message(f"db.shelf.{status}"))
    return found


def _dormant(logs: Logs, moment: Moment | None) -> dict[str, Message]:
    """The items of which the shop says nothing and that nobody has launched for long."""
    if moment is None:
        return {}
    before = logs.group_launched_at < moment.at  # not where the time is unknown
    launched = logs.group_launched_at[before].astype("datetime64[s]").astype(np.int64)
    last = np.full(len(logs.items), NEVER)
    np.maximum.at(last, logs.group_item[before], launched)
    silent = ~said_of(logs.items) & (last > NEVER)
    reasons = (dormant(one, int(launched.max())) for one in last[silent].tolist())
    ids = logs.items.index[silent]
    return {str(id): reason for id, reason in zip(ids, reasons, strict=True) if reason is not None}


def said_of(items: pd.DataFrame) -> NDArray[np.bool_]:
    """Of which items [I] the shop says whether they can be had."""
    columns = [name for name in SHELF_COLUMNS if name in items]
    said: NDArray[np.bool_] = items[columns].notna().to_numpy(bool)
    return np.logical_or.reduce(said, axis=1)


def _refusing(users: pd.DataFrame) -> list[str]:
    if "contactable" not in users:
        return []
    wishes = users["contactable"].dropna().astype(bool)
    return list(wishes.index[~wishes])
