"""The commands that edit the shelf and the people by hand."""

import argparse
import json
from collections.abc import Mapping

from db.cli import Command, argument, json_option
from db.errors import InputError
from db.importing.edits import STATUSES, EditReport, ItemEdit, UserEdit, edit_items, edit_users
from db.store import Store


def _set_item(options: argparse.Namespace) -> None:
    if options.status is None and options.stock is None:
        raise InputError("db.command.set_nothing")
    change = ItemEdit(options.id, options.status, options.stock)
    wanted = {"status": options.status, "stock": options.stock}
    report = edit_items(Store.open(), [change])
    _show(report, options, {name: value for name, value in wanted.items() if value is not None})


def _set_user(options: argparse.Namespace) -> None:
    contactable = options.contactable == "yes"
    report = edit_users(Store.open(), [UserEdit(options.id, contactable)])
    _show(report, options, {"contactable": contactable})


def _show(report: EditReport, options: argparse.Namespace, now: Mapping[str, object]) -> None:
    if options.json:
        said = {"import": report.import_id, "id": options.id, "changed": report.changed, **now}
        print(json.dumps(said, ensure_ascii=False))
    elif report.import_id is None:
        print(f"{options.id} is so already; nothing was changed.")
    else:
        number = report.import_id
        print(f"{report.words} (import {number}; `python -m db undo {number}` takes it back).")


EDIT_COMMANDS = (
    Command(
        "set-item",
        "say whether an item is on the shelf, or how many there are",
        _set_item,
        (
            argument("id", metavar="ID", help="the shop's own id of the item"),
            argument(
                "--status",
                choices=STATUSES,
                help="on: on sale; off: off the shelf; hidden: never recommended",
            ),
            argument("--stock", type=int, metavar="N", help="how many are left; 0: sold out"),
            json_option("a JSON object: import (null if it was so already), id, changed, ..."),
        ),
    ),
    Command(
        "set-user",
        "say whether a person may be asked",
        _set_user,
        (
            argument("id", metavar="ID", help="the shop's own id of the person"),
            argument(
                "--contactable",
                choices=("yes", "no"),
                required=True,
                help="no: never suggested to anybody",
            ),
            json_option("a JSON object: import (null if it was so already), id, changed, ..."),
        ),
    ),
)
