"""The process of an import in the background: ``python -m db.importing.worker FOLDER``.

``db.importing.background`` starts it and reads what it leaves in the folder.
"""

import json
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from db.errors import DoubleImportError, StoreError
from db.importing.background import ROW_ERROR, Outcome, write_json
from db.importing.column_choices import ColumnChoices, remember_choices
from db.importing.pipeline import LogFile, import_files
from db.importing.readers.sniff import ReadOptions
from db.importing.report import ImportReport, RefusedImportError
from db.store import Store

_BETWEEN = 0.2  # seconds between two words on progress


class _Teller:
    """Writes how far the import is, not too often."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "progress.json"
        self._stage = ""
        self._began = self._told = 0.0

    def __call__(self, stage: str, done: int, total: int) -> None:
        now = time.monotonic()
        if stage != self._stage:
            self._stage, self._began, self._told = stage, now, 0.0
        if now - self._told < _BETWEEN and done < total:
            return
        self._told = now
        seconds = now - self._began
        write_json(self._path, {"stage": stage, "done": done, "total": total, "seconds": seconds})


def work(folder: Path) -> None:
    """Do the import that the folder describes, and leave its outcome there."""
    task = json.loads((folder / "task.json").read_text(encoding="utf-8"))
    began = time.monotonic()
    message, known_as, reports = "", None, []
    try:
        reports = _import(folder, task)
    except RefusedImportError as refused:
        message, reports = refused.message.to_json(), refused.reports
    except DoubleImportError as double:
        message, known_as = double.message.to_json(), double.import_id
    except StoreError as error:
        message = error.message.to_json()
    for number, report in enumerate(reports):
        _write_errors(folder / f"errors-{number}.jsonl", report)
    told = [
        asdict(replace(report, errors=[])) | {"notes": [note.to_json() for note in report.notes]}
        for report in reports
    ]
    seconds = time.monotonic() - began
    outcome = Outcome(message, known_as, bool(task["dry"]), seconds, told)
    write_json(folder / "outcome.json", asdict(outcome))


def _import(folder: Path, task: dict[str, Any]) -> list[ImportReport]:
    store = Store.open()
    logs = [
        LogFile(
            path=Path(file["path"]),
            kind=file["kind"],
            name=file["name"],
            columns=file["choices"]["columns"],
            options=ReadOptions(**file["reading"]),
        )
        for file in task["files"]
    ]
    try:
        reports = import_files(
            store,
            logs,
            dry_run=task["dry"],
            strict=task["strict"],
            force=task["force"],
            progress=_Teller(folder),
        )
    finally:
        for log in logs:
            if log.path.parent == folder:
                log.path.unlink(missing_ok=True)
    if not task["dry"]:
        for file in task["files"]:
            if file["headings"]:
                remember_choices(store, file["headings"], ColumnChoices(**file["choices"]))
    return reports


def _write_errors(path: Path, report: ImportReport) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(ROW_ERROR.dump_json(error).decode() + "\n" for error in report.errors)


if __name__ == "__main__":
    work(Path(sys.argv[1]))
