"""An import in a process of its own says how far it is, and all of it enters the store or nothing."""

import errno
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from db.errors import StoreError
from db.importing import background
from db.importing.answers import NO_ANSWERS, Answers, recall_answers, remember_answers
from db.importing.background import (
    IMPORT,
    ImportFolder,
    ImportOutcome,
    ImportTask,
    Upload,
    import_outcome,
)
from db.importing.history import import_history
from db.importing.worker import run_to_an_end
from db.jobs.folder import job_folders, new_folder
from db.queries.entities import store_counts
from db.store import Store

HEAD = "who,what,with\n"
ANSWERS = Answers(columns={"who": "initiator", "what": "item", "with": "participants"})


def written(path: Path, rows: int, first: int = 0) -> Path:
    text = "".join(f"u{k},i{k % 50},v{k}\n" for k in range(first, first + rows))
    path.write_text(HEAD + text)
    return path


def upload(path: Path) -> Upload:
    return Upload(path, path.name, answers=ANSWERS)


def started(store: Store, *paths: Path, dry: bool = False, force: bool = False) -> ImportFolder:
    uploads = [upload(path) for path in paths]
    return background.start(store, uploads, dry=dry, strict=False, force=force)


def ended(store: Store, folder: ImportFolder) -> ImportOutcome:
    wait_until(lambda: not background.is_running(folder))
    return import_outcome(store, folder)


def wait_until(true: Callable[[], bool]) -> None:
    last = time.monotonic() + 120
    while not true():
        assert time.monotonic() < last, "it did not happen within two minutes"
        time.sleep(0.01)


def process_of(folder: ImportFolder) -> int:
    """The id of the process that works on it; the product itself never asks for it."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if str(folder.path) in process.cmdline():
                found.append(process.pid)
    [one] = found
    return int(one)


def key(outcome: ImportOutcome) -> str:
    return "" if outcome.message is None else outcome.message.key


def test_an_import_is_done_remembered_and_leaves_no_logs_behind(
    sqlite_store: Store, tmp_path: Path
) -> None:
    path = written(tmp_path / "a.csv", 3)
    path.write_text(path.read_text() + "u9,,v9\n")
    folder = started(sqlite_store, path)
    assert background.file_names(folder) == ["a.csv"]
    assert [folder] == background.imports_under_way(sqlite_store)
    done = ended(sqlite_store, folder)
    assert (done.message, done.dry) == (None, False)
    assert done.reports[0].new["groups"] == store_counts(sqlite_store).groups == 3
    assert background.row_errors(sqlite_store, folder, 0, done.reports[0])["line"].tolist() == [5]
    assert not list(folder.path.glob("[0-9]*"))
    assert path.exists()
    assert recall_answers(sqlite_store, ("who", "what", "with")) == ANSWERS
    wait_until(lambda: not folder.alive())
    folder.remove()
    assert not folder.path.exists()


def test_a_check_writes_and_remembers_nothing(sqlite_store: Store, tmp_path: Path) -> None:
    done = ended(sqlite_store, started(sqlite_store, written(tmp_path / "a.csv", 3), dry=True))
    assert (done.dry, done.reports[0].new["users"]) == (True, 6)
    assert (import_history(sqlite_store), store_counts(sqlite_store).groups) == ([], 0)
    assert recall_answers(sqlite_store, ("who", "what", "with")) == NO_ANSWERS


def test_of_two_tabs_with_the_same_file_one_imports_and_one_is_refused(
    sqlite_store: Store, tmp_path: Path
) -> None:
    path = written(tmp_path / "a.csv", 6_000)
    folders = [started(sqlite_store, path), started(sqlite_store, path)]
    outcomes = [ended(sqlite_store, folder) for folder in folders]
    assert sorted(one.message is None for one in outcomes) == [False, True]
    [refused] = [one for one in outcomes if one.message]
    assert refused.earlier_import == 1
    assert store_counts(sqlite_store).groups == 6_000
    assert ended(sqlite_store, started(sqlite_store, path, force=True)).message is None
    assert len(import_history(sqlite_store)) == 2


def test_two_tabs_with_different_files_wait_for_each_other(
    sqlite_store: Store, tmp_path: Path
) -> None:
    one = started(sqlite_store, written(tmp_path / "a.csv", 4_000))
    two = started(sqlite_store, written(tmp_path / "b.csv", 4_000, first=2_000))
    assert [ended(sqlite_store, one).message, ended(sqlite_store, two).message] == [None, None]
    held = store_counts(sqlite_store)
    assert (held.groups, held.joins, held.users) == (8_000, 8_000, 12_000)


def test_an_import_waits_for_another_writer_as_long_as_it_takes_and_can_be_cancelled_meanwhile(
    sqlite_store: Store, tmp_path: Path
) -> None:
    with sqlite_store.write():
        stopped = started(sqlite_store, written(tmp_path / "a.csv", 3))
        waiting = started(sqlite_store, written(tmp_path / "b.csv", 4))
        wait_until(lambda: background.import_progress(stopped).stage == "waiting")
        stopped.request_cancel()
        assert key(ended(sqlite_store, stopped)) == "db.import.cancelled"
        wait_until(lambda: background.import_progress(waiting).stage == "waiting")
    assert ended(sqlite_store, waiting).message is None
    assert store_counts(sqlite_store).groups == 4


@pytest.mark.parametrize("stage", ["reading", "writing"])
def test_a_killed_import_changes_nothing_and_the_store_was_readable_all_the_time(
    sqlite_store: Store, tmp_path: Path, stage: str
) -> None:
    folder = started(sqlite_store, written(tmp_path / "a.csv", 80_000))
    wait_until(lambda: background.import_progress(folder).stage == stage)
    assert (
        store_counts(sqlite_store).groups == 0
    )  # readers see the store as it was, and wait for nobody
    os.kill(process_of(folder), signal.SIGKILL)
    assert key(ended(sqlite_store, folder)) == "db.import.lost"
    assert (store_counts(sqlite_store).groups, import_history(sqlite_store)) == (0, [])
    assert (
        ended(sqlite_store, started(sqlite_store, written(tmp_path / "b.csv", 5))).message is None
    )
    assert not list(folder.path.glob("[0-9]*"))  # the uploads of the dead import were removed


def test_a_process_that_has_ended_is_no_zombie_though_nobody_asks_for_it(
    sqlite_store: Store, tmp_path: Path
) -> None:
    folder = started(sqlite_store, written(tmp_path / "a.csv", 3), dry=True)
    process = psutil.Process(process_of(folder))
    wait_until(lambda: not process.is_running())  # a zombie counts as running


def test_an_import_outlives_the_process_that_started_it(
    sqlite_store: Store, tmp_path: Path
) -> None:
    path = written(tmp_path / "a.csv", 20_000)
    script = """
