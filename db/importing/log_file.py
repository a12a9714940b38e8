"""Reads and validates one log file: a first pass over what its columns hold, then its rows."""

from dataclasses import dataclass, replace
from pathlib import Path

from db.errors import InputError
from db.forgetting.people import NOBODY, Forgotten
from db.forgetting.staged_people import without_forgotten, without_named_rows
from db.importing.answers import Answers
from db.importing.assembly.tidy_rows import RowTidier
from db.importing.attributes.attribute_file import AttributeFile
from db.importing.column_mapping import ITEMS, USERS
from db.importing.earlier_groups import EarlierLaunches
from db.importing.findings import findings, ignored_columns
from db.importing.group_rows import collector_for
from db.importing.nothing import without_nothing
from db.importing.readers.chunk import RowError
from db.importing.readers.delimited import read_beibei, read_csv, read_table
from db.importing.readers.json_rows import read_json, read_jsonl
from db.importing.readers.parquet import parquet_rows, read_parquet
from db.importing.readers.sniff import TABLES, Layout, guess_layout
from db.importing.readers.source import SourceFile
from db.importing.readings import CellNotes, Readings
from db.importing.report import ImportReport
from db.importing.staged import StagedLogs
from db.importing.survey import Survey, headings_of, second_columns, surveyed_mapping
from db.importing.times_of_groups import with_filled_groups
from db.importing.validation import validate_chunk
from db.importing.writer import ProgressCallback, no_progress
from db.messages import Message

KEPT_ERRORS = 100_000  # per file; all rejected rows are counted nevertheless
_READERS = {
    "csv": read_csv,
    "jsonl": read_jsonl,
    "json": read_json,
    "parquet": read_parquet,
    "beibei": read_beibei,
    **dict.fromkeys(TABLES, read_table),
}


@dataclass(frozen=True)
class LogFile:
    """A file to import."""

    path: Path
    kind: str = "groups"  # groups, failed or friendships
    name: str = ""  # as the person knows it: an upload is stored under another path
    answers: Answers | None = None  # None: as given to import_files


def read_log(
    log: LogFile,
    source: SourceFile,
    file_format: str,
    answers: Answers,
    progress: ProgressCallback = no_progress,
    limit: int = 0,
    known: EarlierLaunches = EarlierLaunches(),  # noqa: B008 - it is empty and never changes
    zone: str = "",
    forgotten: Forgotten = NOBODY,
) -> tuple[StagedLogs, ImportReport]:
    """Read and validate one file; the report has no id and no counts of new rows yet.

    With a ``limit``, no more than so many rows are read. ``known`` are groups that the file may go
    on with. ``zone`` is that of the shop's clock, guessed where it is empty.
    """
    layout = guess_layout(source, file_format, log.kind, answers)
    length = parquet_rows(source) if layout.format == "parquet" else source.length
    tidier = RowTidier(layout.mapping)
    survey = _survey(source, layout, answers, limit)
    readings = survey.readings(zone)
    cell_notes = CellNotes()
    if layout.mapping.shape in (ITEMS, USERS):
        file = AttributeFile(layout.mapping, readings, answers, cell_notes)
        read = _read_attributes(source, layout, file, survey, readings, cell_notes, progress, limit)
        return _without_forgotten(*read, forgotten)
    collector = collector_for(layout.mapping, log.kind, known)
    accepted = rejected = undecided = 0
    errors: list[RowError] = []
    for chunk in _READERS[layout.format](source, layout):
        if limit:
            chunk = chunk.head(limit - accepted - rejected)
        if layout.format != "beibei":
            chunk = tidier.tidied(without_nothing(chunk))
        rows, found = validate_chunk(chunk, layout.mapping, log.kind, readings, cell_notes)
        collector.add(rows)
        accepted += len(rows.lines)
        rejected += len({error.line for error in found})
        undecided += sum(error.problem.key == "db.row.undecided" for error in found)
        errors += found[: KEPT_ERRORS - len(errors)]
        done = accepted + rejected
        # The total is estimated from the part of the file that these rows took.
        progress("reading", done, round(done * length / chunk.read) if chunk.read else 0)
        if limit and done >= limit:
            break
    if not accepted and not rejected:
        raise InputError("db.import.no_rows", name=source.name)
    staged, found, notes = collector.finish()
    staged, notes = tidier.with_names(staged), tidier.notes() + notes
    staged, unfilled = with_filled_groups(staged)
    notes += unfilled
    staged, people = without_forgotten(staged, forgotten)
    if people:
        notes.append(Message("db.note.forgotten_people", {"n": people}))
    errors += found[: KEPT_ERRORS - len(errors)]
    rejected += len(found)
    notes = [
        *second_columns(layout.mapping),
        *survey.notes(readings),
        *cell_notes.messages(headings_of(layout.mapping), readings.zone),
        *notes,
    ]
    if rejected > KEPT_ERRORS:
        notes.append(Message("db.note.errors_cut", {"n": KEPT_ERRORS}))
    report = ImportReport(
        id=None,
        file=source.name,
        sha256=source.sha256,
        kind="friendships" if len(staged.friendships) else log.kind,
        format=layout.format,
        shape=layout.mapping.shape,
        accepted=accepted - len(found),
        rejected=rejected,
        errors=without_named_rows(sorted(errors, key=lambda error: error.line), forgotten),
        notes=[
            *layout.outline.notes,
            *notes,
            *_notes_on_guess(log, layout, staged),
            *findings(staged, layout.mapping),
        ],
        new={},
        states=staged.groups_by_status(),
        questions=tuple(survey.questions(readings, undecided)),
        zone=readings.zone,
    )
    return staged, report


