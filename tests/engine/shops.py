"""Where the shops of these tests are, and how to ask them."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tiny_bundle import Tiny

from db.store import Store
from engine.recommender import Recommender

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class TinyShop:
    """The shop to count by hand, with a model that can be worked out by hand."""

    store: Store
    models: Path
    tiny: Tiny
    folder: Path  # of the serving bundle

    def open(self) -> Recommender:
        return Recommender.open(self.store, models=self.models)


@dataclass(frozen=True)
class Demo:
    """A demo shop and its trained model; tests leave both as they are."""

    db: str
    models: Path

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
