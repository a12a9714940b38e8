"""The model as others meet it: logs in, a training, scores out, through the commands alone, on groups kept aside.

    python -m benchmarks.kept_aside FOLDER [--groups 10000] [--seed 0] [--preset default] [--keep FOLDER]

``FOLDER`` holds ``groups.txt.gz`` and ``failed.txt.gz`` in Beibei's format. Some groups are taken out of the first and
the rest goes through ``python -m db import``, ``python -m train fit --promote`` and ``python -m engine score``: whoever
is in no other group is unknown to the store, as a new customer would be. Prints the eight sampled figures with their
95 % intervals, and the strongest peer's of the design notes. With ``--keep`` what is finished is not done again.
"""

import argparse
import gzip
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from db.logs import SUCCESSFUL, Logs
from db.read_logs import read_logs
from db.store import Store
from train.evaluate.sampled_ranking import CandidateLists, draw_candidate_lists, sampled_metrics

ROOT = Path(__file__).parent.parent
# The strongest peer of the design notes in each figure.
PEER = {
    "items": {"mrr@10": 0.636, "ndcg@10": 0.722, "mrr@100": 0.322, "ndcg@100": 0.453},
    "participants": {"mrr@10": 0.437, "ndcg@10": 0.568, "mrr@100": 0.173, "ndcg@100": 0.318},
}


def main() -> None:
    """Go through the commands and print a line a figure."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("logs", type=Path, metavar="FOLDER")
    parser.add_argument("--groups", type=int, default=10_000, help="kept aside")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--preset", default="default")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="where files are left")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as passing:
        # Other groups, or another preset, are another run: nothing of one may pass for the other's.
        run = f"{options.groups}-{options.seed}-{options.preset}"
        place = (options.keep or Path(passing)) / run
        place.mkdir(parents=True, exist_ok=True)
        known, aside = parted(options.logs, place, options.groups, options.seed)
        failed = options.logs / "failed.txt.gz"
        imported(place / "known.db", known, failed)
        imported(place / "whole.db", known, failed, aside)
        if not list((place / "models").glob("*/manifest.json")):
            began = time.perf_counter()
            fit = ("fit", "--preset", options.preset, "--seed", str(options.seed), "--promote")
            command(place, "train", *fit)
            print(f"trained in {time.perf_counter() - began:.0f} s")
        logs = read_logs(Store.open(f"sqlite:///{place / 'whole.db'}"))
        lists = draw_candidate_lists(logs, groups_of(logs, aside), options.seed)
        answers = {task: scored(place, logs, asked) for task, asked in lists.items()}
        print(f"{'':<22}{'figure':>8}  {'95 % interval':<18}{'peer':>6}")
        for task, asked in lists.items():
            for metric, found in sampled_metrics(asked, answers[task]).items():
                interval = f"{found.low:.4f} to {found.high:.4f}"
                peer = PEER[task][metric.at]
                print(f"{metric!s:<22}{found.value:>8.4f}  {interval:<18}{peer:>6.3f}")


def parted(logs: Path, place: Path, count: int, seed: int) -> tuple[Path, Path]:
    """The groups' lines in two files: ``count`` of them, drawn by the seed, and all others."""
    with gzip.open(logs / "groups.txt.gz", "rt", encoding="utf-8") as file:
        lines = file.readlines()
    chosen = np.random.default_rng(seed).permutation(len(lines))[:count]
    apart = np.zeros(len(lines), bool)
    apart[chosen] = True
    known, aside = place / "groups.txt", place / "aside.txt"
    known.write_text("".join(lines[k] for k in np.flatnonzero(~apart)), encoding="utf-8")
    aside.write_text("".join(lines[k] for k in np.flatnonzero(apart)), encoding="utf-8")
    return known, aside


def imported(store: Path, groups: Path, failed: Path, *more: Path) -> None:
    """A store of these files, unless an earlier run finished it: an import that was cut off leaves an empty one."""
    finished = store.with_suffix(".imported")
    if not finished.exists():
        files = [str(file) for file in (groups, *more)]
        command(store.parent, "db", "import", *files, "--failed", str(failed), store=store)
        finished.touch()


def command(place: Path, module: str, *arguments: str, store: Path | None = None) -> None:
    """Run ``python -m module`` on the store of the known groups, or on another; its errors end this."""
    url = f"sqlite:///{store or place / 'known.db'}"
    environment = os.environ | {"MAMGBR_DB": url, "MAMGBR_MODELS": str(place / "models")}
    line = [sys.executable, "-m", module, *arguments]
    subprocess.run(line, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)


def groups_of(logs: Logs, aside: Path) -> NDArray[np.int64]:
    """Which groups [n] the lines of a file became; an initiator starts no two groups for one item in these logs."""
    place = {}
    for group in np.flatnonzero(logs.group_status == SUCCESSFUL):
        pair = logs.group_initiator[group], logs.group_item[group]
        place[logs.users.index[pair[0]], logs.items.index[pair[1]]] = group
    pairs = (tuple(line.split()[:2]) for line in aside.read_text(encoding="utf-8").splitlines())
    return np.sort(np.array([place[pair] for pair in pairs], np.int64))


def scored(place: Path, logs: Logs, lists: CandidateLists) -> NDArray[np.float64]:
    """The scores [n, N] that ``python -m engine score`` gives these lists."""
    asked, answered = place / f"{lists.task}.jsonl", place / f"{lists.task}.scores"
    with asked.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines_of(logs, lists))
    began = time.perf_counter()
    files = ("--candidates", str(asked), "--out", str(answered))
    command(place, "engine", "score", "--task", lists.task, *files)
    scores = [json.loads(line)["scores"] for line in answered.read_text("utf-8").splitlines()]
    print(f"{len(scores):,} lists of {lists.task} in {time.perf_counter() - began:.0f} s")
    return np.array(scores, np.float64)


def lines_of(logs: Logs, lists: CandidateLists) -> Iterator[dict[str, str | list[str]]]:
    """What the score command reads, a line a list."""
    users, items = logs.users.index.to_numpy(), logs.items.index.to_numpy()
    theirs = items if lists.item is None else users
    for row, candidates in enumerate(lists.candidates):
        line: dict[str, str | list[str]] = {"initiator": users[lists.initiator[row]]}
        if lists.item is not None:
            line["item"] = items[lists.item[row]]
        yield line | {"candidates": theirs[candidates].tolist()}


if __name__ == "__main__":
    main()
