"""The search for settings: every system alike, resumable at any moment, and what a benchmark takes of it."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray
from optuna.storages import InMemoryStorage
from small_shops import QUICK, quick, random_shop
from whole_shop import Shop

from db.errors import ResultsError, SettingError
from db.logs import Logs, Task
from train.benchmark import study, tune
from train.benchmark.protocols import hold_out
from train.benchmark.run import Benchmark, run_benchmark
from train.benchmark.study import FINALISTS, KEPT_TRIALS, MOST_DEATHS
from train.benchmark.systems import registry
from train.benchmark.systems.registry import SYSTEMS, Entry, Options, make, searched_systems
from train.benchmark.systems.search_space import Choice, Range, Space, Whole, ends
from train.benchmark.systems.searched import Judge, Scope, SearchedSystem, Training, Values
from train.benchmark.tune import Search, run_search, search_system, some_groups
from train.benchmark.tuned_settings import TunedSettings, read_tuned, read_tunings
from train.evaluate.sampled_ranking import CandidateLists
from train.evaluate.splits import Split, split_groups

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


def test_a_search_tries_on_a_part_and_decides_on_all_groups(tmp_path: Path) -> None:
    found = searched(tmp_path)
    (scope,) = found.scopes.values()
    assert len(scope.trials) == found.trials == 9
    assert scope.trials[0].setting == {"height": 0.5, "steps": 4, "kind": "round"}  # its own
    groups = [groups for groups, _ in Hill.seen]
    assert groups == [found.groups] * 9 + [found.training_groups] * (FINALISTS + 1)
    assert found.groups == round(0.2 * found.training_groups)
    best = sorted((one for one in scope.trials if not one.pruned), key=lambda one: -one.quality)
    again = [*best[:FINALISTS], scope.trials[0]]
    assert [one.setting for one in scope.on_all] == [one.setting for one in again]
    assert scope.chosen == best[0].setting
    assert found.evaluations == sum(one.evaluations for one in [*scope.trials, *scope.on_all])
    page = (tmp_path / "tuned.md").read_text()
    assert "python -m train tune" in page
    assert f"| {found.groups} | {found.evaluations} |" in page
    assert f"kind {scope.chosen['kind']}" in page
    assert read_tuned(tmp_path / "tuned" / "hill.json") == found


def test_a_search_finds_better_settings_than_the_first(tmp_path: Path) -> None:
    (scope,) = searched(tmp_path, replace(SEARCH, trials=20)).scopes.values()
    assert scope.on_all[0].quality > 1.5 * scope.trials[0].quality


def test_trials_that_fall_behind_are_pruned_and_never_chosen(tmp_path: Path) -> None:
    (scope,) = searched(tmp_path, replace(SEARCH, trials=20)).scopes.values()
    pruned = [one for one in scope.trials if one.pruned]
    assert pruned
    assert all(one.trial > KEPT_TRIALS for one in pruned)
    assert all(one.evaluations < 10 for one in pruned)
    assert not any(one.pruned for one in scope.on_all)


class InterruptionError(Exception):
    """Stands in for a kill between two lines of the program."""


def test_a_search_never_ends_below_where_it_began(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was best on few groups may learn too little from all."""
    train = Hill.train

    def turn(self: Hill, scope: Scope, values: Values, judge: Judge) -> Training[float]:
        found = train(self, scope, values, judge)
        few = self.groups < 100
        return found if few else Training(1 - found.quality, found.fitted)

    monkeypatch.setattr(Hill, "train", turn)
    (scope,) = searched(tmp_path).scopes.values()
    assert scope.chosen == Hill().own_setting(("items",))
    assert scope.best.trial == 1


