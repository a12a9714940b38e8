"""The folder of a background job: what its process and others tell each other, outside the store.

``<store>.jobs/<kind>/<number>/`` holds ``task.json`` (what to do), ``progress.json``, ``outcome.json``, ``log.txt``,
``cancel`` (a request to stop) and ``lock``, which the job's process holds for as long as it lives. None of this needs
the store's write lock, which a running import may hold for minutes. The process outlives the tab and the server that
started it.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import URL

from db.atomic import write_atomically
from db.errors import StoreError
from db.file_lock import SUCCESSOR, FileLock, is_locked
from db.messages import os_error
from db.store import Store

LOG_BYTES = 128 * 1024  # read from the end of a log
LOG_LINES = 200
LOCK_TRIES, LOCK_PAUSE = 10, 0.01  # seconds
_HANDOVER_PAUSE = 0.02  # seconds between two looks at whether a child on Windows has its lock


def start_detached(
    words: Sequence[str],
    log: Path,
    environment: Mapping[str, str] | None = None,
    inherit: FileLock | None = None,
) -> "subprocess.Popen[bytes]":
    """Starts ``python -m WORDS``, detached from this process, with its output appended to ``log``.

    ``inherit`` is a lock that the child keeps, see ``start_with_lock``.
    """
    options: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        flags = subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP
        options = {"creationflags": flags}
    elif inherit is not None:
        options["pass_fds"] = (inherit.descriptor,)
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603 - a fixed command
            [sys.executable, "-m", *words],
            env=os.environ | dict(environment or {}),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            **options,
        )
    # It may end when nobody asks for it any more: without this it would stay a zombie.
    threading.Thread(target=process.wait, daemon=True, name=f"wait for {process.pid}").start()
    return process


def start_with_lock(
    words: Sequence[str], log: Path, lock: FileLock, path: Path, environment: Mapping[str, str]
) -> None:
    """Starts ``python -m WORDS DESCRIPTOR`` and hands ``lock``, held on the file ``path``, over to it.

    At every moment this process or the child holds the lock. The child calls ``FileLock.inherited(path, DESCRIPTOR)``.
    """
    process = start_detached([*words, str(lock.descriptor)], log, environment, lock)
    while sys.platform == "win32" and process.poll() is None and not is_locked(path, SUCCESSOR):
        time.sleep(_HANDOVER_PAUSE)
    lock.release()


class JobModel(BaseModel):
    """What crosses between processes as itself; unknown fields of another version are ignored."""

    model_config = ConfigDict(frozen=True, populate_by_name=True, ser_json_inf_nan="constants")


Task = TypeVar("Task", bound=JobModel)
Progress = TypeVar("Progress", bound=JobModel)
Outcome = TypeVar("Outcome", bound=JobModel)
Model = TypeVar("Model", bound=JobModel)


@dataclass(frozen=True)
class JobKind(Generic[Task, Progress, Outcome]):
    """A kind of job: the name of its folders, and the models of its three files."""

    name: str
    task: type[Task]
    progress: type[Progress]
    outcome: type[Outcome]


class JobFolder(Generic[Task, Progress, Outcome]):
    """One job's folder. Two of them are equal where they are the same folder."""

    def __init__(self, kind: JobKind[Task, Progress, Outcome], path: Path) -> None:
        self.kind, self.path = kind, path

    def __eq__(self, other: object) -> bool:
        return isinstance(other, JobFolder) and self.path == other.path

    def __hash__(self) -> int:
        return hash(self.path)

    @property
    def log(self) -> Path:
        """Where the process writes what it does."""
        return self.path / "log.txt"

    @property
    def trace(self) -> Path:
        """Where the traces of errors go that nobody foresaw."""
        return self.path / "trace.txt"

    @property
    def lock_path(self) -> Path:
        """The file that the living process holds locked."""
        return self.path / "lock"

    def lock(self) -> FileLock | None:
        """Takes the job for this process, which makes the folder; None where another has it."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        for _ in range(LOCK_TRIES):
            lock = FileLock.exclusive(self.lock_path, create=True)
            if lock is not None:
                return lock
            time.sleep(LOCK_PAUSE)  # a process that asks whether the job is alive is in the way
        return None

    def alive(self) -> bool:
        """Whether the job's process lives."""
        return is_locked(self.lock_path)

    def task(self) -> Task | None:
        """What to do; None where the folder is gone."""
        return self._read(self.kind.task, "task.json")

    def progress(self) -> Progress | None:
        """The last progress; None where none was written yet."""
        return self._read(self.kind.progress, "progress.json")

    def outcome(self) -> Outcome | None:
        """How the job ended; None while it runs, and where its process was killed."""
        return self._read(self.kind.outcome, "outcome.json")

    def write_task(self, task: Task) -> None:
        """Writes what to do; raises OSError where it cannot."""
        self._write("task.json", task)

    def report(self, progress: Progress) -> None:
        """Replaces the progress. Where it cannot be written, as on a full disk, the job goes on without."""
        with contextlib.suppress(OSError):
            self._write("progress.json", progress)

    def end(self, outcome: Outcome) -> None:
        """Writes the outcome, where there is space for it."""
        with contextlib.suppress(OSError):
            self._write("outcome.json", outcome, durable=True)

    def request_cancel(self) -> None:
        """Asks the job to stop; raises StoreError where the request cannot be written."""
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            (self.path / "cancel").touch()
        except OSError as error:
            raise StoreError(
                "db.jobs.cancel_failed", folder=str(self.path), reason=os_error(error)
            ) from error

    def cancel_requested(self) -> bool:
        """Whether the job was asked to stop."""
        return (self.path / "cancel").exists()

    def write_log(self, text: str) -> None:
        """Appends a line, or several, with the time, to the log; skipped where it cannot be written."""
        now = f"{datetime.now().astimezone():%Y-%m-%d %H:%M:%S}"
        with contextlib.suppress(OSError), self.log.open("a", encoding="utf-8") as file:
            file.write(f"{now} {text}\n")

    def unforeseen(self, error: BaseException) -> dict[str, str]:
        """What to say of an error that nobody foresaw: its type and text, and the file that its trace went to.

        The trace has a file of its own, because pages show the log.
        """
        with contextlib.suppress(OSError), self.trace.open("a", encoding="utf-8") as file:
            file.writelines(traceback.format_exception(error))
        what = f"{type(error).__name__}: {error}".removesuffix(": ")
        return {"error": what, "log": str(self.trace)}

    def log_lines(self) -> list[str]:
        """The last lines of the log."""
        try:
            with self.log.open("rb") as file:
                file.seek(0, os.SEEK_END)
                file.seek(max(0, file.tell() - LOG_BYTES))
                return file.read().decode("utf-8", "replace").splitlines()[-LOG_LINES:]
        except OSError:
            return []

    def remove(self) -> None:
        """Removes the folder of a job whose process is gone."""
        if not self.alive():
            shutil.rmtree(self.path, ignore_errors=True)

    def _read(self, model: type[Model], name: str) -> Model | None:
        try:
            return model.model_validate_json((self.path / name).read_bytes())
        except (OSError, ValidationError):
            return None  # not written yet, cut off by a power cut, or written by another version

    def _write(self, name: str, content: JobModel, durable: bool = False) -> None:
        write_atomically(self.path / name, content.model_dump_json(by_alias=True), durable)


