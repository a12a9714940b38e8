"""Errors that nobody foresaw: people read one sentence, and a log beside the store keeps the trace.

``errors.log`` lies in the folder of the store's jobs, so whatever forgets a person there forgets them here, too.
"""

import contextlib
import os
import tempfile
import traceback
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from sqlalchemy import make_url

from db.jobs.folder import jobs_place
from db.messages import Message, os_error
from db.settings import settings
from db.terminal import legible

LOG = "errors.log"
LOG_BYTES = 1_000_000  # then it begins anew, and one older log is kept
LONGEST = 300  # characters of what an error says that people read


def record_unforeseen(error: BaseException) -> Message:
    """Writes the trace of ``error`` to the log; returns what people read: what failed, and where the log is.

    Never raises: where no log can be written, the message says so.
    """
    text = "".join(traceback.format_exception(error))
    said = f"{type(error).__name__}: {_first_line(error)}".rstrip(": ")[:LONGEST]
    refused: OSError | None = None
    for path in _places():
        try:
            _append(path, text)
        except OSError as failure:
            refused = refused or failure
        else:
            return Message("db.unforeseen", {"error": said, "log": str(path)})
    reason = "" if refused is None else os_error(refused)
    return Message("db.unforeseen.no_log", {"error": said, "reason": reason})


def _places() -> Iterator[Path]:
    """Where the log may be: beside the store, and, where that is not to be had, among temporary files."""
    with contextlib.suppress(Exception):  # the settings may be what is wrong
        url = make_url(settings().db)
        if url.database:
            yield jobs_place(url) / LOG
    with contextlib.suppress(OSError):  # no temporary folder at all
        user = os.getuid() if hasattr(os, "getuid") else "user"
        yield Path(tempfile.gettempdir()) / f"mamgbr-{user}-{LOG}"


def _append(path: Path, text: str) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > LOG_BYTES:
        path.replace(path.with_name(f"{path.name}.1"))
    # No link is followed: among temporary files it might be somebody else's.
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
    with open(os.open(path, flags, 0o600), "a", encoding="utf-8", errors="backslashreplace") as log:
        log.write(f"{datetime.now().astimezone():%Y-%m-%d %H:%M:%S %z}\n{legible(text)}\n")


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0]
