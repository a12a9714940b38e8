"""Writers killed at random beside a reader: what was acknowledged is there, nothing is in half, nothing piles up."""

import json
import multiprocessing
import os
import random
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from db.importing.history import import_history, undo_import
from db.importing.pipeline import import_files
from db.queries.entities import store_counts
from db.read_logs import read_logs
from db.store import Store

SECONDS = int(os.environ.get("MAMGBR_TORTURE_SECONDS", "20"))  # CI takes a minute
WRITERS = 2
GROUPS = 30  # of each import
LONGEST_LIFE = 3.0  # seconds until a writer is killed
UNDONE = 4  # one import in this many is taken back

_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["db.importing.pipeline", "db.read_logs"])


def write(url: str, folder: str, writer: int, life: int) -> None:
    """Imports file after file and takes some back; each is acknowledged on disk once the product says it is done."""
    store = Store.open(url)
    for number in range(1_000_000):
        name = f"{writer}-{life}-{number}.txt"
        path = Path(folder) / name
        first = (writer * 1_000 + life) * 100_000 + number * GROUPS
        path.write_text("".join(f"{k}\t{k % 7}\t{k + 1}\n" for k in range(first, first + GROUPS)))
        (report,) = import_files(store, [path])
        _acknowledge(folder, writer, {"file": name, "done": "import"})
        if number % UNDONE == UNDONE - 1:
            _acknowledge(folder, writer, {"file": name, "done": "try"})
            undo_import(store, report.id)
            _acknowledge(folder, writer, {"file": name, "done": "undo"})
        path.unlink()


def read(url: str, until: float, result: str) -> None:
    """Reads the store until the end of the run; writes down what it saw and what it held on to."""
    looks, broken, held = 0, [], []
    while time.monotonic() < until:
        store = Store.open(url)
        counts, logs = store_counts(store), read_logs(store)
        looks += 1
        if counts.groups % GROUPS or len(logs.group_item) % GROUPS:
            broken.append([counts.groups, len(logs.group_item)])
        store.close()
        held.append([len(os.listdir("/proc/self/fd")), len(os.listdir("/proc/self/task"))])
    Path(result).write_text(json.dumps({"looks": looks, "broken": broken, "held": held}))


@pytest.mark.slow
def test_killing_writers_at_random_loses_nothing_and_leaves_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'shop' / 'shop.db'}"
    Store.open(url).close()
    files = tmp_path / "files"
    files.mkdir()
    until = time.monotonic() + SECONDS
    seen = tmp_path / "seen.json"
    reader = _start(read, url, until, str(seen))
    kills = _torture(url, files, until)
    reader.join()
    assert reader.exitcode == 0
    found = json.loads(seen.read_text())
    assert found["broken"] == []
    assert found["looks"] > 10
    first, last = found["held"][len(found["held"]) // 10], found["held"][-1]
    assert last == first  # descriptors and threads

    store = Store.open(url)
    history = {entry.file: entry for entry in import_history(store)}
    assert len(history) == len(import_history(store))  # no file twice
    said = {(word["file"], word["done"]) for word in _acknowledged(files)}
    for file, done in said:
        assert file in history, file
        if done == "import" and (file, "try") not in said:
            assert not history[file].undone, file
        if done == "undo":
            assert history[file].undone, file
    kept = sum(not entry.undone for entry in history.values())
    assert store_counts(store).groups == kept * GROUPS
    store.close()
    print(
        f"{len(history)} imports, {len(said)} acknowledged words, {kills} kills, {found['looks']} looks"
    )
    with sqlite3.connect(tmp_path / "shop" / "shop.db") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    left = Counter(path.suffix for path in (tmp_path / "shop").rglob("*") if path.is_file())
    assert set(left) <= {".db", ".db-wal", ".db-shm"}, left


def _torture(url: str, files: Path, until: float) -> int:
    """Keeps the writers alive and kills them at random moments until the end; returns how often."""
    chance, kills = random.Random(0), 0
    lives = dict.fromkeys(range(WRITERS), 0)
    writers = {n: _start(write, url, str(files), n, 0) for n in lives}
    while time.monotonic() < until:
        time.sleep(chance.random() * LONGEST_LIFE / WRITERS)
        victim = chance.randrange(WRITERS)
        writers[victim].kill()
        writers[victim].join()
        assert writers[victim].exitcode == -9  # it had not given up by itself
        kills += 1
        lives[victim] += 1
        writers[victim] = _start(write, url, str(files), victim, lives[victim])
    for writer in writers.values():
        writer.kill()
        writer.join()
    return kills


def _start(task: object, *arguments: object) -> BaseProcess:
    process = _processes.Process(target=task, args=arguments)  # type: ignore[arg-type]
    process.start()
    return process


def _acknowledge(folder: str, writer: int, word: dict[str, str]) -> None:
    with (Path(folder) / f"acknowledged-{writer}.jsonl").open("a") as file:
        file.write(json.dumps(word) + "\n")
        file.flush()
        os.fsync(file.fileno())


def _acknowledged(folder: Path) -> Iterator[dict[str, str]]:
    for path in folder.glob("acknowledged-*.jsonl"):
        for line in path.read_text().splitlines():
            yield json.loads(line)
