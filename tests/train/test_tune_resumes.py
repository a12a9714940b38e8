"""A search goes on where it was, whatever ended it."""

import contextlib
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hill_search import ROOT, SEARCH, SHOP, Hill, searched, without_times
from hill_search import hill as hill  # a fixture, for all tests here

from train.benchmark.study import FINALISTS, MOST_DEATHS
from train.benchmark.systems.searched import Judge, Scope, Training, Values
from train.benchmark.tuned_settings import TunedSettings, read_tuned


class InterruptionError(Exception):
    """Stands in for a kill between two lines of the program."""


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
