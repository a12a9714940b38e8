"""Forgets a person for good.

One transaction takes their id and names out of the store and notes that traces are left elsewhere; then the traces
go: in trained models, in jobs' folders, in the database's file and its log. A kill in between leaves the person as
they were or forgotten, and whoever opens the store next removes the traces that are left. Backups are not touched.
"""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from db.errors import InputError
from db.file_lock import FileLock
from db.forgetting.people import (
    Forgotten,
    read_forgotten,
    read_setting,
    write_forgotten,
    write_setting,
)
from db.forgetting.rows import ErasedRows, erase_rows, names_of
from db.forgetting.texts import Words
from db.forgetting.traces import (
    backups_beside,
    empty_log,
    jobs_under_way,
    overwriting,
    remove_ended_imports,
    remove_files_with,
    remove_old_uploads,
    rewrite_file,
)
from db.jobs.folder import jobs_root
from db.messages import Message
from db.models.bundle_ids import ReplacedIds, replace_user_ids
from db.store import Store

_LEFT = "forgetting"  # the setting that says that traces are left
LOCK = "forgetting.lock"  # beside the folders of jobs
_AT_OPENING = 0.1  # seconds that an opening store waits for others


@dataclass(frozen=True)
class ForgottenReport:
    """What was held of the person, and where traces may still be."""

    rows: ErasedRows
    models: ReplacedIds
    backups: tuple[str, ...]  # of the store, beside it
    still_read: bool  # a process reads the store as it was: its log is emptied when the store is opened next
    on_server: bool  # PostgreSQL, which keeps deleted rows until it vacuums, and logs and backups of its own
    again: bool  # they had been forgotten before

    @property
    def message(self) -> Message:
        """All of it in words, without the person's id."""
        parts = [Message("db.forget.again") if self.again else self._done()]
        if self.models.rewritten:
            parts.append(Message("db.forget.models", {"versions": self.models.rewritten}))
        if self.models.failed:
            parts.append(Message("db.forget.models_left", {"versions": self.models.failed}))
        if self.still_read:
            parts.append(Message("db.forget.still_read"))
        if self.on_server:
            parts.append(Message("db.forget.on_server"))
        if self.backups:
            parts.append(Message("db.forget.backups", {"files": self.backups}))
        parts.append(Message("db.forget.copies"))
        joined = parts[-1]
        for part in reversed(parts[:-1]):
            joined = Message("db.forget.and", {"first": part, "rest": joined})
        return joined

    def _done(self) -> Message:
        rows = self.rows
        return Message(
            "db.forget.done",
            {
                "seats": rows.seats,
                "launches": rows.launches,
                "friendships": rows.friendships,
                "declined": rows.declined,
                "refused": rows.refused_rows,
            },
        )


def is_known(store: Store, id: str) -> bool:
    """Whether the store holds the person, or has forgotten them."""
    with store.read() as connection:
        return names_of(connection, id)[0] or read_forgotten(connection).unnamed(id) is not None


def forget_user(store: Store, id: str, models: Path) -> ForgottenReport:
    """Erase a person: what the store says of them, and their traces in its files and in ``models``.

    Their places in groups become seats that nobody takes, their launches those of an unnamed person, and later files
    bring nothing of them back. Called again for somebody who was forgotten, it looks for traces again. Raises
    InputError where the store does not know them or where a job is under way.
    """
    id = id.strip()
    root = jobs_root(store)
    lock = FileLock.exclusive(root / LOCK, create=True)
    if lock is None or jobs_under_way(root):
        raise InputError("db.forget.jobs_under_way")
    try:
        return _forget(store, id, models.resolve(), root)
    finally:
        lock.release()


def _forget(store: Store, id: str, models: Path, root: Path) -> ForgottenReport:
    with store.write() as connection:
        before = read_forgotten(connection)
        known, names = names_of(connection, id)
        again = before.unnamed(id) is not None
        if not known and not again:
            raise InputError("db.forget.unknown", id=(id,))
        forgotten = before if again else before.with_person(id)
        words = Words([id, *names])
        unnamed = forgotten.unnamed(id)
        assert unnamed is not None, "they are among them"  # noqa: S101
        with overwriting(connection):
            rows = erase_rows(connection, id, unnamed, words)
        write_forgotten(connection, forgotten)
        write_setting(connection, _LEFT, {"rewritten": False, "models": str(models)})
    remove_files_with(root, words)
    replaced, emptied = _remove_traces(store, forgotten, models, root, store.busy_seconds)
    return ForgottenReport(
        rows=rows,
        models=replaced,
        backups=tuple(backups_beside(store)),
        still_read=not emptied,
        on_server=store.path is None,
        again=again and not known,
    )


def remove_left_traces(store: Store) -> None:
    """Complete what a killed process has begun, as far as nobody is in the way."""
    root = jobs_root(store)
    lock = FileLock.exclusive(root / LOCK, create=True)
    if lock is None:
        return  # another process is at it
    try:
        with store.read() as connection:
            left = read_setting(connection, _LEFT)
            forgotten = read_forgotten(connection)
        if left is not None and not jobs_under_way(root):
            folder, rewritten = Path(left["models"]), left["rewritten"]
            with closing(
                Store(store.url, _AT_OPENING)
            ) as hasty:  # nobody who opens waits for a writer
                _remove_traces(hasty, forgotten, folder, root, _AT_OPENING, rewritten)
    finally:
        lock.release()


def _remove_traces(
    store: Store,
    forgotten: Forgotten,
    models: Path,
    root: Path,
    seconds: float,
    rewritten: bool = False,
) -> tuple[ReplacedIds, bool]:
    """Remove what needs no id to be found; whether the database's log is empty, too."""
    remove_ended_imports(root)
    remove_old_uploads(store)
    replaced = replace_user_ids(store, models, forgotten.unnamed)
    if not rewritten:
        try:
            rewrite_file(store, seconds)
        except sqlite3.Error:  # somebody writes, or the disk is full: the next opening tries again
            return replaced, False
        with store.write() as connection:
            write_setting(connection, _LEFT, {"rewritten": True, "models": str(models)})
    if not empty_log(store, seconds):
        return replaced, False
    if replaced.unwritten:
        return replaced, True  # the next opening tries these versions again
    with store.write() as connection:
        write_setting(connection, _LEFT, None)
    return replaced, True
