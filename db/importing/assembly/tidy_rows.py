"""Tidies the rows of a file before they are validated: what stands in a cell beside an id, or is no row.

Rows of totals and repeated headings go, names beside numbers become names, cells with several people
become people, and the further lines of a group's block take over the cells above them.
"""

from dataclasses import replace

import numpy as np

from db.importing.assembly.group_items import is_gift
from db.importing.assembly.names_and_numbers import split_names
from db.importing.assembly.people import Counts, people_of
from db.importing.assembly.seats import zero_is_a_person
from db.importing.assembly.totals import other_rows
from db.importing.column_mapping import GROUPS, ColumnMapping
from db.importing.readers.chunk import Chunk
from db.importing.staged import StagedLogs
from db.messages import Message

_NAMES = {"initiator": "initiator_name", "user": "user_name", "item": "item_name", "friend": ""}
_BLOCK = ("group", "initiator", "item")  # what the first row of a block states for all of it


class RowTidier:
    """Tidies a file chunk by chunk; what the first chunk shows of a column holds for all of it."""

    def __init__(self, mapping: ColumnMapping) -> None:
        self._mapping = mapping
        self._forms: dict[str, bool] = {}  # field -> whether its cells are names and numbers
        self._zero_is_person = False
        self._above: dict[str, str] = {}  # the key cells of the last row that had them
        self._counts = Counts()
        self._names: dict[str, str] = {}  # of participants, by id
        self._totals = self._headings = self._filled = self._several_items = 0

    def tidied(self, chunk: Chunk) -> Chunk:
        """The chunk with tidy rows."""
        if not len(chunk.lines):
            return chunk
        chunk = self._without_other_rows(chunk)
        columns = dict(chunk.columns)
        for field, name_field in _NAMES.items():
            if field in columns:
                self._split_names(columns, field, name_field)
        if "item" in columns:
            columns["item"] = self._first_items(columns["item"])
        chunk = replace(chunk, columns=columns)
        if chunk.participants is not None and "initiator" in columns:
            chunk = self._with_people(self._with_blocks(chunk), chunk.participants)
        return chunk

    def with_names(self, staged: StagedLogs) -> StagedLogs:
        """The logs with the names of participants that stood beside their numbers."""
        if not self._names:
            return staged
        named = {k: self._names[id] for k, id in enumerate(staged.users) if id in self._names}
        return replace(staged, user_names=named | staged.user_names)

    def notes(self) -> list[Message]:
        """What a person may want to know of it."""
        counts = {
            "db.note.totals": self._totals,
            "db.note.repeated_headings": self._headings,
            "db.note.filled_down": self._filled,
            "db.note.numbers_of_people": self._counts.numbers,
            "db.note.participants_are_nobody": self._counts.seats,
            "db.note.several_items": self._several_items,
        }
        notes = [Message(key, {"n": count}) for key, count in counts.items() if count]
        for field, split in self._forms.items():
            if split:
                heading = self._mapping.heading(field)
                notes.append(Message("db.note.names_and_numbers", {"column": (heading,)}))
        return notes

    def _without_other_rows(self, chunk: Chunk) -> Chunk:
        totals, headings = other_rows(chunk, self._mapping)
        self._totals += int(totals.sum())
        self._headings += int(headings.sum())
        other = totals | headings
        return chunk.take(np.flatnonzero(~other).tolist()) if other.any() else chunk

    def _split_names(self, columns: dict[str, list[str]], field: str, name_field: str) -> None:
        """Cut the cells of a column into ids and names, if all of them are of one form."""
        if not self._forms.setdefault(field, True):
            return
        cells = columns[field]
        pairs = split_names(set(cells), people=field != "item")
        self._forms[field] = bool(pairs)
        if not pairs:
            return
        columns[field] = [pairs[cell][0] if cell in pairs else cell for cell in cells]
        if name_field and name_field not in self._mapping.fields:
            columns[name_field] = [pairs[cell][1] if cell in pairs else "" for cell in cells]

    def _first_items(self, cells: list[str]) -> list[str]:
        """Of several goods in a cell, a line each, the first that is no gift."""
        lists = {cell for cell in set(cells) if "\n" in cell}
        if not lists:
            return cells
        self._several_items += sum(cell in lists for cell in cells)
        first = {}
        for cell in lists:
            lines = [line.strip() for line in cell.split("\n") if line.strip()]
            goods = [line for line in lines if not is_gift(line)]
            first[cell] = (goods or lines or [""])[0]
        return [first.get(cell, cell) for cell in cells]

    def _with_blocks(self, chunk: Chunk) -> Chunk:
        """The chunk with the key cells of a block's first row in its further rows."""
        if self._mapping.shape != GROUPS or not all(name in chunk.columns for name in _BLOCK):
            return chunk
        keys = [chunk.columns[name] for name in _BLOCK]
        if all(map(all, keys)):
            self._above = {name: cells[-1] for name, cells in zip(_BLOCK, keys, strict=True)}
            return chunk
        columns = chunk.columns | {name: list(chunk.columns[name]) for name in _BLOCK}
        for k, people in enumerate(chunk.participants or []):
            stated = {name: columns[name][k] for name in _BLOCK}
            if any(stated.values()):
                self._above = stated
            elif people and all(self._above.values()) and self._above:
                self._filled += 1
                for name, value in self._above.items():
                    columns[name][k] = value
        return replace(chunk, columns=columns)

    def _with_people(self, chunk: Chunk, cells: list[list[str]]) -> Chunk:
        flat = {id for row in cells for id in row}
        pairs = split_names(flat, people=True) if self._forms.get("initiator", False) else {}
        if not pairs and not chunk.people_as_given:
            # Names and numbers of the participants alone.
            pairs = split_names(flat, people=True)
        if pairs:
            cells = [[pairs[id][0] if id in pairs else id for id in row] for row in cells]
            self._names |= dict(pairs.values())
        initiators = chunk.columns["initiator"]
        self._zero_is_person |= zero_is_a_person(flat.union(initiators))
        people, seats = people_of(
            cells, initiators, chunk.people_as_given, self._zero_is_person, self._counts
        )
        columns = chunk.columns
        if any(seats):
            columns = columns | {"seats": [str(count or "") for count in seats]}
        return replace(chunk, participants=people, columns=columns)
