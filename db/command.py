"""The commands of ``python -m db``. Exit codes: 0 done, 1 failed, 2 bad input or usage."""

import argparse
import sys
from collections.abc import Sequence

from db.demo import load_demo
from db.errors import InputError, StoreError
from db.store import Store


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; errors are sentences on stderr."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except StoreError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2 if isinstance(error, InputError) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m db", description="The store: demo data, imports, history and backups."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    demo = commands.add_parser("demo", help="fill the store with a believable shop")
    demo.add_argument("--users", type=int, default=3000, help="how many users (default 3000)")
    demo.add_argument("--seed", type=int, default=7, help="another seed, another shop (default 7)")
    demo.set_defaults(run=_demo)
    return parser


def _demo(options: argparse.Namespace) -> int:
    store = Store.open()
    demo = load_demo(store, options.users, options.seed)
    made = "Made" if demo.made else "The store holds this demo already:"
    print(
        f"{made} {demo.users} users, {demo.items} items, {demo.groups} groups "
        f"({demo.successful} successful, {demo.failed} failed, {demo.open} open), "
        f"{demo.joins} joins and {demo.friendships} friendships as import {demo.import_id}."
    )
    return 0
