"""Parses roles and numbers of people in the cells of logs."""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from db.importing import state_words
from db.importing.simplified import normalised_word, simplified
from db.importing.staged import UNKNOWN_SIZE
from db.importing.states import UNSTATED

UNKNOWN = -2  # an unknown word
INITIATOR, PARTICIPANT = 1, 0


@cache
def roles() -> dict[str, int]:
    """Word -> INITIATOR or PARTICIPANT, UNSTATED for an empty cell."""
    words = {
        INITIATOR: state_words.ROLES_OF_INITIATORS,
        PARTICIPANT: state_words.ROLES_OF_PARTICIPANTS,
    }
    table = {normalised_word(word): code for code, text in words.items() for word in text.split()}
    return table | {"": UNSTATED}


def codes(cells: Sequence[str], table: dict[str, int]) -> NDArray[np.int8]:
    """[R] the code of each cell: UNSTATED if it is empty, UNKNOWN if the word is not in the table."""
    meaning = {cell: table.get(_spelling(cell), UNKNOWN) for cell in set(cells)}
    return np.fromiter((meaning[cell] for cell in cells), np.int8, len(cells))


def _spelling(cell: str) -> str:
    return normalised_word(re.sub(r"^([01])\.0+$", r"\1", cell.strip()))


_YES = frozenset(["yes", "true", "y", "1", "是", "有", "√", "✓", "✔", "예", "はい"])


def flags(cells: Sequence[str]) -> NDArray[np.bool_]:
    """[R] whether each cell says yes."""
    meaning = {
        cell: unicodedata.normalize("NFKC", cell).strip().lower() in _YES for cell in set(cells)
    }
    return np.fromiter((meaning[cell] for cell in cells), bool, len(cells))


_DIGITS = {numeral: value for value, numeral in enumerate("零一二三四五六七八九十")} | {
    "两": 2,
    "双": 2,
}
_SIZE = re.compile(
    r"满?([0-9]{1,9}|[一二两双三四五六七八九十])(\.0+)?"
    r"(人|个人|名|位|人团|人成团|人拼团|人拼|人拼单|人起|人组|명|인|人組|people|persons|members)?"
)


def sizes(cells: Sequence[str]) -> NDArray[np.int64]:
    """[R] numbers of people, as in 3, 3人团 and 三人团; UNKNOWN_SIZE if empty, UNKNOWN if not a number."""
    meaning = {cell: _size(cell) for cell in set(cells)}
    return np.fromiter((meaning[cell] for cell in cells), np.int64, len(cells))


def _size(cell: str) -> int:
    if not cell:
        return UNKNOWN_SIZE
    found = _SIZE.fullmatch(
        simplified(unicodedata.normalize("NFKC", cell).lower()).replace(" ", "")
    )
    if found is None:
        return UNKNOWN
    number = found.group(1)
    value = int(number) if number.isascii() else _DIGITS[number]
    return value or UNKNOWN  # no group has zero people
