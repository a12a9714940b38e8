"""Imports log files: what stands in them is checked, and the good rows enter in one transaction.

The files of one call are one transaction with one batch id, and each has its own entry in the
history and its own undo. Where one of them cannot be used at all, none of them enters.
"""

import gc
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd
from sqlalchemy import Connection, func, select

from db.errors import DoubleImportError, InputError
from db.importing.group_rows import stager_for
from db.importing.history import UndoReport, history, rejected_rows, undo_import
from db.importing.preview import Preview, expected, preview, states_of
from db.importing.readers.chunk import Chunk, RowError
from db.importing.readers.delimited import read_beibei, read_csv
from db.importing.readers.json_parquet import parquet_rows, read_jsonl, read_parquet
from db.importing.readers.sniff import FORMATS, Layout, Reading, guess_layout
from db.importing.readers.source import Opened, examine
from db.importing.staged import Staged
from db.importing.validation import check
from db.importing.writer import Progress, Source, silent, write_staged
from db.safe_csv import spreadsheet_csv
from db.schema import friendships as friendship_table
from db.schema import group_members, groups, imports, items, users
from db.store import Store

__all__ = [
    "FORMATS",
    "ImportReport",
    "LogFile",
    "Preview",
    "Reading",
    "RefusedImportError",
    "UndoReport",
    "history",
    "import_files",
    "preview",
    "rejected_rows",
    "spreadsheet_csv",
    "undo_import",
]

KEPT_ERRORS = 100_000  # of one file; the count of rejected rows is exact all the same
_READERS = {
    "csv": read_csv,
    "jsonl": read_jsonl,
    "parquet": read_parquet,
    "beibei": read_beibei,
}


@dataclass(frozen=True)
class LogFile:
    """A file to import; an upload lies under another name than the person knows."""

    path: Path
    kind: str = "groups"  # groups, failed or friendships
    name: str = ""
    columns: Mapping[str, str] | None = None  # of this file; None: those of the call
    reading: Reading | None = None


@dataclass(frozen=True)
class ImportReport:
    """What became of one file; the counts of new rows were taken after the commit.

    Of a dry run they are those that an import would bring now.
    """

    id: int | None  # None where nothing was written: a dry run, or a refusal
    file: str
    sha256: str
    kind: str
    format: str
    shape: str
    accepted: int  # rows of the file
    rejected: int
    errors: list[RowError] = field(repr=False)
    notes: list[str]
    new: dict[str, int]  # users, items, groups, members and friendships that the import brought
    states: dict[str, int]  # successful, failed and open groups among the accepted rows

    def error_frame(self) -> pd.DataFrame:
        """The errors as a table: line, column, value, problem, row."""
        columns = ["line", "column", "value", "problem", "row"]
        return pd.DataFrame([vars(error) for error in self.errors], columns=columns)


class RefusedImportError(InputError):
    """Nothing was imported; ``reports`` say what is wrong with which rows."""

    def __init__(self, message: str, reports: list[ImportReport]) -> None:
        super().__init__(message)
        self.reports = reports


def import_files(
    store: Store,
    files: Sequence[LogFile | Path | str],
    failed: Sequence[Path | str] = (),
    friendships: Sequence[Path | str] = (),
    *,
    form: str = "auto",
    columns: Mapping[str, str] | None = None,
    reading: Reading | None = None,
    dry_run: bool = False,
    strict: bool = False,
    force: bool = False,
    progress: Progress = silent,
) -> list[ImportReport]:
    """Import the files in one transaction and report on each, in their order.

    ``failed`` are files of failed launches, ``friendships`` of friendships; ``columns`` maps
    headings to fields where the guess is wrong, ``reading`` says how the files are to be read; a
    LogFile may bring its own of both. Good rows enter and bad rows are kept as errors of
    the import; with ``strict`` one bad row refuses everything. A file that the store holds already
    is refused unless ``force``. A dry run writes nothing.

    Raises InputError (RefusedImportError, with the reports, where rows are to blame): the store is
    as it was. Raises StoreError where the store cannot be written.
    """
    logs = [one if isinstance(one, LogFile) else LogFile(Path(one)) for one in files]
    logs += [LogFile(Path(one), "failed") for one in failed]
    logs += [LogFile(Path(one), "friendships") for one in friendships]
    if not logs:
        raise InputError("There is no file to import. Name at least one.")
    opened = [examine(log.path, log.name) for log in logs]
    if not force:
        _refuse_doubles(opened)
        with store.read() as connection:
            _refuse_known(connection, opened)
    with _collector_paused():
        staged: list[Staged] = []
        reports: list[ImportReport] = []
        for log, one in zip(logs, opened, strict=True):
            own = replace(
                log,
                columns=columns if log.columns is None else log.columns,
                reading=reading if log.reading is None else log.reading,
            )
            rows, report = _read(own, one, form, progress)
            staged.append(rows)
            reports.append(report)
        _refuse_unusable(reports, strict)
        if dry_run:
            return [
                replace(report, new=new)
                for report, new in zip(reports, expected(store, staged), strict=True)
            ]
        ids = _write(store, opened if not force else [], staged, reports, progress)
    with store.read() as connection:
        return [
            replace(report, id=id, new=_count_new(connection, id))
            for id, report in zip(ids, reports, strict=True)
        ]


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Rows are millions of small lists in no cycle: the collector doubles the time for nothing."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _read(
    log: LogFile,
    opened: Opened,
    form: str,
    progress: Progress,
) -> tuple[Staged, ImportReport]:
    layout = guess_layout(opened, form, log.kind, log.columns, log.reading)
    length = parquet_rows(opened) if layout.format == "parquet" else opened.length
    stager = stager_for(layout.mapping, log.kind)
    accepted = rejected = 0
    errors: list[RowError] = []
    for chunk in _chunks(opened, layout):
        rows, found = check(chunk, layout.mapping, log.kind, layout.dates)
        stager.add(rows)
        accepted += len(rows.lines)
        rejected += len({error.line for error in found})
        errors += found[: KEPT_ERRORS - len(errors)]
        done = accepted + rejected
        # How many rows the file has, told by how much of it they took.
        progress("reading", done, round(done * length / chunk.read) if chunk.read else 0)
    staged, found, notes = stager.done()
    errors += found[: KEPT_ERRORS - len(errors)]
    rejected += len(found)
    if rejected > KEPT_ERRORS:
        notes.append(f"Of the errors only the first {KEPT_ERRORS} are kept.")
    report = ImportReport(
        id=None,
        file=opened.name,
        sha256=opened.sha256,
        kind="friendships" if len(staged.friendships) else log.kind,
        format=layout.format,
        shape=layout.mapping.shape,
        accepted=accepted - len(found),
        rejected=rejected,
        errors=sorted(errors, key=lambda error: error.line),
        notes=notes + _doubts(log, layout, staged),
        new={},
        states=states_of(staged),
    )
    return staged, report


