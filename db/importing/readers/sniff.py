"""Guesses how a file is to be read: its format, its encoding, its columns and the order of dates."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pyarrow as pa
import pyarrow.parquet as pq

from db.errors import InputError
from db.importing.answers import DAY_FIRST, MONTH_FIRST, NO_ANSWERS, Answers
from db.importing.attributes.recognition import map_file
from db.importing.column_mapping import FRIENDSHIPS, GROUPS, ColumnMapping, map_columns
from db.importing.readers.encoding import EncodingGuess, codec_of, decode_head, guess_encoding
from db.importing.readers.foreign import (
    is_web_page,
    refuse_foreign,
    refuse_foreign_text,
    workbook_format,
)
from db.importing.readers.header import (
    HEADING_ROWS,
    Heading,
    distinct,
    find_heading,
    find_heading_in_sheet,
    rows_below,
)
from db.importing.readers.identical_headings import names_before_ids
from db.importing.readers.json_lists import (
    document_headings,
    is_json_document,
    line_headings,
    list_path,
)
from db.importing.readers.source import SourceFile
from db.importing.readers.tables import Table
from db.messages import Message, Value

FORMATS = ("csv", "jsonl", "json", "parquet", "beibei", "xlsx", "xlsb", "xls", "ods", "html")
TABLES = ("xlsx", "xlsb", "xls", "ods", "html")  # formats with rows and headings, but without lines
_SAMPLE = 1000  # rows of a sheet that are searched for dates


@dataclass(frozen=True)
class Outline:
    """What a file is, before its columns are mapped to fields."""

    format: str  # one of FORMATS
    headings: tuple[str, ...]  # distinct
    encoding: str = "utf-8"
    delimiter: str = ""  # empty if the format has none
    heading_line: int = 1  # of a CSV file or a sheet, where the heading begins
    last_heading_line: int = 1
    dates: str = ""  # DAY_FIRST, MONTH_FIRST, or empty if the content does not tell
    friendships: bool = False  # whether a row is two friends, as declared or by the file's name
    known: int = 1  # headings whose meaning is known; without any the file cannot be read
    sheet: str = ""  # of a workbook
    sheets: tuple[str, ...] = ()  # all that have rows
    path: str = ""  # of a JSON document's list, as db.importing.readers.json_lists.list_path
    notes: tuple[Message, ...] = ()  # what people should know about how the file is read
    settled: Mapping[str, str] = field(default_factory=dict)  # heading -> field, by the content


@dataclass(frozen=True)
class Layout:
    """How to read a file."""

    outline: Outline
    mapping: ColumnMapping  # what each column holds, and what a row is

    @property
    def format(self) -> str:
        """One of FORMATS."""
        return self.outline.format

    @property
    def dates(self) -> str:
        """DAY_FIRST, MONTH_FIRST or empty."""
        return self.outline.dates


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
    return Layout(outline, mapping_of(outline, answers, kind))


def outline_of(
    source: SourceFile,
    file_format: str = "auto",
    kind: str = "groups",
    answers: Answers = NO_ANSWERS,
) -> Outline:
    """What the file is, whatever its columns hold; raises InputError if the content fits no format."""
    head, name = source.head, source.name
    friendships = kind == FRIENDSHIPS
    answers.check()
    if head.startswith(b"PAR1"):
        _refuse_other(file_format, "parquet", name)
        headings = distinct(_parquet_headings(source))
        return Outline("parquet", headings, dates=answers.dates, friendships=friendships)
    if file_format == "parquet":
        raise InputError("db.file.not_parquet", name=name)
    if form := workbook_format(head):
        _refuse_other(file_format, form, name)
        return _outline_of_tables(source, form, "utf-8", friendships, answers)
    if file_format in TABLES and file_format != "html":
        raise InputError("db.file.not_a_workbook", name=name, form=file_format)
    refuse_foreign(head, name)
    if answers.encoding:
        return _outline_of_text(source, file_format, friendships, answers, answers.encoding)
    guess = guess_encoding(source)
    found = _outline_of_text(source, file_format, friendships, answers, guess.encoding)
    return replace(found, notes=found.notes + _notes_on_encoding(guess))


def _notes_on_encoding(guess: EncodingGuess) -> tuple[Message, ...]:
    """What the text reads like where its bytes do not tell the encoding, GB18030 without doubt excepted."""
    said: dict[str, Value] = {"encoding": guess.encoding, "sample": (guess.sample,)}
    if guess.others:
        other = guess.others[0]
        said |= {"other": other.encoding, "other_sample": (other.sample,)}
        return (Message("db.note.encoding_doubt", said),)
    if guess.sample and guess.encoding not in ("gb18030", "utf-8"):
        return (Message("db.note.encoding", said),)
    return ()


def _outline_of_text(
    source: SourceFile, file_format: str, friendships: bool, answers: Answers, encoding: str
) -> Outline:
    name, text = source.name, decode_head(source.head, encoding)
    if file_format == "html" or (file_format == "auto" and is_web_page(text)):
        return _outline_of_tables(source, "html", encoding, friendships, answers)
    if file_format == "auto":
        refuse_foreign_text(text, name)
    dates = answers.dates or guess_date_order(text)
    if file_format == "beibei" or (file_format == "auto" and _looks_like_beibei(text)):
        width = max(len(line.split("\t")) for line in text.splitlines()[:1000])
        pairs = friendships or (
            file_format == "auto" and width == 2 and _named_like_friendships(name)
        )
        columns = ("user", "friend") if pairs else ("initiator", "item", "participants")
        return Outline("beibei", columns, encoding, "\t", friendships=pairs)
    if file_format in ("jsonl", "json") or (
        file_format == "auto" and text.lstrip().startswith(("{", "["))
    ):
        document = file_format == "json" or (file_format == "auto" and is_json_document(text))
        path = list_path(source, encoding) if document else ""
        headings = document_headings(source, encoding, path) if document else line_headings(text)
        if not headings:
            raise InputError("db.file.no_json_object", name=name)
        form = "json" if document else "jsonl"
        return Outline(form, headings, encoding, dates=dates, friendships=friendships, path=path)
    found = find_heading(text, name, answers.columns, answers.delimiter, answers.heading_line)
    return Outline(
        "csv",
        found.cells,
        encoding,
        found.delimiter,
        found.line,
        found.last_line,
        dates,
        friendships,
        found.known,
        settled=names_before_ids(
            found.cells, rows_below(text, found.delimiter, found.last_line, _SAMPLE)
        ),
    )


def of_sheet(
    source: SourceFile,
    file_format: str = "auto",
    kind: str = "groups",
    answers: Answers = NO_ANSWERS,
) -> SourceFile:
    """The file under a hash of its own where a person chose another sheet than the product would.

    Each sheet of a workbook can be imported, but none twice.
    """
    if not answers.sheet:
        return source
    guessed = outline_of(source, file_format, kind, replace(answers, sheet="")).sheet
    if answers.sheet == guessed:
        return source
    sheet = hashlib.sha256(f"{source.sha256} {answers.sheet}".encode()).hexdigest()
    return replace(source, sha256=sheet)


def table_of(source: SourceFile, outline: Outline) -> Table:
    """The table that an outline was made of."""
    return source.tables(outline.format, codec_of(outline.encoding)).named(outline.sheet)


def _outline_of_tables(
    source: SourceFile, form: str, encoding: str, friendships: bool, answers: Answers
) -> Outline:
    """The outline of the sheet that was chosen, else of the one whose headings are best known."""
    tables = source.tables(form, codec_of(encoding)).tables
    if not tables:
        key = "db.file.page_without_table" if form == "html" else "db.file.empty_workbook"
        raise InputError(key, name=source.name)
    sheets = tuple(table.name for table in tables)
    if answers.sheet and answers.sheet not in sheets:
        raise InputError(
            "db.file.no_sheet", name=source.name, sheet=(answers.sheet,), sheets=sheets
        )
    chosen = [one for one in tables if answers.sheet in ("", one.name)]
    try:
        table, heading = _best_table(chosen, source.name, answers)
    except InputError as error:
        if form == "html" and not answers.heading_line:
            raise InputError("db.file.page_without_table", name=source.name) from error
        raise
    sample = "\n".join(cell for _, cells in table.first(_SAMPLE) for cell in cells)
    others = tuple(name for name in sheets if name != table.name)
    return Outline(
        format=form,
        headings=heading.cells,
        encoding=encoding,
        heading_line=heading.line,
        last_heading_line=heading.last_line,
        dates=answers.dates or guess_date_order(sample),
        friendships=friendships,
        known=heading.known,
        sheet=table.name,
        sheets=sheets,
        notes=(Message("db.note.sheet", {"sheet": (table.name,), "others": others}),)
        if others and not answers.sheet
        else (),
        settled=names_before_ids(
            heading.cells,
            (cells for number, cells in table.first(_SAMPLE) if number > heading.last_line),
        ),
    )


def _best_table(tables: Sequence[Table], name: str, answers: Answers) -> tuple[Table, Heading]:
    """The table with the most known headings, a visible one before a hidden one, and its heading."""
    found: list[tuple[Table, Heading]] = []
    first: InputError | None = None
    for table in tables:
        rows = table.first(2 * HEADING_ROWS)
        try:
            heading = find_heading_in_sheet(rows, name, answers.columns, answers.heading_line)
        except InputError as error:
            first = first or error
        else:
            found.append((table, heading))
    if first and not found:
        raise first
    return max(found, key=lambda one: (one[1].known, not one[0].hidden))


def mapping_of(
    outline: Outline, answers: Answers = NO_ANSWERS, kind: str = "groups"
) -> ColumnMapping:
    """What the columns hold; raises ColumnsError if one is missing, two mean the same, or the kind is in doubt."""
    if outline.format == "beibei":
        return ColumnMapping(
            outline.headings, outline.headings, FRIENDSHIPS if outline.friendships else GROUPS
        )
    columns = {**outline.settled, **answers.columns}
    if kind == "failed":
        return map_columns(outline.headings, columns)
    return map_file(outline.headings, columns, outline.friendships, answers.kind)


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


def _parquet_headings(source: SourceFile) -> list[str]:
    try:
        return [str(name) for name in pq.read_schema(source.path).names]
    except (pa.ArrowException, OSError, ValueError) as error:
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
