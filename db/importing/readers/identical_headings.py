"""Tells by their content which of two columns under the same heading has the ids, and which the names."""

import re
from collections.abc import Iterable, Sequence
from itertools import islice

from db.importing.column_mapping import field_of

_NAMES = {"item": "item_name", "user": "user_name", "initiator": "initiator_name"}
_ID = re.compile(r"[\x21-\x7e]*[0-9][\x21-\x7e]*")  # ASCII with a digit, without spaces
_ROWS = 100


def names_before_ids(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> dict[str, str]:
    """Heading -> field, of columns under one heading whose first holds names and whose second ids.

    ``headings`` are distinct (商品, 商品 (2)), ``rows`` the first ones below. Without an entry, the first column has
    the ids.
    """
    found: dict[str, str] = {}
    sample = list(islice(rows, _ROWS))
    places = {heading: k for k, heading in enumerate(headings)}
    for first, k in places.items():
        second = f"{first} (2)"
        field = field_of(first) if second in places and f"{first} (3)" not in places else None
        if field not in _NAMES:
            continue
        if _share_of_ids(sample, k) < 0.5 and _share_of_ids(sample, places[second]) > 0.9:
            found |= {first: _NAMES[field], second: field}
    return found


def _share_of_ids(rows: Sequence[Sequence[str]], column: int) -> float:
    cells = [row[column].strip() for row in rows if column < len(row) and row[column].strip()]
    return sum(_ID.fullmatch(cell) is not None for cell in cells) / max(len(cells), 1)
