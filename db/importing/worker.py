"""The process of an import in the background: ``python -m db.importing.worker FOLDER DESCRIPTOR``.

`db.importing.background` starts it and reads what it leaves in the folder. DESCRIPTOR is the lock that it inherits.
"""

import sys
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from db.errors import DoubleImportError, StoreError
from db.file_lock import FileLock
from db.importing.background import (
    IMPORT,
    ROW_ERROR,
    ImportFolder,
    ImportOutcome,
    ImportProgress,
    ImportTask,
    errors_file,
)
from db.importing.log_file import LogFile
from db.importing.pipeline import import_files
from db.importing.report import ImportReport, RefusedImportError
from db.importing.stored_rows import SHOWN_GROUPS
from db.jobs.folder import JobFolder
from db.messages import Message
from db.store import Store

_SECONDS_BETWEEN_REPORTS = 0.2


class _Cancelled(Exception):  # noqa: N818
    """Somebody asked the import to stop before anything was committed."""


class _Reporter:
    """Reports how far the import is, not too often, and ends it when somebody asks for that."""

    def __init__(self, folder: ImportFolder) -> None:
        self._folder = folder
        self._stage = ""
        self._began = self._reported = 0.0

    def __call__(self, stage: str, done: int, total: int) -> None:
        if self._folder.cancel_requested():
            raise _Cancelled
        now = time.monotonic()
        if stage != self._stage:
            self._stage, self._began, self._reported = stage, now, 0.0
        if now - self._reported < _SECONDS_BETWEEN_REPORTS and done < total:
            return
        self._reported = now
        seconds = now - self._began
        self._folder.report(ImportProgress(stage=stage, done=done, total=total, seconds=seconds))

    def wait(self) -> None:
        """Reports that another process is writing to the store."""
        self("waiting", 0, 0)


def run_import(folder: ImportFolder) -> None:
    """Does the import that the folder describes, and leaves its outcome there."""
    task = folder.task()
    if task is None:
        raise SystemExit(f"{folder.path} holds no import.")
    began = time.monotonic()
    message: Message | None = None
    earlier: int | None = None
    reports: list[ImportReport] = []
    try:
        reports = _import(folder, task)
    except RefusedImportError as refused:
        message, reports = refused.message, refused.reports
    except DoubleImportError as double:
        message, earlier = double.message, double.import_id
    except StoreError as error:
        message = error.message
    except _Cancelled:
        message = Message("db.import.cancelled")
    except MemoryError:
        message = Message("db.import.out_of_memory")
    for number, report in enumerate(reports):
        _write_errors(folder, number, report)
    folder.end(
        ImportOutcome(
            message=message,
            earlier_import=earlier,
            dry=task.dry,
            seconds=time.monotonic() - began,
            reports=tuple(replace(report, errors=[]) for report in reports),
        )
    )


def _import(folder: ImportFolder, task: ImportTask) -> list[ImportReport]:
    reporter = _Reporter(folder)
    store = Store.open().patient(reporter.wait)
    logs = [
        LogFile(path=file.path, kind=file.kind, name=file.name, answers=file.answers)
        for file in task.files
    ]
    try:
        return import_files(
            store,
            logs,
            remember=True,
            dry_run=task.dry,
            strict=task.strict,
            force=task.force,
            ask=task.ask,
            show=SHOWN_GROUPS,
            progress=reporter,
            batch=task.batch,
        )
    finally:
        for log in logs:
            if log.path.parent == folder.path:
                with suppress(OSError):  # the next import sweeps it
                    log.path.unlink(missing_ok=True)


def _write_errors(folder: ImportFolder, number: int, report: ImportReport) -> None:
    path = errors_file(folder, number)
    try:
        with path.open("wb") as file:
            file.writelines(ROW_ERROR.dump_json(error) + b"\n" for error in report.errors)
    except OSError:  # a full disk does not undo an import, whose refused rows the store has, too
        with suppress(OSError):
            path.unlink(missing_ok=True)


def run_to_an_end(folder: ImportFolder) -> int:
    """Does the import and returns the exit code; an error that nobody foresaw is its outcome, in a sentence."""
    try:
        run_import(folder)
    except Exception as error:
        message = Message("db.import.failed", folder.unforeseen(error))
        folder.end(ImportOutcome(message=message))
        return 1
    return 0


def main() -> int:
    """Runs the import whose folder and lock stand on the command line, and returns the exit code."""
    folder = JobFolder(IMPORT, Path(sys.argv[1]))
    lock = FileLock.inherited(folder.lock_path, int(sys.argv[2]))
    try:
        return run_to_an_end(folder)
    finally:
        lock.release()


if __name__ == "__main__":
    sys.exit(main())
