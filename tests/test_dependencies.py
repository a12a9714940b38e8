"""Every pinned package is used, and the tests can be collected on every system."""

import ast
import re
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCES = ("app", "db", "engine", "train", "benchmarks", "tests")
# Packages that no module imports, and what needs them.
NOT_IMPORTED = {
    "authlib": "Streamlit signs people in with it",
    "httpx": "Streamlit signs people in with it",
    "psycopg": "SQLAlchemy's driver for PostgreSQL",
    "pytest": "runs the tests",
    "pytest-xdist": "make test runs one process a core",
    "onnxruntime": "imported as onnxruntime, installed where onnxruntime-gpu has no wheel",
    "onnxscript": "torch exports ONNX graphs with it",
    "tzdata": "zoneinfo knows the time zones by it where the system has none",
    "pillow": "Streamlit and the browser tests read images with it",
    "ruff": "make test",
    "mypy": "make test",
    "pandas-stubs": "types for mypy",
    "types-psutil": "types for mypy",
    "types-tqdm": "types for mypy",
}
POSIX_ONLY = {"fcntl", "grp", "pty", "pwd", "resource", "syslog", "termios", "tty"}


def pinned() -> set[str]:
    """The packages of the requirements files, normalised."""
    names = set()
    for file in ROOT.glob("requirements*.txt"):
        for line in file.read_text(encoding="utf-8").splitlines():
            if found := re.match(r"([A-Za-z0-9_.-]+)(\[\w+\])?==", line):
                names.add(normalised(found.group(1)))
    return names


def normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def modules() -> Iterator[tuple[Path, ast.Module]]:
    """Every source file and its tree."""
    for folder in SOURCES:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path, ast.parse(path.read_text(encoding="utf-8"))


def imported(node: ast.AST) -> set[str]:
    """The top-level packages that an import statement names."""
    if isinstance(node, ast.Import):
        return {name.name.partition(".")[0] for name in node.names}
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        return {node.module.partition(".")[0]}
    return set()


def test_every_pinned_package_is_imported_or_needed_for_a_reason() -> None:
    used = {name for _, tree in modules() for node in ast.walk(tree) for name in imported(node)}
    distributions = packages_distributions()
    provided = {
        normalised(distribution) for name in used for distribution in distributions.get(name, ())
    }
    assert pinned() - provided - set(NOT_IMPORTED) == set()


def test_no_reason_is_given_for_a_package_that_is_not_pinned() -> None:
    assert set(NOT_IMPORTED) - pinned() == set()


def test_no_test_module_needs_posix_to_be_imported() -> None:
    found = {
        path.relative_to(ROOT).as_posix(): name
        for path, tree in modules()
        if path.is_relative_to(ROOT / "tests")
        for node in tree.body
        for name in imported(node) & POSIX_ONLY
    }
    assert found == {}
