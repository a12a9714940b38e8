"""Work in a process of its own, so that its peak memory is its own and its end nobody else's.

The largest memory that this process has held.
"""

import multiprocessing
import re
import sys
import traceback
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import psutil

from db.errors import TrainError
from train.prepare.pool import end_with_the_parent

P = ParamSpec("P")
T = TypeVar("T")

FOUND, RAISED, DONE = "found", "raised", "done"


def apart(function: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """What ``function`` returns, or the error that it raises, from a new process.

    ``TrainError`` where the process is killed, as the system does when memory runs out.
    """
    (found,) = each_apart(_once, function, arguments, named)
    return found


def each_apart(
    function: Callable[P, Iterator[T]], *arguments: P.args, **named: P.kwargs
) -> Iterator[T]:
    """What ``function`` yields, each as soon as it is there, as ``apart`` gives what it returns."""
    # Spawned, never forked: torch's threads do not live through a fork.
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_send, args=(theirs, function, arguments, named))
    process.start()
    theirs.close()  # so that its end is the end of the pipe
    try:
        while True:
            kind, value = _received(ours)
            if kind == DONE:
                return
            if kind == RAISED:
                raise value
            yield value
    finally:
        ours.close()
        process.terminate()  # of no matter to one that has ended
        process.join()


def _received(pipe: Connection) -> tuple[str, Any]:
    try:
        kind, value = pipe.recv()
    except EOFError as error:
        raise TrainError(
            "The process ended without a word, as it does when memory runs out. What was "
            "measured before is kept; the same command goes on, with --set negatives=8 or less."
        ) from error
    return kind, value


def _send(
    pipe: Connection,
    function: Callable[..., Iterator[Any]],
    arguments: tuple[Any, ...],
    named: dict[str, Any],
) -> None:
    end_with_the_parent()
    try:
        for found in function(*arguments, **named):
            pipe.send((FOUND, found))
    except Exception as error:  # whoever waits shall hear of any, and where it happened
        error.add_note("".join(traceback.format_exception(error)))
        pipe.send((RAISED, error))
    else:
        pipe.send((DONE, None))


def _once(
    function: Callable[..., T], arguments: tuple[Any, ...], named: dict[str, Any]
) -> Iterator[T]:
    yield function(*arguments, **named)


STATUS = Path("/proc/self/status")


def peak_mib() -> float:
    """Largest resident memory so far in MiB; processes that this one started are not counted."""
    if sys.platform == "win32":
        return float(psutil.Process().memory_info().peak_wset) / 2**20
    if STATUS.exists():
        # getrusage would do, but a spawned process inherits the figure of the one that spawned it.
        found = re.search(r"VmHWM:\s+(\d+) kB", STATUS.read_text())
        if found:
            return int(found[1]) / 1024
    import resource  # there is none on Windows

    unit = 2**20 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
