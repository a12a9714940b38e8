"""Files and folders that appear complete or not at all: written under a temporary name, synced, then renamed.

What a killed process has left under such names (`db.parts`) goes when the next file is written beside it.
"""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from db.parts import PartFolder, lock_file_part, part_of_file, sweep_parts


def write_atomically(path: Path, content: str | bytes, durable: bool = True) -> None:
    """Writes text (UTF-8) or bytes; readers see either the previous file or all of the new one.

    Creates missing folders. Raises OSError when the disk is full or the folder is not writable; the previous file is
    then still there. ``durable=False`` skips the fsync, for progress reports that need not outlive a power cut.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_file(path, durable) as file:
        file.write(content.encode() if isinstance(content, str) else content)


@contextlib.contextmanager
def atomic_file(path: Path, durable: bool = True) -> Iterator[BinaryIO]:
    """A new binary file that becomes ``path`` when the block ends; an exception in the block discards it."""
    with atomic_path(path, durable) as part, part.open("wb") as file:
        yield file


@contextlib.contextmanager
def atomic_path(path: Path, durable: bool = True) -> Iterator[Path]:
    """A temporary name for the block to write a file under; it becomes ``path`` when the block ends.

    An exception in the block discards the file. Raises OSError when it cannot be synced or renamed.
    """
    if durable:
        sweep_parts(path.parent)
    part = part_of_file(path)
    lock = lock_file_part(part)
    try:
        yield part
        if durable:
            sync(part)
        part.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink()
        raise
    finally:
        if lock is not None:
            lock.release()
    if durable:
        _sync_name(path)


@contextlib.contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """A new folder for the block to write files into; it becomes ``path`` when the block ends.

    An exception in the block discards it. Raises OSError when ``path`` exists or the files cannot be synced.
    """
    part = PartFolder(path)
    try:
        yield part.path
        publish_folder(part)
    except BaseException:
        part.discard()
        raise


def publish_folder(part: PartFolder) -> None:
    """Syncs the folder with all its files and gives it its final name."""
    for written in [*part.path.iterdir(), part.path]:
        sync(written)
    part.path.rename(part.final)
    _sync_name(part.final)
    part.release()


def _sync_name(path: Path) -> None:
    """Makes a new name outlive a power cut; where that cannot be done, the name is there all the same."""
    with contextlib.suppress(OSError):
        sync(path.parent)


def sync(path: Path) -> None:
    """Makes a file or folder survive a power cut. Folders cannot be synced on Windows."""
    if path.is_dir() and os.name == "nt":
        return
    # Windows syncs only what is open for writing.
    handle = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
