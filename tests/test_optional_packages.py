"""Ranking, training and the app need no package of the benchmark's peers."""

import importlib.util
import subprocess
import sys

import pytest

from db.errors import SettingError
from train.benchmark import tune
from train.benchmark.systems import registry
from train.benchmark.systems.registry import Options, check_installed, make

# Modules are found as None, so that importing them fails as it does where they are not installed.
WITHOUT_PEERS = """
import sys
sys.modules["lightgbm"] = sys.modules["implicit"] = sys.modules["optuna"] = None
import train.fit, train.command, train.worker, train.benchmark.run, train.benchmark.tune
import engine.recommender
import app.benchmark.benchmark_section
"""


def test_nothing_but_the_peers_and_the_search_imports_what_they_alone_need() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_PEERS], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("system", "package"), [("als", "implicit"), ("lambdamart", "lightgbm")])
def test_a_system_whose_package_is_missing_says_how_to_install_it(
    system: str, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(
        registry, "find_spec", lambda name: None if name == package else found(name)
    )
    sentence = rf"{system} needs the package {package}.*pip install -r requirements-benchmark.txt"
    with pytest.raises(SettingError, match=sentence):
        check_installed(["popularity", system])
    with pytest.raises(SettingError, match=sentence):
        make(system, Options())
    check_installed(["popularity", "mamgbr"])


def test_a_search_without_its_package_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tune, "find_spec", lambda name: None)
    with pytest.raises(SettingError, match=r"needs the package optuna.*requirements-benchmark"):
        tune.check_searchable(tune.Search(("eatnn",)))
