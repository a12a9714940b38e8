"""A shop of the tests: where its store and its models are, and the commands on it."""

import os
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from db.importing.pipeline import import_files
from db.store import Store

ROOT = Path(__file__).resolve().parents[1]
ENTRY = str(ROOT / "app" / "workbench.py")


@dataclass(frozen=True)
class Shop:
    """Where a store and its models are."""

    db: str
    models: Path

    @property
    def folder(self) -> Path:
        """Where both are."""
        return self.models.parent

    @property
    def environment(self) -> dict[str, str]:
        return {"MAMGBR_DB": self.db, "MAMGBR_MODELS": str(self.models)}

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """``python -m ...`` on this shop, from a process of its own."""
        return subprocess.run(
            [sys.executable, "-m", *words],
            cwd=ROOT,
            env=os.environ | self.environment,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            check=False,
        )

    def command(self, *words: str) -> str:
        """The same where it must succeed; its output comes back."""
        done = self.run(*words)
        assert done.returncode == 0, f"{' '.join(words)} failed:\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def import_file(self, path: Path) -> None:
        """Imports a file in this process; raises what the import raises."""
        with closing(self.store()) as store:
            import_files(store, [path])

    def enter(self, patch: pytest.MonkeyPatch) -> None:
        """Lets this process work on the shop."""
        for name, value in self.environment.items():
            patch.setenv(name, value)

    def store(self) -> Store:
        return Store.open(self.db)


def shop_in(folder: Path) -> Shop:
    return Shop(f"sqlite:///{folder / 'shop.db'}", folder / "models")