import os, sys
from pathlib import Path
from db.errors import StoreError
from db.importing import background
from db.store import Store
store = Store.open(sys.argv[1])
background.start(store, [background.Upload(Path(sys.argv[2]), "a.csv", answers=background.Answers(
    columns={"who": "initiator", "what": "item", "with": "participants"}))], dry=False, strict=False, force=False)
os.kill(os.getpid(), 9)
"""
    address = f"sqlite:///{sqlite_store.path}"
    subprocess.run([sys.executable, "-c", script, address, str(path)], check=False)
    [folder] = job_folders(IMPORT, sqlite_store)
    assert background.is_running(folder) or folder.outcome() is not None
    assert ended(sqlite_store, folder).message is None
    assert store_counts(sqlite_store).groups == 20_000


def test_an_upload_that_does_not_fit_on_the_disk_is_refused_and_leaves_no_import(
    sqlite_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("shutil.copyfile", full)
    with pytest.raises(StoreError, match=r"No space left on device\. Free some space"):
        started(sqlite_store, written(tmp_path / "a.csv", 3))
    assert background.imports_under_way(sqlite_store) == []


def test_an_error_that_nobody_foresaw_is_a_sentence_and_its_trace_has_a_file_of_its_own(
    sqlite_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr("db.importing.worker.import_files", broken)
    monkeypatch.setenv("MAMGBR_DB", f"sqlite:///{sqlite_store.path}")
    folder = new_folder(IMPORT, sqlite_store)
    files = (upload(written(tmp_path / "a.csv", 3)),)
    folder.write_task(ImportTask(files=files, dry=False, strict=False, force=False, batch="b"))
    assert run_to_an_end(folder) == 1
    text = str(import_outcome(sqlite_store, folder).message)
    assert text.startswith("The import failed: ZeroDivisionError: by nothing.")
    assert text.endswith(f"(Log: {folder.trace})")
    assert "Traceback" in folder.trace.read_text()
    assert folder.log_lines() == []


def test_an_import_that_is_cancelled_changes_nothing(sqlite_store: Store, tmp_path: Path) -> None:
    folder = started(sqlite_store, written(tmp_path / "a.csv", 60_000))
    folder.request_cancel()
    assert key(ended(sqlite_store, folder)) == "db.import.cancelled"
    assert import_history(sqlite_store) == []


def test_rows_that_cannot_be_used_are_reported(sqlite_store: Store, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(HEAD + "u1,,\nu2,,\n")
    folder = started(sqlite_store, tmp_path / "a.csv")
    done = ended(sqlite_store, folder)
    assert "None of the 2 rows of a.csv can be used" in str(done.message)
    assert background.row_errors(sqlite_store, folder, 0, done.reports[0])["line"].tolist() == [
        2,
        3,
    ]


def test_only_the_latest_folders_are_kept_whatever_the_clock_says(
    sqlite_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "KEPT_FOLDERS", 1)
    now = time.time
    first, second = (started(sqlite_store, written(tmp_path / name, 1)) for name in ("a", "b"))
    wait_until(lambda: not first.alive() and not second.alive())
    monkeypatch.setattr(time, "time", lambda: now() + 1e8)
    third = started(sqlite_store, written(tmp_path / "c", 1), dry=True)
    assert job_folders(IMPORT, sqlite_store) == [second, third]
    ended(sqlite_store, third)


def test_tabs_that_start_at_once_get_folders_of_their_own(
    sqlite_store: Store, tmp_path: Path
) -> None:
    path = written(tmp_path / "a.csv", 1)
    found: list[ImportFolder] = []
    tabs = [
        threading.Thread(target=lambda: found.append(started(sqlite_store, path, dry=True)))
        for _ in range(3)
    ]
    for tab in tabs:
        tab.start()
    for tab in tabs:
        tab.join()
    assert len(set(found)) == 3
    assert [ended(sqlite_store, folder).message for folder in found] == [None] * 3


def test_answers_are_remembered_by_their_headings_until_the_guess_is_taken_again(
    store: Store,
) -> None:
    with store.write() as connection:
        answers = Answers(columns={"a": "item", "b": ""}, dates="day")
        remember_answers(connection, ["a", "b"], answers)
        remember_answers(connection, ["a", "b", "c"], Answers(columns={"a": "user"}))
    assert recall_answers(store, ["a", "b"]) == answers
    assert recall_answers(store, ["b", "a"]) == NO_ANSWERS
    with store.write() as connection:
        remember_answers(connection, ["a", "b"], NO_ANSWERS)
    assert recall_answers(store, ["a", "b"]) == NO_ANSWERS
    assert recall_answers(store, ["a", "b", "c"]) == Answers(columns={"a": "user"})
