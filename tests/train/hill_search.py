"""A system with a known best setting, and how its search is run."""

from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray
from optuna.storages import InMemoryStorage
from small_shops import random_shop

from db.logs import Logs
from train.benchmark import study, tune
from train.benchmark.systems import registry
from train.benchmark.systems.registry import SYSTEMS, Entry, Options
from train.benchmark.systems.search_space import Choice, Range, Space, Whole
from train.benchmark.systems.searched import Judge, Scope, SearchedSystem, Training, Values
from train.benchmark.tune import Search, run_search
from train.benchmark.tuned_settings import TunedSettings
from train.evaluate.sampled_ranking import CandidateLists
from train.evaluate.splits import Split

ROOT = Path(__file__).resolve().parents[2]
SHOP = random_shop(groups=300)
SEARCH = Search(("hill",), trials=9, share=0.2, command="python -m train tune")


class Hill(SearchedSystem[float]):
    """Its quality is highest in the middle of its space; ``seen`` are the groups and settings of its trainings."""

    name = "hill"
    adaptation = ""
    seen: ClassVar[list[tuple[int, Values]]] = []
    space_of_all: ClassVar[Space] = {
        "height": Range(0.001, 1000.0, log=True),
        "steps": Whole(0, 6, powers=True),
        "kind": Choice(("round", "square")),
    }

    def space(self, scope: Scope) -> Space:
        return self.space_of_all

    def own_setting(self, scope: Scope) -> Values:
        return {"height": 0.5, "steps": 4, "kind": "round"}

    def prepare(self, logs: Logs, split: Split, seed: int) -> None:
        self.groups = len(split.training)

    def train(self, scope: Scope, values: Values, judge: Judge) -> Training[float]:
        self.seen.append((self.groups, values))
        top = 1 / (1 + abs(np.log10(values["height"] / 30)) + abs(values["steps"] - 8) / 8)
        for share in np.linspace(0.1, 1, 10):
            judge(float(share * top))
        return Training(float(top), float(top))

    def score(self, lists: CandidateLists) -> NDArray[np.float32]:
        return np.zeros(lists.candidates.shape, np.float32)


@pytest.fixture(autouse=True)
def hill(monkeypatch: pytest.MonkeyPatch) -> type[Hill]:
    """A system that is searched in a moment, in this process."""

    def build(options: Options) -> Hill:
        return Hill(tuning=options.tunings.get("hill", registry.UNTUNED))

    monkeypatch.setitem(SYSTEMS, "hill", Entry(build, tuned_as="hill"))
    monkeypatch.setattr(
        tune, "iterate_in_process", lambda function, *arguments: function(*arguments)
    )
    monkeypatch.setattr(Hill, "seen", [])
    # As persistent as the test needs, and without a second for the tables of each database.
    in_memory: dict[Path, InMemoryStorage] = {}
    monkeypatch.setattr(
        study, "storage_at", lambda file: in_memory.setdefault(file, InMemoryStorage())
    )
    return Hill


def quiet(line: str) -> None:
    """Drops the line."""


def searched(out: Path, search: Search = SEARCH, shop: Logs = SHOP) -> TunedSettings:
    (found,) = run_search(shop, search, out, report=quiet)
    return found


def without_times(found: TunedSettings) -> dict[str, Any]:
    """Everything but what depends on the clock."""
    text = found.model_dump(mode="json", exclude={"seconds", "measured_at"})
    for scope in text["scopes"].values():
        for one in [*scope["trials"], *scope["on_all"]]:
            del one["seconds"]
    return text
