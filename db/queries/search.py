"""Search as you type, for users and items: by id, name, pinyin or initials, with one rule for both.

Users are searched in the store, items in memory; ``Criteria`` is the rule, which the two apply.
"""

import re
import unicodedata
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import pandas as pd
from sqlalchemy import ColumnElement, case, false, func, or_, select

from db.queries.entities import Person
from db.schema import users
from db.store import Store

_HAN = re.compile(r"([㐀-䶿一-鿿]+)")
_LONGEST_WORD = 20  # signs

SearchField = Literal["exact id", "id", "name", "pinyin", "initials"]  # "id" in lower case


@dataclass(frozen=True)
class Criterion:
    """A condition on one field of a user or an item."""

    field: SearchField
    kind: Literal["equals", "begins with", "contains"]
    text: str


@dataclass(frozen=True)
class Criteria:
    """The search rule: what matches a text, and which matches are better.

    A match contains the text in its id, name, pinyin or initials. An exact id comes first, then an
    exact name, then beginnings, then the rest; among equals the shorter id, then the one that the
    store saw first. Case, full-width forms, and spaces and marks in pinyin do not matter.
    """

    any_of: tuple[Criterion, ...]
    ranking: tuple[Criterion, ...]  # the rank of a match is the position of the first that holds

    @classmethod
    def of(cls, text: str) -> "Criteria | None":
        """The criteria for a text that was typed, None if it is blank."""
        plain = plain_text(text)
        if not plain:
            return None
        needles: list[tuple[SearchField, str]] = [("id", plain), ("name", plain)]
        spelled = re.sub(r"[\s'’·-]", "", plain).replace("ü", "v")
        if spelled.isalnum():
            needles += [("pinyin", spelled), ("initials", spelled)]
        return cls(
            any_of=tuple(Criterion(field, "contains", needle) for field, needle in needles),
            ranking=(
                Criterion("exact id", "equals", text.strip()),
                Criterion("id", "equals", plain),
                Criterion("name", "equals", plain),
                *(Criterion(field, "begins with", needle) for field, needle in needles),
            ),
        )


def search_users(store: Store, text: str, limit: int = 20) -> list[Person]:
    """Users that match ``text`` by ``Criteria``, the best match first."""
    criteria = Criteria.of(text)
    if criteria is None:
        return []
    rank = case(
        *[(_as_sql(one), position) for position, one in enumerate(criteria.ranking)],
        else_=len(criteria.ranking),
    )
    query = (
        select(users.c.external_id, users.c.name)
        .where(users_that_match(text))
        .order_by(rank, func.length(users.c.external_id), users.c.id)
        .limit(limit)
    )
    with store.read() as connection:
        return [Person(id, name or id) for id, name in connection.execute(query)]


def users_that_match(text: str) -> ColumnElement[bool]:
    """The condition that a user matches ``text`` by ``Criteria``; nobody matches a blank one."""
    criteria = Criteria.of(text)
    return false() if criteria is None else or_(*map(_as_sql, criteria.any_of))


_USER_COLUMNS: dict[SearchField, ColumnElement[Any]] = {
    "exact id": users.c.external_id,
    "id": func.lower(users.c.external_id),
    "name": func.lower(users.c.name),
    "pinyin": users.c.pinyin,
    "initials": users.c.initials,
}


def _as_sql(criterion: Criterion) -> ColumnElement[bool]:
    column = _USER_COLUMNS[criterion.field]
    if criterion.kind == "equals":
        return column == criterion.text
    if criterion.kind == "begins with":
        return column.startswith(criterion.text, autoescape=True)
    return column.contains(criterion.text, autoescape=True)


class ItemSearch:
    """The items of a shop in memory, spelled once and searched at each keystroke; threads may share it."""

    def __init__(self, names: pd.Series) -> None:
        """``names``: indexed by the shop's id, missing where unknown, in the order of the store."""
        self._ids = [str(id) for id in names.index]
        known = [name if isinstance(name, str) else "" for name in names]
        spelled = [spell(name) if name else ("", "") for name in known]
        self._fields: dict[SearchField, list[str]] = {
            "exact id": self._ids,
            "id": [plain_text(id) for id in self._ids],
            "name": [plain_text(name) for name in known],
            "pinyin": [full for full, _ in spelled],
            "initials": [initials for _, initials in spelled],
        }

    def search(self, text: str, limit: int = 20) -> list[str]:
        """Ids of items that match ``text`` by ``Criteria``, the best match first."""
        criteria = Criteria.of(text)
        if criteria is None:
            return []
        found = {
            item: None
            for criterion in criteria.any_of
            for item, value in enumerate(self._fields[criterion.field])
            if criterion.text in value
        }
        rank = self._rank(criteria)
        ranked = sorted(found, key=lambda item: (rank(item), len(self._ids[item]), item))
        return [self._ids[item] for item in ranked[:limit]]

    def _rank(self, criteria: Criteria) -> Callable[[int], int]:
        tests = [
            (self._fields[one.field], one.text, one.kind == "equals") for one in criteria.ranking
        ]

        def rank(item: int) -> int:
            for position, (values, text, whole) in enumerate(tests):
                if values[item] == text if whole else values[item].startswith(text):
                    return position
            return len(tests)

        return rank


def spell_names(names: Sequence[str | None]) -> dict[str, list[str | None]]:
    """The columns ``pinyin`` and ``initials`` of names, each spelled once."""
    spelled: dict[str | None, tuple[str | None, str | None]] = {
        name: spell(name) for name in set(names) if name is not None
    }
    spelled[None] = (None, None)
    return {
        "pinyin": [spelled[name][0] for name in names],
        "initials": [spelled[name][1] for name in names],
    }


def spell(name: str) -> tuple[str, str]:
    """The pinyin of ``name`` and its initials in lower case, without tones, spaces and punctuation.

    What is not Chinese stays in both: ``"豆豆妈 Tina"`` gives ``("doudoumatina", "ddmtina")``.
    """
    full: list[str] = []
    initials: list[str] = []
    for run in _HAN.split(plain_text(name)):
        if _HAN.fullmatch(run):
            syllables = _syllables(run)
            full += syllables
            initials += [syllable[0] for syllable in syllables]
        else:
            letters = "".join(filter(str.isalnum, run))
            full.append(letters)
            initials.append(letters)
    return "".join(full), "".join(initials)


def plain_text(text: str) -> str:
    """``text`` in lower case, with full-width forms made half-width and without surrounding space."""
    return unicodedata.normalize("NFKC", text).strip().lower()


def _syllables(run: str) -> list[str]:
    """The pinyin of Chinese signs, each word that the dictionary has read as a word."""
    words, first_two = _words()
    found: list[str] = []
    start = 0
    while start < len(run):
        end = start + 1
        if run[start : start + 2] in first_two:
            # The longest word that begins here, as pypinyin cuts, which takes it a hundred times as long.
            longest = range(min(len(run), start + _LONGEST_WORD), start + 1, -1)
            end = next((k for k in longest if run[start:k] in words), end)
        found += _of_word(run[start:end])
        start = end
    return found


@cache
def _of_word(word: str) -> list[str]:
    # Imported here because its dictionary takes a while to load and most commands need no names.
    from pypinyin import lazy_pinyin

    return list(lazy_pinyin(word))


@cache
def _words() -> tuple[Container[str], Container[str]]:
    """The words whose readings the dictionary has, and the first two signs of each."""
    from pypinyin.constants import PHRASES_DICT

    words = frozenset(word for word in PHRASES_DICT if len(word) <= _LONGEST_WORD)
    return words, frozenset(word[:2] for word in words)
