"""What a process is sent to do in a test; imports nothing heavy, as each process imports it anew."""

import itertools
import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator
from typing import Any

from db.errors import SettingError
from train.benchmark.isolated import run_in_process
from train.prepare.pool import workers

HERE: dict[str, Callable[..., Any]] = {}


def kill_myself() -> None:
    """Ends as the system ends a process when memory runs out."""
    os.kill(os.getpid(), signal.SIGKILL)


def refuse(param: str) -> None:
    """Raises an error about the setting."""
    raise SettingError("train.sweep.no_value", param=param)


def count_and_die(most: int) -> Iterator[int]:
    """What a process had found before it was killed."""
    yield from range(most)
    kill_myself()


def count_forever() -> Iterator[int]:
    """Never ends by itself."""
    yield from itertools.count()


def unless_in_a_helper(name: str, *arguments: object) -> Any:
    """What ``HERE`` says of that name in the process of the test; one that was started to help dies instead."""
    if multiprocessing.parent_process() is not None:
        kill_myself()
    return HERE[name](*arguments)


def keep_helpers_busy() -> None:
    """Says so once two helpers are at work, and gives them more of it than any test waits for."""
    with workers() as run:
        for _ in run(time.sleep, [0.1] + [0.5] * 1_000):
            print("at work", flush=True)


def keep_one_apart_busy() -> None:
    """Says so once a process of its own is at work, which has more of it than any test waits for."""
    run_in_process(_work_long)


def _work_long() -> None:
    print("at work", flush=True)
    time.sleep(60)  # longer than the test waits, and not for ever where it fails
