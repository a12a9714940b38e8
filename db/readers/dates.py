"""Which comes first in dates such as 01/02/2025, told by the dates that leave no choice."""

import re

DAY_FIRST, MONTH_FIRST = "day", "month"
_DATE = re.compile(r"(?<![\d/.-])(\d{1,2})([/.-])(\d{1,2})\2\d{4}(?!\d)")


def guess_order(text: str) -> str:
    """DAY_FIRST or MONTH_FIRST where the dates in the text agree on it, else empty."""
    firsts, seconds = set(), set()
    for first, _, second in _DATE.findall(text):
        firsts.add(int(first))
        seconds.add(int(second))
    day_first, month_first = max(firsts, default=0) > 12, max(seconds, default=0) > 12
    if day_first == month_first:
        return ""
    return DAY_FIRST if day_first else MONTH_FIRST