def job_folder(
    kind: JobKind[Task, Progress, Outcome], store: Store, number: int
) -> JobFolder[Task, Progress, Outcome]:
    """The folder of job ``number``, whether or not it exists."""
    return JobFolder(kind, jobs_root(store) / kind.name / str(number))


def job_folders(
    kind: JobKind[Task, Progress, Outcome], store: Store
) -> list[JobFolder[Task, Progress, Outcome]]:
    """The folders of a kind of job, the oldest first."""
    root = jobs_root(store) / kind.name
    if not root.is_dir():
        return []
    numbers = sorted(int(path.name) for path in root.iterdir() if path.name.isdecimal())
    return [JobFolder(kind, root / str(number)) for number in numbers]


def new_folder(
    kind: JobKind[Task, Progress, Outcome], store: Store
) -> JobFolder[Task, Progress, Outcome]:
    """An empty folder with the next number."""
    known = job_folders(kind, store)
    number = int(known[-1].path.name) + 1 if known else 1
    while True:
        folder = job_folder(kind, store, number)
        try:
            folder.path.mkdir(mode=0o700, parents=True)
        except FileExistsError:  # another process was faster
            number += 1
        else:
            return folder


def jobs_root(store: Store) -> Path:
    """Where the folders of this store's jobs are, readable by this user alone; made where it is missing."""
    root = jobs_place(store.url)
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    return root


def jobs_place(url: URL) -> Path:
    """The same by the store's URL, whether or not it exists.

    Beside a SQLite file, whose disk has space for the uploaded logs.
    """
    if url.get_backend_name() == "sqlite" and url.database:
        return Path(url.database).resolve().with_suffix(".jobs")
    mark = sha256(url.render_as_string(hide_password=False).encode()).hexdigest()[:12]
    return Path.home() / ".cache" / "mamgbr" / f"{mark}.jobs"
