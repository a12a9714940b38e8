import os
from pathlib import Path

import pytest
from faults import FULL_DISK, KILL, every_fault, run_with_fault


def write_twice(path: str) -> int:
    """A task of two syncs."""
    written = 0
    with open(path, "w") as file:
        for _ in range(2):
            os.fsync(file.fileno())
            written += 1
    return written


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "file")


def test_the_nth_call_fails(path: str) -> None:
    ending = run_with_fault("fsync", 2, FULL_DISK, write_twice, path)
    assert ending.error == ("OSError", "[Errno 28] No space left on device")
    assert (ending.reached, ending.killed) == (True, False)


def test_the_nth_call_kills(path: str) -> None:
    ending = run_with_fault("fsync", 2, KILL, write_twice, path)
    assert (ending.killed, ending.reached, ending.succeeded) == (True, True, False)


def test_a_task_with_fewer_calls_ends_as_without_a_fault(path: str) -> None:
    ending = run_with_fault("fsync", 3, KILL, write_twice, path)
    assert (ending.result, ending.reached, ending.succeeded) == (2, False, True)


def test_every_call_has_its_turn(path: str) -> None:
    endings = every_fault("fsync", FULL_DISK, lambda: None, write_twice, path)
    assert [nth for nth, _ in endings] == [1, 2]
