"""Worker processes that prepare a dataset side by side.

Finding eigenvectors keeps a process busy, and threads would wait for each other. A small shop is prepared before a
process has started.
"""

import contextlib
import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from db.settings import settings

LARGE_SHOP = 50_000  # groups

# Like ``map``: takes a function and one iterable for each of its arguments.
Map = Callable[..., Iterator[Any]]


def worth_sharing(groups: int) -> bool:
    """Whether several processes prepare a shop with this many groups faster than one."""
    return groups >= LARGE_SHOP and settings().threads > 1


@contextlib.contextmanager
def process_map() -> Iterator[Map]:
    """A ``map`` over worker processes; work that has not started when the context ends is dropped.

    Iterating raises BrokenProcessPool where a worker is killed, for example because memory ran out.
    """
    # Spawned, never forked: torch's threads do not survive a fork.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(settings().threads, mp_context=context, initializer=end_with_parent)
    try:
        yield pool.map
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def end_with_parent() -> None:
    """Makes this process end when the process that started it is killed and nobody waits for its work."""
    threading.Thread(target=_exit_after_parent, daemon=True).start()


def _exit_after_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None  # noqa: S101  a worker has one
    parent.join()
    os._exit(1)
