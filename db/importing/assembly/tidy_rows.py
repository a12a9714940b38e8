"""Tidies the rows of a file before they are validated: what stands in a cell beside an id, or is no row.

Rows of totals and repeated headings go, names beside numbers become names, cells with several people
become people, and the further lines of a group's block take over the cells above them.
"""

import re
from dataclasses import replace

import numpy as np

from db.importing.assembly.group_items import is_extra
from db.importing.assembly.join_lists import in_order_of_people
from db.importing.assembly.names_and_numbers import split_names
from db.importing.assembly.people import Met, people_of
from db.importing.assembly.totals import other_rows
from db.importing.column_mapping import GROUPS, ColumnMapping
from db.importing.readers.chunk import Chunk, RowError
from db.importing.staged import StagedLogs, UserAttributes
from db.messages import Message

_NAMES = {"initiator": "initiator_name", "user": "user_name", "item": "item_name", "friend": ""}
_ORDER = re.compile(r"#\d+")
_IDS = ("group", "parent", "record", "order", "initiator", "user", "item", "friend")
_GROUPED = re.compile(r"[0-9]{0,3}|[0-9]{1,3}(,[0-9]{3})+")
_WITHIN_NUMBER = re.compile(r"(?<=[0-9]),(?=[0-9]{3}(?![0-9]))")
_BLOCK = ("group", "initiator", "item")  # what the first row of a block states for all of it


