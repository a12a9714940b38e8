"""Parses the times in the cells of a shop's logs."""

import re
import unicodedata
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from db.importing.readers.sniff import DAY_FIRST, MONTH_FIRST
from db.logs import UNKNOWN_TIME

_FIRST, _LAST = np.datetime64("2000-01-01", "s"), np.datetime64("2100-01-01", "s")
_CLOCK = (
    r"(?:[\sT,]*(?P<noon>上午|下午|晚上|凌晨|早上|中午)?\s*"
    r"(?P<hour>\d{1,2})[:时点](?P<minute>\d{1,2})(?:[:分](?P<second>\d{1,2})(?:[.,]\d+)?)?[分秒]?"
    r"\s*(?P<half>[ap]\.?m\.?)?"
    r"\s*(?:Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?"  # a zone
)
_TIME = re.compile(
    r"(?P<year>\d{4})\s?[-/.年]\s?(?P<month>\d{1,2})\s?[-/.月]\s?(?P<day>\d{1,2})日?" + _CLOCK,
    re.IGNORECASE,
)
_YEAR_LAST = re.compile(
    r"(?P<one>\d{1,2})(?P<sign>[-/.])(?P<two>\d{1,2})(?P=sign)(?P<year>\d{4})" + _CLOCK,
    re.IGNORECASE,
)
_WORDED = re.compile(
    r"(?:(?P<day>\d{1,2})[\s-](?P<word>[a-z]{3,9})\.?,?|(?P<word2>[a-z]{3,9})\.?\s(?P<day2>\d{1,2}),?)"
    r"[\s-](?P<year>\d{4})" + _CLOCK,
    re.IGNORECASE,
)
_PACKED = re.compile(
    r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})"
    r"(?:[\sT]?(?P<hour>\d{2}):?(?P<minute>\d{2}):?(?P<second>\d{2})?)?"
)
_POINTED = re.compile(r"^(\d{8}|\d{14})\.0+$")  # 20250630 that went through a spreadsheet
_MONTHS = dict(
    zip(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
        range(1, 13),
        strict=True,
    )
)
# Days since 1899-12-30, as spreadsheets count them: 2000-01-01 to 2099-12-31.
_SERIAL = re.compile(r"(\d{5})(\.\d+)?")
_SERIALS = range(36526, 73051)
_EPOCH_SERIAL = 25569  # 1970-01-01


def parse_times(cells: Sequence[str], dates: str = "") -> NDArray[np.int64]:
    """[R] seconds since 1970 on the shop's clock; UNKNOWN_TIME if empty, unrecognised or ambiguous.

    Recognised are 2025-06-30 21:00:00 and its variants (T, slashes, 年月日, without seconds, without
    a time, 下午 and pm), 30/06/2025, 30 Jun 2025, 20250630, seconds or milliseconds since 1970, and
    a spreadsheet's days (45838.875). ``dates`` is DAY_FIRST or MONTH_FIRST; without it 01/02/2025 is
    ambiguous. A time zone is dropped: the time stays as the shop wrote it. Times outside 2000 to
    2099 are taken for mistakes.
    """
    distinct = list(set(cells))
    parsed = dict(
        zip(distinct, _parse_cells(pd.Series(distinct, dtype=object), dates), strict=True)
    )
    return np.fromiter((parsed[cell] for cell in cells), np.int64, len(cells))


def are_ambiguous(cells: Sequence[str]) -> NDArray[np.bool_]:
    """[R] whether the cell is one date read day first and another read month first."""
    day_first, month_first = parse_times(cells, DAY_FIRST), parse_times(cells, MONTH_FIRST)
    parsed = (day_first != UNKNOWN_TIME) & (month_first != UNKNOWN_TIME)
    return parsed & (day_first != month_first)


def _parse_cells(cells: pd.Series, dates: str) -> list[int]:
    times = _parse_iso(cells)  # the common form, and fast
    others = times.isna()
    if others.any():
        times[others] = _parse_iso(cells[others].map(lambda cell: _as_iso(cell, dates)))
    digits = cells.str.fullmatch(r"(\d{10}|\d{13})(\.0+)?").astype(bool)
    if digits.any():
        # Of milliseconds, the first ten digits are the seconds.
        seconds = cells[digits].str.slice(0, 10).astype("int64")
        times[digits] = pd.to_datetime(seconds, unit="s").astype("datetime64[s]")
    plausible = (times >= _FIRST) & (times < _LAST)
    return times.where(plausible).to_numpy("datetime64[s]").astype(np.int64).tolist()


def _parse_iso(cells: pd.Series) -> pd.Series:
    times = pd.to_datetime(cells, format="%Y-%m-%d %H:%M:%S", errors="coerce")
    return times.astype("datetime64[s]")


def _as_iso(cell: str, dates: str) -> str:
    """The time as ``2025-06-30 21:00:00``, empty if the cell has no recognised form."""
    text = cell if cell.isascii() else unicodedata.normalize("NFKC", cell)
    serial = _SERIAL.fullmatch(text)
    if serial and int(serial.group(1)) in _SERIALS:
        seconds = round((float(text) - _EPOCH_SERIAL) * 86400)
        return str(np.datetime64(seconds, "s")).replace("T", " ")
    text = _POINTED.sub(r"\1", text)
    for pattern in (_TIME, _PACKED, _YEAR_LAST, _WORDED):
        if found := pattern.fullmatch(text):
            return _from_parts(found.groupdict(), dates)
    return ""


def _from_parts(parts: dict[str, str | None], dates: str) -> str:
    """The time of the named groups of a pattern, whatever their order."""
    month, day = parts.get("month"), parts.get("day") or parts.get("day2")
    if word := parts.get("word") or parts.get("word2"):
        month = str(_MONTHS.get(word[:3].lower(), 0))
    if (one := parts.get("one")) and (two := parts.get("two")):
        day, month = _day_and_month(one, two, dates)
    hour = int(parts["hour"] or 0)
    noon = (parts.get("half") or parts.get("noon") or "").lower()
    if noon.startswith(("p", "下午", "晚上", "中午")) and hour < (11 if noon == "中午" else 12):
        hour += 12
    if noon.startswith(("a", "上午", "凌晨", "早上")) and hour == 12:
        hour = 0
    clock = f"{hour:0>2}:{parts['minute'] or 0:0>2}:{parts['second'] or 0:0>2}"
    return f"{parts['year']}-{month or 0:0>2}-{day or 0:0>2} {clock}"


def _day_and_month(one: str, two: str, dates: str) -> tuple[str, str]:
    """Day and month; "0" and "0", an invalid date, if both orders are possible and none was chosen."""
    first, second = int(one), int(two)
    if first > 12 or (dates == DAY_FIRST and second <= 12) or first == second:
        return one, two
    if second > 12 or dates == MONTH_FIRST:
        return two, one
    return "0", "0"
