"""What the headings of times mean beside each other; headings as ``normalised_heading`` writes them."""

from collections.abc import Collection, Sequence

from db.importing.headings import COMPLETIONS, JOINS
from db.importing.simplified import normalised_word

# Where day and hour of a time stand in two columns: the field of the day.
DAYS = {"launched_at": "launched_day", "ordered_at": "ordered_day", "expires_at": "expires_day"}
_DAYS_AND_HOURS = (
    ("日期", "时间"),
    ("date", "time"),
    ("日", "时间"),
    ("日付", "时刻"),
    ("날짜", "시간"),
)
_COMPLETIONS = frozenset(map(normalised_word, COMPLETIONS.split()))
_JOINS = frozenset(map(normalised_word, JOINS.split()))


def is_completion(heading: str) -> bool:
    """Whether the heading leaves open how what it speaks of ended."""
    return heading in _COMPLETIONS


def is_join(heading: str) -> bool:
    """Whether the heading speaks of the moment at which somebody joined."""
    return heading in _JOINS


def is_day_beside(heading: str, other: str) -> bool:
    """Whether the heading is that of a day whose hour may stand in the other column."""
    return any(
        heading.endswith(day)
        and other.endswith(hour)
        and heading[: -len(day)] == other[: -len(hour)]
        for day, hour in _DAYS_AND_HOURS
    )


def settle_joins(
    headings: Sequence[str], fields: list[str | None], said: Collection[int], orders: bool
) -> None:
    """Leave out when orders were completed, and find the column of times at which people joined.

    ``said`` are the columns that a person has spoken of.
    """
    for k, field in enumerate(fields):
        if orders and field == "filled_at" and is_completion(headings[k]) and k not in said:
            fields[k] = None
        elif not orders and field == "ordered_at" and is_join(headings[k]):
            fields[k] = "joined_at" if "joined_at" not in fields else None
    if orders and "joined_at" in fields and "ordered_at" not in fields:
        fields[fields.index("joined_at")] = "ordered_at"
