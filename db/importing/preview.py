"""A preview of a log file: how it would be read, and its first rows."""

import json
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pandas as pd

from db.importing.answers import NO_ANSWERS, Answers
from db.importing.attributes.recognition import guess_file_fields, kind_questions
from db.importing.column_mapping import ColumnsError
from db.importing.questions import Question
from db.importing.readers.encoding import decode_head, printable
from db.importing.readers.header import distinct, rows_below
from db.importing.readers.json_depth import is_too_deep, load_json
from db.importing.readers.json_lists import document_rows, flat
from db.importing.readers.parquet import parquet_batches, python_values
from db.importing.readers.sniff import TABLES, Outline, mapping_of, outline_of, table_of
from db.importing.readers.source import SourceFile, examine_file
from db.importing.readers.tables import Table
from db.importing.readers.typed_values import cell_of
from db.messages import Message


@dataclass(frozen=True)
class Preview:
    """How a file would be read, and its first rows unchanged."""

    file: str
    size: int  # bytes
    sha256: str
    format: str  # one of db.importing.readers.sniff.FORMATS
    shape: str  # groups, orders, friendships, items or users: what a row is; empty if the columns make none
    encoding: str
    delimiter: str  # empty if the format has none
    mapping: dict[str, str | None]  # heading -> field, None if the column is ignored
    rows: pd.DataFrame  # text, under the file's headings, which are made distinct
    heading_line: int = 1  # of a CSV file
    dates: str = ""  # day or month first in 01/02/2025; empty if unknown
    problem: ColumnsError | None = None  # why the columns make no log
    questions: tuple[Question, ...] = ()  # what the first rows leave open
    sheet: str = ""  # of a workbook, that is read
    sheets: tuple[str, ...] = ()  # all of a workbook that have rows
    notes: tuple[Message, ...] = ()  # what people should know about how the file is read


def preview_file(
    path: Path | str,
    file_format: str = "auto",
    kind: str = "groups",
    answers: Answers = NO_ANSWERS,
    name: str = "",
    rows: int = 20,
) -> Preview:
    """How the file would be imported with the same arguments.

    Raises InputError if its content fits no format. Columns that make no log are the ``problem`` of
    the preview: a person can choose what they hold.
    """
    return preview_source(examine_file(Path(path), name), file_format, kind, answers, rows)


def preview_source(
    source: SourceFile,
    file_format: str = "auto",
    kind: str = "groups",
    answers: Answers = NO_ANSWERS,
    rows: int = 20,
) -> Preview:
    """As ``preview_file``, of a file that was examined before."""
    outline = outline_of(source, file_format, kind, answers)
    try:
        mapping = mapping_of(outline, answers, kind)
        fields, shape, problem = list(mapping.fields), mapping.shape, None
    except ColumnsError as error:
        fields = guess_file_fields(outline.headings, answers.columns, answers.kind)
        shape, problem = "", error
    return Preview(
        file=source.name,
        size=source.size,
        sha256=source.sha256,
        format=outline.format,
        shape=shape,
        encoding=outline.encoding,
        delimiter=outline.delimiter,
        mapping=dict(zip(outline.headings, fields, strict=True)),
        rows=_first_rows(source, outline, rows),
        heading_line=outline.heading_line,
        dates=outline.dates,
        problem=problem,
        questions=kind_questions(problem),
        sheet=outline.sheet,
        sheets=outline.sheets,
        notes=outline.notes,
    )


def _first_rows(source: SourceFile, outline: Outline, count: int) -> pd.DataFrame:
    if outline.format == "parquet":
        return _parquet_rows(source, count)
    headings = outline.headings
    if outline.format in TABLES:
        cells = _sheet_rows(table_of(source, outline), outline, count)
    elif outline.format == "json":
        rows = document_rows(source, outline.encoding, outline.path)
        cells = [
            [_as_text(row.get(heading)) for heading in headings]
            for row in islice(rows, count)
            if isinstance(row, dict) and not is_too_deep(row)
        ]
    else:
        cells = _text_rows(decode_head(source.head, outline.encoding), outline, count)
    padded = [(row + [""] * len(headings))[: len(headings)] for row in cells]
    return pd.DataFrame(
        [[printable(cell) for cell in row] for row in padded], columns=list(distinct(headings))
    )


def _text_rows(text: str, outline: Outline, count: int) -> list[list[str]]:
    headings = outline.headings
    if outline.format == "jsonl":
        return [
            [_as_text(row.get(heading)) for heading in headings] for row in _objects(text, count)
        ]
    if outline.format == "beibei":
        # Everything behind the second tab is participants.
        lines = [line for line in text.split("\n") if line.strip()][:count]
        return [line.split("\t", len(headings) - 1) for line in lines]
    return rows_below(text, outline.delimiter, outline.last_heading_line, count)


def _sheet_rows(table: Table, outline: Outline, count: int) -> list[list[str]]:
    below = (cells for number, cells in table.read() if number > outline.last_heading_line)
    return list(islice(below, count))


def _parquet_rows(source: SourceFile, count: int) -> pd.DataFrame:
    batch = next(parquet_batches(source, count), {})
    cells = {
        heading: [printable(cell_of(value)) for value in python_values(column)]
        for heading, column in batch.items()
    }
    return pd.DataFrame(cells, dtype=object).head(count)


def _objects(text: str, count: int) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for line in text.split("\n"):
        try:
            row = load_json(line)
        except ValueError:
            continue  # reported with its line when the file is imported
        if isinstance(row, dict):
            found.append(flat(row))
        if len(found) == count:
            break
    return found


def _as_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, default=str)
