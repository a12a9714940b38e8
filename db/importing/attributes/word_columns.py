"""How the words of one column of items or users are read: the shelf, the stock, whether a person may be asked."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from numpy.typing import NDArray

from db.importing import answers
from db.importing.attributes import words
from db.importing.nothing import NOTHING
from db.importing.simplified import normalised_word

UNSTATED, UNREAD = -1, -2
ON, OFF, HIDDEN, SOLD_OUT = 0, 1, 2, 3  # on the shelf, and none left
STATUSES = ("on", "off", "hidden")  # by code
NONE_LEFT, SOME_LEFT = 0, 1
ASK_NOT, ASK = 0, 1

SHELF = ("shelf_status", "on_shelf", "published", "visibility", "off_shelf", "hidden")
STOCK_WORDS = ("in_stock", "sold_out")
_CODES = {
    answers.ON: ON,
    answers.OFF: OFF,
    answers.HIDDEN: HIDDEN,
    answers.SOLD_OUT: NONE_LEFT,
    answers.IN_STOCK: SOME_LEFT,
    answers.CONTACTABLE: ASK,
    answers.NOT_CONTACTABLE: ASK_NOT,
}
_NUMBER_OF_A_CODE = re.compile(r"^\s*(-?\d+)\.0+\s*$")


def _table(*meanings: tuple[str, int]) -> dict[str, int]:
    """Word -> its code; of a word in several lists the first counts."""
    found: dict[str, int] = {}
    for text, code in meanings:
        for word in text.split():
            found.setdefault(word, code)
            found.setdefault(spelling(word), code)
    return found


def spelling(cell: str) -> str:
    """The cell as a word; a code keeps its sign, and loses the .0 that a spreadsheet put behind it."""
    text = unicodedata.normalize("NFKC", _NUMBER_OF_A_CODE.sub(r"\1", cell)).strip().lower()
    return text if re.fullmatch(r"-\d+", text) else normalised_word(text) or text


_SHELF = ((words.SOLD_OUT, SOLD_OUT), (words.HIDDEN, HIDDEN), (words.OFF, OFF), (words.ON, ON))
_CONTACT = ((words.NOT_CONTACTABLE, ASK_NOT), (words.CONTACTABLE, ASK))


@cache
def _words_of(about: str) -> Mapping[str, int]:
    """The codes of words in a column of this field."""
    yes, no = words.YES, words.NO
    tables = {
        "shelf_status": (*_SHELF, ("instock", OFF)),  # Taobao: it lies in the warehouse
        "on_shelf": ((yes, ON), (no, OFF), *_SHELF),
        "published": ((yes, ON), (no + " -1", HIDDEN), *_SHELF),
        "visibility": (*_SHELF, (yes, ON), (no, HIDDEN)),
        "off_shelf": ((yes, OFF), (no, ON), *_SHELF),
        "hidden": ((yes, HIDDEN), (no, UNSTATED), *_SHELF),
        "in_stock": (
            (words.SOLD_OUT, NONE_LEFT),
            (words.IN_STOCK, SOME_LEFT),
            (yes, SOME_LEFT),
            (f"{no} {words.NO_STOCK}", NONE_LEFT),
        ),
        "sold_out": (
            (words.SOLD_OUT, NONE_LEFT),
            (words.IN_STOCK, SOME_LEFT),
            (yes, NONE_LEFT),
            (f"{no} {words.NO_STOCK}", SOME_LEFT),
        ),
        "stock": (
            (words.SOLD_OUT, NONE_LEFT),
            (words.NO_STOCK, NONE_LEFT),
            (f"{words.IN_STOCK} 有", SOME_LEFT),
        ),
        "backorders": ((f"{yes} continue notify allow", 1), (f"{no} deny donotallow", 0)),
        "contactable": (*_CONTACT, (yes, ASK), (no, ASK_NOT)),
        "not_contactable": (
            (words.SWITCHED_OFF, ASK),
            (words.SWITCHED_ON, ASK_NOT),
            *_CONTACT,
            (yes, ASK_NOT),
            (no, ASK),
        ),
    }
    return _table(*tables[about])


@dataclass(frozen=True)
class WordColumn:
    """How the words of a column are read."""

    about: str  # a field of the tables above
    said: Mapping[str, int] = field(default_factory=dict)  # spelling -> code, by people

    def code(self, cell: str) -> int:
        """What the cell says; UNSTATED where it says nothing, UNREAD where nobody knows."""
        if not cell:
            return UNSTATED
        word = spelling(cell)
        if word in self.said:
            return self.said[word]
        known = _words_of(self.about)
        found = known.get(cell.lower(), known.get(word))
        if found is not None:
            return found
        return UNSTATED if cell in NOTHING else UNREAD

    def codes(self, cells: Sequence[str]) -> NDArray[np.int64]:
        """[R] what the cells say."""
        meaning = {cell: self.code(cell) for cell in set(cells)}
        return np.fromiter((meaning[cell] for cell in cells), np.int64, len(cells))

    @property
    def choices(self) -> tuple[str, ...]:
        """What a person may answer about a word of the column."""
        if self.about in SHELF:
            return (answers.ON, answers.OFF, answers.HIDDEN)
        if self.about in ("stock", *STOCK_WORDS):
            return (answers.IN_STOCK, answers.SOLD_OUT)
        return (answers.CONTACTABLE, answers.NOT_CONTACTABLE)


def word_column(about: str, heading: str, states: Mapping[str, str]) -> WordColumn:
    """The column of a field, with what a person said; about this column alone counts first."""
    column = WordColumn(about)
    allowed = (*column.choices, answers.SOLD_OUT) if about in SHELF else column.choices
    said: dict[str, int] = {}
    for own in (False, True):
        for word, meaning in states.items():
            before, sign, rest = word.rpartition(":")
            is_own = bool(sign) and before == heading
            if is_own == own and meaning in allowed:
                code = (
                    SOLD_OUT if about in SHELF and meaning == answers.SOLD_OUT else _CODES[meaning]
                )
                said[spelling(rest if is_own else word)] = code
    return WordColumn(about, said)
