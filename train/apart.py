"""Work in a process of its own, so that its peak memory is its own and its end nobody else's."""

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import ParamSpec, TypeVar

from train.errors import TrainError

P = ParamSpec("P")
T = TypeVar("T")


def apart(function: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """What ``function`` returns, or the error that it raises, from a new process.

    ``TrainError`` where the process is killed, as the system does when memory runs out.
    """
    # Spawned, never forked: torch's threads do not live through a fork.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        try:
            return pool.submit(function, *arguments, **named).result()
        except BrokenProcessPool as error:
            raise TrainError(
                "The process ended without a word, as it does when memory runs out. What was "
                "measured before is kept; the same command goes on, with --set negatives=8 or less."
            ) from error
