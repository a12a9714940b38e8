"""Trainings run one at a time, and one whose process is gone is recognised at once and blocks nobody."""

import errno
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from sqlalchemy import create_engine, delete, insert, text

from db.errors import InputError
from db.jobs import queue
from db.jobs.queue import (
    ClaimedJob,
    TrainingOutcome,
    TrainingStatus,
    TrainingTask,
    claim,
    enqueue,
    find_job,
    latest_jobs,
    request_cancel,
)
from db.messages import Message
from db.migrate import upgrade_schema
from db.schema import jobs as table
from db.store import Store

ROOT = Path(__file__).resolve().parents[2]
DONE = TrainingOutcome(state="done", message=Message("db.text", {"text": "Trained."}))
CLAIM = """
import sys
from db.jobs import queue
from db.store import Store
def stay():
    print("here", flush=True)
    sys.stdin.read()
if sys.argv[2] == "before the commit":
    queue._job = lambda *_: stay()
claimed = queue.claim(Store.open(sys.argv[1]))
stay()
"""


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folders of jobs whose store is on a server are under the home folder."""
    monkeypatch.setenv("HOME", str(tmp_path))


@contextmanager
def claimer(store: Store, moment: str = "after it") -> Iterator["subprocess.Popen[bytes]"]:
    """Another process that claims a job and keeps it until it is killed."""
    url = store.url.render_as_string(hide_password=False)
    with subprocess.Popen(
        [sys.executable, "-c", CLAIM, url, moment],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == b"here"
        try:
            yield process
        finally:
            process.kill()


def claimed(store: Store) -> ClaimedJob:
    job = claim(store)
    assert job is not None
    return job


def states(store: Store) -> dict[int, str]:
    return {job.id: job.state for job in latest_jobs(store)}


def test_the_oldest_runs_first_and_one_at_a_time(store: Store) -> None:
    first = enqueue(store, TrainingTask(preset="demo", changes=("heads=8",)))
    second = enqueue(store, TrainingTask(preset="paper"))
    running = claimed(store)
    assert (running.job.id, running.job.state) == (first, "running")
    assert running.job.task == TrainingTask(preset="demo", changes=("heads=8",))
    assert claim(store) is None
    running.finish(store, DONE)
    following = claimed(store)
    assert following.job.id == second
    assert states(store) == {first: "done", second: "running"}


def test_two_who_claim_at_once_get_one_job(store: Store) -> None:
    enqueue(store, TrainingTask())
    enqueue(store, TrainingTask())
    found: list[ClaimedJob | None] = []
    racers = [threading.Thread(target=lambda: found.append(claim(store))) for _ in range(4)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert sum(one is not None for one in found) == 1


def test_a_job_whose_process_is_killed_has_failed_at_once_and_frees_the_queue(store: Store) -> None:
    lost = enqueue(store, TrainingTask())
    waiting = enqueue(store, TrainingTask())
    status = TrainingStatus(stage="epoch", checkpoint="abc.pt")
    with claimer(store) as process:
        find_job(store, lost).folder.report(status)
        assert states(store) == {lost: "running", waiting: "queued"}
        assert claim(store) is None
        process.kill()
        process.wait()
        job = find_job(store, lost)
        assert (job.state, job.progress) == ("failed", status)
    assert job.outcome is not None
    assert job.outcome.message == Message("db.jobs.lost")
    assert "The process exited without a message" in str(job.outcome.message)
    assert claimed(store).job.id == waiting
    job = find_job(store, lost)
    assert (job.state, job.progress.checkpoint) == ("failed", "abc.pt")
    assert job.finished_at is not None


def test_a_kill_before_the_claim_is_committed_leaves_the_job_queued(store: Store) -> None:
    number = enqueue(store, TrainingTask())
    with claimer(store, "before the commit"):
        pass
    assert states(store) == {number: "queued"}
    assert claimed(store).job.id == number


def test_neither_a_moved_clock_nor_a_reused_process_id_misleads_anyone(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, following = (enqueue(store, TrainingTask()) for _ in range(2))
    now = time.time
    moves = (-1e8, -3600, -1, 1, 3600, 1e8)  # seconds
    with claimer(store) as process:
        for moved in moves:
            monkeypatch.setattr(time, "time", lambda moved=moved: now() + moved)
            monkeypatch.setattr(psutil, "pid_exists", lambda _: False)
            assert states(store) == {number: "running", following: "queued"}
            assert claim(store) is None  # no second training beside it
        process.kill()
        process.wait()
        for moved in moves:
            monkeypatch.setattr(time, "time", lambda moved=moved: now() + moved)
            monkeypatch.setattr(psutil, "pid_exists", lambda _: True)
            assert states(store) == {number: "failed", following: "queued"}
        assert claimed(store).job.id == following


def test_a_killed_job_that_had_written_its_outcome_keeps_it(store: Store) -> None:
    number = enqueue(store, TrainingTask())
    with claimer(store):
        find_job(store, number).folder.end(DONE)
        assert states(store) == {number: "running"}  # its end is not recorded yet
    assert find_job(store, number).outcome == DONE
    assert claim(store) is None
    assert find_job(store, number).finished_at is not None


def test_progress_is_read_by_others_and_recorded_with_the_end(store: Store) -> None:
    number = enqueue(store, TrainingTask())
    running = claimed(store)
    running.job.folder.report(TrainingStatus(stage="epoch", epoch=3))
    assert find_job(store, number).progress.epoch == 3
    running.finish(store, DONE, TrainingStatus(stage="done", fraction=1.0))
    job = find_job(store, number)
    assert (job.outcome, job.progress.stage) == (DONE, "done")
    running.job.folder.remove()
    assert find_job(store, number) == job


def test_a_full_disk_costs_the_progress_and_not_the_job(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    number = enqueue(sqlite_store, TrainingTask())
    running = claimed(sqlite_store)
    running.job.folder.report(TrainingStatus(epoch=1))
    monkeypatch.setattr("db.jobs.folder.write_atomically", full)
    running.job.folder.report(TrainingStatus(epoch=2))
    assert find_job(sqlite_store, number).progress.epoch == 1
    running.finish(sqlite_store, DONE, TrainingStatus(epoch=3))
    job = find_job(sqlite_store, number)
    assert (job.outcome, job.progress.epoch) == (DONE, 3)


def test_a_log_that_cannot_be_written_is_skipped(sqlite_store: Store) -> None:
    enqueue(sqlite_store, TrainingTask())
    folder = claimed(sqlite_store).job.folder
    folder.log.mkdir()
    folder.write_log("Learning")
    assert folder.log_lines() == []


def test_cancelling_stops_a_running_job_and_takes_a_queued_one_off(store: Store) -> None:
    first = enqueue(store, TrainingTask())
    second = enqueue(store, TrainingTask())
    running = claimed(store)
    request_cancel(store, first)
    request_cancel(store, second)
    assert running.job.cancel_requested
    assert states(store) == {first: "running", second: "cancelled"}
    withdrawn = find_job(store, second)
    assert withdrawn.finished_at is not None
    assert withdrawn.outcome is not None
    assert withdrawn.outcome.message == Message("db.jobs.withdrawn")
    running.finish(store, DONE)
    request_cancel(store, first)  # too late, and no harm
    assert claim(store) is None
    assert states(store)[first] == "done"


def test_a_job_is_cancelled_while_an_import_writes(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "_CANCEL_SECONDS", 0.01)
    first = enqueue(sqlite_store, TrainingTask())
    second = enqueue(sqlite_store, TrainingTask())
    running = claimed(sqlite_store)
    with sqlite_store.write():
        request_cancel(sqlite_store, first)
        request_cancel(sqlite_store, second)
        assert running.job.cancel_requested
        assert states(sqlite_store) == {first: "running", second: "cancelled"}
    running.finish(sqlite_store, DONE)
    assert claim(sqlite_store) is None
    assert find_job(sqlite_store, second).finished_at is not None


def test_a_number_that_a_restored_backup_gives_out_again_starts_anew(sqlite_store: Store) -> None:
    number = enqueue(sqlite_store, TrainingTask())
    request_cancel(sqlite_store, number)
    with sqlite_store.write() as connection:
        connection.execute(delete(table))
    assert enqueue(sqlite_store, TrainingTask()) == number
    assert claimed(sqlite_store).job.id == number


def test_folders_of_old_jobs_go_and_their_rows_stay(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "KEPT_FOLDERS", 2)
    for _ in range(4):
        enqueue(sqlite_store, TrainingTask())
        claimed(sqlite_store).finish(sqlite_store, DONE)
    kept = [job.id for job in latest_jobs(sqlite_store) if job.folder.path.exists()]
    assert kept == [4, 3]
    assert set(states(sqlite_store).values()) == {"done"}


def test_unknown_jobs_are_named(store: Store) -> None:
    with pytest.raises(InputError, match="no job 7"):
        find_job(store, 7)


def test_what_another_version_queued_has_no_task(store: Store) -> None:
    row = {"kind": "dance", "arguments": {}, "state": "queued", "progress": {}, "created_at": 1}
    with store.write() as connection:
        connection.execute(insert(table).values(row))
    assert claimed(store).job.task is None


def test_trainings_of_earlier_versions_stay_in_the_history(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    engine = create_engine(f"sqlite:///{path}")
    lost = "Its process ended without a word: it was killed, the machine was restarted. Look at its log."
    done = (
        '{"stage": "done", "version": "v1", "metrics": {"items/mrr@10": {"value": 0.5}}, "worse": ["items/mrr@10"], '
        '"course": {"losses": [[0.1, {"items": 2.0}]], "figures": [[0.5, {"items/mrr@10": 0.4}]]}}'
    )
    rows = [
        ("done", "The model v1 is ready.", done),
        (
            "failed",
            lost,
            '{"checkpoint": "abc.pt", "data_version": "d1", "metrics": {"quality": 1}}',
        ),
        ("failed", "It broke off: OSError: no", "{}"),
        ("cancelled", "Cancelled before it began.", "{}"),
        ("running", "", '{"stage": "epoch", "epoch": 2, "checkpoint": "x.pt"}'),
    ]
    with engine.begin() as connection:
        upgrade_schema(connection, "0004")
        for state, message, progress in rows:
            connection.execute(
                text(
                    "INSERT INTO jobs (kind, arguments, state, progress, message, pid, created_at) VALUES "
                    '(\'fit\', \'{"preset": "demo", "set": ["heads=2"]}\', :state, :progress, :message, 1, 7)'
                ),
                {"state": state, "message": message, "progress": progress},
            )
    engine.dispose()
    store = Store.open(f"sqlite:///{path}")
    running, withdrawn, broken, killed, first = latest_jobs(store)
    assert first.task == TrainingTask(preset="demo", changes=("heads=2",))
    assert first.outcome is not None
    assert (first.outcome.version, first.outcome.worse) == ("v1", ("items/mrr@10",))
    assert first.outcome.metrics == {"items/mrr@10": {"value": 0.5}}
    assert first.progress.curves.losses == ((0.1, {"items": 2.0}),)
    assert first.progress.curves.metrics == ((0.5, {"items/mrr@10": 0.4}),)
    endings = [one.outcome.message if one.outcome else None for one in (killed, withdrawn, running)]
    lost_key = Message("db.jobs.lost")
    assert endings == [lost_key, Message("db.jobs.withdrawn"), lost_key]
    assert (killed.progress.checkpoint, killed.progress.data_version) == ("abc.pt", "d1")
    assert running.progress.checkpoint == "x.pt"
    assert str(broken.outcome.message if broken.outcome else "") == "Training failed: OSError: no"
    store.close()
