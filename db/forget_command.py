"""The command that forgets a person."""

import argparse
import json
import sys
from dataclasses import asdict

from db.cli import Command, argument, json_option
from db.errors import InputError
from db.forget import ForgottenReport, forget_user, is_known
from db.settings import settings
from db.store import Store


def _forget(options: argparse.Namespace) -> None:
    store = Store.open()
    if not is_known(store, options.id):
        raise InputError("db.forget.unknown", id=(options.id,))
    if sys.stdin.isatty() and not options.yes:
        print(f"Forget {options.id} for good? Type yes: ", end="", file=sys.stderr, flush=True)
        if sys.stdin.readline().strip().lower() not in ("yes", "y"):
            print("Nothing was changed.")
            return
    report = forget_user(store, options.id, settings().models)
    print(json.dumps(_as_json(report), ensure_ascii=False) if options.json else report.message)


def _as_json(report: ForgottenReport) -> dict[str, object]:
    return {
        **asdict(report.rows),
        "versions": report.models.rewritten,
        "versions_left": report.models.failed,
        "backups": report.backups,
        "still_read": report.still_read,
        "message": str(report.message),
    }


FORGET_COMMAND = Command(
    "forget-user",
    "erase a person for good",
    _forget,
    (
        argument("id", metavar="ID", help="the shop's own id of the person"),
        argument("--yes", action="store_true", help="do not ask for confirmation"),
        json_option("a JSON object: seats, launches, versions, versions_left, backups, ..."),
    ),
    description="Erase a person from the store, its jobs and the trained models: places in groups become seats that "
    "nobody takes, launches those of an unnamed person. Later files do not bring them back. Backups are not touched.",
)
