"""The commands of ``python -m db``. Exit codes: 0 done, 1 failed, 2 bad input or usage."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from db.demo.generate import load_demo
from db.errors import InputError, StoreError
from db.importing.history import ImportEntry, history, undo_import
from db.migrate import backup
from db.queries.entities import counts
from db.read_logs import data_version
from db.store import Store

_SHOWN_ERRORS = 20  # of one file, on stderr
_HISTORY_KEYS = ("id", "file", "sha256", "accepted", "rejected", "created_at", "undone")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; errors are sentences on stderr."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except StoreError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2 if isinstance(error, InputError) else 1
    except BrokenPipeError:
        return 1  # the reader of our output went away
    except KeyboardInterrupt:
        print("error: interrupted; the store is as it was.", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m db",
        description="The store: demo data, imports, history, backups. MAMGBR_DB says where it is.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    demo = commands.add_parser("demo", help="fill the store with a believable shop")
    demo.add_argument("--users", type=int, default=3000, help="how many users (default 3000)")
    demo.add_argument("--seed", type=int, default=7, help="another seed, another shop (default 7)")
    demo.add_argument(
        "--if-empty", action="store_true", help="do nothing where the store holds logs already"
    )
    demo.set_defaults(run=_demo)
    _add_import(commands)
    entries = commands.add_parser("imports", help="the history of imports")
    entries.add_argument("--json", action="store_true", help="print a JSON list")
    entries.set_defaults(run=_imports)
    undo = commands.add_parser("undo", help="take an import back")
    undo.add_argument("id", type=int, metavar="ID", help="its number in the history")
    undo.set_defaults(run=_undo)
    stats = commands.add_parser("stats", help="what the store holds")
    stats.add_argument("--json", action="store_true", help="print a JSON object")
    stats.set_defaults(run=_stats)
    copy = commands.add_parser("backup", help="copy the store into a file while it is in use")
    copy.add_argument("file", type=Path, metavar="FILE")
    copy.set_defaults(run=_backup)
    return parser


def _add_import(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    add = commands.add_parser(
        "import",
        help="import log files, all of them or none",
        description="Import log files: a row a group or a row an order (CSV, JSONL, Parquet with "
        "headings in English or Chinese), or the Beibei format; gzipped or not.",
    )
    add.add_argument("files", nargs="*", type=Path, metavar="FILE")
    add.add_argument(
        "--format",
        choices=("auto", "csv", "jsonl", "parquet", "beibei"),
        default="auto",
        help="the format of the files (default: guessed from their content)",
    )
    add.add_argument(
        "--failed", nargs="+", type=Path, default=[], metavar="FILE", help="failed launches"
    )
    add.add_argument(
        "--friendships", nargs="+", type=Path, default=[], metavar="FILE", help="pairs of friends"
    )
    add.add_argument(
        "--column",
        action="append",
        default=[],
        metavar="HEADING=FIELD",
        help="what a column holds, where the guess is wrong; HEADING= ignores the column",
    )
    add.add_argument("--encoding", default="", help="such as gb18030, where the guess is wrong")
    add.add_argument("--delimiter", default="", help="of CSV files, where the guess is wrong")
    add.add_argument(
        "--heading-line", type=int, default=0, metavar="N", help="line of a CSV file's headings"
    )
    add.add_argument(
        "--dates",
        choices=("day", "month"),
        default="",
        help="what comes first in dates such as 01/02/2025",
    )
    add.add_argument("--dry-run", action="store_true", help="check the files and write nothing")
    add.add_argument("--strict", action="store_true", help="refuse everything for one bad row")
    add.add_argument("--force", action="store_true", help="import the same file again")
    add.add_argument("--json", action="store_true", help="print a JSON list, an entry a file")
    add.set_defaults(run=_import)


def _demo(options: argparse.Namespace) -> int:
    store = Store.open()
    if options.if_empty and data_version(store) != "empty":
        print("The store holds logs already; no demo shop was added.")
        return 0
    demo = load_demo(store, options.users, options.seed)
    made = "Made" if demo.made else "The store holds this demo already:"
    print(
        f"{made} {demo.users} users, {demo.items} items, {demo.groups} groups "
        f"({demo.successful} successful, {demo.failed} failed, {demo.open} open), "
        f"{demo.joins} joins and {demo.friendships} friendships as import {demo.import_id}."
    )
    return 0


def _import(options: argparse.Namespace) -> int:
    # Imported here because the readers load pyarrow and pandera, which the other commands spare.
    from db.importing.pipeline import ImportReport, Reading, RefusedImportError, import_files

    def show_errors(reports: Sequence[ImportReport]) -> None:
        for report in reports:
            for error in report.errors[:_SHOWN_ERRORS]:
                column = f", column {error.column!r}, value {error.value!r}" if error.column else ""
                print(f"{report.file}:{error.line}{column}: {error.problem}", file=sys.stderr)
            more = len(report.errors) - _SHOWN_ERRORS
            if more > 0:
                print(f"{report.file}: {more} more problems.", file=sys.stderr)

    watched = sys.stderr.isatty() and not options.json
    try:
        reports = import_files(
            Store.open(),
            options.files,
            options.failed,
            options.friendships,
            form=options.format,
            columns=_columns(options.column),
            reading=Reading(
                options.encoding, options.delimiter, options.heading_line, options.dates
            ),
            dry_run=options.dry_run,
            strict=options.strict,
            force=options.force,
            progress=_show_progress if watched else lambda *_: None,
        )
    except RefusedImportError as refused:
        show_errors(refused.reports)
        raise
    show_errors(reports)
    if options.json:
        print(json.dumps([asdict(report) for report in reports], ensure_ascii=False))
        return 0
    for report in reports:
        done = "would be imported" if options.dry_run else f"imported as import {report.id}"
        brought = ", ".join(f"{count} new {name}" for name, count in report.new.items() if count)
        print(
            f"{report.file} ({report.format}, {report.shape}): {report.accepted} rows {done}, "
            f"{report.rejected} rejected{'; ' + brought if brought else ''}."
        )
        for note in report.notes:
            print(f"  {note}")
    return 0


def _columns(pairs: Sequence[str]) -> dict[str, str]:
    columns = {}
    for pair in pairs:
        heading, sign, field = pair.rpartition("=")
        if not sign:
            raise InputError(f"--column {pair!r} lacks the sign =. Write HEADING=FIELD.")
        columns[heading] = field
    return columns


def _show_progress(stage: str, done: int, total: int) -> None:
    of = f" of {total}" if total else ""
    ends = "\n" if total and done >= total else ""
    print(f"\r{stage} {done}{of} rows", end=ends, file=sys.stderr, flush=True)


def _imports(options: argparse.Namespace) -> int:
    entries = history(Store.open())
    if options.json:
        plain = [{key: getattr(entry, key) for key in _HISTORY_KEYS} for entry in entries]
        print(json.dumps(plain, ensure_ascii=False))
        return 0
    for entry in entries:
        print(_entry_line(entry))
    if not entries:
        print(
            "Nothing was imported yet. `python -m db import FILE` does it, or `python -m db demo`."
        )
    return 0


def _entry_line(entry: ImportEntry) -> str:
    undone = ", undone" if entry.undone else ""
    return (
        f"{entry.id:>4}  {entry.created_at}  {entry.file}  ({entry.kind}, {entry.format}): "
        f"{entry.accepted} accepted, {entry.rejected} rejected{undone}"
    )


def _undo(options: argparse.Namespace) -> int:
    report = undo_import(Store.open(), options.id)
    kept = f" {report.kept} users and items stay: other imports need them." if report.kept else ""
    print(
        f"Undid import {report.id} ({report.file}): removed {report.groups} groups, "
        f"{report.members} memberships, {report.friendships} friendships, {report.users} users "
        f"and {report.items} items.{kept}"
    )
    return 0


def _stats(options: argparse.Namespace) -> int:
    store = Store.open()
    held = counts(store)
    values = asdict(held) | {"groups": held.groups, "version": data_version(store)}
    if options.json:
        print(json.dumps(values))
        return 0
    print(f"users        {held.users} ({held.named_users} with names)")
    print(f"items        {held.items} ({held.named_items} with names)")
    states = f"{held.successful} successful, {held.failed} failed, {held.open} open"
    print(f"groups       {held.groups} ({states})")
    print(f"joins        {held.joins}")
    print(f"friendships  {held.friendships}")
    print(f"version      {values['version']}")
    return 0


def _backup(options: argparse.Namespace) -> int:
    store = Store.open()
    if store.path is None:
        raise InputError("backup copies SQLite stores. For PostgreSQL use pg_dump.")
    if options.file.exists() and options.file.samefile(store.path):
        raise InputError(f"{options.file} is the store itself. Name another file.")
    backup(store.path, options.file)
    print(f"Copied the store to {options.file}.")
    return 0
