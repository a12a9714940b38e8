"""A killed import leaves the store unchanged, and two imports at once both succeed."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from db.demo.generate import load_demo
from db.importing.history import import_history
from db.importing.pipeline import import_files
from db.queries.entities import store_counts
from db.read_logs import data_version, read_logs
from db.store import Store

_CHILD = """
import sys
from db.importing.pipeline import import_files
from db.store import Store

def progress(stage, done, total):
    if stage == "writing" and done > 30_000:
        print("halfway", flush=True)
        sys.stdin.read()  # until the test kills this process

import_files(Store.open(sys.argv[1]), [sys.argv[2]], progress=progress)
"""


def test_kill_9_in_the_middle_of_an_import_leaves_the_store_unchanged(
    store: Store, url: str, tmp_path: Path
) -> None:
    load_demo(store, users=60)
    before, held = data_version(store), store_counts(store)
    path = tmp_path / "logs.txt"
    path.write_text("".join(f"{k}\t{k % 50}\t{k + 1}\n" for k in range(40_000)))
    with subprocess.Popen(
        [sys.executable, "-c", _CHILD, url, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"halfway\n"
        os.kill(child.pid, signal.SIGKILL)
    assert (data_version(store), store_counts(store)) == (before, held)
    assert len(import_history(store)) == 1
    read_logs(store)
    path.write_text("1\t2\t3\n")
    import_files(store, [path])  # the next import succeeds
    assert len(import_history(store)) == 2


def test_two_imports_at_once_both_succeed(store: Store, url: str, tmp_path: Path) -> None:
    racers = []
    for name, first in (("a", 0), ("b", 3000)):
        path = tmp_path / f"{name}.txt"
        path.write_text("".join(f"{k}\t7\t{k + 1}\n" for k in range(first, first + 4000)))
        command = [sys.executable, "-m", "db", "import", str(path)]
        racers.append(
            subprocess.Popen(
                command,
                env=os.environ | {"MAMGBR_DB": url},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )
        )
    assert [racer.communicate()[1] for racer in racers] == [b"", b""]
    assert [racer.returncode for racer in racers] == [0, 0]
    held = store_counts(store)
    assert (held.groups, held.joins, held.users, held.items) == (8000, 8000, 7001, 1)
