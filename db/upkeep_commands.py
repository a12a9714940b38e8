"""The commands that keep a store: backup, check and restore."""

import argparse
import json
from pathlib import Path

from db.checks import check_store
from db.cli import Command, argument, json_option, table_lines
from db.errors import InputError, StoreError
from db.migrate import backup
from db.restore import restore_store
from db.settings import settings
from db.store import Store


def _backup(options: argparse.Namespace) -> None:
    store = Store.open()
    if store.path is None:
        raise InputError("db.command.backup_of_a_server")
    if options.file.exists() and options.file.samefile(store.path):
        raise InputError("db.command.backup_onto_itself", path=str(options.file))
    backup(store.path, options.file)
    print(f"Copied the store to {options.file} and checked the copy.")


def _check(options: argparse.Namespace) -> None:
    chosen = settings()
    found = check_store(chosen.db, chosen.models)
    problems = [str(problem) for problem in found.problems]
    if options.json:
        result = {"ok": not problems, "problems": problems, "counts": found.counts}
        print(json.dumps(result, ensure_ascii=False))
    else:
        rows = [(name, str(count)) for name, count in found.counts.items()]
        lines = table_lines(rows[0], rows[1:]) if rows else []
        print(*lines, *(problems or ["Nothing is wrong."]), sep="\n")
    if problems:
        raise StoreError("db.check.found", n=len(problems))


def _restore(options: argparse.Namespace) -> None:
    kept = restore_store(settings().db, options.file)
    before = "" if kept is None else f" The store before is kept as {kept}."
    print(
        f"Restored the store from {options.file}.{before} People who were forgotten after the copy was made are in it "
        "again: forget them again. `python -m db check` says whether the models fit."
    )


UPKEEP_COMMANDS = (
    Command(
        "backup",
        "copy the store into a file, even while it is in use",
        _backup,
        (argument("file", type=Path, metavar="FILE"),),
    ),
    Command(
        "check",
        "whether the store and its models are whole",
        _check,
        (json_option("a JSON object: ok, problems, counts"),),
        description="Look for damage, rows that refer to nothing, models without files and files without models, "
        "and count. Nothing is mended; exit code 1 where something is wrong.",
    ),
    Command(
        "restore",
        "put a backup in the place of the store",
        _restore,
        (argument("file", type=Path, metavar="FILE"),),
        description="Check a copy of the store, and put it in the store's place. The store before is kept beside it. "
        "Stop the app first: nobody else may have the store open. SQLite only.",
    ),
)
