"""End to end on held-out groups, through the commands alone: import, training, scores.

    python -m benchmarks.held_out FOLDER [--groups 10000] [--seed 0] [--preset default] [--keep FOLDER]

``FOLDER`` holds ``groups.txt.gz`` and ``failed.txt.gz`` in Beibei's format. Some groups are taken out of the first; the
rest goes through ``python -m db import``, ``python -m train fit --promote`` and ``python -m engine score``. Users of
the held-out groups alone are unknown to the store, as new customers would be. Prints the eight sampled metrics with
their 95 % intervals, and the values of the strongest peer in the design notes. With ``--keep``, finished steps are not
repeated.
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

from db.logs import SUCCESSFUL, Logs, Metric
from db.read_logs import read_logs
from db.store import Store
from train.evaluate.sampled_ranking import CandidateLists, draw_candidate_lists, sampled_metrics
from train.random_keys import Purpose, generator

ROOT = Path(__file__).parent.parent
# The strongest peer of the design notes in each metric.
PEER = {
    Metric.parse("items/mrr@10"): 0.636,
    Metric.parse("items/ndcg@10"): 0.722,
    Metric.parse("items/mrr@100"): 0.322,
    Metric.parse("items/ndcg@100"): 0.453,
    Metric.parse("participants/mrr@10"): 0.437,
    Metric.parse("participants/ndcg@10"): 0.568,
    Metric.parse("participants/mrr@100"): 0.173,
    Metric.parse("participants/ndcg@100"): 0.318,
}


def main() -> None:
    """Run the commands and print a line for each metric."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("logs", type=Path, metavar="FOLDER")
    parser.add_argument("--groups", type=int, default=10_000, help="how many to hold out (10000)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--preset", default="default")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the files here")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        # A folder for each choice of groups and preset, so that no run takes another's files for its own.
        run = f"{options.groups}-{options.seed}-{options.preset}"
        folder = (options.keep or Path(temporary)) / run
        folder.mkdir(parents=True, exist_ok=True)
        known, held_out = split_file(options.logs, folder, options.groups, options.seed)
        failed = options.logs / "failed.txt.gz"
        import_once(folder / "known.db", known, failed)
        import_once(folder / "whole.db", known, failed, held_out)
        if not list((folder / "models").glob("*/manifest.json")):
            began = time.perf_counter()
            fit = ("fit", "--preset", options.preset, "--seed", str(options.seed), "--promote")
            run_command(folder, "train", *fit)
            print(f"trained in {time.perf_counter() - began:.0f} s")
        logs = read_logs(Store.open(f"sqlite:///{folder / 'whole.db'}"))
        groups = positions_of(logs, held_out)
        print(f"{'':<22}{'value':>8}  {'95 % interval':<18}{'peer':>6}")
        lists_of = draw_candidate_lists(logs, groups, options.seed, purpose=Purpose.KEPT_ASIDE)
        for lists in lists_of.values():
            for metric, found in sampled_metrics(lists, score(folder, logs, lists)).items():
                interval = f"{found.low:.4f} to {found.high:.4f}"
                print(f"{metric!s:<22}{found.value:>8.4f}  {interval:<18}{PEER[metric]:>6.3f}")


def split_file(logs: Path, folder: Path, count: int, seed: int) -> tuple[Path, Path]:
    """Writes ``count`` lines of the groups, drawn by the seed, and the other lines; returns the others' file first."""
    with gzip.open(logs / "groups.txt.gz", "rt", encoding="utf-8") as file:
        lines = file.readlines()
    drawn = generator(Purpose.KEPT_ASIDE, seed).permutation(len(lines))[:count]
    chosen = np.zeros(len(lines), bool)
    chosen[drawn] = True
    known, held_out = folder / "groups.txt", folder / "aside.txt"
    known.write_text("".join(lines[k] for k in np.flatnonzero(~chosen)), encoding="utf-8")
    held_out.write_text("".join(lines[k] for k in np.flatnonzero(chosen)), encoding="utf-8")
    return known, held_out


def import_once(store: Path, groups: Path, failed: Path, *more: Path) -> None:
    """Imports the files into a store unless that was finished before; an interrupted import leaves an empty store."""
    finished = store.with_suffix(".imported")
    if not finished.exists():
        files = [str(file) for file in (groups, *more)]
        run_command(store.parent, "db", "import", *files, "--failed", str(failed), store=store)
        finished.touch()


def run_command(folder: Path, module: str, *arguments: str, store: Path | None = None) -> None:
    """Runs ``python -m module`` on the store of the known groups, or on another; raises where it fails."""
    url = f"sqlite:///{store or folder / 'known.db'}"
    environment = os.environ | {"MAMGBR_DB": url, "MAMGBR_MODELS": str(folder / "models")}
    line = [sys.executable, "-m", module, *arguments]
    subprocess.run(line, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)


def positions_of(logs: Logs, held_out: Path) -> NDArray[np.int64]:
    """The positions [n] of the file's groups; in these logs an initiator launches an item at most once."""
    position = {}
    for group in np.flatnonzero(logs.group_status == SUCCESSFUL):
        initiator, item = logs.group_initiator[group], logs.group_item[group]
        position[logs.users.index[initiator], logs.items.index[item]] = group
    pairs = (tuple(line.split()[:2]) for line in held_out.read_text("utf-8").splitlines())
    return np.sort(np.array([position[pair] for pair in pairs], np.int64))


def score(folder: Path, logs: Logs, lists: CandidateLists) -> NDArray[np.float64]:
    """The scores [n, N] that ``python -m engine score`` gives these lists."""
    candidates, scores = folder / f"{lists.task}.jsonl", folder / f"{lists.task}.scores"
    with candidates.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(line) + "\n" for line in score_lines(logs, lists))
    began = time.perf_counter()
    files = ("--candidates", str(candidates), "--out", str(scores))
    run_command(folder, "engine", "score", "--task", lists.task, *files)
    found = [json.loads(line)["scores"] for line in scores.read_text("utf-8").splitlines()]
    print(f"{len(found):,} lists of {lists.task} in {time.perf_counter() - began:.0f} s")
    return np.array(found, np.float64)


def score_lines(logs: Logs, lists: CandidateLists) -> Iterator[dict[str, str | list[str]]]:
    """The lines that the score command reads, one for each list."""
    users, items = logs.users.index.to_numpy(), logs.items.index.to_numpy()
    ids = items if lists.item is None else users
    for row, candidates in enumerate(lists.candidates):
        line: dict[str, str | list[str]] = {"initiator": users[lists.initiator[row]]}
        if lists.item is not None:
            line["item"] = items[lists.item[row]]
        yield line | {"candidates": ids[candidates].tolist()}


if __name__ == "__main__":
    main()
