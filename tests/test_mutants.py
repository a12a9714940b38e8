"""The mutants that the mutation score is made of: which faults they hold, and where none are made."""

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


BOTH = {"one.py": SOURCE, "other.py": "def twice(x):\n    return x + x\n"}


def changed(code: str) -> str:
    """The line of the source that is another."""
    (line,) = set(code.splitlines()) - set(SOURCE.splitlines())
    return line.strip()


def test_every_fault_is_in_code_that_runs_and_none_in_types_or_assertions() -> None:
    mutants = draw({"one.py": SOURCE}, 1000, 0)
    places = {SOURCE.splitlines()[mutant.line - 1].strip() for mutant in mutants}
    assert places == {"LEVELS: tuple[int, ...] = (3, 4)", "return log(a) * 2"}
    assert {mutant.kind.partition("_")[0] for mutant in mutants} == {
        "ForgetFunction",
        "NumberReplacer",
        "ReplaceBinaryOperator",
        "SwapNeighbours",
    }
    assert all(changed(code) for code in mutants.values())


@pytest.mark.parametrize("kind", OWN)
def test_neighbours_change_places_and_a_function_is_forgotten(kind: str) -> None:
    expected = {
        "SwapNeighbours": "LEVELS: tuple[int, ...] = (4, 3)",
        "ForgetFunction": "return (a) * 2",
    }
    assert changed(Mutant("one.py", kind, 0, 0).code(SOURCE)) == expected[kind]


def test_a_seed_draws_the_same_mutants_and_more_of_them_begin_alike() -> None:
    drawn = list(draw(BOTH, 4, 0))
    assert list(draw(BOTH, 4, 0)) == drawn
    assert list(draw(BOTH, 2, 0)) == drawn[:2]
    assert list(draw(BOTH, 4, 1)) != drawn


def test_a_change_of_one_file_leaves_what_is_drawn_from_another() -> None:
    changed_one = BOTH | {"one.py": "LEVELS = (5, 6, 7)\n"}
    before, after = (
        {
            mutant: code
            for mutant, code in draw(sources, 1000, 0).items()
            if mutant.file == "other.py"
        }
        for sources in (BOTH, changed_one)
    )
    assert before == after != {}
