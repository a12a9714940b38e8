"""Processes that count side by side.

Finding eigenvectors holds on to a process, and threads would wait for each other. A small shop is counted before a
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

FEW_GROUPS = 50_000

# As ``map``: a function, and one iterable for each of its arguments.
Run = Callable[..., Iterator[Any]]


def worth_sharing(groups: int) -> bool:
    """Whether a shop of so many groups is counted faster by several processes."""
    return groups >= FEW_GROUPS and settings().threads > 1


@contextlib.contextmanager
def workers() -> Iterator[Run]:
    """A ``map`` over processes; work that has not begun when the context ends is dropped.

    Iterating raises ``BrokenProcessPool`` where a process is killed, as the system does when memory runs out.
    """
    # Spawned, never forked: torch's threads do not live through a fork.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(
        settings().threads, mp_context=context, initializer=end_with_the_parent
    )
    try:
        yield pool.map
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def end_with_the_parent() -> None:
    """Sees to it that a process ends when the one that started it is killed: nobody else would wait for its work."""
    threading.Thread(target=_outlive_nobody, daemon=True).start()


def _outlive_nobody() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None  # noqa: S101  a helper has one
    parent.join()
    os._exit(1)
