"""Whatever call fails or kills an import, its groups are in whole or not at all, and what it says is true."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from faults import BROKEN_DISK, CALLS, FULL_DISK, KILL, Ending, every_fault
from sqlalchemy import Connection

from db import quiet_start
from db.importing import background
from db.importing.answers import Answers
from db.importing.background import IMPORT, ImportTask, Upload, import_outcome
from db.importing.history import import_history, undo_import
from db.importing.pipeline import import_files
from db.importing.worker import run_to_an_end
from db.jobs.folder import JobFolder, job_folders, new_folder
from db.queries.entities import store_counts
from db.store import Store

GROUPS = 40
INTERRUPT = "signal=SIGINT"  # Ctrl+C
STEP_OF_WRITES = 11  # an import writes many of SQLite's pages

ANSWERS = Answers(columns={"who": "initiator", "what": "item", "with": "participants"})

pytestmark = pytest.mark.slow


def import_into(url: str, path: str) -> None:
    quiet_start.loaded()  # as a command that runs
    store = Store.open(url)
    import_files(store, [Path(path)], remember=True)
    with suppress(KeyboardInterrupt):
        store.close()


def import_in_background(url: str, folder: str) -> int:
    os.environ["MAMGBR_DB"] = url
    job: background.ImportFolder = JobFolder(IMPORT, Path(folder))
    lock = job.lock()
    assert lock is not None
    try:
        return run_to_an_end(job)
    finally:
        lock.release()


class Shop:
    """A store that is laid out anew for each fault, with an import that waits to be done."""

    def __init__(self, root: Path) -> None:
        self.folder, self.empty = root / "shop", root / "empty"
        self.url = f"sqlite:///{self.folder / 'shop.db'}"
        self.logs = root / "logs.txt"
        self.logs.write_text("".join(f"{k}\t{k % 9}\t{k + 1}\n" for k in range(GROUPS)))
        store = Store.open(f"sqlite:///{self.empty / 'shop.db'}")
        folder = new_folder(IMPORT, store)
        copy = folder.path / "0"
        shutil.copyfile(self.logs, copy)
        files = (Upload(self.folder / copy.relative_to(self.empty), "logs.txt"),)
        folder.write_task(ImportTask(files=files, dry=False, strict=False, force=False, batch="b"))
        self.job = self.folder / folder.path.relative_to(self.empty)
        store.close()

    def fresh(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(self.empty, self.folder)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def faults(
    shop: Shop, call: str, effect: str, task: Callable[..., object], argument: Path
) -> Iterator[tuple[int, Ending]]:
    step = STEP_OF_WRITES if call == "pwrite64" else 1
    yield from every_fault(call, effect, shop.fresh, task, shop.url, str(argument), step=step)


def groups_in(store: Store, nth: int) -> int:
    groups, imports = store_counts(store).groups, len(import_history(store))
    assert (groups, imports) in ((0, 0), (GROUPS, 1)), nth
    return groups


@pytest.mark.parametrize("effect", [FULL_DISK, BROKEN_DISK, KILL, INTERRUPT])
@pytest.mark.parametrize("call", ["pwrite64", "fdatasync"])
def test_an_import_that_says_it_failed_is_not_in(shop: Shop, call: str, effect: str) -> None:
    for nth, ending in faults(shop, call, effect, import_into, shop.logs):
        store = Store.open(shop.url)
        groups = groups_in(store, nth)
        if not ending.killed:
            assert ending.succeeded == (groups == GROUPS), (nth, ending)
        if not groups:
            import_files(store, [shop.logs])  # the next one goes in
            assert store_counts(store).groups == GROUPS
        store.close()


@pytest.mark.parametrize("effect", [FULL_DISK, KILL])
@pytest.mark.parametrize("call", CALLS)
def test_an_import_in_the_background_that_is_in_has_succeeded_on_the_page(
    shop: Shop, call: str, effect: str
) -> None:
    for nth, ending in faults(shop, call, effect, import_in_background, shop.job):
        store = Store.open(shop.url)
        [job] = job_folders(IMPORT, store)
        outcome = import_outcome(store, job)
        groups = groups_in(store, nth)
        assert (outcome.message is None) == (groups == GROUPS), (nth, ending, outcome)
        assert [report.accepted for report in outcome.reports] == ([GROUPS] if groups else [])
        assert import_outcome(store, job) == outcome
        store.close()


@pytest.mark.parametrize("meanwhile", ["another writer", "a request to stop"])
def test_nothing_that_comes_after_the_commit_keeps_an_import_from_having_succeeded(
    shop: Shop, meanwhile: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.fresh()
    write, other = Store.write, Store.open(shop.url)
    job: background.ImportFolder = JobFolder(IMPORT, shop.job)

    @contextmanager
    def then(store: Store) -> Iterator[Connection]:
        with write(store) as connection:
            yield connection
        if meanwhile == "another writer":
            held.enter_context(write(other))
        else:
            job.request_cancel()

    with ExitStack() as held:
        monkeypatch.setenv("MAMGBR_DB", shop.url)
        monkeypatch.setattr(Store, "write", then)
        assert import_in_background(shop.url, str(shop.job)) == 0
        outcome = import_outcome(other, job)
        assert (outcome.message, outcome.reports[0].new["groups"]) == (None, GROUPS)
    other.close()


def test_what_the_history_tells_of_an_import_whose_outcome_is_lost_is_what_the_import_said(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.fresh()
    monkeypatch.setenv("MAMGBR_DB", shop.url)
    (shop.job / "0").write_text("who,what,with\nu1,i1,v1 v2\nu2,,v3\nu3,i2,\n")
    files = (Upload(shop.job / "0", "a.csv", answers=ANSWERS),)
    job: background.ImportFolder = JobFolder(IMPORT, shop.job)
    job.write_task(ImportTask(files=files, dry=False, strict=False, force=False, batch="b"))
    assert run_to_an_end(job) == 0
    store = Store.open(shop.url)
    said = import_outcome(store, job)
    rows = background.row_errors(store, job, 0, said.reports[0])
    (job.path / "outcome.json").unlink()
    (job.path / "errors-0.jsonl").unlink()
    found = import_outcome(store, job)
    [report] = found.reports
    assert replace(report, notes=[]) == replace(said.reports[0], notes=[], examples=(), zone="")
    assert [note.key for note in report.notes] == ["db.note.from_history"]
    assert background.row_errors(store, job, 0, report).equals(rows)
    store.close()


def undo(url: str) -> int:
    quiet_start.loaded()
    store = Store.open(url)
    groups = undo_import(store, 1).groups
    with suppress(KeyboardInterrupt):
        store.close()
    return groups


def test_ctrl_c_at_the_commit_of_an_undo_comes_too_late(shop: Shop) -> None:
    def imported() -> None:
        shop.fresh()
        import_into(shop.url, str(shop.logs))

    endings = []
    for nth, ending in every_fault("fdatasync", INTERRUPT, imported, undo, shop.url):
        store = Store.open(shop.url)
        assert (ending.result, store_counts(store).groups) == (GROUPS, 0), (nth, ending)
        endings.append(ending)
        store.close()
    assert endings
