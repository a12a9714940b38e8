"""The search for settings: what it tries, what it decides on, and where it ends."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hill_search import SEARCH, SHOP, Hill, searched
from hill_search import hill as hill  # a fixture, for all tests here
from small_shops import quick

from db.logs import Logs
from train.benchmark.protocols import hold_out
from train.benchmark.study import FINALISTS, KEPT_TRIALS
from train.benchmark.systems import registry
from train.benchmark.systems.search_space import Choice, Range, Space, Whole, ends
from train.benchmark.systems.searched import Judge, Scope, Training, Values
from train.benchmark.tune import run_search, some_groups
from train.benchmark.tuned_settings import read_tuned
from train.evaluate.splits import Split, split_groups


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
