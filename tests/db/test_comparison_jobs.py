"""Comparisons in processes of their own: what starts, what runs, and how it ended."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from db.file_lock import FileLock
from db.jobs import comparisons
from db.jobs.comparisons import COMPARISON, ComparisonOutcome, ComparisonProgress, ComparisonTask
from db.jobs.folder import new_folder
from db.messages import Message
from db.store import Store

TASK = ComparisonTask(new="v2", old="v1")


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[list[str]]]:
    """The words of processes that would have been started; each holds its lock until the test ends."""
    words: list[list[str]] = []
    locks: list[FileLock] = []

    def start(said: list[str], _log: Path, lock: FileLock, *_: object) -> None:
        words.append(said)
        locks.append(lock)

    monkeypatch.setattr("db.jobs.comparisons.start_with_lock", start)
    yield words
    for lock in locks:
        lock.release()


def test_a_comparison_starts_once_however_often_it_is_asked_for(
    sqlite_store: Store, started: list[list[str]]
) -> None:
    folder = comparisons.start(sqlite_store, TASK)
    assert started[0] == ["train.comparison_worker", str(folder.path)]
    assert folder.task() == TASK
    assert comparisons.under_way(sqlite_store, TASK) == folder
    assert comparisons.start(sqlite_store, TASK) == folder
    assert len(started) == 1
    other = comparisons.start(sqlite_store, ComparisonTask(new="v2"))
    assert other != folder


def test_how_the_latest_one_ended_is_known(sqlite_store: Store) -> None:
    assert comparisons.last_failure(sqlite_store, TASK) is None
    folder = new_folder(COMPARISON, sqlite_store)
    folder.write_task(TASK)
    lost = comparisons.last_failure(sqlite_store, TASK)
    assert lost is not None
    assert "ended before it was done" in str(lost)
    # Killed when what it found was kept, and before it said so.
    assert comparisons.last_failure(sqlite_store, TASK, kept=True) is None
    folder.end(ComparisonOutcome())
    assert comparisons.last_failure(sqlite_store, TASK) is None
    again = new_folder(COMPARISON, sqlite_store)
    again.write_task(TASK)
    why = Message("db.jobs.comparison_lost", {"log": "here"})
    again.end(ComparisonOutcome(message=why))
    assert comparisons.last_failure(sqlite_store, TASK) == why
    assert comparisons.last_failure(sqlite_store, TASK, kept=True) == why
    assert comparisons.last_failure(sqlite_store, ComparisonTask(new="v9")) is None


def test_progress_is_a_share() -> None:
    assert ComparisonProgress().share == 0
    assert ComparisonProgress(done=3, of=4).share == 0.75
