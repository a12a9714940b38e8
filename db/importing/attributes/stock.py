"""Reads how many of an item are left: 12, 12.0, 1,234, 99+, 12件, 1.2万, 售罄, 有货."""

import re
import unicodedata
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from db.importing.attributes.word_columns import (
    NONE_LEFT,
    SOME_LEFT,
    UNREAD,
    UNSTATED,
    WordColumn,
)
from db.importing.simplified import simplified
from db.importing.staged import LARGEST_STOCK

# There are some, and nobody says how many: the store has to hold a number that is not 0.
SOME = 1
_QUANTITY = re.compile(
    r"(?:仅剩|还剩|剩余|剩|库存|约|>=?|≥)?\s*(?P<minus>-)?"
    r"(?P<number>\d{1,3}(?:[,'\s]\d{3})+(?:\.\d+)?|\d+(?:[.,]\d+)?(?:e\+?\d{1,2})?)"
    r"\s*(?P<times>[万千]|k(?![a-z]))?\s*\+?\s*(?P<unit>[^\d\s.,+/~-]{0,6})\+?(?:以上)?"
)
_TIMES = {"万": 10_000, "千": 1_000, "k": 1_000}


def read_stock(
    cells: Sequence[str], column: WordColumn
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """[R] how many are left, UNSTATED or UNREAD, and whether the cell leaves the number open.

    Parts of an item round down, but what is left of one counts as one; below nothing is nothing.
    """
    distinct = {cell: _left(cell, column) for cell in set(cells)}
    left = np.fromiter((distinct[cell][0] for cell in cells), np.int64, len(cells))
    return left, np.fromiter((distinct[cell][1] for cell in cells), bool, len(cells))


def _left(cell: str, column: WordColumn) -> tuple[int, bool]:
    said = column.code(cell)
    if said == NONE_LEFT:
        return 0, False
    if said == SOME_LEFT:
        return SOME, True
    if said == UNSTATED:
        return UNSTATED, False
    found = _QUANTITY.fullmatch(simplified(unicodedata.normalize("NFKC", cell)).strip().lower())
    if found is None:
        return UNREAD, False
    text = re.sub(r"[,'\s](?=\d{3}(?:\D|$))", "", found.group("number")).replace(",", ".")
    number = float(text) * _TIMES.get(found.group("times") or "", 1)
    if found.group("minus") or not number:
        return 0, False
    return (max(int(number), 1), False) if number <= LARGEST_STOCK else (UNREAD, False)
