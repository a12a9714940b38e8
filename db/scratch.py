"""Folders among the system's temporary files: swept once their process is gone, and named where they are full."""

import contextlib
import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from db.errors import StoreError
from db.file_lock import FileLock
from db.messages import os_error

_PREFIX = "mamgbr-"
_LOCK = ".lock"  # in the folder, held by its process
# What the system says of a folder that takes nothing more, and never of a file that is read.
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG)
_SQLITE_PLACES = ("/var/tmp", "/usr/tmp", "/tmp", ".")  # noqa: S108  where SQLite looks


class ScratchError(StoreError):
    """The temporary folder cannot be written."""


class ScratchFolder(tempfile.TemporaryDirectory[str]):
    """A temporary folder, removed with this object; those of killed processes go when the next one is made.

    Raises ScratchError where there is no place for it.
    """

    def __init__(self, purpose: str) -> None:
        with scratch_errors(any_error=True):
            sweep_scratch()
            super().__init__(prefix=f"{_PREFIX}{purpose}-", ignore_cleanup_errors=True)
            self._lock = FileLock.created(Path(self.name) / _LOCK)

    def cleanup(self) -> None:
        """Removes the folder."""
        self._lock.release()
        super().cleanup()


@contextlib.contextmanager
def scratch_errors(any_error: bool = False) -> Iterator[None]:
    """Raises ScratchError where the block finds the temporary folder full; ``any_error``: or not to be written."""
    try:
        yield
    except OSError as error:
        if any_error or error.errno in FULL:
            raise ScratchError(
                "db.scratch.full", folder=scratch_place(), reason=os_error(error)
            ) from error
        raise


def scratch_place() -> str:
    """The folder of temporary files, or the one that was asked for where none can be used."""
    try:
        return tempfile.gettempdir()
    except OSError:
        return os.environ.get("TMPDIR", "/tmp")  # noqa: S108


def sweep_scratch() -> None:
    """Removes the folders of processes that are gone; those without a lock are somebody else's."""
    for lock_path in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*/{_LOCK}"):
        with contextlib.suppress(OSError):
            lock = FileLock.exclusive(lock_path)
            if lock is not None:
                shutil.rmtree(lock_path.parent, ignore_errors=True)
                lock.release()


def sqlite_place_if_full(store: str) -> str | None:
    """The folder of SQLite's temporary files, where it has less space left than that of the file ``store``.

    SQLite says the same of both. The temporary file is gone by then, and with it what it took.
    """
    asked = [os.environ.get(name, "") for name in ("SQLITE_TMPDIR", "TMPDIR")]
    for place in (*asked, *_SQLITE_PLACES):
        if place and os.path.isdir(place) and os.access(place, os.W_OK | os.X_OK):
            with contextlib.suppress(OSError):
                folder = os.path.dirname(os.path.abspath(store))
                other = os.stat(place).st_dev != os.stat(folder).st_dev
                less = shutil.disk_usage(place).free < shutil.disk_usage(folder).free
                return place if other and less else None
    return None
