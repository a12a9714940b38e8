"""Parses the times in the cells of a shop's logs."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from db.importing.answers import DAY_FIRST, MONTH_FIRST
from db.importing.simplified import simplified
from db.logs import UNKNOWN_TIME
from db.shop_clock import UNIVERSAL, on_clock

_FIRST, _LAST = (
    int(np.datetime64(day, "s").astype(np.int64)) for day in ("2000-01-01", "2100-01-01")
)
# Z or an offset behind a time of day: the cell is a moment, whatever clock it was read from.
_OFFSET = re.compile(
    r"(?P<clock>\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:\s*[ap]\.?m\.?)?)\s*"
    r"(?:Z|(?:UTC|GMT)?\s*(?P<sign>[+-])(?P<hours>\d{1,2}):?(?P<minutes>\d{2})?|UTC|GMT)$",
    re.IGNORECASE,
)
# Databases and spreadsheets write these where there is no time: zeros, the first second of 1970 wherever
# the server stood, day 0 of a spreadsheet, and the end of time.
_NO_TIME = re.compile(
    r"-?0+([.:]0+)*|0000\D00\D00.*|0001\D0?1\D0?1.*|1970\D0?1\D0?1(\D.*)?|1969\D12\D31(\D.*)?"
    r"|1899\D12\D3[01](\D.*)?|1900\D0?1\D0?[01](\D.*)?|0?1/0[01]/1900(\D.*)?|9999\D12\D31(\D.*)?"
    r"|-?1|-28800(000)?"
)
_CLOCK = (
    r"(?:[\sT,]*(?P<noon>上午|下午|晚上|凌晨|早上|中午|오전|오후|午前|午後)?\s*"
    r"(?P<hour>\d{1,2})[:时点時시]\s?(?P<minute>\d{1,2})(?:[:分분]\s?(?P<second>\d{1,2})(?:[.,]\d+)?)?[分秒분초]?"
    r"\s*(?P<half>[ap]\.?m\.?)?"
    r")?"
)
_TIME = re.compile(
    r"(?P<year>\d{4}|民国\s?\d{2,3}年|1[01]\d)\s?[-/.年년]?\s?(?P<month>\d{1,2})\s?[-/.月월]\s?"
    r"(?P<day>\d{1,2})[日일.]?" + _CLOCK,
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
# Fri May 01 10:00:00 CST 2026: Java's zone has no offset, so the time stays as it is written.
_JAVA = re.compile(
    r"(?P<word>[a-z]{3})\s(?P<day>\d{1,2})\s(?P<hour>\d{2}):(?P<minute>\d{2}):(?P<second>\d{2})"
    r"\s[A-Z]{2,5}\s(?P<year>\d{4})(?P<noon>)(?P<half>)",
    re.IGNORECASE,
)
# What stands around a time: a weekday, the name of a zone in brackets, MongoDB's wrapping.
_WEEKDAY = re.compile(
    r"^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s+|\s*[(（]?(?:星期|周|週)[一二三四五六日天][)）]?|\s*[(（][月火水木金土日월화수목금토일][)）]",
    re.IGNORECASE,
)
_ZONE_NAME = re.compile(r"\s*(?:\([^()]*\)|\[[\w/+-]+\])$")
_MONGO = re.compile(r"\{\W*\$(?:date|numberLong)\W+(?:\$numberLong\W+)?(-?\d[^'\"}]*)['\"}]+")
_PACKED = re.compile(
    r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})"
    r"(?:[\sT]?(?P<hour>\d{2}):?(?P<minute>\d{2}):?(?P<second>\d{2})?)?"
)
_POINTED = re.compile(r"^(\d{8}|\d{14})\.0+$")  # 20250630 that went through a spreadsheet
_BUDDHIST = 2543  # the year 2000 in Thailand
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


@dataclass(frozen=True)
class Times:
    """R times in seconds since 1970 on the shop's clock, UNKNOWN_TIME if not stated or not read."""

    seconds: NDArray[np.int64]  # [R]
    unread: NDArray[np.bool_]  # [R] the cell states something that is no time
    instants: NDArray[np.bool_]  # [R] a moment anywhere, which the zone brought to the shop's clock


