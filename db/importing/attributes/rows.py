"""Collects the valid rows of items or users, and joins those of one id.

Several rows of an item are its variants where something tells them apart: their stock adds up. Rows of one id that
contradict each other are refused, all of them; a row that was refused holds back the others of its id.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from db.importing.attributes.cells import NOTHING_STATED, ReadRows
from db.importing.attributes.word_columns import HIDDEN, OFF, ON, STATUSES, UNSTATED
from db.importing.column_mapping import ITEMS, ColumnMapping
from db.importing.encoder import IdEncoder
from db.importing.readers.chunk import RowError
from db.importing.staged import ItemAttributes, StagedLogs, UserAttributes, without_groups
from db.messages import Message, Term

_NOBODY = -1


class AttributeRows:
    """Collects the rows of one file, chunk by chunk."""

    def __init__(self, mapping: ColumnMapping) -> None:
        self._mapping = mapping
        self._is_items = mapping.shape == ITEMS
        self._id = "item" if self._is_items else "user"
        self._ids = IdEncoder()
        self._entity: list[NDArray[np.int32]] = []
        self._lines: list[NDArray[np.int64]] = []
        self._texts: dict[str, list[str]] = {}
        self._numbers: dict[str, list[NDArray[Any]]] = {}
        self._variants: list[str] | None = None
        self._same: dict[str, str] = {}  # repeated texts are kept once
        self._refused: dict[str, int] = {}  # id -> line of a row that was refused

    def add(self, rows: ReadRows, good: NDArray[np.bool_]) -> None:
        """Add the ``good`` [R] rows of a chunk, and remember the ids of the others."""
        kept = None if good.all() else np.flatnonzero(good).tolist()
        for row in [] if kept is None else np.flatnonzero(~good).tolist():
            self._refused.setdefault(rows.ids[row], int(rows.lines[row]))

        def taken(values: Sequence[str]) -> Sequence[str]:
            return values if kept is None else [values[k] for k in kept]

        self._entity.append(self._ids.encode(taken(rows.ids)))
        self._lines.append(rows.lines[good])
        same = self._same.setdefault
        for name, texts in rows.texts.items():
            shared = taken(texts) if name == "name" else [same(text, text) for text in taken(texts)]
            self._texts.setdefault(name, []).extend(shared)
        for name, values in rows.numbers.items():
            self._numbers.setdefault(name, []).append(values[good])
        if rows.variants is not None:
            self._variants = self._variants or []
            self._variants.extend(taken(rows.variants))

    def finish(self) -> tuple[StagedLogs, list[RowError], list[Message]]:
        """The items or users, the errors of rows that contradict each other, and notes."""
        entity = np.concatenate([np.empty(0, np.int32), *self._entity])
        lines = np.concatenate([np.empty(0, np.int64), *self._lines])
        texts: dict[str, Any] = {name: np.array(all_, object) for name, all_ in self._texts.items()}
        numbers = {name: np.concatenate(parts) for name, parts in self._numbers.items()}
        ids = self._ids.ids()
        errors: list[RowError] = []
        notes: list[Message] = []
        if len(ids) < len(entity) or self._refused:
            bad, errors = self._held_back(entity, lines, ids)
            variants, found = self._contradictions(entity, lines, texts, numbers, bad, ids)
            errors += found
            entity, texts, numbers, joined = _joined(entity, texts, numbers, bad, variants)
            notes = self._notes(joined, int(variants.sum()))
        staged = self._staged(entity, texts, numbers, ids)
        return staged, errors, notes

    def _held_back(
        self, entity: NDArray[np.int32], lines: NDArray[np.int64], ids: Sequence[str]
    ) -> tuple[NDArray[np.bool_], list[RowError]]:
        """[R] the rows whose id another row has that was refused, and their errors."""
        refused = {self._ids.position(id): line for id, line in self._refused.items()}
        held = np.isin(entity, [k for k in refused if k != _NOBODY])
        errors = [
            self._error(
                int(lines[row]),
                ids[entity[row]],
                Message("db.row.id_held_back", {"line": refused[int(entity[row])]}),
            )
            for row in np.flatnonzero(held).tolist()
        ]
        return held, errors

    def _contradictions(
        self,
        entity: NDArray[np.int32],
        lines: NDArray[np.int64],
        texts: dict[str, NDArray[Any]],
        numbers: dict[str, NDArray[Any]],
        bad: NDArray[np.bool_],
        ids: Sequence[str],
    ) -> tuple[NDArray[np.bool_], list[RowError]]:
        """[R] the rows that are variants of an item; rows that contradict each other become ``bad``."""
        repeated = np.flatnonzero(np.bincount(entity, minlength=len(ids))[entity] > 1)
        rows = repeated[~bad[repeated]]
        variants = np.zeros(len(entity), bool)
        if not len(rows):
            return variants, []
        of = entity[rows].astype(np.int64)
        values = {name: _codes_of_texts(column[rows]) for name, column in texts.items()}
        values |= {
            name: _codes_of_numbers(column[rows], NOTHING_STATED[name])
            for name, column in numbers.items()
        }
        if self._variants is not None:
            keys = pd.factorize(np.array(self._variants, object)[rows])[0]
            named = np.array([bool(self._variants[k]) for k in rows.tolist()])
            # A further row of the same variant has to say the same; the rows of others need not.
            place = np.where(named, keys, -1)
            several = named & _differ(of, place, place >= 0)
            of = place + of * (len(rows) + 1)
            variants[rows] = several & ~pd.Series(of).duplicated().to_numpy()
        wrong: dict[int, str] = {}
        for name, codes in values.items():
            for row in np.flatnonzero(_differ(of, codes, codes >= 0)).tolist():
                wrong.setdefault(row, name)
        if not wrong:
            return variants, []
        at_fault = np.isin(entity[rows], np.unique(entity[rows[list(wrong)]]))
        first: dict[int, int] = {}
        errors = []
        fields = {name: name for name in values}
        for row in np.flatnonzero(at_fault).tolist():
            k = int(rows[row])
            here = int(entity[k])
            other = first.setdefault(here, int(lines[k]))
            if other == lines[k]:
                other = int(lines[rows[entity[rows] == here][1]])
            name = wrong.get(row) or next(wrong[r] for r in wrong if entity[rows[r]] == here)
            said = Term("field", _field_of(fields[name], self._is_items))
            message = Message("db.row.contradicts", {"line": other, "field": said})
            errors.append(self._error(int(lines[k]), ids[here], message))
            bad[k] = True
        return variants & ~bad, errors

    def _error(self, line: int, id: str, problem: Message) -> RowError:
        return RowError(line, self._mapping.heading(self._id), id, problem, id)

    def _notes(self, joined: int, variants: int) -> list[Message]:
        if variants:
            return [Message("db.note.variants", {"n": joined, "rows": variants})]
        if joined:
            kind = Term("field", self._id)
            return [Message("db.note.repeated_ids", {"n": joined, "field": kind})]
        return []

    def _staged(
        self,
        entity: NDArray[np.int32],
        texts: dict[str, NDArray[Any]],
        numbers: dict[str, NDArray[Any]],
        ids: Sequence[str],
    ) -> StagedLogs:
        columns = {name: [text or None for text in column] for name, column in texts.items()}
        for name, column in numbers.items():
            columns[name] = _with_none(name, column)
        kept = [ids[k] for k in entity.tolist()]
        kind = ItemAttributes if self._is_items else UserAttributes
        names = list(columns)
        rows = zip(*columns.values(), strict=True) if columns else ([] for _ in kept)
        stated: dict[int, Any] = {
            k: kind(**dict(zip(names, row, strict=True))) for k, row in enumerate(rows)
        }
        if self._is_items:
            return without_groups(items=kept, item_attributes=stated)
        return without_groups(users=kept, user_attributes=stated)


def _field_of(attribute: str, is_items: bool) -> str:
    """The field of an attribute, for its name in words."""
    if attribute == "name":
        return "item_name" if is_items else "user_name"
    return "shelf_status" if attribute == "status" else attribute


def _codes_of_texts(texts: NDArray[Any]) -> NDArray[np.int64]:
    """A code for each text, -1 for an empty one."""
    codes, _ = pd.factorize(texts)
    return np.where(texts == "", -1, codes)


def _codes_of_numbers(numbers: NDArray[Any], nothing: Any) -> NDArray[np.int64]:
    """A code for each number, -1 where it is not stated."""
    codes, _ = pd.factorize(numbers)
    unstated = np.isnan(numbers) if nothing != nothing else numbers == nothing
    return np.where(unstated, -1, codes)


def _differ(
    of: NDArray[Any], codes: NDArray[np.int64], stated: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """[R] the rows whose entity has several codes among those that are stated."""
    groups = pd.Series(np.where(stated, codes, -1))[stated].groupby(of[stated])
    several = groups.transform("nunique") > 1
    found = np.zeros(len(of), bool)
    found[np.flatnonzero(stated)] = several.to_numpy()
    return found


def _joined(
    entity: NDArray[np.int32],
    texts: dict[str, NDArray[Any]],
    numbers: dict[str, NDArray[Any]],
    bad: NDArray[np.bool_],
    variants: NDArray[np.bool_],
) -> tuple[NDArray[np.int32], dict[str, NDArray[Any]], dict[str, NDArray[Any]], int]:
    """One row an entity, in the order of first appearance, and how many entities had several."""
    kept = np.flatnonzero(~bad)
    of = entity[kept]
    known, first, place, count = np.unique(
        of, return_index=True, return_inverse=True, return_counts=True
    )
    order = np.argsort(first, kind="stable")
    rows = kept[first[order]]
    joined = int((count > 1).sum())
    if not joined:
        pick = rows
        return (
            entity[pick],
            {name: column[pick] for name, column in texts.items()},
            {name: column[pick] for name, column in numbers.items()},
            0,
        )
    found_texts = {
        name: _first_stated(place, len(known), column[kept], column[kept] != "", "")[order]
        for name, column in texts.items()
    }
    found_numbers = {}
    for name, column in numbers.items():
        values, nothing = column[kept], NOTHING_STATED[name]
        stated = ~np.isnan(values) if nothing != nothing else values != nothing
        if name == "stock":
            one = _stock(place, len(known), values, stated, variants[kept])
        elif name == "status":
            one = _status(place, len(known), values, stated, variants[kept])
        elif name in ("price", "group_price", "min_participants", "on_sale_from"):
            one = _extreme(np.minimum, place, len(known), values, stated, nothing)
        elif name == "on_sale_until":
            one = _extreme(np.maximum, place, len(known), values, stated, nothing)
        else:
            one = _first_stated(place, len(known), values, stated, nothing)
        found_numbers[name] = one[order]
    return entity[rows], found_texts, found_numbers, joined


def _first_stated(
    place: NDArray[Any], count: int, values: NDArray[Any], stated: NDArray[np.bool_], nothing: Any
) -> NDArray[Any]:
    found = np.full(count, nothing, values.dtype)
    backwards = np.flatnonzero(stated)[::-1]
    found[place[backwards]] = values[backwards]
    return found


def _extreme(
    choose: np.ufunc,
    place: NDArray[Any],
    count: int,
    values: NDArray[Any],
    stated: NDArray[np.bool_],
    nothing: Any,
) -> NDArray[Any]:
    found = _first_stated(place, count, values, stated, nothing)
    choose.at(found, place[stated], values[stated])
    return found


def _stock(
    place: NDArray[Any],
    count: int,
    values: NDArray[Any],
    stated: NDArray[np.bool_],
    variants: NDArray[np.bool_],
) -> NDArray[Any]:
    """The stock of all variants; UNSTATED where there may be more than what is stated, which is nothing."""
    of_variants = np.zeros(count, bool)
    of_variants[place[stated & variants]] = True
    adds = stated & (variants | ~of_variants[place])
    found = np.where(of_variants, 0, UNSTATED)
    np.add.at(found, place[adds & variants], values[adds & variants])
    alone = adds & ~variants
    backwards = np.flatnonzero(alone)[::-1]
    found[place[backwards]] = values[backwards]
    open_ = np.zeros(count, bool)
    open_[place[variants & ~stated]] = True
    return np.where(open_ & (found == 0), UNSTATED, found)


def _status(
    place: NDArray[Any],
    count: int,
    values: NDArray[Any],
    stated: NDArray[np.bool_],
    variants: NDArray[np.bool_],
) -> NDArray[Any]:
    """What a row of the item itself says, else: on the shelf where a variant is, off where one is, or hidden."""
    found = np.full(count, UNSTATED, values.dtype)
    for rows in (stated & variants, stated & ~variants):
        for code in (HIDDEN, OFF, ON):
            found[place[rows & (values == code)]] = code
    return found


def _with_none(name: str, numbers: NDArray[Any]) -> list[Any]:
    """The numbers as the store keeps them, None where nothing is stated."""
    nothing = NOTHING_STATED[name]
    unstated = np.isnan(numbers) if nothing != nothing else numbers == nothing
    if name == "status":
        column = np.array([*STATUSES, None], object)[numbers]
    elif name == "contactable":
        column = (numbers > 0).astype(object)
    else:
        column = numbers.astype(object)
    column[unstated] = None
    return list(column)
