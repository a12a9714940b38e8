"""Datasets kept on disk, so that a comparison trains many networks on one dataset and prepares it once.

A folder of plain arrays beside the models. Its name is a hash of everything that decides its contents, and it has that
name only once it is complete.
"""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from db.atomic import atomic_folder
from db.code_version import code_version
from db.errors import TrainError
from db.logs import Logs, Task
from db.messages import Term
from db.settings import settings
from engine.evidence.columns import ITEM_EVIDENCE, PARTICIPANT_EVIDENCE
from engine.evidence.evidence import Evidence
from engine.evidence.graphs import Graphs
from engine.evidence.role_vectors import ViewTables
from train.evaluate.sampled_ranking import CandidateLists
from train.evaluate.splits import Split
from train.prepare.dataset import Dataset, build_dataset
from train.prepare.examples import Examples
from train.prepare.snapshot import Snapshot
from train.prepare.timed_dataset import build_timed_dataset
from train.progress import TrainingProgress
from train.training_run import TrainingRun

# The settings that decide the dataset; all others are about the network and how it learns.
DATASET_SETTINGS = (
    "embeddings",
    "dim",
    "friendships",
    "evidence",
    "taste_rank",
    "leaning_rank",
    "negatives",
    "auxiliary_negatives",
    "folds",
)
KEPT = 2  # folders; one of Beibei's size takes 3 GB
PREFIX = "prepared-"


def cached_dataset(
    logs: Logs, split: Split, lists: dict[Task, CandidateLists], run: TrainingRun
) -> Dataset:
    """Like ``build_dataset``, but read from disk where the same dataset was prepared before.

    Timed datasets are prepared in seconds, and those without view tables are small: they are not kept. Raises
    TrainError when the folder cannot be written.
    """
    if run.settings.knows_time:
        return build_timed_dataset(logs, split, lists, run)
    if run.settings.embeddings != "taste":
        return build_dataset(logs, split, lists, run)
    parent = settings().models / ".training"
    folder = parent / f"{PREFIX}{_key(logs, split, lists, run)}"
    if folder.is_dir():
        run.report(TrainingProgress("evidence", "Reading the dataset prepared earlier", 0.2))
        return _read(folder, logs, split, lists, run)
    dataset = build_dataset(logs, split, lists, run)
    try:
        _remove_old(parent)
        with atomic_folder(folder) as part:
            for name, array in _arrays(dataset).items():
                np.save(part / f"{name}.npy", array, allow_pickle=False)
    except OSError as error:
        raise TrainError(
            "train.dataset_not_written",
            folder=str(folder),
            reason=Term("system", str(error.strerror), str(error.errno)),
        ) from error
    return dataset


def _key(logs: Logs, split: Split, lists: dict[Task, CandidateLists], run: TrainingRun) -> str:
    values = run.settings.model_dump(include=set(DATASET_SETTINGS))
    held_out = [split.question, str(split.cut)]
    columns = [ITEM_EVIDENCE, PARTICIPANT_EVIDENCE]
    decisive = [logs.version, values, run.seed, code_version(), held_out, columns]
    digest = hashlib.sha256(json.dumps(decisive).encode())
    for array in (split.training, split.fold, split.validation):
        digest.update(array.tobytes())
    for drawn in lists.values():
        digest.update(drawn.candidates.tobytes())
    return digest.hexdigest()[:16]


def _remove_old(parent: Path) -> None:
    """Makes way for the newest of ``KEPT`` folders."""
    parent.mkdir(parents=True, exist_ok=True)
    kept = sorted(parent.glob(f"{PREFIX}*"), key=lambda path: path.stat().st_mtime)
    for old in kept[: len(kept) - KEPT + 1]:
        shutil.rmtree(old, ignore_errors=True)


def _arrays(dataset: Dataset) -> dict[str, NDArray[Any]]:
    seen, tables = dataset.seen, dataset.tables
    assert isinstance(seen.evidence, Evidence)  # noqa: S101  timed datasets are not kept
    assert tables is not None  # noqa: S101  embeddings=taste always makes them
    assert seen.rotation is not None  # noqa: S101
    found = {f"examples.{name}": array for name, array in vars(dataset.examples).items()}
    found |= {f"evidence.{task}": array for task, array in dataset.evidence.items()}
    found |= {f"tables.{name}": array for name, array in vars(tables).items()}
    return found | {
        "taste": seen.evidence.taste,
        "smooth_taste": seen.evidence.smooth_taste,
        "rotation": seen.rotation,
    }


def _read(
    folder: Path, logs: Logs, split: Split, lists: dict[Task, CandidateLists], run: TrainingRun
) -> Dataset:
    """The examples stay on disk and are read batch by batch."""
    stored = {path.stem: np.load(path, mmap_mode="r") for path in folder.glob("*.npy")}
    graphs = Graphs.from_logs(logs, split.visible_groups(logs), run.settings.friendships)
    evidence = Evidence(graphs, np.array(stored["taste"]), np.array(stored["smooth_taste"]))
    examples = {name: stored[f"examples.{name}"] for name in Examples.__dataclass_fields__}
    tables = {name: np.array(stored[f"tables.{name}"]) for name in ViewTables.__dataclass_fields__}
    seen = ViewTables(**{name: table[-1] for name, table in tables.items()})
    return Dataset(
        split,
        Examples(**examples),
        ViewTables(**tables),
        Snapshot(graphs, evidence, seen, np.array(stored["rotation"])),
        lists,
        {task: np.array(stored[f"evidence.{task}"]) for task in lists},
    )
