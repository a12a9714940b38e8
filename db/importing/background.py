"""An import in a process of its own: it outlives the tab and the server that asked for it.

Each has a folder: the uploaded files, ``task.json`` (what is to be done), ``process.json`` (who does
it), ``progress.json`` (how far it is), ``outcome.json`` and ``errors-N.jsonl`` (what became of it).
Nothing of this is in the store, because a running import holds the store's write lock.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

import pandas as pd
import psutil
from pydantic import TypeAdapter

from db.atomic import write_atomically
from db.importing.column_choices import ColumnChoices
from db.importing.readers.chunk import RowError
from db.jobs.queue import alive, started_at
from db.messages import Message
from db.store import Store

ROW_ERROR: TypeAdapter[RowError] = TypeAdapter(RowError)
_STALE = 24 * 3600  # seconds after which a folder that nobody asked about goes
_TASK, _PROCESS, _PROGRESS = "task.json", "process.json", "progress.json"
_OUTCOME, _LOG = "outcome.json", "log.txt"


@dataclass(frozen=True)
class Upload:
    """A file to import, and how its columns are to be read."""

    path: Path
    name: str
    kind: str = "groups"  # groups, failed or friendships
    choices: ColumnChoices = field(default_factory=ColumnChoices)
    reading: dict[str, Any] = field(default_factory=dict)  # of db.importing.pipeline.Reading
    headings: tuple[str, ...] = ()  # whose choices are remembered once the file is in


@dataclass(frozen=True)
class Progress:
    """How far an import is."""

    stage: str  # starting, reading, waiting or writing
    done: int  # rows
    total: int  # rows, 0 where not known yet
    seconds: float  # since the stage began

    @property
    def share(self) -> float:
        """How much of this stage is done, between 0 and 1."""
        return min(1.0, self.done / self.total) if self.total else 0.0

    @property
    def rows_a_second(self) -> float:
        """How fast the stage is."""
        return self.done / self.seconds if self.seconds > 0 else 0.0


@dataclass(frozen=True)
class Outcome:
    """What became of an import."""

    message: str  # empty where it was done; otherwise why not, and the next step
    known_as: int | None  # the import that brought the same file, where that is why not
    dry: bool
    seconds: float
    reports: list[dict[str, Any]]  # as db.importing.pipeline.ImportReport, without the errors


def start(store: Store, uploads: Sequence[Upload], *, dry: bool, strict: bool, force: bool) -> Path:
    """Begin an import (``dry``: only count) in a process of its own; its folder comes back.

    An import takes copies of the files, so that the tab may be closed; a dry run reads them in
    their place.
    """
    place = _place(store)
    _sweep(place)
    folder = Path(tempfile.mkdtemp(dir=place))
    files = []
    for number, upload in enumerate(uploads):
        path = upload.path
        if not dry:
            path = folder / str(number)
            shutil.copyfile(upload.path, path)
        files.append(asdict(upload) | {"path": str(path)})
    task = {
        "files": files,
        "dry": dry,
        "strict": strict,
        "force": force,
        "begun": time.time(),
    }
    write_json(folder / _TASK, task)
    with (folder / _LOG).open("wb") as log:
        process = _launch(store, folder, log)
    write_json(folder / _PROCESS, {"pid": process.pid, "started": _started(process.pid)})
    return folder


def under_way(store: Store) -> list[Path]:
    """The folders of the imports and dry runs that run now."""
    return [folder for folder in _place(store).iterdir() if running(folder)]


def running(folder: Path) -> bool:
    """Whether its process still works."""
    process = read_json(folder / _PROCESS)
    if (folder / _OUTCOME).exists() or process is None:
        return False
    return alive(process["pid"], process["started"])


def progress(folder: Path) -> Progress:
    """How far the import is."""
    told = read_json(folder / _PROGRESS)
    if told is None:
        return Progress("starting", 0, 0, 0.0)
    return Progress(told["stage"], told["done"], told["total"], told["seconds"])


def files_of(folder: Path) -> list[str]:
    """What the person calls the files, empty where the folder is gone."""
    task = read_json(folder / _TASK) or {"files": []}
    return [file["name"] for file in task["files"]]


def is_dry(folder: Path) -> bool:
    """Whether it only counts."""
    task = read_json(folder / _TASK)
    return bool(task and task["dry"])


def outcome(folder: Path) -> Outcome:
    """What became of an import that does not run any more."""
    told = read_json(folder / _OUTCOME)
    if told is not None:
        return Outcome(**told)
    lost = Message("db.import.lost", {"log": str(folder / _LOG)})
    return Outcome(
        lost.to_json(),
        known_as=None,
        dry=is_dry(folder),
        seconds=0.0,
        reports=[],
    )


def errors(folder: Path, number: int) -> pd.DataFrame:
    """What is wrong with rows of the file ``number``: line, column, value, problem, row."""
    columns = ["line", "column", "value", "problem", "row"]
    path = folder / f"errors-{number}.jsonl"
    if not path.exists():
        return pd.DataFrame(columns=columns)
    lines = path.read_bytes().splitlines()
    rows = [vars(ROW_ERROR.validate_json(line)) for line in lines]
    return pd.DataFrame(rows, columns=columns)


def stop(folder: Path) -> None:
    """End the import at once; its transaction is rolled back."""
    process = read_json(folder / _PROCESS)
    if process is not None and running(folder):
        with suppress(psutil.NoSuchProcess):
            psutil.Process(process["pid"]).terminate()


def forget(folder: Path) -> None:
    """Remove what is left of an import that does not run any more."""
    if not running(folder):
        shutil.rmtree(folder, ignore_errors=True)


def write_json(path: Path, values: object) -> None:
    """Write a file that readers find whole or not at all."""
    write_atomically(path, json.dumps(values, ensure_ascii=False), durable=False)


def read_json(path: Path) -> Any:
    """What ``write_json`` wrote, None where it did not yet."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None


def _place(store: Store) -> Path:
    """Where the folders of this store's imports are, readable by this user alone.

    Beside a SQLite file, where there is space for the logs that will be in it.
    """
    if store.path is not None:
        place = store.path.resolve().with_suffix(".imports")
    else:
        mark = sha256(store.url.render_as_string(hide_password=False).encode()).hexdigest()[:12]
        place = Path.home() / ".cache" / "mamgbr" / f"{mark}.imports"
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return place


def _sweep(place: Path) -> None:
    """Remove the folders that nobody asks about any more, and the uploads of processes that died."""
    for folder in place.iterdir():
        if running(folder):
            continue
        if time.time() - folder.stat().st_ctime > _STALE:
            forget(folder)
        elif (folder / _PROCESS).exists():
            for file in folder.iterdir():
                if file.name.isdecimal():
                    file.unlink()


def _started(pid: int) -> float:
    try:
        return started_at(pid)
    except psutil.NoSuchProcess:
        return 0.0  # it has ended already


def _launch(store: Store, folder: Path, log: BinaryIO) -> "subprocess.Popen[bytes]":
    """Start the process so that it outlives the tab and the server."""
    # The address of a store may hold a password: it goes by the environment, not into a file.
    address = {"MAMGBR_DB": store.url.render_as_string(hide_password=False)}
    command = [sys.executable, "-m", "db.importing.worker", str(folder)]
    options: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        flags = subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP
        options = {"creationflags": flags}
    return subprocess.Popen(  # noqa: S603 - a fixed command
        command,
        env=os.environ | address,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        **options,
    )