def _read_attributes(
    source: SourceFile,
    layout: Layout,
    file: AttributeFile,
    survey: Survey,
    readings: Readings,
    cell_notes: CellNotes,
    progress: ProgressCallback,
    limit: int,
) -> tuple[StagedLogs, ImportReport]:
    """The same of a file of items or of users, a row each."""
    mapping = layout.mapping
    length = parquet_rows(source) if layout.format == "parquet" else source.length
    accepted = rejected = 0
    errors: list[RowError] = []
    for chunk in _READERS[layout.format](source, layout):
        if limit:
            chunk = chunk.head(limit - accepted - rejected)
        good, found = file.add(chunk)
        accepted += good
        rejected += len({error.line for error in found})
        errors += found[: KEPT_ERRORS - len(errors)]
        done = accepted + rejected
        progress("reading", done, round(done * length / chunk.read) if chunk.read else 0)
        if limit and done >= limit:
            break
    if not accepted and not rejected:
        raise InputError("db.import.no_rows", name=source.name)
    staged, found, notes = file.finish()
    errors += found[: KEPT_ERRORS - len(errors)]
    rejected += len(found)
    if rejected > KEPT_ERRORS:
        notes.append(Message("db.note.errors_cut", {"n": KEPT_ERRORS}))
    return staged, ImportReport(
        id=None,
        file=source.name,
        sha256=source.sha256,
        kind=mapping.shape,
        format=layout.format,
        shape=mapping.shape,
        accepted=accepted - len(found),
        rejected=rejected,
        errors=sorted(errors, key=lambda error: error.line),
        notes=[
            *layout.outline.notes,
            *second_columns(mapping),
            *cell_notes.messages(headings_of(mapping), readings.zone),
            *notes,
            *ignored_columns(mapping),
        ],
        new={},
        states=staged.groups_by_status(),
        questions=(*file.questions(), *survey.questions(readings)),
        zone=readings.zone,
    )


def _without_forgotten(
    staged: StagedLogs, report: ImportReport, forgotten: Forgotten
) -> tuple[StagedLogs, ImportReport]:
    staged, people = without_forgotten(staged, forgotten)
    notes = [Message("db.note.forgotten_people", {"n": people})] if people else []
    errors = without_named_rows(report.errors, forgotten)
    return staged, replace(report, errors=errors, notes=[*report.notes, *notes])


def _survey(source: SourceFile, layout: Layout, answers: Answers, limit: int) -> Survey:
    """What the columns hold on which the reading of a file depends; files without such are not read."""
    survey = Survey(layout.mapping, answers, layout.dates, layout.format == "beibei")
    mapping = surveyed_mapping(layout.mapping)
    if mapping is None:
        return survey
    seen = 0
    for chunk in _READERS[layout.format](source, replace(layout, mapping=mapping)):
        survey.add(chunk.head(limit - seen) if limit else chunk)
        seen += len(chunk.lines)
        if limit and seen >= limit:
            break
    return survey


def _notes_on_guess(log: LogFile, layout: Layout, staged: StagedLogs) -> list[Message]:
    """A note if the content leaves open what the file holds, so that people can correct the guess."""
    if layout.format != "beibei" or log.kind != "groups":
        return []
    if len(staged.friendships):
        return [Message("db.note.friendships")]
    if not len(staged.member) and staged.group_id:
        return [Message("db.note.failed_launches")]
    return []