def read_times(cells: Sequence[str], dates: str = "", zone: str = UNIVERSAL) -> Times:
    """The times of cells.

    Recognised are 2025-06-30 21:00:00 and its variants (T, slashes, 年月日, without seconds, without
    a time, 下午 and pm), 30/06/2025, 30 Jun 2025, 20250630, and a spreadsheet's days (45838.875): these
    are on the shop's clock. Seconds and milliseconds since 1970 and times with Z or an offset are
    instants, which land on the clock of ``zone``. ``dates`` is DAY_FIRST or MONTH_FIRST; without it
    01/02/2025 is ambiguous. Zeros, the first day of 1970 and a spreadsheet's day 0 are no time; times
    outside 2000 to 2099 are mistakes.
    """
    distinct = list(set(cells))
    plain = [_unwrapped(cell) for cell in distinct]
    place = {cell: k for k, cell in enumerate(distinct)}
    at = np.fromiter((place[cell] for cell in cells), np.int64, len(cells))
    seconds, instants = _parse_cells(pd.Series(plain, dtype=object), dates, zone)
    lost = np.fromiter(
        (
            second == UNKNOWN_TIME and not _states_no_time(cell)
            for cell, second in zip(plain, seconds.tolist(), strict=True)
        ),
        bool,
        len(distinct),
    )
    return Times(seconds[at], lost[at], instants[at] & (seconds[at] != UNKNOWN_TIME))


def parse_times(cells: Sequence[str], dates: str = "", zone: str = UNIVERSAL) -> NDArray[np.int64]:
    """[R] the seconds of ``read_times``."""
    return read_times(cells, dates, zone).seconds


def are_ambiguous(cells: Sequence[str]) -> NDArray[np.bool_]:
    """[R] whether the cell is one date read day first and another read month first."""
    day_first, month_first = parse_times(cells, DAY_FIRST), parse_times(cells, MONTH_FIRST)
    parsed = (day_first != UNKNOWN_TIME) & (month_first != UNKNOWN_TIME)
    return parsed & (day_first != month_first)


def written_offsets(cells: Sequence[str]) -> dict[int, int]:
    """Offset from UTC in seconds -> a moment at which a cell has it, of the cells that write one."""
    found: dict[int, int] = {}
    for cell in set(cells):
        if (match := _offset(cell)) and match.group("sign"):
            moment = parse_times([cell])[0]
            if moment != UNKNOWN_TIME:
                found.setdefault(_offset_seconds(match), int(moment))
    return found


def _unwrapped(cell: str) -> str:
    """The time without what stands around it."""
    if not cell or (cell[0].isdigit() and cell[-1].isdigit() and cell.isascii()):
        return cell  # nearly all cells, and fast
    if found := _MONGO.fullmatch(cell):
        return found.group(1)
    return _WEEKDAY.sub("", _ZONE_NAME.sub("", cell))


def _states_no_time(cell: str) -> bool:
    return not cell or bool(_NO_TIME.fullmatch(unicodedata.normalize("NFKC", cell).strip()))


