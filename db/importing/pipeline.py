"""Imports log files: rows are validated, and the good ones enter the store in one transaction.

The files of one call share a transaction and a batch id; each has its own entry in the history and
can be undone on its own. If one of them cannot be used at all, none is imported.
"""

import gc
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Connection, select

from db.errors import DoubleImportError, InputError
from db.forgetting.people import read_forgotten
from db.forgetting.staged_people import without_forgotten, without_named_rows
from db.importing.answers import NO_ANSWERS, Answers
from db.importing.attributes.changes import changes
from db.importing.committed import committed_imports
from db.importing.earlier_groups import EarlierLaunches, overlaps
from db.importing.log_file import LogFile, read_log
from db.importing.readers.sniff import of_sheet
from db.importing.readers.source import SourceFile, examine_file
from db.importing.remembered import RememberedAnswers, recalled
from db.importing.report import (
    ImportReport,
    RefusedImportError,
    count_new,
    known_entities,
    predict_new,
)
from db.importing.staged import StagedLogs
from db.importing.stored_rows import stored_entities, stored_groups
from db.importing.writer import ImportRecord, ProgressCallback, no_progress, write_staged
from db.messages import Message
from db.schema import groups, imports
from db.shop_clock import is_universal, shop_zone, write_shop_zone
from db.store import Store


def import_files(
    store: Store,
    files: Sequence[LogFile | Path | str],
    failed: Sequence[Path | str] = (),
    friendships: Sequence[Path | str] = (),
    *,
    file_format: str = "auto",
    answers: Answers = NO_ANSWERS,
    remember: bool = False,
    dry_run: bool = False,
    strict: bool = False,
    force: bool = False,
    ask: bool = False,
    show: int = 0,
    progress: ProgressCallback = no_progress,
    batch: str = "",
) -> list[ImportReport]:
    """Import the files in one transaction and report on each, in their order.

    ``failed`` are files of failed launches, ``friendships`` of friendships; ``answers`` is what a
    person says about the files, and a LogFile may have its own. With ``remember``, what was said
    about earlier files with the same headings holds where ``answers`` says nothing, and what is said
    now holds for later ones. Good rows are imported, and bad rows are kept as errors of the
    import; with ``strict`` a single bad row refuses everything. A file that was imported before is
    refused unless ``force``. With ``ask``, nothing is imported while a question is open; without,
    the groups in question are held back. A dry run writes nothing. The reports hold the first
    ``show`` groups as they are stored. ``batch`` is the id by which the history tells the files of
    this call (default: a new one).

    Raises InputError (RefusedImportError with the reports if rows are at fault): the store is
    unchanged. Raises StoreError if the store cannot be written. Whatever is raised, nothing was
    imported: once the rows are committed, nothing ends the call but its reports.
    """
    logs = [one if isinstance(one, LogFile) else LogFile(Path(one)) for one in files]
    logs += [LogFile(Path(one), "failed") for one in failed]
    logs += [LogFile(Path(one), "friendships") for one in friendships]
    if not logs:
        raise InputError("db.import.no_file")
    sources = [
        of_sheet(
            examine_file(log.path, log.name),
            file_format,
            log.kind,
            answers if log.answers is None else log.answers,
        )
        for log in logs
    ]
    if not force:
        _refuse_same_content(sources)
        with store.read() as connection:
            _refuse_imported(connection, sources)
    with _garbage_collector_paused():
        staged: list[StagedLogs] = []
        reports: list[ImportReport] = []
        said: list[RememberedAnswers] = []
        clock = shop_zone(store)
        with store.read() as connection:
            forgotten = read_forgotten(connection)
            # Logs that are there have their times on the clock in force: a guess from a later file would move now
            # against them, and with it every deadline.
            clock_in_use = connection.execute(select(groups.c.id).limit(1)).scalar() is not None
        zone = clock.name if clock.settled or clock_in_use else ""
        for log, source in zip(logs, sources, strict=True):
            given = answers if log.answers is None else log.answers
            notes: list[Message] = []
            if remember:
                said.append(recalled(store, source, file_format, log.kind, given))
                notes, given = said[-1].notes(), said[-1].answers
            before = EarlierLaunches(store, staged)
            rows, report = read_log(
                log,
                source,
                file_format,
                given,
                progress,
                known=before,
                zone=zone,
                forgotten=forgotten,
            )
            zone = zone or report.zone
            examples = stored_groups(rows, show)
            entities = stored_entities(rows, show)
            report = replace(
                report, notes=notes + report.notes, examples=examples, entities=entities
            )
            staged.append(rows)
            reports.append(report)
        if ask:
            _refuse_open_questions(reports)
        _refuse_unusable(reports, strict)
        reports = [
            replace(
                report,
                notes=[
                    *report.notes,
                    *known.notes(),
                    *known_entities(store, rows),
                    *changes(store, rows),
                ],
            )
            for report, known, rows in zip(reports, overlaps(store, staged), staged, strict=True)
        ]
        if dry_run:
            return [
                replace(report, new=new)
                for report, new in zip(reports, predict_new(store, staged), strict=True)
            ]
        guessed = zone if not clock.settled and zone and not is_universal(zone) else ""
        batch = batch or uuid.uuid4().hex
        try:
            _write(
                store, batch, sources if not force else [], staged, reports, said, guessed, progress
            )
        except BaseException:
            # What ends a commit (an interrupt, a connection that breaks) does not say whether it came through.
            if not committed_imports(store, batch):
                raise
    return _counted(store, batch, reports)


