"""The shop's clock: its time zone, and what time it is there.

The times of the logs are those of this clock. The zone is a setting of the store; MAMGBR_TIMEZONE overrides
it. Until one is said, the first import guesses it from the file and the machine.
"""

import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pandas as pd
import tzlocal
from numpy.typing import NDArray
from sqlalchemy import Connection, delete, insert, select

from db.errors import InputError
from db.schema import shop_settings
from db.settings import settings
from db.store import Store

_TIMEZONE = "timezone"
UNIVERSAL = "UTC"


@dataclass(frozen=True)
class ShopZone:
    """The shop's time zone and how it is known."""

    name: str  # such as Asia/Shanghai
    source: str  # "setting": MAMGBR_TIMEZONE; "said" or "guessed": of the store; "machine": nothing is known yet

    @property
    def settled(self) -> bool:
        """Whether the store or the setting names it."""
        return self.source != "machine"


def shop_zone(store: Store) -> ShopZone:
    """The zone in force; raises InputError where MAMGBR_TIMEZONE is no zone."""
    if name := settings().timezone:
        return ShopZone(checked_zone(name), "setting")
    query = select(shop_settings.c.value).where(shop_settings.c.name == _TIMEZONE)
    with store.read() as connection:
        kept: dict[str, Any] | None = connection.execute(query).scalar()
    if kept is not None:
        return ShopZone(kept["zone"], "guessed" if kept["guessed"] else "said")
    return ShopZone(machine_zone(), "machine")


def set_shop_zone(store: Store, name: str, guessed: bool = False) -> ShopZone:
    """Keep the zone in the store, in place of an earlier one; times that lie there stay as they are.

    Raises InputError if there is no such zone.
    """
    zone = checked_zone(name)
    with store.write() as connection:
        write_shop_zone(connection, zone, guessed)
    return ShopZone(zone, "guessed" if guessed else "said")


def write_shop_zone(connection: Connection, zone: str, guessed: bool) -> None:
    """As ``set_shop_zone``, within a transaction and for a zone that was checked."""
    value = {"zone": zone, "guessed": guessed}
    connection.execute(delete(shop_settings).where(shop_settings.c.name == _TIMEZONE))
    connection.execute(
        insert(shop_settings).values(name=_TIMEZONE, value=value, set_at=int(time.time()))
    )


def checked_zone(name: str) -> str:
    """The zone's name as the database of zones has it, +08:00 as Etc/GMT-8; InputError if there is none."""
    offset = re.fullmatch(r"(?:UTC|GMT)?([+-])(\d{1,2})(?::?00)?", name.strip(), re.IGNORECASE)
    if offset:
        # The names of these zones have the sign of POSIX: Etc/GMT-8 is eight hours ahead.
        sign = "-" if offset.group(1) == "+" else "+"
        name = f"Etc/GMT{sign}{int(offset.group(2))}" if int(offset.group(2)) else UNIVERSAL
    try:
        ZoneInfo(name.strip())
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InputError(
            "db.zone.unknown", zone=(name,), examples="Asia/Shanghai, Europe/Berlin, +08:00"
        ) from error
    return name.strip()


def machine_zone() -> str:
    """The zone of this machine, UTC where it has none."""
    try:
        return checked_zone(str(tzlocal.reload_localzone()))
    except (InputError, ZoneInfoNotFoundError, ValueError, OSError):
        return UNIVERSAL


def is_universal(name: str) -> bool:
    """Whether the zone is UTC under one of its names, as servers have it wherever the shop is."""
    return name.removeprefix("Etc/") in ("UTC", "UCT", "GMT", "Universal", "Zulu", "Greenwich")


def shop_now(store: Store) -> pd.Timestamp:
    """What the shop's clock shows now."""
    now = datetime.now(UTC).astimezone(ZoneInfo(shop_zone(store).name))
    return pd.Timestamp(now.replace(tzinfo=None))


def on_clock(instants: NDArray[np.int64], zone: str) -> NDArray[np.int64]:
    """[T] what a clock in ``zone`` shows at moments given in seconds since 1970 UTC, in seconds since 1970 there."""
    moments = pd.DatetimeIndex(instants.astype("datetime64[s]"), tz=UTC)
    shown = moments.tz_convert(ZoneInfo(zone)).tz_localize(None)
    return shown.to_numpy("datetime64[s]").astype(np.int64)
