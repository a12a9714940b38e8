"""What is prepared, kept on disk: a comparison trains many networks on the same evidence, and counts it once.

A folder of plain arrays beside the models. Its name is a hash of all that decides its contents, and it has that name
only when it is whole.
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
from db.settings import settings
from engine.evidence.columns import ITEM_EVIDENCE, PARTICIPANT_EVIDENCE
from engine.evidence.evidence import Evidence
from engine.evidence.graphs import Graphs
from engine.evidence.role_vectors import ViewTables
from engine.model_settings import ModelSettings
from train.evaluate.sampled_ranking import CandidateLists
from train.prepare.dataset import Dataset, build_dataset
from train.prepare.examples import Examples
from train.prepare.snapshot import Snapshot
from train.prepare.splits import Split
from train.progress import ProgressCallback, TrainingProgress

# The settings that decide what is counted; all others are about the network and how it learns.
COUNTED = (
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
    logs: Logs,
    config: ModelSettings,
    parts: Split,
    lists: dict[Task, CandidateLists],
    seed: int,
    watch: ProgressCallback,
) -> Dataset:
    """As ``prepare``, but read from disk where the same has been prepared before.

    Of embeddings that are learned nothing is kept: their worlds are small. ``TrainError`` where the disk is full.
    """
    if config.embeddings != "taste":
        return build_dataset(logs, config, parts, lists, seed, watch)
    place = settings().models / ".training"
    folder = place / f"{PREFIX}{_key(logs, config, parts, lists, seed)}"
    if folder.is_dir():
        watch(TrainingProgress("evidence", "Reading the evidence that was counted before", 0.2))
        return _read(folder, logs, config, parts, lists)
    prepared = build_dataset(logs, config, parts, lists, seed, watch)
    try:
        _make_room(place)
        _write(folder, prepared)
    except OSError as error:
        raise TrainError(
            f"{folder} could not be written: {error.strerror}. Free some space or set "
            f"MAMGBR_MODELS to a folder on another disk."
        ) from error
    return prepared


def _key(
    logs: Logs, config: ModelSettings, parts: Split, lists: dict[Task, CandidateLists], seed: int
) -> str:
    known = config.model_dump()
    told = [logs.version, {name: known[name] for name in COUNTED}, seed, code_version()]
    found = hashlib.sha256(json.dumps([told, ITEM_EVIDENCE, PARTICIPANT_EVIDENCE]).encode())
    for array in (parts.training, parts.fold, parts.validation):
        found.update(array.tobytes())
    for drawn in lists.values():
        found.update(drawn.candidates.tobytes())
    return found.hexdigest()[:16]


def _make_room(place: Path) -> None:
    """Removes the oldest folders, so that this one is the last of ``KEPT``, and what a kill left half written."""
    place.mkdir(parents=True, exist_ok=True)
    for left in place.glob(f".{PREFIX}*"):
        shutil.rmtree(left, ignore_errors=True)
    known = sorted(place.glob(f"{PREFIX}*"), key=lambda path: path.stat().st_mtime)
    for old in known[: len(known) - KEPT + 1]:
        shutil.rmtree(old, ignore_errors=True)


def _write(folder: Path, prepared: Dataset) -> None:
    with atomic_folder(folder) as part:
        for name, array in _arrays(prepared).items():
            np.save(part / f"{name}.npy", array, allow_pickle=False)


def _arrays(prepared: Dataset) -> dict[str, NDArray[Any]]:
    evidence, tables = prepared.seen.evidence, prepared.tables
    assert evidence is not None  # noqa: S101  taste embeddings are made from it
    assert tables is not None  # noqa: S101
    assert prepared.seen.rotation is not None  # noqa: S101
    found = {f"examples.{name}": array for name, array in vars(prepared.examples).items()}
    found |= {f"facts.{task}": array for task, array in prepared.facts.items()}
    found |= {
        "taste": evidence.taste,
        "leaning": evidence.smooth_taste,
        "turn": prepared.seen.rotation,
    }
    found |= {f"tables.{name}": array for name, array in vars(tables).items()}
    return found


def _read(
    folder: Path, logs: Logs, config: ModelSettings, parts: Split, lists: dict[Task, CandidateLists]
) -> Dataset:
    """The examples stay on disk and are read as they are drawn."""
    stored = {path.stem: np.load(path, mmap_mode="r") for path in folder.glob("*.npy")}
    graphs = Graphs.from_logs(logs, parts.seen(logs), config.friendships)
    evidence = Evidence(graphs, np.array(stored["taste"]), np.array(stored["leaning"]))
    examples = {name: stored[f"examples.{name}"] for name in Examples.__dataclass_fields__}
    tables = {name: np.array(stored[f"tables.{name}"]) for name in ViewTables.__dataclass_fields__}
    seen = ViewTables(**{name: table[-1] for name, table in tables.items()})
    return Dataset(
        Examples(**examples),
        ViewTables(**tables),
        Snapshot(graphs, evidence, seen, np.array(stored["turn"])),
        lists,
        {task: np.array(stored[f"facts.{task}"]) for task in lists},
    )
