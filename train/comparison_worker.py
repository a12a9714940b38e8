"""The process of a comparison in the background: ``python -m train.comparison_worker FOLDER DESCRIPTOR``.

`db.jobs.comparisons` starts it. DESCRIPTOR is the lock that it inherits.
"""

import sys
import time
from pathlib import Path

from db.errors import UserFacingError
from db.file_lock import FileLock
from db.jobs.comparisons import (
    COMPARISON,
    ComparisonFolder,
    ComparisonOutcome,
    ComparisonProgress,
)
from db.jobs.folder import JobFolder
from db.messages import Message
from db.store import Store
from train.compare_versions import check_in_store, compare_in_store

SECONDS_BETWEEN_REPORTS = 0.3


def run_comparison(folder: ComparisonFolder) -> None:
    """Does the comparison that the folder describes, and leaves its outcome there."""
    task = folder.task()
    if task is None:
        raise SystemExit(f"{folder.path} holds no comparison.")
    reported = 0.0

    def report(done: int, of: int) -> None:
        nonlocal reported
        now = time.monotonic()
        if now - reported >= SECONDS_BETWEEN_REPORTS or done == of:
            reported = now
            folder.report(ComparisonProgress(done=done, of=of))

    message: Message | None = None
    try:
        store = Store.open()
        if task.old:
            compare_in_store(store, task.new, task.old, report)
        else:
            check_in_store(store, task.new, report)
    except UserFacingError as error:
        message = error.message
    except MemoryError:
        message = Message("train.compare.out_of_memory")
    folder.end(ComparisonOutcome(message=message))


def main() -> int:
    """Runs the comparison whose folder and lock stand on the command line, and returns the exit code."""
    folder = JobFolder(COMPARISON, Path(sys.argv[1]))
    lock = FileLock.inherited(folder.lock_path, int(sys.argv[2]))
    try:
        run_comparison(folder)
    except Exception as error:
        message = Message("train.compare.failed", folder.unforeseen(error))
        folder.end(ComparisonOutcome(message=message))
        return 1
    finally:
        lock.release()
    return 0


if __name__ == "__main__":
    sys.exit(main())
