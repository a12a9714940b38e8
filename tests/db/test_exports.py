"""Exports as real back offices write them arrive as they are, or the output says what does not."""

import importlib
import pkgutil
from pathlib import Path

import exports
import pytest
from exports.case import Case
from exports.judge import differences, read

from db.command import main

_MODULES = [
    importlib.import_module(f"exports.{one.name}") for one in pkgutil.iter_modules(exports.__path__)
]
_KINDS = [module for module in _MODULES if hasattr(module, "CASES")]
_CASES = [
    pytest.param(case, id=f"{kind.KIND}: {case.name}") for kind in _KINDS for case in kind.CASES
]


@pytest.mark.parametrize("case", _CASES)
def test_an_export_arrives_as_it_is_or_is_refused_with_its_reason(
    case: Case,
    tmp_path: Path,
    sqlite_template: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Through the command, because what it says about a file counts as well."""
    store = tmp_path / "store.db"
    store.write_bytes(sqlite_template.read_bytes())
    monkeypatch.setenv("MAMGBR_DB", f"sqlite:///{store}")
    for name, value in case.environment.items():
        monkeypatch.setenv(name, value)
    exits = []
    for name, content in case.files.items():
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        exits.append(main(["import", str(path), *case.arguments]))
    printed = capsys.readouterr()
    got = read(store, exits, printed.out + printed.err)
    found = [list(differences(outcome, got)) for outcome in (case.right, *case.also)]
    assert not all(found), f"{case.why}\n" + "\n".join(found[0]) + f"\n{got.output}"
