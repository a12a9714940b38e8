"""Work for processes that tests start; imports nothing heavy, because each process imports it again."""

import itertools
import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator
from typing import Any

from db.errors import SettingError
from train.benchmark.isolated import run_in_process
from train.prepare.pool import process_map

HERE: dict[str, Callable[..., Any]] = {}


def kill_myself() -> None:
    """Ends the way the system ends a process when memory runs out."""
    os.kill(os.getpid(), signal.SIGKILL)


def refuse(param: str) -> None:
    """Raises an error about the setting."""
    raise SettingError("train.sweep.no_value", param=param)


def count_and_die(most: int) -> Iterator[int]:
    """Yields what the process found, then kills it."""
    yield from range(most)
    kill_myself()


def count_forever() -> Iterator[int]:
    """Never ends by itself."""
    yield from itertools.count()


def unless_in_a_worker(name: str, *arguments: object) -> Any:
    """Calls ``HERE[name]`` in the process of the test; kills a worker process instead."""
    if multiprocessing.parent_process() is not None:
        kill_myself()
    return HERE[name](*arguments)


def keep_workers_busy() -> None:
    """Prints a line once two workers are busy; their work takes longer than any test waits."""
    with process_map() as map_:
        for _ in map_(time.sleep, [0.1] + [0.5] * 1_000):
            print("at work", flush=True)


def keep_one_apart_busy() -> None:
    """Prints a line once a process of its own is busy; its work takes longer than any test waits."""
    run_in_process(_work_long)


def _work_long() -> None:
    print("at work", flush=True)
    time.sleep(60)  # longer than the test waits, but not for ever in case it fails
