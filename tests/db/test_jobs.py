"""Jobs run one at a time, and one whose process died does not block the others."""

import os
import subprocess
import sys
import threading

import pytest
from sqlalchemy import update

from db.errors import InputError
from db.jobs.queue import (
    cancel_requested,
    claim,
    enqueue,
    finish,
    job,
    jobs,
    recover,
    report,
    request_cancel,
)
from db.schema import jobs as table
from db.store import Store


def test_the_oldest_waits_least_and_one_runs_at_a_time(store: Store) -> None:
    first = enqueue(store, "fit", {"preset": "demo"})
    second = enqueue(store, "fit", {"preset": "paper"})
    claimed = claim(store, os.getpid())
    assert claimed is not None
    assert (claimed.id, claimed.state, claimed.arguments) == (first, "running", {"preset": "demo"})
    assert claim(store, os.getpid()) is None
    finish(store, first, "done", "Trained.")
    following = claim(store, os.getpid())
    assert following is not None
    assert following.id == second
    assert [(one.id, one.state) for one in jobs(store)] == [(second, "running"), (first, "done")]


def test_two_who_claim_at_once_get_one_job(store: Store) -> None:
    enqueue(store, "fit", {})
    enqueue(store, "fit", {})
    claimed: list[object] = []
    racers = [
        threading.Thread(target=lambda: claimed.append(claim(store, os.getpid()))) for _ in range(4)
    ]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert sum(one is not None for one in claimed) == 1


def test_a_job_whose_process_died_has_failed_and_frees_the_queue(store: Store) -> None:
    lost = enqueue(store, "fit", {})
    waiting = enqueue(store, "fit", {})
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        assert claim(store, child.pid) is not None
        assert recover(store) == []
        child.kill()
    assert recover(store) == [lost]
    assert job(store, lost).state == "failed"
    assert "Look at its log" in job(store, lost).message
    claimed = claim(store, os.getpid())
    assert claimed is not None
    assert claimed.id == waiting


def test_another_process_with_the_same_pid_is_not_the_job(store: Store) -> None:
    lost = enqueue(store, "fit", {})
    claim(store, os.getpid())
    with store.write() as connection:  # as if the pid had been another process's before
        connection.execute(update(table).values(process_started=table.c.process_started - 500))
    assert recover(store) == [lost]


def test_progress_is_kept(store: Store) -> None:
    id = enqueue(store, "fit", {})
    report(store, id, {"epoch": 3, "loss": 0.5})
    assert job(store, id).progress == {"epoch": 3, "loss": 0.5}


def test_a_running_job_is_asked_to_stop_and_a_queued_one_never_begins(store: Store) -> None:
    running = enqueue(store, "fit", {})
    queued = enqueue(store, "fit", {})
    claim(store, os.getpid())
    request_cancel(store, running)
    request_cancel(store, queued)
    assert cancel_requested(store, running)
    assert (job(store, running).state, job(store, queued).state) == ("running", "cancelled")
    finish(store, running, "cancelled", "Stopped after epoch 2.")
    request_cancel(store, running)  # too late, and no harm
    assert claim(store, os.getpid()) is None


def test_what_is_not_there_is_named(store: Store) -> None:
    with pytest.raises(InputError, match="no job 7"):
        job(store, 7)
    enqueue(store, "fit", {})
    with pytest.raises(InputError, match="No process 4194305 runs"):
        claim(store, 4194305)