def _parse_cells(
    cells: pd.Series, dates: str, zone: str
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The seconds of distinct cells, and which of them are instants."""
    moments = np.full(len(cells), UNKNOWN_TIME)
    found = [_offset(cell) for cell in cells]
    zoned = np.fromiter((match is not None for match in found), bool, len(cells))
    if zoned.any():
        offsets = np.array([_offset_seconds(match) for match in found if match is not None])
        bare = [_without_offset(cell) for cell in cells[zoned]]
        local = _naive(pd.Series(bare, dtype=object), dates)
        moments[zoned] = np.where(local == UNKNOWN_TIME, UNKNOWN_TIME, local - offsets)
    digits = cells.str.fullmatch(r"(\d{10}|\d{13})(\.\d+)?").to_numpy(bool)
    if digits.any():
        # Of milliseconds, the first ten digits are the seconds.
        moments[digits] = cells[digits].str.slice(0, 10).astype("int64")
    instants = zoned | digits
    plausible = (moments >= _FIRST) & (moments < _LAST)
    seconds = np.full(len(cells), UNKNOWN_TIME)
    seconds[plausible] = on_clock(moments[plausible], zone)
    if not instants.all():
        seconds[~instants] = _naive(cells[~instants], dates)
    return seconds, instants


def _offset(cell: str) -> re.Match[str] | None:
    behind = cell[10:]  # of the day
    if not behind or not (behind[-1] in "ZzCcTt" or "+" in behind or "-" in behind):
        return None  # nearly all cells, and fast
    return _OFFSET.search(cell)


def _without_offset(cell: str) -> str:
    bare = _OFFSET.sub(lambda match: match.group("clock"), cell).replace("T", " ")
    return re.sub(r"(:\d{2})[.,]\d+$", r"\1", bare)


def _offset_seconds(found: re.Match[str]) -> int:
    if not found.group("sign"):
        return 0
    seconds = int(found.group("hours")) * 3600 + int(found.group("minutes") or 0) * 60
    return -seconds if found.group("sign") == "-" else seconds


def _naive(cells: pd.Series, dates: str) -> NDArray[np.int64]:
    """Seconds of the times as they are written."""
    times = _parse_iso(cells)  # the common form, and fast
    others = times.isna()
    if others.any():
        times[others] = _parse_iso(cells[others].map(lambda cell: _as_iso(cell, dates)))
    seconds = times.to_numpy("datetime64[s]").astype(np.int64)
    return np.where((seconds >= _FIRST) & (seconds < _LAST), seconds, UNKNOWN_TIME)


def _parse_iso(cells: pd.Series) -> pd.Series:
    times = pd.to_datetime(cells, format="%Y-%m-%d %H:%M:%S", errors="coerce")
    return times.astype("datetime64[s]")


def _as_iso(cell: str, dates: str) -> str:
    """The time as ``2025-06-30 21:00:00``, empty if the cell has no recognised form."""
    text = cell if cell.isascii() else simplified(unicodedata.normalize("NFKC", cell))
    serial = _SERIAL.fullmatch(text)
    if serial and int(serial.group(1)) in _SERIALS:
        seconds = round((float(text) - _EPOCH_SERIAL) * 86400)
        return str(np.datetime64(seconds, "s")).replace("T", " ")
    text = _POINTED.sub(r"\1", text)
    for pattern in (_TIME, _JAVA, _PACKED, _YEAR_LAST, _WORDED):
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
    if noon.startswith(("p", "下午", "晚上", "中午", "오후", "午後")) and hour < (
        11 if noon == "中午" else 12
    ):
        hour += 12
    if noon.startswith(("a", "上午", "凌晨", "早上", "오전", "午前")) and hour == 12:
        hour = 0
    clock = f"{hour:0>2}:{parts['minute'] or 0:0>2}:{parts['second'] or 0:0>2}"
    year = re.sub(r"\D", "", parts["year"] or "")
    if len(year) < 4:
        year = str(int(year) + 1911)  # the calendar of Taiwan
    elif _BUDDHIST <= int(year) < _BUDDHIST + 100:
        year = str(int(year) - 543)
    return f"{year}-{month or 0:0>2}-{day or 0:0>2} {clock}"


def _day_and_month(one: str, two: str, dates: str) -> tuple[str, str]:
    """Day and month; "0" and "0", an invalid date, if both orders are possible and none was chosen."""
    first, second = int(one), int(two)
    if first > 12 or (dates == DAY_FIRST and second <= 12) or first == second:
        return one, two
    if second > 12 or dates == MONTH_FIRST:
        return two, one
    return "0", "0"