class RowTidier:
    """Tidies a file chunk by chunk; what the first chunk shows of a column holds for all of it."""

    def __init__(self, mapping: ColumnMapping) -> None:
        self._mapping = mapping
        self._forms: dict[str, bool] = {}  # field -> whether its cells are names and numbers
        self._above: dict[str, str] = {}  # the key cells of the last row that had them
        self._thousands: set[str] = set()  # fields
        self._names_are_orders: bool | None = None
        self._met = Met()
        self._names: dict[str, str] = {}  # of participants, by id
        self._totals = self._headings = self._filled = self._several_items = 0

    def tidied(self, chunk: Chunk) -> Chunk:
        """The chunk with tidy rows."""
        if not len(chunk.lines):
            return chunk
        chunk = self._with_order_numbers(self._without_other_rows(chunk))
        chunk = self._without_thousands(chunk)
        for field, name_field in _NAMES.items():
            if field in chunk.columns:
                chunk = self._with_split_names(chunk, field, name_field)
        if "item" in chunk.columns:
            items = self._first_items(chunk.columns["item"])
            chunk = replace(chunk, columns=chunk.columns | {"item": items})
        if chunk.participants is not None and "initiator" in chunk.columns and len(chunk.lines):
            chunk = self._with_blocks(chunk)
            chunk = self._with_people(chunk, chunk.participants or [])
        return chunk

    def with_names(self, staged: StagedLogs) -> StagedLogs:
        """The logs with the names of participants that stood beside their numbers."""
        if not self._names:
            return staged
        named = {
            k: UserAttributes(self._names[id])
            for k, id in enumerate(staged.users)
            if id in self._names
        }
        for k, stated in staged.user_attributes.items():
            named[k] = named.get(k, UserAttributes()).updated(stated)
        return replace(staged, user_attributes=named)

    def notes(self) -> list[Message]:
        """What a person may want to know of it."""
        counts = {
            "db.note.totals": self._totals,
            "db.note.repeated_headings": self._headings,
            "db.note.filled_down": self._filled,
            "db.note.numbers_of_people": self._met.numbers,
            "db.note.participants_are_nobody": self._met.seats,
            "db.note.repeated_participants": self._met.repeated,
            "db.note.several_items": self._several_items,
        }
        notes = [Message(key, {"n": count}) for key, count in counts.items() if count]
        if self._thousands:
            headings = tuple(self._mapping.heading(field) for field in sorted(self._thousands))
            notes.append(Message("db.note.thousands_in_ids", {"columns": headings}))
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

    def _with_order_numbers(self, chunk: Chunk) -> Chunk:
        """The chunk with #1001 in a column of names as the number of the order, as Shopify calls it."""
        names = chunk.columns.get("user_name")
        if names is None:
            return chunk
        if self._names_are_orders is None and any(names):
            self._names_are_orders = all(not name or _ORDER.fullmatch(name) for name in names)
        if not self._names_are_orders:
            return chunk
        columns = {field: cells for field, cells in chunk.columns.items() if field != "user_name"}
        return replace(chunk, columns={"order": names} | columns)

    def _without_thousands(self, chunk: Chunk) -> Chunk:
        """The chunk without the commas that a spreadsheet has put into its ids: 12,345 is 12345."""
        columns = dict(chunk.columns)
        for field in _IDS:
            cells = set(columns.get(field, ()))
            grouped = {cell for cell in cells if "," in cell and _GROUPED.fullmatch(cell)}
            if grouped and (field in self._thousands or all(map(_GROUPED.fullmatch, cells))):
                self._thousands.add(field)
                columns[field] = [
                    cell.replace(",", "") if cell in grouped else cell for cell in columns[field]
                ]
        if columns == chunk.columns or "initiator" not in self._thousands:
            return replace(chunk, columns=columns)
        # The cell was cut at every comma: three digits belong to the number before them.
        people = [
            _WITHIN_NUMBER.sub("", ",".join(row)).split(",") if len(row) > 1 else row
            for row in chunk.participants or []
        ]
        return replace(chunk, columns=columns, participants=people or chunk.participants)

    def _pairs(self, field: str, cells: set[str]) -> dict[str, tuple[str, str]]:
        """Cell -> (id, name), empty if the cells of the column are not of one form."""
        if not self._forms.get(field, True) or not any(cells):
            return {}
        pairs = split_names(cells, people=field != "item")
        self._forms.setdefault(field, bool(pairs))
        return pairs

    def _with_split_names(self, chunk: Chunk, field: str, name_field: str) -> Chunk:
        """The chunk with the cells of a column cut into ids and names, if all are of one form."""
        pairs = self._pairs(field, set(chunk.columns[field]))
        if not pairs and self._forms.get(field):
            chunk = self._refused(chunk, field)
            pairs = self._pairs(field, set(chunk.columns[field]))
        if not pairs:
            return chunk
        cells = chunk.columns[field]
        columns = chunk.columns | {
            field: [pairs[cell][0] if cell in pairs else cell for cell in cells]
        }
        if name_field and name_field not in self._mapping.fields:
            columns[name_field] = [pairs[cell][1] if cell in pairs else "" for cell in cells]
        return replace(chunk, columns=columns)

    def _refused(self, chunk: Chunk, field: str) -> Chunk:
        """The chunk without the rows whose cell is no name and number, unlike all those above."""
        cells = chunk.columns[field]
        fine = {cell for cell in set(cells) if not cell or split_names({cell}, field != "item")}
        problem = Message("db.row.not_name_and_number")
        column = self._mapping.heading(field)
        refused = [
            RowError(int(chunk.lines[k]), column, cell, problem, chunk.row_text(k))
            for k, cell in enumerate(cells)
            if cell not in fine
        ]
        kept = chunk.take([k for k, cell in enumerate(cells) if cell in fine])
        return replace(kept, unreadable=[*chunk.unreadable, *refused])

    def _first_items(self, cells: list[str]) -> list[str]:
        """Of several goods in a cell, a line each, the first that is no gift."""
        lists = {cell for cell in set(cells) if "\n" in cell}
        if not lists:
            return cells
        self._several_items += sum(cell in lists for cell in cells)
        first = {}
        for cell in lists:
            lines = [line.strip() for line in cell.split("\n") if line.strip()]
            goods = [line for line in lines if not is_extra(line)]
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
        if not chunk.people_as_given:
            pairs = self._pairs("participants", {id for row in cells for id in row})
            if pairs:
                cells = [[pairs[id][0] if id in pairs else id for id in row] for row in cells]
                self._names |= dict(pairs.values())
        people, seats = people_of(
            cells, chunk.columns["initiator"], chunk.people_as_given, self._met
        )
        columns = chunk.columns
        if "joined_at" in columns:
            times = in_order_of_people(columns["joined_at"], cells, people)
            columns = columns | {"joined_at": times}
        if any(seats):
            columns = columns | {"seats": [str(count or "") for count in seats]}
        return replace(chunk, participants=people, columns=columns)
