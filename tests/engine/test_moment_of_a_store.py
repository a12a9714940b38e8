"""The moment as of which everything is ranked."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import insert

from db.errors import InputError
from db.importing.pipeline import import_files
from db.schema import shop_settings
from db.store import Store
from engine import moment as module
from engine.moment import Moment, current_moment, moment_of

HEADING = "group_id,initiator,item,participants,status,launched_at\n"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Store]:
    """``shop(now, launches...)``: a store with a group for each launch time, and what its clock shows."""

    def make(now: str, *launches: str) -> Store:
        monkeypatch.setattr(module, "shop_now", lambda store: pd.Timestamp(now))
        path = tmp_path / "groups.csv"
        rows = [f"G{k},ann,milk,bea,successful,{time}\n" for k, time in enumerate(launches)]
        path.write_text(HEADING + "".join(rows))
        store = Store.open(f"sqlite:///{tmp_path / 'shop.db'}")
        import_files(store, [path])
        return store

    return make


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-05-01", "2026-05-01T00:00:00"),
        (" 2026-05-01 10:30 ", "2026-05-01T10:30:00"),
        ("2026-05-01T10:30:15", "2026-05-01T10:30:15"),
        ("2026-05-01T02:30:00Z", "2026-05-01T10:30:00"),
    ],
)
def test_a_moment_is_a_day_or_a_time_of_the_shops_clock(text: str, at: str) -> None:
    assert Moment.parse(text, "Asia/Shanghai") == Moment(np.datetime64(at, "s"), picked=True)


@pytest.mark.parametrize("text", ["", "May", "2026-02-30", "1780000000", "2026-05-01T02:30:00Z"])
def test_a_text_that_is_no_moment_is_named(text: str) -> None:
    with pytest.raises(InputError, match=repr(text)):
        Moment.parse(text)


def test_a_moment_reads_back_as_it_is_written() -> None:
    for text in ("2026-05-01", "2026-05-01 10:30:15"):
        assert str(Moment.parse(text)) == text


def test_the_moment_is_now_where_the_logs_reach_to_the_last_week(
    shop: Callable[..., Store],
) -> None:
    store = shop("2025-06-08 12:00:00", "2025-05-01 10:00:00", "2025-06-02 10:00:00")
    assert current_moment(store) == Moment(np.datetime64("2025-06-08T12:00:00"), picked=False)


def test_the_moment_is_the_end_of_logs_that_ended_earlier(shop: Callable[..., Store]) -> None:
    store = shop("2025-06-12 12:00:00", "2025-05-01 10:00:00", "2025-06-02 10:00:00")
    assert current_moment(store) == Moment(np.datetime64("2025-06-02T10:00:01"), picked=False)


def test_a_launch_in_the_future_does_not_move_the_moment(shop: Callable[..., Store]) -> None:
    store = shop("2025-06-08 12:00:00", "2025-06-02 10:00:00", "2031-01-01 10:00:00")
    assert current_moment(store) == Moment(np.datetime64("2025-06-08T12:00:00"), picked=False)


def test_an_old_log_with_a_launch_in_the_future_ends_before_that(
    shop: Callable[..., Store],
) -> None:
    store = shop("2025-12-08 12:00:00", "2025-06-02 10:00:00", "2031-01-01 10:00:00")
    assert current_moment(store) == Moment(np.datetime64("2025-06-02T10:00:01"), picked=False)


def test_a_machine_whose_clock_lags_behind_all_logs_goes_by_their_end(
    shop: Callable[..., Store],
) -> None:
    store = shop("1970-01-01 12:00:00", "2025-06-01 10:00:00", "2025-06-02 10:00:00")
    assert current_moment(store) == Moment(np.datetime64("2025-06-02T10:00:01"), picked=False)


def test_logs_without_times_have_no_moment(shop: Callable[..., Store]) -> None:
    assert current_moment(shop("2025-06-08 12:00:00", "", "")) is None


def test_an_import_moves_the_moment_at_once(shop: Callable[..., Store], tmp_path: Path) -> None:
    store = shop("2025-06-12 12:00:00", "2025-06-02 10:00:00")
    current_moment(store)
    later = tmp_path / "later.csv"
    later.write_text(f"{HEADING}H1,ann,milk,bea,successful,2025-06-03 10:00:00\n")
    import_files(store, [later])
    assert current_moment(store) == Moment(np.datetime64("2025-06-03T10:00:01"), picked=False)


def test_an_offset_is_put_on_the_clock_of_the_shop(shop: Callable[..., Store]) -> None:
    store = shop("2025-06-08 12:00:00", "2025-06-02 10:00:00")
    with store.write() as connection:
        connection.execute(shop_settings.delete())
        value = {"zone": "Asia/Shanghai", "guessed": False}
        connection.execute(insert(shop_settings).values(name="timezone", value=value, set_at=0))
    assert moment_of(store, "2025-06-01T22:00:00Z") == Moment(np.datetime64("2025-06-02T06:00:00"))