@pytest.mark.parametrize("trainings", [1, 2, 6, 9, 10, 12])
def test_an_interrupted_search_ends_as_if_it_had_not_been(
    trainings: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = searched(tmp_path / "whole")
    train, left = Hill.train, trainings

    def interrupt(self: Hill, scope: Scope, values: Values, judge: Judge) -> Training[float]:
        nonlocal left
        left -= 1
        if not left:
            judge(0.5)
            raise InterruptionError
        return train(self, scope, values, judge)

    with monkeypatch.context() as patch:
        patch.setattr(Hill, "train", interrupt)
        with pytest.raises(InterruptionError):
            searched(tmp_path / "parts")
    Hill.seen.clear()
    resumed = searched(tmp_path / "parts")
    assert without_times(resumed) == without_times(whole)
    assert len(Hill.seen) == 9 + FINALISTS + 1 - (trainings - 1)


def test_a_setting_in_which_the_process_dies_again_and_again_is_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A network too large for the memory would otherwise be tried for ever."""
    train, deaths = Hill.train, 0

    def die_if_large(self: Hill, scope: Scope, values: Values, judge: Judge) -> Training[float]:
        nonlocal deaths
        if values["steps"] > 16:
            deaths += 1
            raise InterruptionError
        return train(self, scope, values, judge)

    monkeypatch.setattr(Hill, "train", die_if_large)
    for _ in range(30):
        with contextlib.suppress(InterruptionError):
            (scope,) = searched(tmp_path).scopes.values()
            break
    large = [one for one in scope.trials if one.setting["steps"] > 16]
    assert large
    assert deaths == MOST_DEATHS * len(large)
    assert all(one.pruned and not one.quality for one in large)
    assert scope.chosen["steps"] <= 16


KILLED = """
import sys
from pathlib import Path
from small_shops import random_shop
from train.benchmark.tune import Search, run_search

if __name__ == "__main__":
    search = Search(("als",), trials=3, share=0.5, device="cpu")
    run_search(random_shop(groups=300), search, Path(sys.argv[1]), report=lambda line: print(line, flush=True))
"""


@pytest.mark.slow
def test_a_killed_search_goes_on_where_it_was(tmp_path: Path) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    script = tmp_path / "search.py"
    script.write_text(KILLED)
    paths = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    environment = os.environ | {"PYTHONPATH": paths, "MAMGBR_THREADS": "1"}

    def start(out: Path) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, str(script), str(out)],
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )

    process = start(killed)
    assert process.stdout is not None
    first = process.stdout.readline()
    assert "trial 1 of 3" in first
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (killed / "tuned" / "als.json").exists()
    again = start(killed)
    told = again.communicate()[0]
    assert again.returncode == 0
    assert "items: trial 1 of 3" not in told
    assert start(whole).wait() == 0
    assert without_times(_found(killed)) == without_times(_found(whole))


def _found(out: Path) -> TunedSettings:
    found = read_tuned(out / "tuned" / "als.json")
    assert found is not None
    return found


def test_what_was_searched_is_not_searched_again(tmp_path: Path) -> None:
    found = searched(tmp_path)
    Hill.seen.clear()
    assert searched(tmp_path) == found
    assert not Hill.seen
    for other, shop in (
        (replace(SEARCH, seed=1), SHOP),
        (replace(SEARCH, trials=10), SHOP),
        (SEARCH, replace(SHOP, version="grown")),
    ):
        Hill.seen.clear()
        assert searched(tmp_path, other, shop).key != found.key
        assert Hill.seen


def test_a_best_value_at_an_end_is_told_so_that_the_space_can_be_widened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    narrow = Hill.space_of_all | {"steps": Whole(0, 2, powers=True)}
    monkeypatch.setattr(Hill, "space_of_all", narrow)
    lines: list[str] = []
    search = replace(SEARCH, trials=20)
    (found,) = run_search(SHOP, search, tmp_path, report=lines.append)
    (scope,) = found.scopes.values()
    assert scope.chosen["steps"] == 4
    assert scope.at_end["steps"] == "high"
    assert any("steps=4 is at the high end" in line for line in lines)


def test_values_at_an_end_beyond_which_there_is_nothing_are_inside() -> None:
    space: Space = {
        "rate": Range(1e-4, 1e-1, log=True),
        "decay": Range(1e-6, 0.5, log=True, closed=("low",)),
        "dim": Whole(2, 6, powers=True),
        "layers": Whole(1, 4, closed=("low",)),
        "kind": Choice(("a", "b")),
    }
    inside = {"rate": 1e-2, "decay": 1e-6, "dim": 16, "layers": 1, "kind": "a"}
    assert ends(space, inside) == {}
    outside = {"rate": 1.01e-4, "decay": 0.49, "dim": 64, "layers": 4, "kind": "b"}
    assert ends(space, outside) == {"rate": "low", "decay": "high", "dim": "high", "layers": "high"}


def test_a_part_of_the_groups_is_drawn_by_a_key_of_its_own() -> None:
    split = split_groups(SHOP, quick(), 0)
    part = some_groups(split, 0.1, 0)
    assert len(part.training) == round(0.1 * len(split.training))
    assert set(part.training) < set(split.training)
    assert (part.validation == split.validation).all()
    fold_of = dict(zip(split.training, split.fold, strict=True))
    assert [fold_of[group] for group in part.training] == part.fold.tolist()
    assert (some_groups(split, 0.1, 0).training == part.training).all()
    assert (some_groups(split, 0.1, 1).training != part.training).any()
    first = np.random.default_rng(0).permutation(split.training)[: len(part.training)]
    assert set(first) != set(part.training)


def test_a_benchmark_takes_the_settings_that_a_search_chose(tmp_path: Path) -> None:
    out = tmp_path / "results"
    benchmark = Benchmark(("als",), changes=QUICK, device="cpu")
    before = run_benchmark(SHOP, benchmark, out, report=quiet)
    (found,) = run_search(SHOP, Search(("als",), trials=3, share=0.5), out, report=quiet)
    after = run_benchmark(SHOP, benchmark, out, report=quiet)
    assert {record.key for record in before}.isdisjoint({record.key for record in after})
    untuned, tuned = before[0].settings, after[0].settings
    assert untuned is not None
    assert tuned is not None
    assert untuned["search"].startswith("not tuned")
    for scope, search in found.scopes.items():
        assert tuned[f"{scope}/chosen"] == search.chosen
    for fact in ("trials", "groups", "evaluations", "seconds", "data_version"):
        assert tuned["search"][fact] == getattr(found, fact)
    elsewhere = replace(benchmark, tuned=out / "tuned")
    records = run_benchmark(SHOP, elsewhere, tmp_path / "other", report=quiet)
    assert records[0].settings == tuned


def test_mamgbr_keeps_its_preset_and_its_record_says_so() -> None:
    system = make("mamgbr", Options(QUICK, "cpu"))
    assert system.settings()["search"] == "not tuned: the settings of its preset"


def test_every_learned_system_is_searched_but_mamgbr_and_its_ablations() -> None:
    counted = {"popularity", "cosine", "friends"}
    unsearched = {name for name in SYSTEMS if name not in searched_systems()} - counted - {"hill"}
    assert "mamgbr" in unsearched
    assert all(name.startswith("mamgbr") or name == "mgbr-published" for name in unsearched)
    assert {"mlp", "mamgbr-paper", "lambdamart", "als"} < set(searched_systems())
    assert SYSTEMS["mgbr-published"].tuned_as == "mgbr"


@pytest.mark.parametrize("name", [name for name in searched_systems() if name != "hill"])
def test_a_system_is_searched_around_its_own_settings(name: str) -> None:
    system = make(name, Options(device="cpu"))
    assert isinstance(system, SearchedSystem)
    assert sorted(task for scope in system.scopes for task in scope) == sorted(Task)
    for scope in system.scopes:
        space, own = system.space(scope), system.own_setting(scope)
        assert set(own) == set(space)
        assert len(space) >= 5
        for setting, domain in space.items():
            value = domain.parameter(own[setting])
            if isinstance(domain, Choice):
                assert value in domain.values
            else:
                assert domain.low <= value <= domain.high
        assert ends(space, own) == {}


def test_vector_peers_may_choose_a_popularity_term() -> None:
    for name in ("gbmf", "gbgcn", "ngcf", "lightgcn", "imp-gcn", "eatnn", "j2prec", "als"):
        system = make(name, Options(device="cpu"))
        assert isinstance(system, SearchedSystem)
        assert "popularity" in system.space(system.scopes[0])
        assert "its paper does not have" in system.adaptation


@pytest.mark.parametrize(
    ("search", "sentence"),
    [
        (Search(("popularity",)), "settings of popularity are not searched.*lambdamart"),
        (Search(("mgbr-published",)), "settings of mgbr-published are not searched"),
        (Search(("als",), trials=0), "--trials 0 is too few"),
        (Search(("als",), share=1.5), "--share 1.5 is no share"),
    ],
)
def test_a_search_that_cannot_run_says_why(search: Search, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=sentence):
        run_search(SHOP, search, tmp_path, report=quiet)
    assert not list(tmp_path.iterdir())


def test_a_file_that_holds_no_search_is_named(tmp_path: Path) -> None:
    (tmp_path / "als.json").write_text(json.dumps({"system": "als"}))
    with pytest.raises(ResultsError, match=r"als\.json holds no search"):
        read_tunings(tmp_path, ("als",))
    assert read_tunings(tmp_path, ("popularity", "eatnn")) == {}


def test_a_system_that_needs_all_groups_is_trained_once_a_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Hill, "needs_all_groups", True)
    found = searched(tmp_path)
    assert found.groups == found.training_groups
    assert len(Hill.seen) == found.trials
    (scope,) = found.scopes.values()
    assert found.evaluations == sum(one.evaluations for one in scope.trials)
    assert (
        scope.chosen
        == max((one for one in scope.trials if not one.pruned), key=lambda one: one.quality).setting
    )


def test_a_search_sees_no_test_group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[Logs, Split]] = []

    def prepare(self: Hill, logs: Logs, split: Split, seed: int) -> None:
        seen.append((logs, split))
        self.groups = len(split.training)

    monkeypatch.setattr(Hill, "prepare", prepare)
    searched(tmp_path)
    holdout = hold_out(SHOP, "sampled", registry.PRESETS["default"], 0)
    for logs, split in seen:
        assert len(logs.group_item) == len(holdout.known.group_item) < len(SHOP.group_item)
        assert (split.validation == holdout.split.validation).all()


def test_lines_tell_each_training(tmp_path: Path) -> None:
    lines = [
        one for one in search_system("hill", SHOP, SEARCH, tmp_path, "none") if isinstance(one, str)
    ]
    assert lines[0].startswith("items+participants: trial 1 of 9, quality 0.")
    assert sum("on all groups" in line for line in lines) == FINALISTS + 1


@pytest.mark.slow
def test_the_command_prints_what_a_search_chose_and_a_benchmark_finds_it(
    stocked: Shop, tmp_path: Path
) -> None:
    words = ("--systems", "als", "--out", str(tmp_path), "--progress", "none", "--json")
    told = stocked.command("train", "tune", "--trials", "2", "--share", "0.2", *words)
    (found,) = json.loads(told)
    assert set(found["scopes"]) == {"items", "participants"}
    assert found["command"].startswith("python -m train tune --systems als --trials 2 --share 0.2")
    records = json.loads(stocked.command("train", "benchmark", "--limit", "20", *words))
    assert records[0]["settings"]["items/chosen"] == found["scopes"]["items"]["chosen"]