def _chunks(opened: Opened, layout: Layout) -> Iterator[Chunk]:
    return _READERS[layout.format](opened, layout)


def _doubts(log: LogFile, layout: Layout, staged: Staged) -> list[str]:
    """What the person should know of a guess that the content cannot settle."""
    if layout.format != "beibei" or log.kind != "groups":
        return []
    if len(staged.friendships):
        return ["Read as friendships, by its name and its two columns."]
    if not len(staged.member) and staged.group_id:
        return [
            "Every line has two columns: read as failed launches. If they are friendships, import "
            "the file as friendships instead."
        ]
    return []


def _refuse_doubles(opened: Iterable[Opened]) -> None:
    seen: dict[str, str] = {}
    for one in opened:
        if one.sha256 in seen:
            raise InputError(
                f"{one.name} and {seen[one.sha256]} hold the same bytes. Name only one of them."
            )
        seen[one.sha256] = one.name


def _refuse_known(connection: Connection, opened: Iterable[Opened]) -> None:
    for one in opened:
        known = connection.execute(
            select(imports.c.id, imports.c.file).where(
                imports.c.sha256 == one.sha256, imports.c.undone_at.is_(None)
            )
        ).first()
        if known is not None:
            raise DoubleImportError(
                f"{one.name} was imported already, as import {known.id} ({known.file}). "
                f"Undo that one first, or import it again with --force.",
                known.id,
            )


def _refuse_unusable(reports: list[ImportReport], strict: bool) -> None:
    for report in reports:
        rows = report.accepted + report.rejected
        if not rows:
            raise RefusedImportError(f"{report.file} has no rows below its heading.", reports)
        first = report.errors[0] if report.errors else None
        example = f" Line {first.line}: {first.problem}" if first else ""
        if not report.accepted:
            raise RefusedImportError(
                f"None of the {rows} rows of {report.file} can be used.{example}", reports
            )
        if strict and report.rejected:
            raise RefusedImportError(
                f"{report.rejected} of the {rows} rows of {report.file} cannot be used, and strict "
                f"imports take all rows or none.{example}",
                reports,
            )


def _write(
    store: Store,
    opened: Iterable[Opened],
    staged: Sequence[Staged],
    reports: Sequence[ImportReport],
    progress: Progress,
) -> list[int]:
    batch = uuid.uuid4().hex
    progress("waiting", 0, 0)  # for another import that is writing
    with store.write() as connection:
        # Another process may have imported the same file while this one was reading.
        _refuse_known(connection, opened)
        return [
            write_staged(connection, rows, _source(batch, report), report.errors, progress)
            for rows, report in zip(staged, reports, strict=True)
        ]


def _source(batch: str, report: ImportReport) -> Source:
    return Source(
        batch=batch,
        file=report.file,
        kind=report.kind,
        format=report.format,
        sha256=report.sha256,
        accepted=report.accepted,
        rejected=report.rejected,
    )


def _count_new(connection: Connection, id: int) -> dict[str, int]:
    tables = {
        "users": users,
        "items": items,
        "groups": groups,
        "members": group_members,
        "friendships": friendship_table,
    }
    return {
        name: connection.execute(
            select(func.count()).select_from(table).where(table.c.import_id == id)
        ).scalar_one()
        for name, table in tables.items()
    }
