"""The keys of messages that the sources use, and where."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import db.errors
from db.messages import catalogue

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("db", "engine", "train", "app")
CONSTRUCTORS = {"Message"} | {
    name
    for name, kind in vars(db.errors).items()
    if isinstance(kind, type) and issubclass(kind, db.errors.UserFacingError)
}
NEVER_ON_A_PAGE = {  # files whose messages only the commands show
    "db/checks.py",
    "db/command.py",
    "db/restore.py",
    "db/upkeep_commands.py",
    "db/edit_commands.py",
    "engine/cli/",
    "engine/bundle/writer.py",
    "train/command.py",
    "train/benchmark/",
    "train/prepare/dataset_cache.py",
}


@dataclass(frozen=True)
class Raised:
    """A call that makes a message or raises an error."""

    file: str
    line: int
    argument: ast.expr  # the key, or what stands in its place
    given: frozenset[str]  # the blanks it fills
    more: bool  # it may fill others: the values are not written out


def english() -> dict[str, str]:
    """Every English sentence that the commands print, by key."""
    return {key: said for package in PACKAGES for key, said in catalogue(package).items()}


def sources() -> Iterator[tuple[str, ast.Module]]:
    """Every source file and its tree."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def raised() -> Iterator[Raised]:
    """Every call that makes a message."""
    for file, tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _called(node.func) in CONSTRUCTORS and node.args:
                yield Raised(file, node.lineno, node.args[0], *_values(node))


def _called(function: ast.expr) -> str:
    return getattr(function, "id", None) or getattr(function, "attr", "")


def _values(call: ast.Call) -> tuple[frozenset[str], bool]:
    given = {word.arg for word in call.keywords if word.arg}
    more = any(word.arg is None for word in call.keywords)
    if _called(call.func) == "Message":
        values = call.args[1] if len(call.args) > 1 else None
        keyed = isinstance(values, ast.Dict) and all(
            isinstance(key, ast.Constant) for key in values.keys
        )
        if keyed:
            given |= {key.value for key in values.keys}
        more = more or (values is not None and not keyed)
    return frozenset(given), more


def keys_in(expression: ast.expr) -> set[str]:
    """The keys written out in an expression: one, or both of a choice."""
    return {
        node.value
        for node in ast.walk(expression)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.fullmatch(rf"({'|'.join(PACKAGES)})(\.[a-z0-9_]+)+", node.value)
    }


def files_by_key() -> dict[str, set[str]]:
    """The files that use a key; a key put together, ``f"db.store.{kind}"``, counts for all that fit."""
    known, used = english(), defaultdict(set)
    for file, tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and node.value in known:
                used[node.value].add(file)
            if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                if not str(node.values[0].value).startswith(tuple(f"{p}." for p in PACKAGES)):
                    continue
                shape = "".join(
                    re.escape(str(part.value)) if isinstance(part, ast.Constant) else "[a-z0-9_]+"
                    for part in node.values
                )
                for key in known:
                    if re.fullmatch(shape, key):
                        used[key].add(file)
    return used


def on_pages() -> set[str]:
    """The keys that a page may show."""
    return {
        key
        for key, files in files_by_key().items()
        if not all(file.startswith(tuple(NEVER_ON_A_PAGE)) for file in files)
    }
