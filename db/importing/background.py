"""Imports in processes of their own, which outlive the tab and the server that started them.

An import is a background job (`db.jobs.folder`) whose folder also holds copies of the uploaded files and, for each,
``errors-N.jsonl`` with the rows that cannot be used. `db.importing.worker` is the process.
"""

import shutil
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
from pydantic import TypeAdapter

from db.errors import StoreError
from db.importing.answers import NO_ANSWERS, Answers
from db.importing.committed import committed_reports
from db.importing.history import rejected_rows
from db.importing.readers.chunk import RowError
from db.importing.report import ImportReport
from db.jobs.folder import JobFolder, JobKind, JobModel, job_folders, new_folder, start_with_lock
from db.messages import Message, os_error
from db.parts import sweep_parts
from db.store import Store

KEPT_FOLDERS = 50  # of the latest imports and checks; older ones are removed once they have ended
ERROR_COLUMNS = ["line", "column", "value", "problem", "row"]
ROW_ERROR: TypeAdapter[RowError] = TypeAdapter(RowError)


@dataclass(frozen=True)
class Upload:
    """A file to import, and what a person says about it."""

    path: Path
    name: str
    kind: str = "groups"  # groups, failed or friendships
    answers: Answers = NO_ANSWERS  # remembered for its headings, once it is imported


class ImportTask(JobModel):
    """Which files to import, and how."""

    files: tuple[Upload, ...]
    dry: bool  # check and count only
    strict: bool
    force: bool
    ask: bool = False  # import nothing while a question is open
    batch: str = ""  # by which the history tells the files of this import; empty in those of earlier versions


class ImportProgress(JobModel):
    """How far an import is."""

    stage: str = "starting"  # starting, reading, waiting or writing
    done: int = 0  # rows
    total: int = 0  # rows, 0 while unknown
    seconds: float = 0.0  # since the stage began

    @property
    def share(self) -> float:
        """How much of this stage is done, between 0 and 1."""
        return min(1.0, self.done / self.total) if self.total else 0.0

    @property
    def rows_per_second(self) -> float:
        """How fast the stage is."""
        return self.done / self.seconds if self.seconds > 0 else 0.0


class ImportOutcome(JobModel):
    """How an import ended."""

    message: Message | None = None  # why nothing was imported, and the next step; None: it was
    earlier_import: int | None = None  # the import that brought the same file, if that is why
    dry: bool = False
    seconds: float = 0.0
    reports: tuple[ImportReport, ...] = ()  # without their errors, which have files of their own


IMPORT = JobKind("import", ImportTask, ImportProgress, ImportOutcome)
ImportFolder = JobFolder[ImportTask, ImportProgress, ImportOutcome]


def start(
    store: Store,
    uploads: Sequence[Upload],
    *,
    dry: bool,
    strict: bool,
    force: bool,
    ask: bool = False,
) -> ImportFolder:
    """Starts an import (``dry``: a check) in a process of its own and returns its folder.

    An import works on copies of the files, so that the tab may be closed; a check reads the originals.
    Raises StoreError where the copies cannot be written, as on a full disk.
    """
    folder = lock = None
    try:
        _sweep(store)
        folder = new_folder(IMPORT, store)
        lock = folder.lock()
        assert lock is not None, "the folder is new"  # noqa: S101
        files = [
            _copied(upload, folder.path / str(n)) if not dry else upload
            for n, upload in enumerate(uploads)
        ]
        folder.write_task(
            ImportTask(
                files=tuple(files),
                dry=dry,
                strict=strict,
                force=force,
                ask=ask,
                batch=uuid.uuid4().hex,
            )
        )
        # The URL of a store may contain a password, so it goes into the environment, not into a file.
        address = {"MAMGBR_DB": store.url.render_as_string(hide_password=False)}
        words = ["db.importing.worker", str(folder.path)]
        start_with_lock(words, folder.log, lock, folder.lock_path, address)
    except OSError as error:
        if lock is not None:
            lock.release()
        if folder is not None:
            folder.remove()  # with the copies that fitted
        raise StoreError("db.import.not_started", reason=os_error(error)) from error
    return folder


def _copied(upload: Upload, path: Path) -> Upload:
    shutil.copyfile(upload.path, path)
    return replace(upload, path=path)


def imports_under_way(store: Store) -> list[ImportFolder]:
    """The folders of the imports and checks that run now, the oldest first."""
    return [folder for folder in job_folders(IMPORT, store) if is_running(folder)]


def is_running(folder: ImportFolder) -> bool:
    """Whether its process still works on it."""
    return folder.alive() and folder.outcome() is None


def import_progress(folder: ImportFolder) -> ImportProgress:
    """How far the import is."""
    return folder.progress() or ImportProgress()


def file_names(folder: ImportFolder) -> list[str]:
    """The names of the files as the person knows them; none once the folder is gone."""
    task = folder.task()
    return [] if task is None else [file.name for file in task.files]


def is_check(folder: ImportFolder) -> bool:
    """Whether it only checks and counts."""
    task = folder.task()
    return task is not None and task.dry


def import_outcome(store: Store, folder: ImportFolder) -> ImportOutcome:
    """How an import that no longer runs ended.

    Where its process was killed, or could not write the outcome, the history knows whether it was committed. Raises
    StoreError if the store cannot be read then.
    """
    found = folder.outcome()
    if found is not None:
        return found
    task = folder.task()
    if task is not None and task.batch and (reports := committed_reports(store, task.batch)):
        done = ImportOutcome(reports=tuple(reports))
        folder.end(done)
        return done
    lost = Message("db.import.lost", {"log": str(folder.log)})
    return ImportOutcome(message=lost, dry=is_check(folder))


def row_errors(
    store: Store, folder: ImportFolder, number: int, report: ImportReport
) -> pd.DataFrame:
    """The rows of file ``number`` that cannot be used: line, column, value, problem, row."""
    path = errors_file(folder, number)
    if not path.exists():
        return (
            pd.DataFrame(columns=ERROR_COLUMNS)
            if report.id is None
            else rejected_rows(store, report.id)
        )
    lines = path.read_bytes().splitlines()
    return pd.DataFrame(
        [vars(ROW_ERROR.validate_json(line)) for line in lines], columns=ERROR_COLUMNS
    )


def errors_file(folder: ImportFolder, number: int) -> Path:
    """Where the errors of file ``number`` are, one a line."""
    return folder.path / f"errors-{number}.jsonl"


def _sweep(store: Store) -> None:
    """Removes the oldest folders, and the uploads of imports whose process is gone."""
    if store.path is not None:  # where earlier versions kept uploads
        shutil.rmtree(store.path.resolve().with_suffix(".imports"), ignore_errors=True)
    folders = [folder for folder in job_folders(IMPORT, store) if not folder.alive()]
    for folder in folders[:-KEPT_FOLDERS]:
        folder.remove()
    for folder in folders[-KEPT_FOLDERS:]:
        sweep_parts(folder.path)
        for file in folder.path.glob("[0-9]*"):
            file.unlink(missing_ok=True)
