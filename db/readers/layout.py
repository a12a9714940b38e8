"""Guesses what a log file is, from its content: format, encoding, delimiter, columns, shape."""

import codecs
import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq

from db.errors import InputError
from db.headings import FRIENDSHIPS, GROUPS, ColumnMapping, field_of, resolve
from db.readers.opening import Opened

FORMATS = ("csv", "jsonl", "parquet", "beibei")
_DELIMITERS = ",\t;|"
_FOREIGN = (
    (b"PK\x03\x04", "an Excel workbook or a zip archive", "save the sheet as CSV"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", "save the sheet as CSV"),
    (b"%PDF", "a PDF", "export the logs as CSV"),
    (b"SQLite format 3", "a database", "export the logs as CSV"),
)


@dataclass(frozen=True)
class Layout:
    """How to read a file."""

    format: str  # one of FORMATS
    mapping: ColumnMapping  # what each column holds, and what a row is
    encoding: str = "utf-8"
    delimiter: str = ""


def guess_layout(
    opened: Opened,
    form: str = "auto",
    kind: str = "groups",
    columns: Mapping[str, str] | None = None,
) -> Layout:
    """The layout of the file; ``kind`` is what it was declared to be: groups, failed, friendships.

    Raises InputError where the content fits no format, or lacks a column.
    """
    head, name = opened.head, opened.name
    friends = kind == FRIENDSHIPS
    if head.startswith(b"PAR1"):
        _refuse_other(form, "parquet", name)
        return Layout("parquet", resolve(_parquet_headings(opened), columns, friends))
    if form == "parquet":
        raise InputError(f"{name} is no Parquet file. Choose another format, or leave it to auto.")
    for magic, what, remedy in _FOREIGN:
        if head.startswith(magic):
            raise InputError(f"{name} is {what}. Please {remedy} and import that.")
    encoding = guess_encoding(opened)
    text = decode_head(head, encoding)
    if form == "beibei" or (form == "auto" and _looks_like_beibei(text)):
        width = max(len(line.split("\t")) for line in text.splitlines()[:1000])
        social = form == "auto" and width == 2 and _social(name)
        return Layout("beibei", _beibei_mapping(friends or social), encoding, "\t")
    if form == "jsonl" or (form == "auto" and text.lstrip().startswith(("{", "["))):
        return Layout("jsonl", resolve(_json_headings(text, name), columns, friends), encoding)
    delimiter, headings = _csv_headings(text, name, columns or {})
    return Layout("csv", resolve(headings, columns, friends), encoding, delimiter)


def guess_encoding(opened: Opened) -> str:
    """UTF-8 (with or without a mark), UTF-16 or GB18030; InputError where the bytes are no text."""
    head = opened.head
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if head.startswith(mark):
            return encoding
    sample = head[:4096]
    if b"\0" in sample:
        for encoding in ("utf-16-le", "utf-16-be"):
            if _reads_as_text(sample, encoding):
                return encoding
        raise InputError(
            f"{opened.name} is no text: it holds zero bytes. Save it as CSV in UTF-8 and try again."
        )
    lines = [line for block in opened.samples for line in block.split(b"\n")[1:-1] or [block]]
    lines = [line for line in lines if not line.isascii()]
    if not lines:
        return "utf-8"
    shares = {
        encoding: sum(_decodes(line, encoding) for line in lines) / len(lines)
        for encoding in ("utf-8", "gb18030")
    }
    # Text in GB18030 is hardly ever valid UTF-8, while the reverse is common; so UTF-8 goes first.
    for encoding, share in shares.items():
        if share > 0.5:
            return encoding
    raise InputError(
        f"{opened.name} is no text in UTF-8, UTF-16 or GB18030. "
        "Save it as CSV in UTF-8 and try again."
    )


def _reads_as_text(sample: bytes, encoding: str) -> bool:
    """Whether nearly all signs are Latin or Chinese: with the halves swapped, few would be."""
    text = sample[: len(sample) // 2 * 2].decode(encoding, "replace")
    usual = sum(
        sign in "\t\r\n" or " " <= sign <= "~" or "\u3000" <= sign <= "\u9fff" for sign in text
    )
    ascii_signs = sum(sign <= "~" for sign in text)  # delimiters and line ends
    return usual > 0.95 * len(text) and ascii_signs > 0.02 * len(text)


def _decodes(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def decode_head(head: bytes, encoding: str) -> str:
    """The head as text, without a last line that may be cut."""
    text = codecs.getincrementaldecoder(encoding)("replace").decode(head)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    complete, newline, _ = text.rpartition("\n")
    return complete if newline and len(head) >= 1 << 18 else text


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


def _beibei_mapping(friends: bool) -> ColumnMapping:
    if friends:
        return ColumnMapping(("user", "friend"), ("user", "friend"), FRIENDSHIPS)
    fields = ("initiator", "item", "participants")
    return ColumnMapping(fields, fields, GROUPS)


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


def _csv_headings(text: str, name: str, columns: Mapping[str, str]) -> tuple[str, list[str]]:
    """The delimiter under which the first row holds the most headings that we know."""
    best: tuple[int, str, list[str]] = (0, "", [])
    for delimiter in _DELIMITERS:
        row = _first_row(text, delimiter)
        known = sum(field_of(cell) is not None or cell in columns for cell in row)
        if known > best[0]:
            best = (known, delimiter, row)
    if not best[0]:
        first = text.strip().splitlines()[0][:80]
        raise InputError(
            f"{name} has no heading that we know in its first line ({first!r}). "
            "Give the columns headings such as initiator, item, participants or 团长, 商品, 团员."
        )
    return best[1], best[2]


def _first_row(text: str, delimiter: str) -> list[str]:
    try:
        rows = csv.reader(io.StringIO(text.lstrip("\n"), newline=""), delimiter=delimiter)
        return [cell.strip() for cell in next(rows, [])]
    except csv.Error:  # a quotation mark that is never closed
        return []


def _parquet_headings(opened: Opened) -> list[str]:
    try:
        return [str(name) for name in pq.read_schema(opened.path).names]
    except (pa.ArrowException, OSError) as error:
        raise InputError(
            f"{opened.name} is a damaged or cut-off Parquet file. Copy or export it again."
        ) from error