def _counted(store: Store, batch: str, reports: Sequence[ImportReport]) -> list[ImportReport]:
    """The reports of committed files, with their ids and, where they can be counted, what is new."""
    done = list(reports)
    # An interrupt or a failure comes too late to undo anything.
    with suppress(Exception, KeyboardInterrupt):
        ids = committed_imports(store, batch)
        done = [replace(report, id=id) for id, report in zip(ids, reports, strict=True)]
        with store.read() as connection:
            done = [
                replace(one, new=count_new(connection, id))
                for id, one in zip(ids, done, strict=True)
            ]
    return done


@contextmanager
def _garbage_collector_paused() -> Iterator[None]:
    """Rows are millions of small lists without cycles, which the collector would scan in vain."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _refuse_same_content(sources: Iterable[SourceFile]) -> None:
    seen: dict[str, str] = {}
    for source in sources:
        if source.sha256 in seen:
            raise InputError("db.import.same_content", name=source.name, other=seen[source.sha256])
        seen[source.sha256] = source.name


def _refuse_imported(connection: Connection, sources: Iterable[SourceFile]) -> None:
    for source in sources:
        known = connection.execute(
            select(imports.c.id, imports.c.file).where(
                imports.c.sha256 == source.sha256, imports.c.undone_at.is_(None)
            )
        ).first()
        if known is not None:
            raise DoubleImportError(
                "db.import.already_imported",
                import_id=known.id,
                name=source.name,
                number=known.id,
                file=known.file,
            )


def _refuse_open_questions(reports: list[ImportReport]) -> None:
    count = sum(len(report.questions) for report in reports)
    if count:
        raise RefusedImportError("db.import.open_questions", reports, n=count)


def _refuse_unusable(reports: list[ImportReport], strict: bool) -> None:
    for report in reports:
        rows = report.accepted + report.rejected
        if not rows:
            raise RefusedImportError("db.import.no_rows", reports, name=report.file)
        if report.accepted and not (strict and report.rejected):
            continue
        first = report.errors[0]
        example = Message("db.import.line", {"line": first.line, "problem": first.problem})
        if not report.accepted:
            raise RefusedImportError(
                "db.import.no_usable_rows", reports, rows=rows, name=report.file, example=example
            )
        raise RefusedImportError(
            "db.import.strict",
            reports,
            rejected=report.rejected,
            rows=rows,
            name=report.file,
            example=example,
        )


def _write(
    store: Store,
    batch: str,
    sources: Iterable[SourceFile],
    staged: Sequence[StagedLogs],
    reports: Sequence[ImportReport],
    said: Iterable[RememberedAnswers],
    zone: str,
    progress: ProgressCallback,
) -> None:
    """Write all files, what was said about them and the guessed zone in one transaction."""
    progress("waiting", 0, 0)  # for another import that is writing
    with store.write() as connection:
        # Another process may have imported the same file while this one was reading it.
        _refuse_imported(connection, sources)
        # Somebody may have been forgotten meanwhile, too.
        forgotten = read_forgotten(connection)
        for rows, report in zip(staged, reports, strict=True):
            write_staged(
                connection,
                without_forgotten(rows, forgotten)[0],
                _record(batch, report),
                without_named_rows(report.errors, forgotten),
                progress,
            )
        for one in said:
            one.remember(connection)
        if zone:
            write_shop_zone(connection, zone, guessed=True)


def _record(batch: str, report: ImportReport) -> ImportRecord:
    return ImportRecord(
        batch=batch,
        file=report.file,
        kind=report.kind,
        format=report.format,
        sha256=report.sha256,
        accepted=report.accepted,
        rejected=report.rejected,
    )
