"""Faults put into a real process: the n-th system call of a kind fails, or the process is killed in its place.

A child is forked from a server that has imported the product already, strace takes hold of it, and only then does it
do its task. So a run takes a fraction of a second, and a test can afford one for every call that a task makes.
"""

import multiprocessing
import pickle
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from required import require

# What a task changes a disk with: SQLite's pages, files of Python's, and what makes either last.
CALLS = ("pwrite64", "write", "fdatasync", "fsync", "ftruncate", "rename", "unlink")

FULL_DISK = "error=ENOSPC"
BROKEN_DISK = "error=EIO"
KILL = "signal=SIGKILL"

MOST_CALLS = 2_000  # a task of more calls of a kind than that is too large to be tried call by call
PRELOADED = ("pytest", "db.importing.worker", "db.command", "train.worker")

_server = multiprocessing.get_context("forkserver")
_server.set_forkserver_preload(list(PRELOADED))


@dataclass(frozen=True)
class Ending:
    """How a task ended.

    ``result`` is what it returned, ``error`` what it raised (the type's name and the text), ``killed`` whether it was
    killed, and ``reached`` whether it made enough calls for the fault to happen.
    """

    result: Any
    error: tuple[str, str] | None
    killed: bool
    reached: bool

    @property
    def succeeded(self) -> bool:
        """Whether the task said that all is well."""
        return not self.killed and self.error is None


def run_with_fault(
    call: str, nth: int, effect: str, task: Callable[..., Any], *arguments: Any
) -> Ending:
    """``task(*arguments)`` in a process of its own, whose ``nth`` system ``call``, from 1, has the ``effect``.

    The task has to be a function of a module, and its result has to be picklable.
    """
    require("strace", installed=shutil.which("strace") is not None)
    # Not a pipe: the child must not need the calls that fail to say how it ended.
    ours, theirs = socket.socketpair()
    child = _server.Process(target=_do, args=(theirs, task, arguments))
    child.start()
    theirs.close()
    with ours, ours.makefile("rb") as answers:
        assert pickle.load(answers) == "ready"  # noqa: S301  our own child's
        command = ["strace", "--follow-forks", f"--attach={child.pid}", "-e", f"trace={call}"]
        command += ["-e", f"inject={call}:{effect}:when={nth}"]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as tracer:
            assert tracer.stderr is not None
            attached = tracer.stderr.readline()
            assert "attached" in attached, attached
            ours.sendall(b"go")
            try:
                result, error = pickle.load(answers)  # noqa: S301
            except EOFError:
                result = error = None
            child.join()
            record = tracer.stderr.read()
    killed = child.exitcode == -signal.SIGKILL
    assert killed or child.exitcode == 0, child.exitcode
    _, _, signalled = effect.partition("signal=")  # of which strace only says that it came
    came = f"--- {signalled} " if signalled else "(INJECTED)"
    return Ending(result, error, killed, killed or came in record)


def every_fault(
    call: str,
    effect: str,
    fresh: Callable[[], None],
    task: Callable[..., Any],
    *arguments: Any,
    step: int = 1,
) -> Iterator[tuple[int, Ending]]:
    """The endings of a task with the fault at its first ``call``, at its second, and so on, as long as it has more.

    ``fresh`` lays out what the task starts from, before each run. A larger ``step`` leaves calls out.
    """
    for nth in range(1, MOST_CALLS, step):
        fresh()
        ending = run_with_fault(call, nth, effect, task, *arguments)
        if not ending.reached:
            assert ending.succeeded, ending
            return
        yield nth, ending
    raise AssertionError(f"More than {MOST_CALLS} calls of {call}.")


def _do(answers: socket.socket, task: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    answers.sendall(pickle.dumps("ready"))
    answers.recv(2)
    answer: tuple[Any, tuple[str, str] | None]
    try:
        answer = task(*arguments), None
    except BaseException as error:  # whatever it is, the test hears of it
        answer = None, (type(error).__name__, str(error))
    answers.sendall(pickle.dumps(answer))
