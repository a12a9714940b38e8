"""How many small faults in the learning code the tests notice.

    python -m benchmarks.mutation_score [--mutants 300] [--seed 0] [--seconds 3600] [--out FILE]

Draws mutants by seed from the files of ``TESTS`` (``benchmarks.mutants``), runs for each the test files that can see
it, and writes which were killed and which survived. What is in the result already is not run again: a killed mutant as
long as its file is the same, a survivor as long as the tests are the same as well. Survivors that no test could kill
are listed in ``mutation_equivalents.json``, each with its reason, and do not count.

A mutant costs little, because nothing is written to the sources and heavy packages are imported once: each runs in a
forked process that imports the changed file from memory.
"""

import argparse
import importlib
import importlib.util
import multiprocessing
import os
import sys
import time
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

import pytest

from benchmarks.mutants import draw
from benchmarks.mutation_result import SURVIVED, Result, digest

ROOT = Path(__file__).parent.parent
NETWORK = (
    "tests/train/test_losses.py",
    "tests/train/test_paper_embeddings.py",
    "tests/train/test_paper_predictions.py",
    "tests/train/test_paper_losses.py",
    "tests/train/test_tokens.py",
    "tests/train/test_network.py",
    "tests/train/test_network_losses.py",
)
EVIDENCE = (
    "tests/engine/test_item_evidence_by_hand.py",
    "tests/engine/test_participant_evidence_by_hand.py",
    "tests/engine/test_evidence.py",
    "tests/engine/test_role_vectors.py",
    "tests/engine/test_sparse_products.py",
    "tests/engine/test_graphs.py",
    "tests/engine/test_taste_vectors.py",
)
# The files to change, and the tests that see it, the likeliest first. None of them trains.
TESTS: dict[str, tuple[str, ...]] = {
    "train/nn/*.py": NETWORK,
    "engine/evidence/*.py": EVIDENCE,
    "train/export/calibration*.py": (
        "tests/train/test_calibration_by_hand.py",
        "tests/train/test_calibration.py",
        "tests/train/test_calibration_sample.py",
    ),
    "train/evaluate/metrics.py": ("tests/train/test_metrics.py",),
}
# What tests import and no mutant changes.
HEAVY = (
    "hypothesis",
    "pandas",
    "pydantic",
    "scipy.optimize",
    "scipy.sparse.csgraph",
    "scipy.sparse.linalg",
    "sklearn.metrics",
    "sqlalchemy",
    "torch",
    "db.importing.pipeline",
    "db.read_logs",
    "db.store",
)
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "MAMGBR_THREADS")
KILLED, TIMED_OUT = "killed", "timed out"
SLOWEST = 5  # times what the tests take without a fault, plus GRACE seconds, until a mutant counts as killed
GRACE = 20


class ChangedModule(MetaPathFinder, Loader):
    """Finds and loads one module from changed source."""

    def __init__(self, file: str, code: str) -> None:
        self.name = file.removesuffix(".py").replace("/", ".")
        self.path, self.code = str(ROOT / file), code

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Its spec, for this module only."""
        if name != self.name:
            return None
        return importlib.util.spec_from_loader(name, self, origin=self.path)

    def create_module(self, spec: ModuleSpec) -> None:
        """As usual."""

    def exec_module(self, module: ModuleType) -> None:
        """Runs the changed source."""
        exec(compile(self.code, self.path, "exec"), module.__dict__)  # noqa: S102


def main() -> None:
    """Run what is missing in the result, write it after each mutant, and print the survivors and the score."""
    options = _options()
    sources = _sources()
    mutants = draw(sources, options.mutants, options.seed)
    tests_seen = {file: _hash(_tests_of(file)) for file in sources}
    result = Result(options, sources, list(mutants), tests_seen)
    result.keep(options.out)
    os.environ |= dict.fromkeys(THREADS, "1")  # before these are imported: a fork keeps no threads
    for name in HEAVY:
        importlib.import_module(name)
    limits: dict[tuple[str, ...], float] = {}
    began = time.monotonic()
    for number, (mutant, code) in enumerate(mutants.items(), 1):
        if mutant in result.outcomes:
            continue
        if time.monotonic() - began > options.seconds:
            break
        tests = _tests_of(mutant.file)
        if tests not in limits:
            limits[tests] = _limit(tests)
        result.outcomes[mutant] = _run(tests, limits[tests], ChangedModule(mutant.file, code))
        outcome = result.outcomes[mutant]
        print(f"{number:4} {mutant.file}:{mutant.line} {mutant.name}: {outcome}", flush=True)
        result.write(options.out)
    result.write(options.out)  # with what is known of equivalents by now
    print("\n".join(result.lines()))


def _sources() -> dict[str, str]:
    """The files to change, by name; read once, so that an edit during the run changes nothing."""
    paths = sorted(path for pattern in TESTS for path in ROOT.glob(pattern))
    return {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
        for path in paths
        if path.name != "__init__.py"
    }


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--mutants", type=int, default=300, help="how many to draw (300)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after so many")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks/results/mutation.json")
    return parser.parse_args()


def _run(tests: Sequence[str], limit: float, changed: ChangedModule | None) -> str:
    """What becomes of the changed module when the tests run in a process of their own."""
    process = multiprocessing.get_context("fork").Process(target=_test, args=(tests, changed))
    process.start()
    process.join(limit)
    if process.is_alive():
        process.kill()
        process.join()
        return TIMED_OUT
    return SURVIVED if process.exitcode == 0 else KILLED


def _test(tests: Sequence[str], changed: ChangedModule | None) -> None:
    """In the forked process: runs the tests up to the first failure and exits with pytest's code."""
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    if changed is not None:
        sys.meta_path.insert(0, changed)
    os.chdir(ROOT)
    os._exit(pytest.main(["-x", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", *tests]))


def _limit(tests: Sequence[str]) -> float:
    """Seconds that the tests may take with a fault; exits where they fail without one."""
    began = time.monotonic()
    if _run(tests, 600, None) != SURVIVED:
        sys.exit(f"These tests must pass first: {' '.join(tests)}")
    took = time.monotonic() - began
    print(f"{took:.1f} s for {' '.join(tests)}", flush=True)
    return SLOWEST * took + GRACE


def _tests_of(file: str) -> tuple[str, ...]:
    return next(tests for pattern, tests in TESTS.items() if Path(file).match(pattern))


def _hash(files: Sequence[str]) -> str:
    return digest("".join((ROOT / file).read_text(encoding="utf-8") for file in files))


if __name__ == "__main__":
    main()
