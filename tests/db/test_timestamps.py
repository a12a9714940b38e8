"""Times are recognised as shops and spreadsheets write them."""

import numpy as np
import pytest

from db.importing.readers.sniff import DAY_FIRST, MONTH_FIRST, guess_date_order
from db.importing.timestamps import are_ambiguous, parse_times
from db.logs import UNKNOWN_TIME


def parsed(cell: str, dates: str = "") -> np.datetime64:
    return parse_times([cell], dates)[0].astype("datetime64[s]")


@pytest.mark.parametrize(
    "cell",
    [
        "2025-06-01 09:05:00",
        "2025-06-01T09:05:00",
        "2025-06-01T09:05:00+08:00",
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
