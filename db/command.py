"""The commands of ``python -m db``."""

import argparse
import json
from dataclasses import asdict
from datetime import date

from db.cli import Command, CommandLine, argument, json_option, table_lines
from db.demo.generate import load_demo
from db.demo.words import LANGUAGES
from db.edit_commands import EDIT_COMMANDS
from db.errors import InputError
from db.forget_command import FORGET_COMMAND
from db.import_command import IMPORT_COMMAND
from db.importing.history import ImportEntry, import_history, undo_import
from db.queries.entities import store_counts
from db.read_logs import data_version
from db.shop_clock import set_shop_zone, shop_now, shop_zone
from db.store import Store
from db.upkeep_commands import UPKEEP_COMMANDS

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
        IMPORT_COMMAND,
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
        *UPKEEP_COMMANDS,
    ),
    interrupted="the store is unchanged",
)
main = COMMAND_LINE.main
