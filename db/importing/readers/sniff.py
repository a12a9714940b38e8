"""Guesses what a log file is, from its content: format, encoding, delimiter, columns, shape.

Which comes first in dates such as 01/02/2025, told by the dates that leave no choice.
"""

import codecs
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq

from db.errors import InputError
from db.importing.column_mapping import FRIENDSHIPS, GROUPS, ColumnMapping, resolve
from db.importing.readers.encoding import ENCODINGS, decode_head, guess_encoding
from db.importing.readers.header import find_heading
from db.importing.readers.source import Opened, refuse_foreign

FORMATS = ("csv", "jsonl", "parquet", "beibei")


@dataclass(frozen=True)
class Reading:
    """What a person says about how a file is to be read; what is left empty is guessed."""

    encoding: str = ""  # one of db.importing.readers.encoding.ENCODINGS
    delimiter: str = ""  # one of db.importing.readers.header.DELIMITERS
    heading_line: int = 0  # from 1
    dates: str = ""  # DAY_FIRST or MONTH_FIRST of db.importing.readers.sniff


@dataclass(frozen=True)
class Outline:
    """What a file is before its columns are understood."""

    format: str  # one of FORMATS
    headings: tuple[str, ...]
    encoding: str = "utf-8"
    delimiter: str = ""  # empty where the format has none
    heading_line: int = 1  # of a CSV file
    dates: str = ""  # which comes first in 01/02/2025; empty where nothing tells
    friends: bool = False  # whether a row is two friends, said or told by the name
    known: int = 1  # headings that we know; 0 makes a file one that we cannot place


@dataclass(frozen=True)
class Layout:
    """How to read a file."""

    format: str  # one of FORMATS
    mapping: ColumnMapping  # what each column holds, and what a row is
    encoding: str = "utf-8"
    delimiter: str = ""
    heading_line: int = 1
    dates: str = ""


def guess_layout(
    opened: Opened,
    form: str = "auto",
    kind: str = "groups",
    columns: Mapping[str, str] | None = None,
    reading: Reading | None = None,
) -> Layout:
    """The layout of the file; ``kind`` is what it was declared to be: groups, failed, friendships.

    Raises InputError where the content fits no format, or lacks a column.
    """
    found = outline(opened, form, kind, columns, reading)
    if not found.known:
        headings = ", ".join(repr(heading[:40]) for heading in found.headings[:20])
        raise InputError(
            f"{opened.name} has no heading that we know; it has {headings}. "
            "Say what the columns hold, or give them headings such as initiator, item, "
            "participants or 团长, 商品, 团员."
        )
    return Layout(
        format=found.format,
        mapping=mapping_of(found, columns),
        encoding=found.encoding,
        delimiter=found.delimiter,
        heading_line=found.heading_line,
        dates=found.dates,
    )


def outline(
    opened: Opened,
    form: str = "auto",
    kind: str = "groups",
    columns: Mapping[str, str] | None = None,
    reading: Reading | None = None,
) -> Outline:
    """What the file is, whatever its columns hold; InputError where the content fits no format."""
    said = reading or Reading()
    head, name = opened.head, opened.name
    friends = kind == FRIENDSHIPS
    if head.startswith(b"PAR1"):
        _refuse_other(form, "parquet", name)
        headings = tuple(_parquet_headings(opened))
        return Outline("parquet", headings, dates=said.dates, friends=friends)
    if form == "parquet":
        raise InputError(f"{name} is no Parquet file. Choose another format, or leave it to auto.")
    refuse_foreign(head, name)
    _refuse_unknown(said)
    encoding = said.encoding or guess_encoding(opened)
    text = decode_head(head, encoding)
    dates = said.dates or guess_order(text)
    if form == "beibei" or (form == "auto" and _looks_like_beibei(text)):
        width = max(len(line.split("\t")) for line in text.splitlines()[:1000])
        social = friends or (form == "auto" and width == 2 and _social(name))
        headings = ("user", "friend") if social else ("initiator", "item", "participants")
        return Outline("beibei", headings, encoding, "\t", friends=social)
    if form == "jsonl" or (form == "auto" and text.lstrip().startswith(("{", "["))):
        headings = tuple(_json_headings(text, name))
        return Outline("jsonl", headings, encoding, dates=dates, friends=friends)
    found = find_heading(text, name, columns or {}, said.delimiter, said.heading_line)
    return Outline(
        "csv", found.cells, encoding, found.delimiter, found.line, dates, friends, found.known
    )


