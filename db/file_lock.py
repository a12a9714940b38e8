"""Locks of the operating system on files: they end with the process that holds them, however that ends.

Neither the clock nor a process id is involved, so a moved clock, a reboot or a reused id cannot mislead anyone.
"""

import contextlib
import os
import sys
import time
import weakref
from pathlib import Path

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_LOOK = 0.001  # seconds between two tries
OWNER, SUCCESSOR = 0, 1  # bytes of the file that Windows locks; see ``FileLock.inherited``


class FileLock:
    """A lock on an open file, held until ``release``, until it is garbage, or until the process ends."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.release = weakref.finalize(self, os.close, descriptor)

    @classmethod
    def shared(cls, path: Path) -> "FileLock":
        """Shares the lock on an existing file, after waiting for an exclusive one to end.

        Raises OSError where the file cannot be opened. Windows needs no lock here: a folder that contains an open file
        cannot be renamed there.
        """
        descriptor = os.open(path, os.O_RDONLY)
        if sys.platform != "win32":
            fcntl.flock(descriptor, fcntl.LOCK_SH)
        return cls(descriptor)

    @classmethod
    def exclusive(cls, path: Path, create: bool = False) -> "FileLock | None":
        """Locks the file for this process alone; None where another lock is in the way.

        Raises OSError where the file cannot be opened.
        """
        if create and not path.exists():
            path.write_bytes(bytes(2))
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT if create else os.O_RDONLY)
        if not _lock(descriptor, OWNER):
            os.close(descriptor)
            return None
        lock = cls(descriptor)
        _EXCLUSIVE.add(lock)
        return lock

    @classmethod
    def created(cls, path: Path) -> "FileLock":
        """Creates the file, unless it is there, and locks it for this process alone.

        Waits for whoever looks whether a killed process has left it, and creates it again where they removed it.
        Raises OSError where the file cannot be created.
        """
        while True:
            path.touch()
            lock = cls.exclusive(path, create=True)
            if lock is not None:
                with contextlib.suppress(FileNotFoundError):
                    if os.path.samestat(os.stat(path), os.fstat(lock.descriptor)):
                        return lock
                lock.release()
            time.sleep(_LOOK)

    @classmethod
    def inherited(cls, path: Path, descriptor: int) -> "FileLock":
        """The exclusive lock that the parent process passed on by starting this one.

        POSIX: the open file is inherited (``descriptor``) and with it the lock, so there is no moment without it.
        Windows: locks are not inherited, so this process locks the file's second byte while the parent still holds the
        first. Keeps the lock from processes that this one starts or forks.
        """
        if sys.platform == "win32":
            descriptor = os.open(path, os.O_RDWR)
            _lock(descriptor, SUCCESSOR)
        else:
            os.set_inheritable(descriptor, False)
        lock = cls(descriptor)
        _EXCLUSIVE.add(lock)
        return lock


_EXCLUSIVE: weakref.WeakSet[FileLock] = weakref.WeakSet()


def is_locked(path: Path, byte: int | None = None) -> bool:
    """Whether a living process holds the file's exclusive lock; False where there is no such file.

    ``byte`` asks for one of the two that Windows locks.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        if sys.platform == "win32":
            return any(
                _byte_is_locked(descriptor, one)
                for one in (OWNER, SUCCESSOR)
                if byte in (None, one)
            )
        # Shared, so that two processes that look at once do not mistake each other for the owner.
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


if sys.platform == "win32":

    def _lock(descriptor: int, byte: int) -> bool:
        os.lseek(descriptor, byte, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _byte_is_locked(descriptor: int, byte: int) -> bool:
        os.lseek(descriptor, byte, os.SEEK_SET)
        try:
            os.read(descriptor, 1)  # Windows denies reading what another handle has locked
        except PermissionError:
            return True
        return False

else:

    def _lock(descriptor: int, byte: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _close_in_forked_child() -> None:
        for lock in list(_EXCLUSIVE):
            lock.release()

    os.register_at_fork(after_in_child=_close_in_forked_child)
