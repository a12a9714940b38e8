"""The moment as of which a question is asked: what happened strictly before it counts."""

from dataclasses import dataclass
from datetime import datetime
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

import numpy as np

from db.errors import InputError
from db.queries.events import last_event
from db.read_logs import data_version
from db.shop_clock import shop_now, shop_zone
from db.store import Store

ALIVE = np.timedelta64(7, "D")  # logs whose last event is no older reach to now


@dataclass(frozen=True)
class Moment:
    """A moment on the shop's clock, to the second, and whether somebody picked it."""

    at: np.datetime64  # datetime64[s]
    picked: bool = True

    @classmethod
    def parse(cls, text: str, zone: str | None = None) -> "Moment":
        """The moment of ``2026-05-01`` (its first second), ``2026-05-01 10:30`` or another time in ISO 8601.

        A time with an offset is put on the clock of ``zone``, the shop's. Raises InputError, naming the text, where it
        is no such time, or has an offset and there is no zone.
        """
        try:
            time = datetime.fromisoformat(text.strip())
        except ValueError as error:
            raise InputError("engine.moment.unreadable", text=(text,)) from error
        if time.tzinfo is not None:
            if zone is None:
                raise InputError("engine.moment.unreadable", text=(text,))
            time = time.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        return cls(np.datetime64(time, "s"))

    def __str__(self) -> str:
        """``2026-05-01 10:30:00``; the day alone where it is its first second."""
        text = str(self.at).replace("T", " ")
        return text.removesuffix(" 00:00:00")


def current_moment(store: Store) -> Moment | None:
    """The moment as of which everything is ranked where nobody picks one.

    The shop's now where the last event lies within a week of it, else just after the last event. An event that lies in
    the future, such as one of a clock that was set wrong, is none, unless there are no others. None where the logs have
    no times: then everything counts. Raises StoreError if the store cannot be read.
    """
    last = _last_event(store)
    if last is None:
        return None
    now = shop_now(store).to_datetime64().astype("datetime64[s]")
    if last >= now:
        last = last_event(store, before=now) or last
    alive = now - ALIVE <= last < now
    return Moment(now if alive else last + np.timedelta64(1, "s"), picked=False)


def moment_of(store: Store, text: str | None) -> Moment | None:
    """The moment of a text as ``Moment.parse`` reads it, on the shop's clock; the current one without a text."""
    if text is None:
        return current_moment(store)
    return Moment.parse(text, shop_zone(store).name)


def everything_known(store: Store, moment: Moment | None) -> bool:
    """Whether nothing in the logs lies at or after the moment."""
    last = _last_event(store)
    return moment is None or last is None or bool(last < moment.at)


# Reading them takes a scan of the members: kept for as long as the data stay the same.
_last_events: WeakKeyDictionary[Store, tuple[str, np.datetime64 | None]] = WeakKeyDictionary()


def _last_event(store: Store) -> np.datetime64 | None:
    version = data_version(store)
    kept = _last_events.get(store)
    if kept is None or kept[0] != version:
        kept = _last_events[store] = version, last_event(store)
    return kept[1]
