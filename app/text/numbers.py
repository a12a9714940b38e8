"""Numbers, prices, dates and durations formatted for each language."""

from datetime import datetime
from math import floor, log10

MISSING = "–"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def count(value: float | None) -> str:
    """A whole number with thousands separators: ``190,080``."""
    return MISSING if value is None or value != value else f"{round(value):,}"


def compact(value: float, language: str) -> str:
    """A large number in a few characters: ``190.1k`` in English, ``19.0万`` in Chinese."""
    steps = [(1e8, "亿"), (1e4, "万")] if language == "zh" else [(1e6, "M"), (1e4, "k")]
    for step, unit in steps:
        if abs(value) >= step:
            return f"{value / (1e3 if unit == 'k' else step):.1f}{unit}"
    return count(value)


def percent(value: float | None) -> str:
    """A share between 0 and 1 as a percentage, never rounded to 0% or 100%."""
    if value is None or value != value:
        return MISSING
    if 0 < value < 0.0001:
        return "<0.01%"
    if 0.9995 <= value < 1:
        return ">99.9%"
    digits = 0 if value in (0, 1) else 2 if value < 0.00995 else 1
    return f"{100 * value:.{digits}f}%"


def whole_percent(value: float) -> str:
    """A share as a whole percentage that is never rounded to 0% or 100%."""
    if 0 < value < 0.005:
        return "<1%"
    return ">99%" if 0.995 <= value < 1 else f"{value:.0%}"


def signed(value: float, digits: int) -> str:
    """A change with its sign, with a true minus: ``+0.013``, ``−0.002``."""
    return f"{value:+.{digits}f}".replace("-", "\N{MINUS SIGN}")


def signed_percent(value: float) -> str:
    """A change as a whole percentage with its sign: ``+13%``."""
    return f"{signed(100 * value, 0)}%"


def fine_percent(value: float) -> str:
    """A share with two significant digits: ``0.00081%``."""
    if value == 0:
        return "0%"
    digits = max(0, 1 - floor(log10(abs(100 * value))))
    text = f"{100 * value:.{digits}f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) + "%"


def one_in(value: float) -> str:
    """The N of "one in N", with three significant digits: ``1,230``."""
    if not 0 < value <= 1:
        return MISSING
    odds = 1 / value
    if odds < 10:
        return f"{odds:.1f}".removesuffix(".0")
    step = 10 ** max(0, floor(log10(odds)) - 2)
    return f"{round(odds / step) * step:,}"


def metric_text(value: float | None) -> str:
    """A metric between 0 and 1: ``0.618``."""
    return MISSING if value is None or value != value else f"{value:.3f}"


def memory(mib: float) -> str:
    """An amount of memory, given in MiB: ``216 MiB``, ``1.4 GiB``."""
    return f"{mib / 1024:.1f} GiB" if mib >= 1024 else f"{round(mib)} MiB"


def file_size(size: int) -> str:
    """A size on disk, given in bytes: ``512 kB``, ``6.8 MB``, ``1.4 GB``."""
    if size < 1_000_000:
        return f"{max(1, round(size / 1e3)) if size else 0} kB"
    return f"{size / 1e9:.1f} GB" if size >= 1_000_000_000 else f"{size / 1e6:.1f} MB"


def price(value: float | None) -> str:
    """A price in yuan, the same in both languages: ``¥1,280.00``."""
    return MISSING if value is None or value != value else f"¥{value:,.2f}"


def day(moment: datetime | None, language: str) -> str:
    """A date: ``3 Nov 2026``, ``2026年11月3日``."""
    if moment is None or moment != moment:
        return MISSING
    if language == "zh":
        return f"{moment.year}年{moment.month}月{moment.day}日"
    return f"{moment.day} {MONTHS[moment.month - 1]} {moment.year}"


def date_and_time(moment: datetime | None, language: str) -> str:
    """A date with hours and minutes."""
    if moment is None or moment != moment:
        return MISSING
    return f"{day(moment, language)} {moment:%H:%M}"


def short_duration(seconds: float, language: str) -> str:
    """A duration with tenths below ten seconds: ``0.2 s``; above, the same as ``duration``."""
    if seconds >= 10:
        return duration(seconds, language)
    return f"{seconds:.1f}{' 秒' if language == 'zh' else ' s'}"


def duration(seconds: float, language: str) -> str:
    """A duration in its two largest units: ``2 min 5 s``, ``1 h 3 min``."""
    whole = max(0, round(seconds))
    hours, minutes, rest = whole // 3600, whole % 3600 // 60, whole % 60
    hour_unit, minute_unit, second_unit = (
        (" 小时", " 分", " 秒") if language == "zh" else (" h", " min", " s")
    )
    if hours:
        return f"{hours}{hour_unit} {minutes}{minute_unit}"
    if minutes:
        return f"{minutes}{minute_unit} {rest}{second_unit}"
    return f"{rest}{second_unit}"


def expected_count(value: float) -> str:
    """An expected number: ``8.2``, or two significant digits below one: ``0.013``."""
    return f"{value:.1f}" if value >= 1 or value == 0 else f"{value:.2g}"


def time_left(seconds: float, language: str) -> str:
    """The time until a deadline in its two largest units, rounded down: ``28 min``, ``1 h 54 min``, ``2 d 3 h``."""
    minutes = max(0, floor(seconds / 60))
    days, hours, rest = minutes // 1440, minutes % 1440 // 60, minutes % 60
    chinese = language == "zh"
    if days:
        parts = [(days, " 天" if chinese else " d"), (hours, " 小时" if chinese else " h")]
    else:
        parts = [(hours, " 小时" if chinese else " h"), (rest, " 分钟" if chinese else " min")]
    written = [f"{value}{unit}" for value, unit in parts if value]
    return " ".join(written) or f"0{parts[-1][1]}"
