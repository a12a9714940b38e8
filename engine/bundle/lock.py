"""A lock on a model version's files: readers share it, and removing the version needs it alone.

It is a lock of the operating system on the open manifest (``db.file_lock``), so it ends with its process, however that
ends. Windows needs none: there a folder with an open file cannot be renamed.
"""

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

from db.file_lock import FileLock
from engine.bundle.files import MANIFEST


class ReadLock:
    """A share of the lock on the version in ``folder``, until ``release`` or until it is garbage.

    Raises OSError when the folder has no manifest.
    """

    def __init__(self, folder: Path) -> None:
        self._lock = FileLock.shared(folder / MANIFEST)
        self.release = self._lock.release


@contextlib.contextmanager
def exclusive_access(folder: Path) -> Iterator[bool]:
    """Yields True if nobody reads the version in ``folder``; new readers then wait until the block ends.

    A folder without a manifest has no readers.
    """
    if sys.platform == "win32":
        yield True
        return
    try:
        lock = FileLock.exclusive(folder / MANIFEST)
    except FileNotFoundError:
        yield True
        return
    try:
        yield lock is not None
    finally:
        if lock is not None:
            lock.release()