def mapping_of(found: Outline, columns: Mapping[str, str] | None = None) -> ColumnMapping:
    """What the columns hold; InputError where a needed column is missing or two mean the same."""
    if found.format == "beibei":
        return ColumnMapping(
            found.headings, found.headings, FRIENDSHIPS if found.friends else GROUPS
        )
    return resolve(found.headings, columns, found.friends)


def _refuse_unknown(said: Reading) -> None:
    """Refuse what a person typed and nothing can be read by."""
    try:
        codecs.lookup(said.encoding or "utf-8")
    except LookupError as error:
        raise InputError(
            f"There is no encoding {said.encoding!r}. Known are {', '.join(ENCODINGS)}."
        ) from error
    if len(said.delimiter) > 1 or said.heading_line < 0:
        wrong = repr(said.delimiter) if said.heading_line >= 0 else str(said.heading_line)
        raise InputError(
            f"{wrong} cannot be used. A delimiter is one sign; lines are counted from 1."
        )


def _refuse_other(form: str, found: str, name: str) -> None:
    if form not in ("auto", found):
        raise InputError(f"{name} is a {found} file, not {form}. Leave the format to auto.")


def _looks_like_beibei(text: str) -> bool:
    lines = [line for line in text.splitlines()[:1000] if line.strip()]
    fields = [line.strip("\r").split("\t") for line in lines]
    return all(len(row) >= 2 and all(cell.strip().isdecimal() for cell in row) for row in fields)


def _social(name: str) -> bool:
    """Whether the name says that its two columns are friends; their content cannot tell."""
    return any(word in name.lower() for word in ("social", "friend", "relation"))


def _json_headings(text: str, name: str) -> list[str]:
    if text.lstrip().startswith("["):
        raise InputError(
            f"{name} is one JSON list. Write one object a line instead, without the brackets "
            "and the commas between them."
        )
    headings: dict[str, None] = {}
    for line in text.splitlines()[:1000]:
        try:
            row = json.loads(line) if line.strip() else {}
        except ValueError:
            continue  # reported with its line when the rows are read
        if isinstance(row, dict):
            headings.update(dict.fromkeys(map(str, row)))
    if not headings:
        raise InputError(f"{name} holds no JSON object in its first lines. Write one a line.")
    return list(headings)


def _parquet_headings(opened: Opened) -> list[str]:
    try:
        return [str(name) for name in pq.read_schema(opened.path).names]
    except (pa.ArrowException, OSError) as error:
        raise InputError(
            f"{opened.name} is a damaged or cut-off Parquet file. Copy or export it again."
        ) from error


DAY_FIRST, MONTH_FIRST = "day", "month"
_DATE = re.compile(r"(?<![\d/.-])(\d{1,2})([/.-])(\d{1,2})\2\d{4}(?!\d)")


def guess_order(text: str) -> str:
    """DAY_FIRST or MONTH_FIRST where the dates in the text agree on it, else empty."""
    firsts, seconds = set(), set()
    for first, _, second in _DATE.findall(text):
        firsts.add(int(first))
        seconds.add(int(second))
    day_first, month_first = max(firsts, default=0) > 12, max(seconds, default=0) > 12
    if day_first == month_first:
        return ""
    return DAY_FIRST if day_first else MONTH_FIRST
