"""Exports as real back offices write them arrive as they are, or the output says what does not."""

import importlib
import pkgutil
import re
from collections.abc import Callable
from pathlib import Path

import exports
import pytest
from exports.case import Case
from exports.judge import differences, read

from db.command import main

Run = Callable[..., tuple[int, str]]

_MODULES = [
    importlib.import_module(f"exports.{one.name}") for one in pkgutil.iter_modules(exports.__path__)
]
_KINDS = [module for module in _MODULES if hasattr(module, "CASES")]
_CASES = [
    pytest.param(case, id=f"{kind.KIND}: {case.name}") for kind in _KINDS for case in kind.CASES
]


@pytest.fixture
def store(tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty store, which the commands take for theirs."""
    path = tmp_path / "store.db"
    path.write_bytes(sqlite_template.read_bytes())
    monkeypatch.setenv("MAMGBR_DB", f"sqlite:///{path}")
    return path


@pytest.fixture
def imported(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """Import a file of a case: ``imported(case, name, *options)`` returns the exit code and what was printed."""

    def run(case: Case, name: str, *options: str) -> tuple[int, str]:
        for setting, value in case.environment.items():
            monkeypatch.setenv(setting, value)
        path, content = tmp_path / name, case.files[name]
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        code = main(["import", str(path), *case.arguments, *options])
        printed = capsys.readouterr()
        return code, printed.out + printed.err

    return run


@pytest.mark.parametrize("case", _CASES)
def test_an_export_arrives_as_it_is_or_is_refused_with_its_reason(
    case: Case, store: Path, imported: Run
) -> None:
    """Through the command, because what it says about a file counts as well."""
    results = [imported(case, name) for name in case.files]
    output = "".join(printed for _, printed in results)
    got = read(store, [code for code, _ in results], output)
    found = [list(differences(outcome, got)) for outcome in (case.right, *case.also)]
    assert not all(found), f"{case.why}\n" + "\n".join(found[0]) + f"\n{output}"


@pytest.mark.parametrize("case", _CASES)
def test_a_dry_run_prints_what_the_import_will_and_stores_nothing(
    case: Case, store: Path, imported: Run
) -> None:
    name = next(iter(case.files))
    before = read(store, [0], "")
    code, said = imported(case, name, "--dry-run")
    assert read(store, [0], "") == before
    then = imported(case, name)
    assert (code, said.replace("would be imported", "")) == (
        then[0],
        re.sub(r"imported as import \d+", "", then[1]),
    )
