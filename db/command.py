"""The commands of ``python -m db``."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from db.cli import Command, CommandLine, argument, json_option, table_lines
from db.demo.generate import load_demo
from db.demo.words import LANGUAGES
from db.edit_commands import EDIT_COMMANDS
from db.errors import InputError
from db.forget_command import FORGET_COMMAND
from db.importing.history import ImportEntry, import_history, undo_import
from db.migrate import backup
from db.queries.entities import store_counts
from db.read_logs import data_version
from db.shop_clock import set_shop_zone, shop_now, shop_zone
from db.store import Store

if TYPE_CHECKING:
    from db.importing.report import ImportReport

_SHOWN_ERRORS = 20  # of one file, on stderr
_HISTORY_KEYS = ("id", "file", "sha256", "accepted", "rejected", "created_at", "undone")


def _demo(options: argparse.Namespace) -> None:
    store = Store.open()
    if options.if_empty and data_version(store) != "empty":
        print("The store holds logs already; no demo shop was added.")
        return
    until = None if options.until is None else _day(options.until)
    demo = load_demo(store, options.users, options.seed, options.language, until)
    logs = demo.logs
    if logs is None:
        print(f"The store holds this demo already: {demo.name}, import {demo.import_id}.")
        return
    groups = ", ".join(f"{count} {name}" for name, count in logs.groups_by_status().items())
    print(
        f"Made {len(logs.users)} users, {len(logs.items)} items, {len(logs.group_id)} groups ({groups}), "
        f"{len(logs.member)} joins and {len(logs.friendships)} friendships as import {demo.import_id}."
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InputError("db.demo.until", until=text) from error


def _import(options: argparse.Namespace) -> None:
    # Imported here because the readers load pyarrow and pandera, which the other commands do not need.
    from db.importing.answers import Answers
    from db.importing.pipeline import import_files
    from db.importing.report import RefusedImportError

    watched = sys.stderr.isatty() and not options.json
    try:
        reports = import_files(
            Store.open(),
            options.files,
            options.failed,
            options.friendships,
            file_format=options.format,
            answers=Answers(
                kind="" if options.kind == "auto" else options.kind,
                encoding=options.encoding,
                sheet=options.sheet,
                delimiter=options.delimiter,
                heading_line=options.heading_line,
                dates=options.dates,
                decimals=options.decimals,
                columns=_pairs("column", "HEADING=FIELD", options.column),
                states=_pairs("state", "WORD=MEANING", options.state),
                undecided=options.undecided,
            ),
            remember=True,
            dry_run=options.dry_run,
            strict=options.strict,
            force=options.force,
            show=options.show,
            progress=_show_progress if watched else lambda *_: None,
        )
    except RefusedImportError as refused:
        _show_row_errors(refused.reports)
        for report in refused.reports:
            for said in (*report.notes, *(one.message for one in report.questions)):
                print(f"  {said}", file=sys.stderr)
        raise
    _show_row_errors(reports)
    if options.json:
        print(json.dumps([report.as_json() for report in reports], ensure_ascii=False))
    else:
        _show_reports(reports, options.dry_run)


def _pairs(option: str, form: str, given: Sequence[str]) -> dict[str, str]:
    """What stands before each last sign = and behind it."""
    found = {}
    for pair in given:
        before, sign, behind = pair.rpartition("=")
        if not sign:
            raise InputError("db.command.pair_without_sign", option=option, given=pair, form=form)
        found[before] = behind
    return found


def _show_progress(stage: str, done: int, total: int) -> None:
    of = f" of {total}" if total else ""
    ends = "\n" if total and done >= total else ""
    print(f"\r{stage} {done}{of} rows", end=ends, file=sys.stderr, flush=True)


def _show_row_errors(reports: Sequence["ImportReport"]) -> None:
    for report in reports:
        for error in report.errors[:_SHOWN_ERRORS]:
            column = f", column {error.column!r}, value {error.value!r}" if error.column else ""
            print(f"{report.file}:{error.line}{column}: {error.problem}", file=sys.stderr)
        more = len(report.errors) - _SHOWN_ERRORS
        if more > 0:
            print(f"{report.file}: {more} more problems.", file=sys.stderr)


def _show_reports(reports: Sequence["ImportReport"], dry_run: bool) -> None:
    for report in reports:
        done = "would be imported" if dry_run else f"imported as import {report.id}"
        brought = ", ".join(f"{count} new {name}" for name, count in report.new.items() if count)
        print(
            f"{report.file} ({report.format}, {report.shape}): {report.accepted} rows {done}, "
            f"{report.rejected} rejected{'; ' + brought if brought else ''}."
        )
        for note in report.notes:
            print(f"  {note}")
        for question in report.questions:
            print(f"  {question.message}")
        for one in (*report.examples, *report.entities):
            print(f"  {one}")


def _imports(options: argparse.Namespace) -> None:
    entries = import_history(Store.open())
    if options.json:
        plain = [{key: getattr(entry, key) for key in _HISTORY_KEYS} for entry in entries]
        print(json.dumps(plain, ensure_ascii=False))
        return
    for entry in entries:
        print(_entry_line(entry))
    if not entries:
        print("Nothing was imported yet. Run `python -m db import FILE` or `python -m db demo`.")


def _entry_line(entry: ImportEntry) -> str:
    undone = ", undone" if entry.undone else ""
    return (
        f"{entry.id:>4}  {entry.created_at}  {entry.file}  ({entry.kind}, {entry.format}): "
        f"{entry.accepted} accepted, {entry.rejected} rejected{undone}"
    )


def _undo(options: argparse.Namespace) -> None:
    report = undo_import(Store.open(), options.id)
    if report.edit:
        print(f"Undid import {report.id} ({report.file}): what was said before stands again.")
        return
    kept = f" {report.kept} users and items stay: other imports need them." if report.kept else ""
    print(
        f"Undid import {report.id} ({report.file}): removed {report.groups} groups, "
        f"{report.members} memberships, {report.friendships} friendships, {report.users} users "
        f"and {report.items} items.{kept}"
    )


def _stats(options: argparse.Namespace) -> None:
    store = Store.open()
    held, version = store_counts(store), data_version(store)
    if options.json:
        print(json.dumps(asdict(held) | {"groups": held.groups, "version": version}))
        return
    states = f"{held.successful} successful, {held.failed} failed, {held.open} open"
    rows = [
        ("items", f"{held.items} ({held.named_items} with names)"),
        ("groups", f"{held.groups} ({states})"),
        ("joins", str(held.joins)),
        ("declined", f"{held.declined} invitations, or orders cancelled before the group filled"),
        ("friendships", str(held.friendships)),
        ("version", version),
    ]
    print(*table_lines(("users", f"{held.users} ({held.named_users} with names)"), rows), sep="\n")


def _timezone(options: argparse.Namespace) -> None:
    store = Store.open()
    zone = set_shop_zone(store, options.name) if options.name else shop_zone(store)
    effective = shop_zone(store)
    print(
        f"{zone.name} ({_ZONE_SOURCES[zone.source]}); the shop's clock shows {shop_now(store):%Y-%m-%d %H:%M}."
    )
    if options.name and effective.source == "setting":
        print(f"MAMGBR_TIMEZONE={effective.name} overrides it.")


_ZONE_SOURCES = {
    "setting": "from MAMGBR_TIMEZONE",
    "said": "said for this store",
    "guessed": "guessed at the first import",
    "machine": "of this machine, until one is said",
}


def _backup(options: argparse.Namespace) -> None:
    store = Store.open()
    if store.path is None:
        raise InputError("db.command.backup_of_a_server")
    if options.file.exists() and options.file.samefile(store.path):
        raise InputError("db.command.backup_onto_itself", path=str(options.file))
    backup(store.path, options.file)
    print(f"Copied the store to {options.file}.")


_IMPORT_ARGUMENTS = (
    argument("files", nargs="*", type=Path, metavar="FILE"),
    argument(
        "--format",
        choices=(
            "auto",
            "csv",
            "jsonl",
            "json",
            "parquet",
            "beibei",
            "xlsx",
            "xlsb",
            "xls",
            "ods",
            "html",
        ),
        default="auto",
        help="format of the files (default: guessed from their content)",
    ),
    argument(
        "--kind",
        choices=("auto", "items", "users", "groups", "orders"),
        default="auto",
        help="what each row of the files is (default: told by the headings)",
    ),
    argument("--failed", nargs="+", type=Path, default=[], metavar="FILE", help="failed launches"),
    argument(
        "--friendships", nargs="+", type=Path, default=[], metavar="FILE", help="pairs of friends"
    ),
    argument(
        "--column",
        action="append",
        default=[],
        metavar="HEADING=FIELD",
        help="what a column means, if the guess is wrong; HEADING= ignores the column",
    ),
    argument(
        "--encoding",
        default="",
        help="such as gb18030, big5, cp949 or cp1252, if the guess is wrong",
    ),
    argument("--delimiter", default="", help="of CSV files, if the guess is wrong"),
    argument(
        "--heading-line",
        type=int,
        default=0,
        metavar="N",
        help="the line of a CSV file, or the row of a sheet, that has the headings",
    ),
    argument(
        "--dates",
        choices=("day", "month"),
        default="",
        help="which of the two comes first in dates such as 01/02/2025",
    ),
    argument(
        "--sheet", default="", help="of a workbook, by its name (default: the first with logs)"
    ),
    argument(
        "--decimals",
        choices=("point", "comma"),
        default="",
        help="the sign before the decimals of prices: 1,234.50 or 1.234,50",
    ),
    argument(
        "--state",
        action="append",
        default=[],
        metavar="WORD=MEANING",
        help="what a word or code of a state column means: successful, failed or open for a group, paid or void for "
        "an order (void: it does not count as a join), on, off or hidden for an item, in_stock or sold_out for its "
        "stock, contactable or not_contactable for a user; HEADING:WORD=MEANING says it for one column alone",
    ),
    argument(
        "--undecided",
        choices=("successful", "failed", "open"),
        default="",
        help="what groups are that show neither a state nor participants",
    ),
    argument("--dry-run", action="store_true", help="check the files without writing anything"),
    argument(
        "--show",
        type=int,
        default=0,
        metavar="N",
        help="print the first N groups, items or users as they are stored, best with --dry-run",
    ),
    argument("--strict", action="store_true", help="import nothing if any row is rejected"),
    argument("--force", action="store_true", help="import a file that was imported before"),
    json_option("a JSON list with an entry for each file"),
)

COMMAND_LINE = CommandLine(
    "db",
    "The store: demo data, imports, history, backups. MAMGBR_DB says where it is.",
    (
        Command(
            "demo",
            "fill the store with a demo shop",
            _demo,
            (
                argument("--users", type=int, default=3000, help="how many users (default 3000)"),
                argument(
                    "--seed", type=int, default=7, help="each seed gives another shop (default 7)"
                ),
                argument(
                    "--language", choices=LANGUAGES, default="en", help="of its names (default en)"
                ),
                argument(
                    "--until",
                    metavar="DAY",
                    help="the last day of the logs (default: they end now)",
                ),
                argument(
                    "--if-empty", action="store_true", help="do nothing if the store holds logs"
                ),
            ),
        ),
        Command(
            "import",
            "import log files, all of them or none",
            _import,
            _IMPORT_ARGUMENTS,
            description="Import files with a row per group, order, item or user (.xlsx, .xls, CSV, JSON, Parquet with "
            "headings in English, Chinese, Korean or Japanese), or in the Beibei format; gzipped, in a zip archive or "
            "not.",
        ),
        Command("imports", "the history of imports", _imports, (json_option("a JSON list"),)),
        Command(
            "undo",
            "undo an import",
            _undo,
            (argument("id", type=int, metavar="ID", help="its number in the history"),),
        ),
        Command(
            "timezone",
            "the time zone of the shop's clock",
            _timezone,
            (
                argument(
                    "name",
                    nargs="?",
                    default="",
                    metavar="NAME",
                    help="such as Asia/Shanghai or +08:00; logs that were imported stay as they are",
                ),
            ),
        ),
        *EDIT_COMMANDS,
        FORGET_COMMAND,
        Command("stats", "what the store holds", _stats, (json_option(),)),
        Command(
            "backup",
            "copy the store into a file, even while it is in use",
            _backup,
            (argument("file", type=Path, metavar="FILE"),),
        ),
    ),
    interrupted="the store is unchanged",
)
main = COMMAND_LINE.main
