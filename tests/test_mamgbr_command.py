"""``mamgbr`` runs the commands of every package, and loads none that was not named."""

import importlib
import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import mamgbr

ROOT = Path(__file__).resolve().parents[1]


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mamgbr", *words],
        cwd=ROOT,
        env=os.environ,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )


def test_the_installed_command_is_this_function() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    module, _, function = project["project"]["scripts"]["mamgbr"].partition(":")
    assert getattr(importlib.import_module(module), function) is mamgbr.main
    assert module in project["tool"]["setuptools"]["py-modules"]


def test_help_names_the_packages_and_loads_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert mamgbr.main(["--help"]) == 0
    shown = capsys.readouterr().out
    assert all(f"mamgbr {name} ..." in shown for name in ("db", "train", "engine", "app"))
    script = "import sys, mamgbr; mamgbr.main(['--help']); sys.exit('pandas' in sys.modules)"
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, capture_output=True)


def test_db_stats_runs_as_with_python_m() -> None:
    done = run("db", "stats", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["users"] == 0


@pytest.mark.parametrize("package", ["db", "engine", "train"])
def test_the_help_of_a_package_names_the_command_that_was_typed(
    package: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        mamgbr.main([package, "--help"])
    assert capsys.readouterr().out.startswith(f"usage: mamgbr {package}")


@pytest.mark.parametrize("words", [[], ["dance"]])
def test_an_unknown_package_is_exit_code_2(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert mamgbr.main(words) == 2
    assert "usage: mamgbr" in capsys.readouterr().err


def test_app_runs_streamlit_with_the_remaining_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    from streamlit.web import cli

    asked: list[list[str]] = []
    monkeypatch.setattr(cli, "main", lambda words, **_: asked.append(words))
    mamgbr.main(["app", "--server.port", "8502"])
    assert asked == [["run", str(ROOT / "app"), "--server.port", "8502"]]
