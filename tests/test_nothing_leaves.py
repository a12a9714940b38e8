"""Nothing of a shop leaves the machine, and nothing is left in the home of whoever runs a command."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from required import require
from whole_shop import ROOT, Shop, shop_in

from db.queries import entities

pytestmark = pytest.mark.slow

# The system's library asks a daemon on this machine for the names of users.
OF_THIS_MACHINE = re.compile(r"^socket\(AF_UNIX|nscd/socket")
SHORT = ("least_steps=2", "evaluations=1", "negatives=4", "validation_cap=20")


def watched(shop: Shop, folder: Path, *words: str) -> tuple[list[Path], list[str]]:
    """What ``python -m WORDS`` leaves in an empty home, and the calls by which it would reach other machines."""
    require("strace", installed=shutil.which("strace") is not None)
    home, record = folder / "home", folder / "record"
    home.mkdir()
    unset = {"XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "ORT_DISABLE_TELEMETRY"}
    environment = {name: value for name, value in os.environ.items() if name not in unset}
    tracing = ["strace", "--follow-forks", "--seccomp-bpf", "-e", "trace=socket,connect,sendto"]
    done = subprocess.run(
        [*tracing, "-o", str(record), sys.executable, "-m", *words],
        cwd=ROOT,
        env=environment | shop.environment | {"HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    calls = re.findall(r"\b(?:socket|connect|sendto)\(.*", record.read_text())
    return list(home.rglob("*")), [call for call in calls if not OF_THIS_MACHINE.search(call)]


def test_a_ranking_leaves_the_home_empty_and_reaches_no_other_machine(
    trained: Shop, tmp_path: Path
) -> None:
    store = trained.store()
    initiator = entities.recent_initiators(store, 1)[0].id
    store.close()
    words = ("engine", "rank-items", "--initiator", initiator)
    assert watched(trained, tmp_path, *words) == ([], [])


def test_a_training_leaves_the_home_empty_and_reaches_no_other_machine(
    stocked: Shop, tmp_path: Path
) -> None:
    shutil.copytree(stocked.folder, tmp_path / "shop")
    settings = [word for change in SHORT for word in ("--set", change)]
    words = ("train", "fit", "--preset", "demo", *settings)
    assert watched(shop_in(tmp_path / "shop"), tmp_path, *words) == ([], [])
