"""Files and folders that appear complete or not at all: written under a temporary name, synced, then renamed.

The temporary name is hidden, stands beside the final one and ends in ``.part``. It contains the id of the writing
process, so that others can tell an abandoned part from one that is still being written.
"""

import contextlib
import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO


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
    # Threads of one process may write the same file, so the name contains the thread as well.
    part = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.part")
    try:
        yield part
        if durable:
            sync(part)
        part.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink()
        raise
    if durable:
        sync(path.parent)


@contextlib.contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """A new folder for the block to write files into; it becomes ``path`` when the block ends.

    An exception in the block discards it. Raises OSError when ``path`` exists or the files cannot be synced.
    """
    part = part_folder(path)
    shutil.rmtree(part, ignore_errors=True)  # left by a killed process that had our id
    try:
        part.mkdir(parents=True)
        yield part
        publish_folder(part, path)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


def part_folder(path: Path) -> Path:
    """The temporary name of the folder ``path`` while this process writes it."""
    return path.with_name(f".{path.name}.{os.getpid()}.part")


def publish_folder(part: Path, path: Path) -> None:
    """Syncs the folder ``part`` with all its files and renames it to ``path``."""
    for written in [*part.iterdir(), part]:
        sync(written)
    part.rename(path)
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
