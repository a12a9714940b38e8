"""Runs a function in a process of its own: its peak memory is its own, and its death ends nothing else."""

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
from train.prepare.pool import end_with_parent

P = ParamSpec("P")
T = TypeVar("T")

YIELDED, RAISED, DONE = "yielded", "raised", "done"


def run_in_process(function: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """Returns what ``function`` returns in a new process, or raises what it raises.

    Raises TrainError where the process is killed, as the operating system does when memory runs out.
    """
    (result,) = iterate_in_process(_call_once, function, arguments, named)
    return result


def iterate_in_process(
    function: Callable[P, Iterator[T]], *arguments: P.args, **named: P.kwargs
) -> Iterator[T]:
    """Yields what ``function`` yields in a new process, as soon as it does; errors as in ``run_in_process``."""
    # Spawned, never forked: torch's threads do not survive a fork.
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_send, args=(theirs, function, arguments, named))
    process.start()
    theirs.close()  # so that the pipe ends when the process does
    try:
        while True:
            kind, value = _receive(ours)
            if kind == DONE:
                return
            if kind == RAISED:
                raise value
            yield value
    finally:
        ours.close()
        process.terminate()  # does nothing to a process that has ended
        process.join()


def _receive(pipe: Connection) -> tuple[str, Any]:
    try:
        kind, value = pipe.recv()
    except EOFError as error:
        raise TrainError("train.benchmark.process_died") from error
    return kind, value


def _send(
    pipe: Connection,
    function: Callable[..., Iterator[Any]],
    arguments: tuple[Any, ...],
    named: dict[str, Any],
) -> None:
    end_with_parent()
    try:
        for value in function(*arguments, **named):
            pipe.send((YIELDED, value))
    except Exception as error:  # raised again in the parent, with its traceback as a note
        error.add_note("".join(traceback.format_exception(error)))
        pipe.send((RAISED, error))
    else:
        pipe.send((DONE, None))


def _call_once(
    function: Callable[..., T], arguments: tuple[Any, ...], named: dict[str, Any]
) -> Iterator[T]:
    yield function(*arguments, **named)


STATUS = Path("/proc/self/status")


def peak_mib() -> float:
    """The largest resident memory of this process so far in MiB, without its child processes."""
    if sys.platform == "win32":
        return float(psutil.Process().memory_info().peak_wset) / 2**20
    if STATUS.exists():
        # Not getrusage: a spawned process inherits the peak of the process that spawned it.
        found = re.search(r"VmHWM:\s+(\d+) kB", STATUS.read_text())
        if found:
            return int(found[1]) / 1024
    import resource  # does not exist on Windows

    unit = 2**20 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
