"""Guesses how a file is to be read: its format, its encoding, its columns and the order of dates."""

import json
import re
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq

from db.errors import InputError
from db.importing.answers import DAY_FIRST, MONTH_FIRST, NO_ANSWERS, Answers
from db.importing.column_mapping import FRIENDSHIPS, GROUPS, ColumnMapping, map_columns
from db.importing.readers.encoding import decode_head, guess_encoding
from db.importing.readers.header import find_heading
from db.importing.readers.source import SourceFile, refuse_foreign

FORMATS = ("csv", "jsonl", "parquet", "beibei")


@dataclass(frozen=True)
class Outline:
    """What a file is, before its columns are mapped to fields."""

    format: str  # one of FORMATS
    headings: tuple[str, ...]
    encoding: str = "utf-8"
    delimiter: str = ""  # empty if the format has none
    heading_line: int = 1  # of a CSV file
    dates: str = ""  # DAY_FIRST, MONTH_FIRST, or empty if the content does not tell
    friendships: bool = False  # whether a row is two friends, as declared or by the file's name
    known: int = 1  # headings whose meaning is known; without any the file cannot be read


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
    source: SourceFile,
    file_format: str = "auto",
    kind: str = "groups",
    answers: Answers = NO_ANSWERS,
) -> Layout:
    """The layout of the file; ``kind`` is what it was declared to be: groups, failed, friendships.

    Raises InputError if the content fits no format or lacks a column.
    """
    outline = outline_of(source, file_format, kind, answers)
    if not outline.known:
        headings = tuple(heading[:40] for heading in outline.headings[:20])
        raise InputError("db.file.unknown_headings", name=source.name, headings=headings)
    return Layout(
        format=outline.format,
        mapping=mapping_of(outline, answers),
        encoding=outline.encoding,
        delimiter=outline.delimiter,
        heading_line=outline.heading_line,
        dates=outline.dates,
    )


def outline_of(
    source: SourceFile,
    file_format: str = "auto",
    kind: str = "groups",
    answers: Answers = NO_ANSWERS,
) -> Outline:
    """What the file is, whatever its columns hold; raises InputError if the content fits no format."""
    head, name = source.head, source.name
    friendships = kind == FRIENDSHIPS
    if head.startswith(b"PAR1"):
        _refuse_other(file_format, "parquet", name)
        headings = tuple(_parquet_headings(source))
        return Outline("parquet", headings, dates=answers.dates, friendships=friendships)
    if file_format == "parquet":
        raise InputError("db.file.not_parquet", name=name)
    refuse_foreign(head, name)
    answers.check()
    encoding = answers.encoding or guess_encoding(source)
    text = decode_head(head, encoding)
    dates = answers.dates or guess_date_order(text)
    if file_format == "beibei" or (file_format == "auto" and _looks_like_beibei(text)):
        width = max(len(line.split("\t")) for line in text.splitlines()[:1000])
        pairs = friendships or (
            file_format == "auto" and width == 2 and _named_like_friendships(name)
        )
        headings = ("user", "friend") if pairs else ("initiator", "item", "participants")
        return Outline("beibei", headings, encoding, "\t", friendships=pairs)
    if file_format == "jsonl" or (file_format == "auto" and text.lstrip().startswith(("{", "["))):
        headings = tuple(_json_headings(text, name))
        return Outline("jsonl", headings, encoding, dates=dates, friendships=friendships)
    found = find_heading(text, name, answers.columns, answers.delimiter, answers.heading_line)
    return Outline(
        "csv", found.cells, encoding, found.delimiter, found.line, dates, friendships, found.known
    )


def mapping_of(outline: Outline, answers: Answers = NO_ANSWERS) -> ColumnMapping:
    """What the columns hold; raises ColumnsError if one is missing or two mean the same."""
    if outline.format == "beibei":
        return ColumnMapping(
            outline.headings, outline.headings, FRIENDSHIPS if outline.friendships else GROUPS
        )
    return map_columns(outline.headings, answers.columns, outline.friendships)


def _refuse_other(file_format: str, found: str, name: str) -> None:
    if file_format not in ("auto", found):
        raise InputError("db.file.other_format", name=name, found=found, form=file_format)


def _looks_like_beibei(text: str) -> bool:
    lines = [line for line in text.splitlines()[:1000] if line.strip()]
    fields = [line.strip("\r").split("\t") for line in lines]
    return all(len(row) >= 2 and all(cell.strip().isdecimal() for cell in row) for row in fields)


def _named_like_friendships(name: str) -> bool:
    """Whether the name says that the two columns are friends; their content cannot tell."""
    return any(word in name.lower() for word in ("social", "friend", "relation"))


def _json_headings(text: str, name: str) -> list[str]:
    if text.lstrip().startswith("["):
        raise InputError("db.file.json_list", name=name)
    headings: dict[str, None] = {}
    for line in text.splitlines()[:1000]:
        try:
            row = json.loads(line) if line.strip() else {}
        except ValueError:
            continue  # reported with its line when the rows are read
        if isinstance(row, dict):
            headings.update(dict.fromkeys(map(str, row)))
    if not headings:
        raise InputError("db.file.no_json_object", name=name)
    return list(headings)


def _parquet_headings(source: SourceFile) -> list[str]:
    try:
        return [str(name) for name in pq.read_schema(source.path).names]
    except (pa.ArrowException, OSError) as error:
        raise InputError("db.file.damaged_parquet", name=source.name) from error


_DATE = re.compile(r"(?<![\d/.-])(\d{1,2})([/.-])(\d{1,2})\2\d{4}(?!\d)")


def guess_date_order(text: str) -> str:
    """DAY_FIRST or MONTH_FIRST if the unambiguous dates in the text agree on it, else empty."""
    firsts, seconds = set(), set()
    for first, _, second in _DATE.findall(text):
        firsts.add(int(first))
        seconds.add(int(second))
    day_first, month_first = max(firsts, default=0) > 12, max(seconds, default=0) > 12
    if day_first == month_first:
        return ""
    return DAY_FIRST if day_first else MONTH_FIRST
