"""Files that are whole or not there: written under another name, synced, renamed."""

import contextlib
import os
from pathlib import Path

from db.errors import TrainError


def write_whole(path: Path, content: str | bytes) -> None:
    """Writes text or bytes; whoever reads sees all of it or what was there before. ``TrainError`` where it cannot."""
    whole = content.encode() if isinstance(content, str) else content
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with unfinished.open("wb") as file:
            file.write(whole)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            unfinished.unlink()
        raise TrainError(
            f"{path} could not be written: {error.strerror}. Free some space or choose another "
            f"folder with --out."
        ) from error


def sync(path: Path) -> None:
    """Makes the file or folder last through a power cut; folders cannot be synced on Windows."""
    if path.is_dir() and os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
