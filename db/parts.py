"""Temporary names: locked for as long as somebody writes under them, so that what a kill leaves can be told and swept.

The name is hidden, stands beside the final one and ends in ``.part``. A file is locked itself, a folder by a file
beside it. Neither the clock nor a process id counts.
"""

import os
import re
import shutil
import sys
import threading
from contextlib import suppress
from pathlib import Path

from db.file_lock import FileLock

_PART = re.compile(r"\..+\.\d+(-\d+)?\.part")
_LOCK = ".lock"


def part_of_file(path: Path) -> Path:
    """The temporary name of the file ``path``; threads of one process may write the same file."""
    return path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.part")


def part_of_folder(path: Path) -> Path:
    """The temporary name of the folder ``path``."""
    return path.with_name(f".{path.name}.{os.getpid()}.part")


def lock_file_part(part: Path) -> FileLock | None:
    """Creates a file and locks it; None on Windows, where a file that is open cannot be removed, nor renamed."""
    return None if sys.platform == "win32" else FileLock.created(part)


class PartFolder:
    """A new folder under the temporary name of ``final``, locked until it is published or discarded."""

    def __init__(self, final: Path) -> None:
        self.final, self.path = final, part_of_folder(final)
        final.parent.mkdir(parents=True, exist_ok=True)
        sweep_parts(final.parent)
        self._lock = FileLock.created(_lock_of(self.path))
        self.path.mkdir()

    def release(self) -> None:
        """Lets go of the lock."""
        with suppress(OSError):
            _lock_of(self.path).unlink(missing_ok=True)
        self._lock.release()

    def discard(self) -> None:
        """Removes everything that was written."""
        shutil.rmtree(self.path, ignore_errors=True)
        self.release()


def sweep_parts(folder: Path) -> list[Path]:
    """Removes the parts in ``folder`` that no living process writes; returns them. What cannot be removed stays."""
    swept = []
    with suppress(OSError):
        for path in folder.glob(".*.part*"):
            part = path.with_name(path.name.removesuffix(_LOCK))
            if _PART.fullmatch(part.name):
                with suppress(OSError):
                    if _swept(path, part):
                        swept.append(path)
    return swept


def _swept(path: Path, part: Path) -> bool:
    """Whether ``path``, a part or the lock of one, was removed."""
    if path == part and not path.is_dir():
        lock = None if sys.platform == "win32" else FileLock.exclusive(path)
        if lock is not None:
            path.unlink()
            lock.release()
        return lock is not None
    if path != part and part.is_dir():
        return False  # goes with its folder
    lock = FileLock.exclusive(_lock_of(part), create=path == part)
    if lock is None:
        return False
    shutil.rmtree(part, ignore_errors=True)
    _lock_of(part).unlink(missing_ok=True)
    lock.release()
    return True


def _lock_of(part: Path) -> Path:
    return part.with_name(part.name + _LOCK)
