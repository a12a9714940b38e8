"""Locks end with their process, and a patient writer waits for the store's lock as long as it takes."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import delete

from db.errors import StoreBusyError
from db.file_lock import FileLock, is_locked
from db.schema import jobs as table
from db.store import Store

ROOT = Path(__file__).resolve().parents[2]


def test_a_patient_writer_waits_for_longer_than_the_store_would(store: Store) -> None:
    hasty = Store(store.url, 0.05)
    waits: list[int] = []
    release = threading.Event()
    writing = threading.Event()

    def write() -> None:
        with store.write():
            writing.set()
            release.wait()

    def on_wait() -> None:
        waits.append(1)
        if len(waits) == 3:
            release.set()

    other = threading.Thread(target=write)
    other.start()
    writing.wait()
    with pytest.raises(StoreBusyError), hasty.write():
        pass
    with hasty.patient(on_wait).write() as connection:
        connection.execute(delete(table))
    other.join()
    assert len(waits) >= 3


def test_a_lock_lasts_as_long_as_its_process_and_is_seen_by_all(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    assert not is_locked(path)
    lock = FileLock.exclusive(path, create=True)
    assert lock is not None
    assert is_locked(path)
    assert FileLock.exclusive(path) is None
    lock.release()
    assert not is_locked(path)


def test_a_lock_is_not_kept_by_children_of_its_process(tmp_path: Path) -> None:
    script = """
import os, subprocess, sys
from pathlib import Path
from db.file_lock import FileLock
lock = FileLock.inherited(Path(sys.argv[1]), int(sys.argv[2]))
forked = os.fork()
if forked == 0:
    sys.stdin.read()
    os._exit(0)
started = subprocess.Popen([sys.executable, "-c", "input()"], close_fds=False)
print("here", flush=True)
os.kill(os.getpid(), 9)
"""
    path = tmp_path / "lock"
    lock = FileLock.exclusive(path, create=True)
    assert lock is not None
    with subprocess.Popen(
        [sys.executable, "-c", script, str(path), str(lock.descriptor)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        pass_fds=[lock.descriptor],
    ) as process:
        lock.release()
        assert process.stdout is not None
        assert process.stdout.readline().strip() == b"here"
        process.wait()
        assert not is_locked(path)  # its children live on until they read the end of their input
