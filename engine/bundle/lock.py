"""A hold on a model version's files: whoever reads them shares it, whoever removes them needs it alone.

It is a lock of the operating system on the open manifest, so it ends with its process, however that
ends. Windows has no such lock and needs none: there a folder with an open file cannot be renamed.
"""

import contextlib
import os
import sys
import weakref
from collections.abc import Iterator
from pathlib import Path

from engine.bundle.files import MANIFEST

if sys.platform != "win32":
    import fcntl


class Hold:
    """A share of the hold on the version in ``folder``, until ``release`` or until it is forgotten.

    Raises OSError where the folder has no manifest.
    """

    def __init__(self, folder: Path) -> None:
        handle = os.open(folder / MANIFEST, os.O_RDONLY)
        if sys.platform != "win32":
            fcntl.flock(handle, fcntl.LOCK_SH)
        self.release = weakref.finalize(self, os.close, handle)


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[bool]:
    """Whether nobody holds the version in ``folder``; whoever comes meanwhile waits.

    A folder without a manifest is nobody's.
    """
    try:
        handle = os.open(folder / MANIFEST, os.O_RDONLY)
    except FileNotFoundError:
        yield True
        return
    if sys.platform == "win32":
        os.close(handle)
        yield True
        return
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
    finally:
        os.close(handle)
