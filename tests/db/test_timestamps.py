"""Times are recognised as shops and spreadsheets write them."""

import numpy as np
import pytest

from db.importing.answers import DAY_FIRST, MONTH_FIRST
from db.importing.readers.sniff import guess_date_order
from db.importing.timestamps import are_ambiguous, parse_times, read_times, written_offsets
from db.logs import UNKNOWN_TIME


def parsed(cell: str, dates: str = "") -> np.datetime64:
    return parse_times([cell], dates)[0].astype("datetime64[s]")


@pytest.mark.parametrize(
    "cell",
    [
        "2025-06-01 09:05:00",
        "2025-06-01T09:05:00",
        "2025-06-01T17:05:00+08:00",  # on a clock in UTC
        "2025-06-01 09:05:00.250Z",
        "2025/6/1 9:05",
        "2025.06.01 9:05:00",
        "2025年6月1日 9:05",
        "2025年6月1日9时5分",
        "2025年6月1日 上午9:05",
        "２０２５-06-01 09:05",
        "20250601090500",
        "20250601090500.0",
        "1748768700",
        "1748768700.0",
        "1748768700000",
        "45809.378472222225",  # days as a spreadsheet counts them
        "1 Jun 2025 09:05",
        "01-Jun-2025 9:05 AM",
        "June 1, 2025 09:05",
        "Sun, 01 Jun 2025 09:05:00 +0000",
        "Sun Jun 01 2025 17:05:00 GMT+0800 (中国标准时间)",
        "Sun Jun 01 09:05:00 CST 2025",
        "2025-06-01T17:05:00+08:00[Asia/Shanghai]",
        "2025-06-01 05:05:00 -0400",
        "2025. 6. 1. 오전 9:05",
        "2025년 6월 1일 오전 9시 5분",
        "2025年6月1日(周日) 上午9时5分",
        "2025/06/01(日) 09:05",
        "民國114年6月1日 9:05",
        "114/06/01 09:05",
        "2568-06-01 09:05",  # in Thailand
        '{"$date": {"$numberLong": "1748768700000"}}',
        "{'$date': '2025-06-01T09:05:00.000Z'}",
    ],
)
def test_times_are_recognised(cell: str) -> None:
    assert parsed(cell) == np.datetime64("2025-06-01T09:05:00")


@pytest.mark.parametrize(
    ("cell", "hour"),
    [("6/30/2025 9:05 PM", 21), ("2025/6/30 下午 9:05", 21), ("30.06.2025 12:05 am", 0),
     ("2025/6/30 中午12:05", 12), ("2025-06-30 12:05 pm", 12)],
)  # fmt: skip
def test_am_and_pm_are_recognised_in_both_languages(cell: str, hour: int) -> None:
    assert parsed(cell) == np.datetime64(f"2025-06-30T{hour:02}:05:00")


@pytest.mark.parametrize(
    "cell",
    ["", "x", "31/13/2025", "2025-02-30", "1970-01-01", "2525-01-01", "2025-06-01 25:00", "12",
     "1 Foo 2025", "99999"],
)  # fmt: skip
def test_what_is_not_a_time_is_unknown(cell: str) -> None:
    assert parse_times([cell])[0] == UNKNOWN_TIME


def test_an_ambiguous_date_is_read_only_if_the_order_is_chosen() -> None:
    assert parsed("31/12/2025") == parsed("12/31/2025") == np.datetime64("2025-12-31")
    assert parsed("05/05/2025") == np.datetime64("2025-05-05")
    assert parse_times(["01/02/2025"])[0] == UNKNOWN_TIME
    assert are_ambiguous(["01/02/2025", "31/12/2025", "x"]).tolist() == [True, False, False]
    assert parsed("01/02/2025", DAY_FIRST) == np.datetime64("2025-02-01")
    assert parsed("01/02/2025", MONTH_FIRST) == np.datetime64("2025-01-02")


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("a,01/02/2025\nb,31/02/2025", DAY_FIRST),
        ("a,01/02/2025\nb,2/28/2025 10:00", MONTH_FIRST),
        ("a,01/02/2025", ""),
        ("a,31/01/2025\nb,01/31/2025", ""),
        ("a,2025/31/12,1.2.20251", ""),
    ],
)
def test_unambiguous_dates_tell_the_order_of_day_and_month(text: str, order: str) -> None:
    assert guess_date_order(text) == order


@pytest.mark.parametrize(
    "cell",
    ["1777600000", "1777600000000", "1777600000.5", "2026-05-01T01:46:40Z", "2026-05-01T01:46:40.123Z",
     "2026-05-01T09:46:40+08:00", "2026-04-30 21:46:40 -0400", "2026-05-01 09:46:40"],
)  # fmt: skip
def test_one_instant_is_one_time_on_the_shop_s_clock(cell: str) -> None:
    found = read_times([cell], zone="Asia/Shanghai")
    assert found.seconds[0].astype("datetime64[s]") == np.datetime64("2026-05-01T09:46:40")
    assert bool(found.instants[0]) == (cell != "2026-05-01 09:46:40")


@pytest.mark.parametrize(
    "cell",
    ["", "0", "0.0", "0000-00-00 00:00:00", "1970-01-01 08:00:00", "1970-01-01", "1969-12-31 19:00:00",
     "1900-01-00 00:00:00", "1899-12-30", "9999-12-31 23:59:59", "0001-01-01T00:00:00"],
)  # fmt: skip
def test_zeros_and_the_ends_of_time_are_no_time(cell: str) -> None:
    found = read_times([cell])
    assert (found.seconds[0], bool(found.unread[0])) == (UNKNOWN_TIME, False)


@pytest.mark.parametrize("cell", ["昨天 10:05", "soon", "2469-05-01 10:00", "31/13/2025"])
def test_what_states_something_that_is_no_time_is_unread(cell: str) -> None:
    assert read_times([cell]).unread.tolist() == [True]


def test_offsets_are_those_that_cells_write() -> None:
    cells = [
        "2026-01-05 10:00:00 -0500",
        "2026-05-01T10:00:00-04:00",
        "2026-05-01T10:00:00Z",
        "2026-05-01",
    ]
    assert sorted(written_offsets(cells)) == [-5 * 3600, -4 * 3600]
