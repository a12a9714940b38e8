"""Every sentence of an error that can reach a page, with values in its blanks, read from the sources."""

import ast
import itertools
import string
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("db", "engine", "train", "app")
SAMPLES = {  # what stands in a blank; any other is given a word
    "self.heads": "3", "width": "8", "self.validation": "0.95", "self.leaning_rank": "4", "self.dim": "16",
    "name": "heads", "value": "3", "text": "3", "change": "heads",
    "error.strerror": "Permission denied", "error.strerror or error": "No space left on device",
    "field": "item", "what": "nothing was promoted", "first": "5",
    "example": " Line 3: The price is no amount of money. Write it like 19.90.",
    "named": "'a7.a' and 'b7.b'", "headings": "'a7.a', 'b7.b'",
}  # fmt: skip
NEVER_ON_A_PAGE = {
    "db/command.py": "the command line's own",
    "engine/cli/command.py": "the command line's own",
    "engine/cli/score_file.py": "`python -m engine score` alone reads and writes such files",
    "train/benchmark/isolated.py": "benchmarks and sweeps alone run processes apart",
    "train/benchmark/benchmark.py": "the command line's own",
    "train/benchmark/commands.py": "the command line's own",
    "engine/bundle/copy.py": "`python -m train export` alone copies versions",
    "train/prepare/dataset_cache.py": "benchmarks and sweeps alone keep what was prepared",
    "train/benchmark/results.py": "benchmarks alone read their results so; the pages read them with app.benchmark",
    "train/benchmark/sweep.py": "the command line's own",
    "train/benchmark/protocols.py": "benchmarks alone have protocols",
    "db/logs.py": "a defect of the program, not for people",
    "app/auth/permissions.py": "the entry catches it and says `access.refused`",
    "app/groups/assignment.py": "a defect of the program, not for people",
    "app/recommending/filling.py": "a defect of the program, not for people",
    "app/benchmark/records.py": "the page says `results.damaged` from its file and entry",
}
APART = {  # put together from tables, which the tests read themselves
    "{name} is {what}. {remedy}",
    "{name} is {what}. {_AS_CSV if workbook else _UNPACK}",
    "The store {place} {meaning} (It said: {said})",
    "The store {place} {kind}: {said}. Nothing was changed; please report this with the log.",
    "The column {words} is missing. The headings are {found}. Add the column, or say which one it is "
    "(--column HEADING=FIELD).",
    "{error} {before.version} goes on serving.",
}


def sentences() -> Iterator[tuple[str, str]]:
    """File and message of each error that a page may show."""
    for path in sorted(path for folder in SOURCES for path in (ROOT / folder).rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if name in NEVER_ON_A_PAGE or name.startswith("train/benchmark/systems/"):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        constants = _constants(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                for argument in _messages(node):
                    if _shape(argument) not in APART:
                        yield from ((name, text) for text in _filled(argument, constants))


def _messages(call: ast.Call) -> list[ast.expr]:
    """The message among a call's arguments: the first of an error."""
    called = call.func.id if isinstance(call.func, ast.Name) else ""
    if called.endswith("Error") or called in ("BundleRefused", "NoModel", "UnknownModel"):
        return [
            one
            for one in call.args[:1]
            if isinstance(one, ast.Constant | ast.JoinedStr) and " " in _shape(one)
        ]
    return []


def _constants(tree: ast.Module) -> dict[str, str]:
    return {
        node.targets[0].id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    }


def _shape(message: ast.expr) -> str:
    if isinstance(message, ast.Constant):
        return str(message.value)
    assert isinstance(message, ast.JoinedStr)
    return "".join(
        str(part.value) if isinstance(part, ast.Constant) else "{" + ast.unparse(part.value) + "}"
        for part in message.values
    )


def _filled(message: ast.expr, constants: dict[str, str]) -> Iterator[str]:
    """The message with values in its blanks; each of them where a blank has two."""
    if isinstance(message, ast.Constant):
        yield str(message.value)
        return
    assert isinstance(message, ast.JoinedStr)
    letters = iter(string.ascii_lowercase)
    parts: list[list[str]] = []
    for part in message.values:
        if isinstance(part, ast.Constant):
            parts.append([str(part.value)])
            continue
        assert isinstance(part, ast.FormattedValue)
        either = part.value
        choices = [either.body, either.orelse] if isinstance(either, ast.IfExp) else [either]
        words = [_value(choice, constants, next(letters)) for choice in choices]
        parts.append([repr(word) for word in words] if part.conversion == ord("r") else words)
    yield from map("".join, itertools.product(*parts))


def _value(blank: ast.expr, constants: dict[str, str], letter: str) -> str:
    said = ast.unparse(blank)
    return constants.get(said, SAMPLES.get(said, f"{letter}7.{letter}"))
