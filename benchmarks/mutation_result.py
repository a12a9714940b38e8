"""The result of a mutation run: which of the drawn mutants were killed, by file, and what the survivors change."""

import argparse
import difflib
import hashlib
import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from benchmarks.mutants import Mutant
from db.atomic import write_atomically

ROOT = Path(__file__).parent.parent
EQUIVALENTS = ROOT / "benchmarks/mutation_equivalents.json"
SURVIVED = "survived"


@dataclass(frozen=True)
class Result:
    """The outcomes of the drawn ``mutants`` so far; ``tests`` has the digest of the tests that see each file."""

    options: argparse.Namespace
    sources: Mapping[str, str]
    mutants: Sequence[Mutant]
    tests: Mapping[str, str]
    outcomes: dict[Mutant, str] = field(default_factory=dict)

    def keep(self, path: Path) -> None:
        """Takes over the outcomes of an earlier run that still hold.

        A killed mutant stays killed as long as its file is the same, a survivor as long as the tests are as well.
        """
        if not path.exists():
            return
        before = json.loads(path.read_text(encoding="utf-8"))
        for mutant in self.mutants:
            outcome = before["outcomes"].get(mutant.file, {}).get(mutant.name)
            same_file = before["sources"].get(mutant.file) == self._digests[mutant.file]
            same_tests = before["tests"].get(mutant.file) == self.tests[mutant.file]
            if outcome and same_file and (same_tests or outcome != SURVIVED):
                self.outcomes[mutant] = outcome

    def write(self, path: Path) -> None:
        """Writes everything as JSON."""
        outcomes: dict[str, dict[str, str]] = {}
        for mutant, outcome in self._in_order():
            outcomes.setdefault(mutant.file, {})[mutant.name] = outcome
        content = {
            "command": "python -m benchmarks.mutation_score"
            f" --mutants {self.options.mutants} --seed {self.options.seed}",
            "seed": self.options.seed,
            "code": self._code_version,
            "tests": self.tests,
            "sources": self._digests,
            "drawn": len(self.mutants),
            **self._counts(),
            "score": self.score,
            "files": {file: self._counts(file) for file in sorted(outcomes)},
            "survivors": list(self._survivors()),
            "outcomes": outcomes,
        }
        write_atomically(path, json.dumps(content, ensure_ascii=False, indent=1) + "\n")

    @property
    def score(self) -> float:
        """The share of the mutants that a test can kill which is killed."""
        counts = self._counts()
        return round(counts["killed"] / max(counts["killed"] + counts["survived"], 1), 3)

    def lines(self) -> list[str]:
        """The survivors, then a line for each file and the score."""
        lines = []
        for survivor in self._survivors():
            if "equivalent" not in survivor:
                lines += ["", f"{survivor['file']}:{survivor['line']}", *survivor["diff"]]
        lines += ["", f"{'':<36}{'killed':>8}{'survived':>10}{'equivalent':>12}"]
        for file in [*sorted({mutant.file for mutant in self.outcomes}), None]:
            row = self._counts(file)
            counts = f"{row['killed']:>8}{row['survived']:>10}{row['equivalent']:>12}"
            lines.append(f"{file or 'all':<36}{counts}")
        return [*lines, "", f"{self.score:.1%} of the mutants that a test can kill are killed"]

    def _counts(self, file: str | None = None) -> dict[str, int]:
        """Killed, surviving and equivalent mutants of a file, or of all."""
        counts = {"killed": 0, "survived": 0, "equivalent": 0}
        for mutant, outcome in self.outcomes.items():
            if file in (None, mutant.file):
                equivalent = outcome == SURVIVED and self._reason(mutant) is not None
                name = "equivalent" if equivalent else outcome
                counts[name if name in counts else "killed"] += 1
        return counts

    def _survivors(self) -> Iterator[dict[str, Any]]:
        for mutant, outcome in self._in_order():
            if outcome == SURVIVED:
                reason = self._reason(mutant)
                where = {"file": mutant.file, "line": mutant.line, "diff": self._diff(mutant)}
                yield where | ({} if reason is None else {"equivalent": reason})

    def _in_order(self) -> list[tuple[Mutant, str]]:
        return sorted(
            self.outcomes.items(), key=lambda one: (one[0].file, one[0].line, one[0].name)
        )

    def _reason(self, mutant: Mutant) -> str | None:
        """Why no test can kill it, where that is known."""
        return self._equivalents.get((mutant.file, "\n".join(self._diff(mutant))))

    def _diff(self, mutant: Mutant) -> list[str]:
        """The lines that it changes, without their indentation, before and after."""
        source = self.sources[mutant.file]
        lines = difflib.ndiff(source.splitlines(), mutant.code(source).splitlines())
        return [f"{line[0]} {line[2:].strip()}" for line in lines if line[0] in "+-"]

    @cached_property
    def _equivalents(self) -> dict[tuple[str, str], str]:
        known = json.loads(EQUIVALENTS.read_text(encoding="utf-8"))
        return {(one["file"], "\n".join(one["diff"])): one["reason"] for one in known}

    @cached_property
    def _digests(self) -> dict[str, str]:
        return {file: digest(source) for file, source in self.sources.items()}

    @cached_property
    def _code_version(self) -> str:
        done = subprocess.run(
            ["git", "describe", "--always", "--dirty"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout.strip()


def digest(text: str) -> str:
    """The start of the text's SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]
