"""Imports point one way between the four packages, and between the folders of train/."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAY_IMPORT = {
    "db": set(),
    "engine": {"db"},
    "train": {"engine", "db"},
    "app": {"engine", "db"},
}
# Each folder of train/ may import the folders before it, and the modules of ANYWHERE.
ORDER = ("evaluate", "prepare", "nn", "learn", "export", "benchmark")
ANYWHERE = {"progress", "random_keys", "training_run"}


def imported_modules(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names)


def own_imports(package: str) -> list[tuple[Path, str]]:
    found = [
        (file, name) for file in (ROOT / package).rglob("*.py") for name in imported_modules(file)
    ]
    return [(file, name) for file, name in found if name.split(".")[0] in MAY_IMPORT]


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_a_package_imports_only_packages_below_it(package: str) -> None:
    wrong = [
        f"{file.relative_to(ROOT)} imports {name}"
        for file, name in own_imports(package)
        if name.split(".")[0] != package
        and name.split(".")[0] not in MAY_IMPORT[package]
        and name not in MAY_IMPORT[package]
    ]
    assert not wrong


def test_a_folder_of_train_imports_only_folders_below_it() -> None:
    folders = {path.parent.name for path in (ROOT / "train").glob("*/__init__.py")}
    assert folders == set(ORDER)
    checked, wrong = 0, []
    for file, name in own_imports("train"):
        here, there = file.relative_to(ROOT / "train").parts, name.split(".")[1:]
        if len(here) == 1 or not there or name.split(".")[0] != "train":
            continue
        below = ORDER[: ORDER.index(here[0]) + 1]
        checked += 1
        if there[0] not in {*below, *ANYWHERE}:
            wrong.append(f"{file.relative_to(ROOT)} imports {name}")
    assert checked > 100
    assert not wrong
