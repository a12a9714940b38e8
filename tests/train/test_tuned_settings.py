"""What a benchmark takes of a search, and what is said where there is none."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hill_search import SEARCH, SHOP, quiet
from hill_search import hill as hill  # a fixture, for all tests here
from small_shops import QUICK
from whole_shop import Shop

from db.errors import ResultsError, SettingError
from db.logs import Task
from engine.model_settings import ModelSettings
from train.benchmark.run import Benchmark, run_benchmark
from train.benchmark.study import FINALISTS
from train.benchmark.systems.counting import CountingSystem
from train.benchmark.systems.mamgbr import MamgbrSystem
from train.benchmark.systems.registry import SYSTEMS, Options, make, searched_systems
from train.benchmark.systems.search_space import Choice, ends
from train.benchmark.systems.searched import SearchedSystem, Tuning
from train.benchmark.systems.timed_counting import TimedCounting
from train.benchmark.tune import Search, run_search, search_system
from train.benchmark.tuned_settings import all_tuned, read_tunings, write_tuned


def test_a_benchmark_takes_the_settings_that_a_search_chose(
    tmp_path: Path, in_this_process: None
) -> None:
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
    systems = {name: make(name, Options(device="cpu")) for name in SYSTEMS if name != "hill"}
    counted = {
        name
        for name, system in systems.items()
        if isinstance(system, CountingSystem | TimedCounting)
    }
    unsearched = systems.keys() - set(searched_systems()) - counted
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


def test_the_settings_that_searches_chose_are_read_and_written_back_as_the_same_text(
    tmp_path: Path,
) -> None:
    kept = Path(__file__).parents[2] / "benchmarks/results/tuned"
    for found in all_tuned(kept):
        write_tuned(tmp_path, found)
        name = f"{found.system}.json"
        assert (tmp_path / name).read_text() == (kept / name).read_text()
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in kept.iterdir()}


def test_an_ablation_of_the_paper_takes_its_search_but_for_the_part_that_it_lacks() -> None:
    tuning = Tuning({"items+participants": {"rate": 0.01, "auxiliary_1": 0.7}})

    def configs(name: str) -> dict[Task, ModelSettings]:
        system = make(name, Options(device="cpu", tunings={"mamgbr-paper": tuning}))
        assert isinstance(system, MamgbrSystem)
        assert {config.rate for config in system.configs.values()} == {0.01}
        return system.configs

    whole, alone = configs("mamgbr-paper"), configs("mamgbr-paper-M")
    assert {task: config.tasks for task, config in alone.items()} == {task: task for task in Task}
    assert not any(config.shared for config in alone.values())
    assert all(config.attention and config.auxiliary_1 == 0.7 for config in whole.values())
    assert not any(config.attention for config in configs("mamgbr-paper-MH").values())
    without = configs("mamgbr-paper-L").values()
    assert {(config.auxiliary_1, config.auxiliary_2) for config in without} == {(0, 0)}
