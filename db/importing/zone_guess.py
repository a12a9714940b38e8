"""Guesses the shop's time zone where nobody said it: by offsets in the file, the machine, the language."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from db.importing.simplified import simplified
from db.shop_clock import UNIVERSAL, checked_zone, is_universal, machine_zone

# Where several zones have the offsets that a file writes, the first of these is taken.
_ZONES = [
    "Asia/Shanghai",
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
    "Europe/London",
    "Europe/Berlin",
    "Europe/Helsinki",
    "Europe/Moscow",
    "America/Sao_Paulo",
    "Asia/Dubai",
    "Asia/Kolkata",
    "Asia/Bangkok",
    "Asia/Tokyo",
    "Australia/Sydney",
]
_LANGUAGES = (
    (re.compile("[\uac00-\ud7a3]"), "Asia/Seoul"),
    (re.compile("[\u3040-\u30ff]"), "Asia/Tokyo"),
)
_CHINESE = re.compile("[\u4e00-\u9fff]")


def guess_zone(offsets: Mapping[int, int], headings: Sequence[str]) -> str:
    """The zone's name, UTC where nothing tells.

    Args:
        offsets: Offset from UTC in seconds -> a moment on the clock that has it, of the times that write one.
        headings: Of the file, for its language.

    """
    machine, spoken = machine_zone(), _zone_of_language("".join(headings))
    stated = {offset: moment for offset, moment in offsets.items() if offset}
    if stated:
        for name in filter(None, (spoken, machine, *_ZONES)):
            if all(_has_offset(name, *pair) for pair in stated.items()):
                return name
        if len(stated) == 1:
            [seconds] = stated
            if seconds % 3600 == 0 and abs(seconds) <= 12 * 3600:
                return checked_zone(f"{seconds // 3600:+03d}:00")
    # A server stands in UTC wherever the shop is.
    return spoken or UNIVERSAL if is_universal(machine) else machine


def _has_offset(zone: str, offset: int, moment: int) -> bool:
    shown = datetime.fromtimestamp(moment, ZoneInfo(zone)).utcoffset()
    return shown is not None and shown.total_seconds() == offset


def _zone_of_language(text: str) -> str:
    for signs, zone in _LANGUAGES:
        if signs.search(text):
            return zone
    if not _CHINESE.search(text):
        return ""
    return "Asia/Shanghai" if simplified(text) == text else "Asia/Taipei"
