"""Finds the rows of a JSON file: an object a line, a list of objects, or such a list inside an object."""

import codecs
import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

import ijson

from db.errors import InputError
from db.importing.attributes.recognition import known_heading
from db.importing.column_mapping import field_of
from db.importing.readers.encoding import codec_of
from db.importing.readers.json_depth import DEEPEST, load_json
from db.importing.readers.source import SourceFile, unpacked

_SEARCHED = 100_000  # events at the beginning of a document: braces, keys and values
_SAMPLE = 1000  # rows whose keys are the headings

_MONGO = ("$oid", "$numberLong", "$numberInt", "$numberDouble", "$numberDecimal")  # its types

# ArithmeticError: a number such as 1e99999999999999999999.
JSON_ERRORS = (ijson.JSONError, UnicodeError, RecursionError, ArithmeticError)
_DIGITS = 4_300  # of a whole number; with more, the parser ends the process
_TOO_MANY_DIGITS = re.compile(rb"\d{%d,}" % (_DIGITS + 1))
_LAST_DIGITS = re.compile(rb"\d*\Z")


def is_json_document(text: str) -> bool:
    """Whether the text is a list or an object of several lines, rather than an object a line."""
    lines = [line for line in text.split("\n")[:_SAMPLE] if line.strip()]
    if lines[0].lstrip().startswith("["):
        return True
    objects = [one for line in lines if isinstance(one := _parsed(line), dict)]
    if 2 * len(objects) < len(lines):
        return True
    known = any(known_heading(key) for one in objects for key in one)
    return not known and any(_holds_a_list(one) for one in objects)


def line_headings(text: str) -> tuple[str, ...]:
    """The keys of the objects in the first lines."""
    headings: dict[str, None] = {}
    for line in text.split("\n")[:_SAMPLE]:
        row = _parsed(line)  # a broken one is reported with its line when the rows are read
        if isinstance(row, dict):
            headings.update(dict.fromkeys(flat(row)))
    return tuple(headings)


def list_path(source: SourceFile, encoding: str) -> str:
    """Where the rows are, as ijson writes it: ``data.list.item``; empty if they follow each other.

    Of several lists of objects it is the one whose keys are best known. Raises InputError if the file
    is no JSON.
    """
    keys: dict[str, set[str]] = {}
    levels: list[str] = []  # the path of each open list or object
    inside: list[bool] = []  # whether it is a list
    key = ""
    for event, value in islice(_events(source, encoding), _SEARCHED):
        if event == "map_key":
            key = str(value)
            if levels[-1] in keys:
                keys[levels[-1]].add(key)
        elif event in ("start_map", "start_array"):
            name = "item" if inside and inside[-1] else key
            path = f"{levels[-1]}.{name}".strip(".") if levels else ""
            if event == "start_map" and inside and inside[-1]:
                keys.setdefault(path, set())
            levels.append(path)
            inside.append(event == "start_array")
            if len(levels) > DEEPEST:
                raise InputError("db.file.no_json_object", name=source.name)
        elif event in ("end_map", "end_array"):
            levels.pop()
            inside.pop()
    counts = {
        path: len(set(filter(None, map(known_heading, found)))) for path, found in keys.items()
    }
    return max(counts, key=lambda path: counts[path], default="")


def document_headings(source: SourceFile, encoding: str, path: str) -> tuple[str, ...]:
    """The keys of the first rows at ``path``."""
    headings: dict[str, None] = {}
    for row in islice(document_rows(source, encoding, path), _SAMPLE):
        if isinstance(row, dict):
            headings.update(dict.fromkeys(flat(row)))
    return tuple(headings)


def flat(row: dict[str, Any]) -> dict[str, Any]:
    """The row with the keys of its objects beside its own: ``buyer.id`` of ``{"buyer": {"id": ...}}``."""
    if not any(isinstance(value, dict) for value in row.values()):
        return row
    found: dict[str, Any] = {}
    for key, value in row.items():
        if isinstance(value, dict) and len(value) == 1 and next(iter(value)) in _MONGO:
            found[key] = next(iter(value.values()))
        elif isinstance(value, dict) and field_of(key) != "participants" and "$date" not in value:
            found |= {f"{key}.{inner}": part for inner, part in value.items()}
        else:
            found[key] = value
    return found


def document_rows(source: SourceFile, encoding: str, path: str) -> Iterator[Any]:
    """The values at ``path``; raises InputError where the JSON is damaged."""
    with _text(source, encoding) as stream:
        for row in ijson.items(stream, path, multiple_values=True):
            yield flat(row) if isinstance(row, dict) else row


def _events(source: SourceFile, encoding: str) -> Iterator[tuple[str, Any]]:
    with _text(source, encoding) as stream:
        yield from ijson.basic_parse(stream, multiple_values=True)


@contextmanager
def _text(source: SourceFile, encoding: str) -> Iterator["_Utf8"]:
    try:
        with unpacked(source.path, source.name) as stream:
            yield _Utf8(stream, encoding, source.name)
    except JSON_ERRORS as error:
        raise InputError("db.file.damaged_json", name=source.name) from error


class _Utf8:
    """A stream in any encoding as UTF-8, which is what the parser reads."""

    def __init__(self, stream: Any, encoding: str, name: str) -> None:
        self._stream = stream
        self._name = name
        self._digits = b""  # at the end of what was read
        encoding = "utf-8-sig" if encoding == "utf-8" else codec_of(encoding)
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")

    def read(self, size: int = -1) -> bytes:
        """At least one byte, unless the stream has ended; raises InputError for an endless number."""
        if not size:
            return b""
        while block := self._stream.read(size):
            if text := self._decoder.decode(block):
                return self._checked(text.encode(errors="replace"))
        return self._decoder.decode(b"", final=True).encode(errors="replace")

    def _checked(self, content: bytes) -> bytes:
        together = self._digits + content
        if found := _TOO_MANY_DIGITS.search(together):
            length = found.end() - found.start()
            raise InputError("db.file.value_too_long", name=self._name, length=length)
        last = _LAST_DIGITS.search(together, max(len(together) - _DIGITS, 0))
        self._digits = b"" if last is None else last.group()
        return content


def _parsed(line: str) -> Any:
    try:
        return load_json(line) if line.strip() else None
    except ValueError:
        return None


def _holds_a_list(value: Any, depth: int = 3) -> bool:
    """Whether a list of objects is somewhere inside an object."""
    if isinstance(value, list):
        return any(isinstance(one, dict) for one in value[:10])
    if isinstance(value, dict) and depth:
        return any(_holds_a_list(one, depth - 1) for one in value.values())
    return False
