"""Reads the texts that describe items and users: names, categories, cities, tags."""

import re

import numpy as np

from db.importing.readers.chunk import Chunk
from db.importing.readings import CellNotes
from db.importing.validation import LONGEST_NAME, USELESS_NAMES, text_flaws

# Field -> the attribute that it states.
_ATTRIBUTES = {
    "item_name": "name",
    "user_name": "name",
    "category": "category",
    "brand": "brand",
    "city": "city",
}
TEXT_FIELDS = (*_ATTRIBUTES, "first_name", "last_name", "tags")
_SEPARATORS = re.compile(r"[,;|，；、｜\t\r\n]+")


def read_texts(chunk: Chunk, notes: CellNotes) -> dict[str, list[str]]:
    """Attribute -> [R] its texts, empty where nothing is stated or the text cannot be stored."""
    cells = chunk.columns
    found = {
        attribute: _usable(name, chunk, notes)
        for name, attribute in _ATTRIBUTES.items()
        if name in cells
    }
    if "last_name" in cells or "first_name" in cells:
        empty = [""] * len(chunk.lines)
        parts = [
            _usable(name, chunk, notes) if name in cells else empty
            for name in ("first_name", "last_name")
        ]
        whole = [_full_name(first, last) for first, last in zip(*parts, strict=True)]
        named = found.get("name", empty)
        found["name"] = [one or other for one, other in zip(named, whole, strict=True)]
    if "tags" in cells:
        texts = _usable("tags", chunk, notes)
        tags = {text: _tags(text) for text in set(texts)}
        found["tags"] = [tags[text] for text in texts]
    return found


def _usable(name: str, chunk: Chunk, notes: CellNotes) -> list[str]:
    cells = chunk.columns[name]
    unusable = np.isin(text_flaws(cells, LONGEST_NAME), USELESS_NAMES)
    if not unusable.any():
        return cells
    notes.add_unread(name, chunk, unusable)
    return ["" if bad else cell for cell, bad in zip(cells, unusable.tolist(), strict=True)]


def _full_name(first: str, last: str) -> str:
    if not (first and last):
        return first or last
    return f"{first} {last}" if (first + last).isascii() or " " in first + last else last + first


def _tags(cell: str) -> str:
    """The tags of a cell, a line each."""
    bare = re.sub(r"^\[(.*)\]$", r"\1", cell, flags=re.DOTALL)
    parts = (part.strip().strip("\"'").strip() for part in _SEPARATORS.split(bare))
    return "\n".join(dict.fromkeys(part for part in parts if part))
