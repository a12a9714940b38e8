"""Comparisons of model versions in processes of their own, which outlive the tab that started them.

What comes out is kept with the versions (`db.models.later_comparison`); the folder of the job says how far it is.
``train.comparison_worker`` is the process.
"""

from db.errors import StoreError
from db.jobs.folder import (
    JobFolder,
    JobKind,
    JobModel,
    job_folders,
    new_folder,
    start_with_lock,
)
from db.messages import Message, os_error
from db.store import Store

KEPT_FOLDERS = 10


class ComparisonTask(JobModel):
    """Which versions to compare on later groups; without ``old``, ``new`` is checked on the last weeks."""

    new: str
    old: str = ""


class ComparisonProgress(JobModel):
    """How many moments of how many were asked; 0 of 0 while the versions are opened."""

    done: int = 0
    of: int = 0

    @property
    def share(self) -> float:
        """How much is done, between 0 and 1."""
        return min(1.0, self.done / self.of) if self.of else 0.0


class ComparisonOutcome(JobModel):
    """How it ended."""

    message: Message | None = None  # why nothing was found out; None: it was


COMPARISON = JobKind("comparison", ComparisonTask, ComparisonProgress, ComparisonOutcome)
ComparisonFolder = JobFolder[ComparisonTask, ComparisonProgress, ComparisonOutcome]


def start(store: Store, task: ComparisonTask) -> ComparisonFolder:
    """Starts a comparison, unless the same one runs, and returns its folder; StoreError where that fails."""
    running = under_way(store, task)
    if running is not None:
        return running
    ended = [folder for folder in job_folders(COMPARISON, store) if not folder.alive()]
    for folder in ended[:-KEPT_FOLDERS]:
        folder.remove()
    lock = None
    try:
        folder = new_folder(COMPARISON, store)
        lock = folder.lock()
        assert lock is not None, "the folder is new"  # noqa: S101
        folder.write_task(task)
        # The URL of a store may contain a password, so it goes into the environment, not into a file.
        address = {"MAMGBR_DB": store.url.render_as_string(hide_password=False)}
        words = ["train.comparison_worker", str(folder.path)]
        start_with_lock(words, folder.log, lock, folder.lock_path, address)
    except OSError as error:
        if lock is not None:
            lock.release()
            folder.remove()
        raise StoreError("db.jobs.comparison_not_started", reason=os_error(error)) from error
    return folder


def under_way(store: Store, task: ComparisonTask) -> ComparisonFolder | None:
    """The folder of this comparison if it runs now."""
    for folder in reversed(job_folders(COMPARISON, store)):
        if folder.alive() and folder.outcome() is None and folder.task() == task:
            return folder
    return None


def last_failure(store: Store, task: ComparisonTask, kept: bool = False) -> Message | None:
    """Why the latest of these comparisons found nothing out; None where it did, and where there was none.

    ``kept`` says that what it finds out is kept of the logs as they are: then it did, though its process may have
    ended before it could say so.
    """
    for folder in reversed(job_folders(COMPARISON, store)):
        if folder.task() == task:
            outcome = folder.outcome()
            if outcome is not None:
                return outcome.message
            lost = Message("db.jobs.comparison_lost", {"log": str(folder.log)})
            return None if kept or folder.alive() else lost
    return None
