"""The mutants that the mutation score is made of: which faults they hold, and where none are made."""

from pathlib import Path

import pytest

from benchmarks.mutants import OWN, Mutant, draw

SOURCE = '''"""A file to change."""
from dataclasses import dataclass

LEVELS: tuple[int, ...] = (3, 4)


@dataclass(frozen=True)
class Kept:
    """Something."""

    names: list[str] | None = None


def score(a: float, b: float | None = None) -> float | None:
    """A score."""
    assert a > 0
    return log(a) * 2
'''


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "one.py").write_text(SOURCE)
    (tmp_path / "other.py").write_text("def twice(x):\n    return x + x\n")
    return tmp_path


def changed(code: str) -> str:
    """The line of the source that is another."""
    (line,) = set(code.splitlines()) - set(SOURCE.splitlines())
    return line.strip()


def test_every_fault_is_in_code_that_runs_and_none_in_types_or_assertions(shop: Path) -> None:
    mutants = draw(shop, ["one.py"], 1000, 0)
    places = {SOURCE.splitlines()[mutant.line - 1].strip() for mutant in mutants}
    assert places == {"LEVELS: tuple[int, ...] = (3, 4)", "return log(a) * 2"}
    assert {mutant.kind.partition("_")[0] for mutant in mutants} == {
        "ForgetFunction",
        "NumberReplacer",
        "ReplaceBinaryOperator",
        "SwapNeighbours",
    }
    for mutant in mutants:
        assert changed(mutant.code(SOURCE))


@pytest.mark.parametrize("kind", OWN)
def test_neighbours_change_places_and_a_function_is_forgotten(kind: str) -> None:
    expected = {
        "SwapNeighbours": "LEVELS: tuple[int, ...] = (4, 3)",
        "ForgetFunction": "return (a) * 2",
    }
    assert changed(Mutant("one.py", kind, 0, 0).code(SOURCE)) == expected[kind]


def test_a_seed_draws_the_same_mutants_and_more_of_them_begin_alike(shop: Path) -> None:
    files = ["one.py", "other.py"]
    drawn = draw(shop, files, 4, 0)
    assert draw(shop, files, 4, 0) == drawn
    assert draw(shop, files, 2, 0) == drawn[:2]
    assert draw(shop, files, 4, 1) != drawn


def test_a_change_of_one_file_leaves_what_is_drawn_from_another(shop: Path) -> None:
    files = ["one.py", "other.py"]
    before = [mutant for mutant in draw(shop, files, 1000, 0) if mutant.file == "other.py"]
    (shop / "one.py").write_text("LEVELS = (5, 6, 7)\n")
    after = [mutant for mutant in draw(shop, files, 1000, 0) if mutant.file == "other.py"]
    assert before == after != []
