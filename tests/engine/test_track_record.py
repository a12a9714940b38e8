"""An item's track record: how its closed groups ended, smoothed towards the success rate of the shop."""

from pathlib import Path

import numpy as np
import pytest
from shops import TinyShop

from db.importing.history import undo_import
from db.importing.pipeline import import_files
from db.store import Store
from engine.track_record import TrackRecord, TrackRecords, read_track_records, smoothed_rate

# milk 2 of 3, soap 0 of 1, toys only open: 2 of 4 closed groups in the shop.
CLOSED_AND_OPEN = """group_id,initiator,item,participants,status
G1,ann,milk,bea,successful
G2,bea,milk,ann,successful
G3,cai,milk,,failed
G4,cai,soap,,failed
G5,ann,toys,bea,open
G6,bea,milk,cai,open
"""


def imported(store: Store, folder: Path, text: str, name: str = "groups.csv") -> TrackRecords:
    (folder / name).write_text(text)
    import_files(store, [folder / name])
    return read_track_records(store)


def test_the_rate_is_drawn_towards_the_shops_by_four_groups(store: Store, tmp_path: Path) -> None:
    records = imported(store, tmp_path, CLOSED_AND_OPEN)
    assert records.of("milk") == TrackRecord(successes=2, closed=3, base_rate=0.5)
    rates = {item: record.rate for item in ("milk", "soap") if (record := records.of(item))}
    assert rates == pytest.approx(
        {"milk": (2 + 4 * 0.5) / (3 + 4), "soap": (0 + 4 * 0.5) / (1 + 4)}
    )


def test_open_groups_do_not_count_and_an_item_without_closed_groups_has_the_base_rate(
    store: Store, tmp_path: Path
) -> None:
    records = imported(store, tmp_path, CLOSED_AND_OPEN)
    for item in ("toys", "an item that nobody launched"):
        record = records.of(item)
        assert record == TrackRecord(successes=0, closed=0, base_rate=0.5)
        assert record.rate == 0.5


def test_the_tiny_shop_counted_by_hand(tiny_shop: TinyShop) -> None:
    records = read_track_records(tiny_shop.store)
    wipes, toys = records.of("wipes"), records.of("toys")
    assert wipes is not None
    assert toys is not None
    assert (wipes.successes, wipes.closed, wipes.rate) == (2, 3, pytest.approx(34 / 49))
    assert (toys.successes, toys.closed, toys.rate) == (0, 1, pytest.approx(4 / 7))


def test_groups_of_an_import_that_was_undone_do_not_count(store: Store, tmp_path: Path) -> None:
    before = imported(store, tmp_path, CLOSED_AND_OPEN)
    later = imported(
        store, tmp_path, "group_id,initiator,item,status\nG7,dan,milk,failed\n", "later.csv"
    )
    assert later.of("milk") == TrackRecord(successes=2, closed=4, base_rate=0.4)
    undo_import(store, 2)
    assert read_track_records(store) == before


def test_a_shop_without_failed_groups_has_no_track_records(store: Store, tmp_path: Path) -> None:
    successes = "".join(CLOSED_AND_OPEN.splitlines(keepends=True)[:3])
    records = imported(store, tmp_path, successes)
    assert (records.gap, records.of("milk")) == ("no_failures", None)


def test_a_shop_without_closed_groups_has_no_track_records(store: Store, tmp_path: Path) -> None:
    assert read_track_records(store).gap == "nothing_closed"
    lines = CLOSED_AND_OPEN.splitlines(keepends=True)
    records = imported(store, tmp_path, lines[0] + "".join(lines[5:]))
    assert (records.gap, records.of("toys")) == ("nothing_closed", None)


def test_many_items_at_once_have_the_same_rates_as_one_by_one() -> None:
    counts = {"a": (7, 3), "b": (0, 5), "c": (1, 0)}
    records = TrackRecords(counts)
    one_by_one = [record.rate for item in counts if (record := records.of(item))]
    successes = np.array([won for won, _ in counts.values()], np.float64)
    closed = np.array([won + lost for won, lost in counts.values()], np.float64)
    assert smoothed_rate(successes, closed, 0.5).tolist() == pytest.approx(one_by_one)
