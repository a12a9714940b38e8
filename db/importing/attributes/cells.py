"""Turns the cells of a chunk of items or users into values, and says which rows cannot be used.

What a shop can do without costs its cell alone: a price, a date of sale, a name. A word about the shelf, the stock
or whether a person may be asked that cannot be read costs the row, because nothing must be taken as available, or
somebody as willing, that the shop says is not.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from db.importing import cell_values
from db.importing.amounts import read_amounts
from db.importing.answers import POINT
from db.importing.assembly.seats import is_nobody, is_shared
from db.importing.attributes.sale_times import read_sale_times
from db.importing.attributes.stock import read_stock
from db.importing.attributes.texts import TEXT_FIELDS, read_texts
from db.importing.attributes.word_columns import (
    ASK,
    ASK_NOT,
    HIDDEN,
    NONE_LEFT,
    OFF,
    ON,
    SHELF,
    SOLD_OUT,
    SOME_LEFT,
    UNREAD,
    UNSTATED,
    WordColumn,
    word_column,
)
from db.importing.column_mapping import ITEMS, ColumnMapping
from db.importing.readers.chunk import Chunk
from db.importing.readings import CellNotes, Readings
from db.importing.staged import UNKNOWN_SIZE
from db.importing.validation import (
    ID_PROBLEMS,
    LONGEST_ID,
    LONGEST_NAME,
    UNDECODABLE,
    field_problem,
    text_flaws,
)
from db.logs import UNKNOWN_TIME
from db.messages import Message, Term

PRICES = ("price", "group_price")
VARIANTS = ("variant", "option_1", "option_2", "option_3")
_NOT_STATED = float("nan")

Problem = tuple[int, str, Message]  # row of the chunk, field, what is wrong


@dataclass(frozen=True)
class ReadRows:
    """R rows of items or users, before several of one id are joined."""

    lines: NDArray[np.int64]  # [R]
    ids: list[str]  # [R]
    texts: dict[str, list[str]]  # attribute -> [R], empty where nothing is stated
    numbers: dict[
        str, NDArray[Any]
    ]  # attribute -> [R]; what is not stated is as in ``NOTHING_STATED``
    variants: (
        list[str] | None
    )  # [R] what tells the variants of an item apart; None without such columns
    problems: list[Problem] = field(default_factory=list)


NOTHING_STATED: Mapping[str, Any] = {
    "price": _NOT_STATED,
    "group_price": _NOT_STATED,
    "min_participants": UNKNOWN_SIZE,
    "stock": UNSTATED,
    "status": UNSTATED,
    "contactable": UNSTATED,
    "on_sale_from": UNKNOWN_TIME,
    "on_sale_until": UNKNOWN_TIME,
}


class CellReader:
    """Reads the chunks of one file."""

    def __init__(
        self,
        mapping: ColumnMapping,
        readings: Readings,
        states: Mapping[str, str],
        notes: CellNotes,
    ) -> None:
        self._mapping = mapping
        self._readings = readings
        self._notes = notes
        self._kind = mapping.shape
        self._id = "item" if mapping.shape == ITEMS else "user"
        self._columns: dict[str, WordColumn] = {}
        for name in filter(None, mapping.fields):
            about = re.sub(r"_\d$", "", name)
            if about in (
                *SHELF,
                "stock",
                "in_stock",
                "sold_out",
                "backorders",
                "contactable",
                "not_contactable",
            ):
                self._columns[name] = word_column(about, mapping.heading(name), states)
        self._ids_of_variants: dict[str, str] = {}  # of a table that names the item of a variant
        self.unknown: dict[str, Counter[str]] = {}  # field -> words that nobody has explained
        self.without_number = 0  # cells that say there is some of an item, not how much

    @property
    def columns(self) -> Mapping[str, WordColumn]:
        """Field -> how its words are read."""
        return self._columns

    def read(self, chunk: Chunk) -> ReadRows:
        """The values of a chunk; ``without_nothing`` must have left the columns of words alone."""
        cells = chunk.columns
        problems = self._id_problems(cells[self._id])
        texts = read_texts(chunk, self._notes)
        for name in (name for name in TEXT_FIELDS if name in cells):
            undecodable = text_flaws(cells[name], LONGEST_NAME) == UNDECODABLE
            no_text = field_problem(name, "db.row.not_text")
            problems += [(row, name, no_text) for row in np.flatnonzero(undecodable).tolist()]
        numbers: dict[str, NDArray[Any]] = {}
        if self._kind == ITEMS:
            numbers |= self._prices(chunk)
            numbers |= self._sizes(chunk)
            times, twofold = read_sale_times(chunk, self._readings, self._notes)
            numbers |= times
            for name, unclear in twofold.items():
                problem = field_problem(name, "db.row.ambiguous_date")
                problems += [(row, name, problem) for row in np.flatnonzero(unclear).tolist()]
            shelf, unread = self._shelf(chunk)
            numbers |= shelf
            problems += unread
        else:
            asked, unread = self._contactable(chunk)
            numbers |= asked
            problems += unread
        ids, variants = cells[self._id], _variants(cells)
        if "parent_item" in cells:
            ids, variants = self._with_parents(chunk, variants)
        return ReadRows(chunk.lines, ids, texts, numbers, variants, problems)

    def _with_parents(
        self, chunk: Chunk, variants: list[str] | None
    ) -> tuple[list[str], list[str]]:
        """[R] the items, and what tells their variants apart; a parent stands above its variants.

        WooCommerce names the item of a variant by its id (id:45) or by its SKU.
        """
        cells = chunk.columns
        own = cells[self._id]
        numbers = cells.get("variant", own)
        ids, names = [], []
        rows = zip(own, cells["parent_item"], numbers, variants or own, strict=True)
        for id, parent, number, name in rows:
            known = self._ids_of_variants.get(re.sub(r"^id:\s*", "", parent)) if parent else None
            if known is None:
                self._ids_of_variants |= {number: id, id: id}
            ids.append(known or id)
            names.append(name or id if known else "")
        return ids, names

    def _id_problems(self, ids: list[str]) -> list[Problem]:
        flaws = text_flaws(ids, LONGEST_ID)
        found: list[Problem] = []
        for row in np.flatnonzero(flaws).tolist():
            key = ID_PROBLEMS.get(int(flaws[row]), "db.row.missing")
            found.append((row, self._id, field_problem(self._id, key)))
        if self._kind != ITEMS:
            masked = np.fromiter((is_shared(id) or is_nobody(id) for id in ids), bool, len(ids))
            problem = Message("db.row.no_single_person", {"field": Term("field", self._id)})
            found += [(row, self._id, problem) for row in np.flatnonzero(masked).tolist()]
        return found

    def _prices(self, chunk: Chunk) -> dict[str, NDArray[Any]]:
        found = {}
        for name in (name for name in PRICES if name in chunk.columns):
            amounts = read_amounts(chunk.columns[name], self._readings.decimals.get(name, POINT))
            self._notes.add_unread(name, chunk, amounts.unread)
            if amounts.ranges:
                self._notes.ranges[name] = self._notes.ranges.get(name, 0) + amounts.ranges
            found[name] = amounts.values
        return found

    def _sizes(self, chunk: Chunk) -> dict[str, NDArray[Any]]:
        """How many participants a group needs, besides its initiator."""
        found: NDArray[np.int64] | None = None
        for name, others in (("min_participants", 0), ("target_size", 1)):
            if name not in chunk.columns:
                continue
            people = cell_values.sizes(chunk.columns[name])
            unread = (people == cell_values.UNKNOWN) | ((people > 0) & (people <= others))
            self._notes.add_unread(name, chunk, unread)
            needed = np.where(unread | (people == UNKNOWN_SIZE), UNKNOWN_SIZE, people - others)
            found = needed if found is None else np.where(found == UNKNOWN_SIZE, needed, found)
        return {} if found is None else {"min_participants": found}

    def _codes(self, name: str, chunk: Chunk) -> tuple[NDArray[np.int64], list[Problem]]:
        """The codes of a column of words, and the rows whose word nobody has explained."""
        codes = self._columns[name].codes(chunk.columns[name])
        return codes, self._unread(name, chunk, codes == UNREAD)

    def _unread(self, name: str, chunk: Chunk, unread: NDArray[np.bool_]) -> list[Problem]:
        rows = np.flatnonzero(unread).tolist()
        if not rows:
            return []
        self.unknown.setdefault(name, Counter()).update(chunk.columns[name][row] for row in rows)
        choices = ", ".join(self._columns[name].choices)
        problem = Message("db.row.word", {"field": Term("field", name), "choices": choices})
        return [(row, name, problem) for row in rows]

    def _shelf(self, chunk: Chunk) -> tuple[dict[str, NDArray[Any]], list[Problem]]:
        """The status and the stock of items."""
        cells, count = chunk.columns, len(chunk.lines)
        problems: list[Problem] = []
        held = [name for name in SHELF if name in cells]
        status = np.full(count, UNSTATED)
        sold_out = np.zeros(count, bool)
        said = []
        for name in held:
            codes, unread = self._codes(name, chunk)
            problems += unread
            sold_out |= codes == SOLD_OUT
            said.append(np.where(codes == SOLD_OUT, ON, codes))
        for code in (
            ON,
            OFF,
            HIDDEN,
        ):  # what keeps an item from the lists counts before what does not
            for codes in said:
                status[codes == code] = code
        stock = np.full(count, UNSTATED)
        if "stock" in cells:
            stock, is_open = read_stock(cells["stock"], self._columns["stock"])
            self.without_number += int(is_open.sum())
            problems += self._unread("stock", chunk, stock == UNREAD)
        for name in (name for name in ("in_stock", "sold_out") if name in cells):
            codes, unread = self._codes(name, chunk)
            problems += unread
            some = (codes == SOME_LEFT) & (stock == UNSTATED)
            self.without_number += int(some.sum())
            stock = np.where(codes == NONE_LEFT, 0, np.where(some, 1, stock))
        if "backorders" in cells:
            codes = self._columns["backorders"].codes(cells["backorders"])
            self._notes.add_unread("backorders", chunk, codes == UNREAD)
            stock = np.where((codes == 1) & (stock == 0), 1, stock)
        stock = np.where(sold_out & (stock != UNREAD), 0, stock)
        found: dict[str, NDArray[Any]] = {}
        if held:
            found["status"] = status
        if (stock != UNSTATED).any() or {"stock", "in_stock", "sold_out"} & cells.keys():
            found["stock"] = stock
        return found, problems

    def _contactable(self, chunk: Chunk) -> tuple[dict[str, NDArray[Any]], list[Problem]]:
        """Whether people may be asked: a no of any column that asks for it counts, else any yes."""
        problems: list[Problem] = []
        may: list[NDArray[np.int64]] = []
        must_not: list[NDArray[np.int64]] = []
        for name in self._columns:
            if name in chunk.columns:
                codes, unread = self._codes(name, chunk)
                problems += unread
                (must_not if name.startswith("not_") else may).append(codes)
        if not may and not must_not:
            return {}, []
        found = np.full(len(chunk.lines), UNSTATED)
        for code, columns in ((ASK, must_not), (ASK_NOT, may), (ASK, may), (ASK_NOT, must_not)):
            for codes in columns:
                found[codes == code] = code
        return {"contactable": found}, problems


def _variants(cells: Mapping[str, list[str]]) -> list[str] | None:
    columns = [cells[name] for name in VARIANTS if name in cells]
    if not columns:
        return None
    return [
        row[0] if len(row) == 1 else "\x1f".join(row).strip("\x1f")
        for row in zip(*columns, strict=True)
    ]
