"""The store knows the shop's time zone, and one instant is one time on its clock."""

import os
import time
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest

from db.errors import InputError
from db.shop_clock import (
    ShopZone,
    checked_zone,
    is_universal,
    machine_zone,
    on_clock,
    set_shop_zone,
    shop_now,
    shop_zone,
)
from db.store import Store


@pytest.fixture(autouse=True)
def _machine_in_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.delenv("MAMGBR_TIMEZONE", raising=False)
    yield
    if hasattr(time, "tzset"):
        time.tzset()


def test_a_zone_that_was_said_holds_until_another_is_said(store: Store) -> None:
    assert not shop_zone(store).settled
    set_shop_zone(store, "Asia/Shanghai", guessed=True)
    assert shop_zone(store) == ShopZone("Asia/Shanghai", "guessed")
    set_shop_zone(store, "Asia/Seoul")
    assert shop_zone(store) == ShopZone("Asia/Seoul", "said")


def test_the_setting_overrides_the_store(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_shop_zone(sqlite_store, "Asia/Seoul")
    monkeypatch.setenv("MAMGBR_TIMEZONE", "Europe/Berlin")
    assert shop_zone(sqlite_store) == ShopZone("Europe/Berlin", "setting")
    monkeypatch.setenv("MAMGBR_TIMEZONE", "Mars/Olympus")
    with pytest.raises(InputError, match="no time zone 'Mars/Olympus'"):
        shop_zone(sqlite_store)


@pytest.mark.parametrize(
    ("said", "name"),
    [("+08:00", "Etc/GMT-8"), ("UTC-4", "Etc/GMT+4"), ("+0000", "UTC"), (" UTC ", "UTC")],
)
def test_an_offset_of_whole_hours_is_a_zone(said: str, name: str) -> None:
    assert checked_zone(said) == name


@pytest.mark.parametrize("wrong", ["", "Beijing time", "../etc/passwd", "/etc/localtime", "+25"])
def test_what_is_no_zone_is_refused(wrong: str) -> None:
    with pytest.raises(InputError, match="no time zone"):
        checked_zone(wrong)


def test_the_machine_tells_its_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_universal(machine_zone())
    monkeypatch.setenv("TZ", "Asia/Taipei")
    assert machine_zone() == "Asia/Taipei"
    assert os.environ["TZ"] == "Asia/Taipei"


def test_moments_land_on_the_clock_with_its_summer_time() -> None:
    moments = pd.to_datetime(["2026-01-15 12:00", "2026-07-15 12:00"]).to_numpy("datetime64[s]")
    shown = on_clock(moments.astype(np.int64), "Europe/Berlin").astype("datetime64[s]")
    assert list(shown.astype(str)) == ["2026-01-15T13:00:00", "2026-07-15T14:00:00"]


def test_now_is_what_the_shop_s_clock_shows(sqlite_store: Store) -> None:
    set_shop_zone(sqlite_store, "Asia/Shanghai")
    ahead = shop_now(sqlite_store) - pd.Timestamp.now("UTC").tz_localize(None)
    assert round(ahead.total_seconds() / 3600) == 8
