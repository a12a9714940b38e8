"""Starting the process of a background job, so that it outlives the tab and the server."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from db.file_lock import SUCCESSOR, FileLock, is_locked

_HANDOVER_PAUSE = 0.02  # seconds between two looks at whether a child on Windows has its lock


def start_detached(
    words: Sequence[str],
    log: Path,
    environment: Mapping[str, str] | None = None,
    inherit: FileLock | None = None,
) -> "subprocess.Popen[bytes]":
    """Starts ``python -m WORDS``, detached from this process, with its output appended to ``log``.

    ``inherit`` is a lock that the child keeps, see ``start_with_lock``.
    """
    options: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        flags = subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP
        options = {"creationflags": flags}
    elif inherit is not None:
        options["pass_fds"] = (inherit.descriptor,)
    with log.open("ab") as output:
        return subprocess.Popen(  # noqa: S603 - a fixed command
            [sys.executable, "-m", *words],
            env=os.environ | dict(environment or {}),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            **options,
        )


def start_with_lock(
    words: Sequence[str], log: Path, lock: FileLock, path: Path, environment: Mapping[str, str]
) -> None:
    """Starts ``python -m WORDS DESCRIPTOR`` and hands ``lock``, held on the file ``path``, over to it.

    At every moment this process or the child holds the lock. The child calls ``FileLock.inherited(path, DESCRIPTOR)``.
    """
    process = start_detached([*words, str(lock.descriptor)], log, environment, lock)
    while sys.platform == "win32" and process.poll() is None and not is_locked(path, SUCCESSOR):
        time.sleep(_HANDOVER_PAUSE)
    lock.release()
