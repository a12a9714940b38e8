"""Trainings that take no time: a store, versions with chosen figures, and an import that holds the store meanwhile."""

import json
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from recorded_versions import record_version
from tiny_bundle import Tiny, write_tiny

from db.atomic import publish_folder, write_atomically
from db.logs import Logs
from db.store import Store
from engine.bundle.unrecorded import Note
from engine.bundle.writer import BundleWriter, new_version
from train.fit import FittedModel, checkpoint_path
from train.progress import TrainingProgress
from train.training_run import TrainingRun


@pytest.fixture
def store(sqlite_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """An empty store with a folder for its models."""
    monkeypatch.setenv("MAMGBR_MODELS", str(tmp_path / "models"))
    (tmp_path / "models").mkdir()
    return sqlite_store


def figures(items: float, participants: float) -> dict[str, dict[str, float]]:
    return {
        f"{task}/mrr@10": {"value": value, "low": value - 0.01, "high": value + 0.01}
        for task, value in (("items", items), ("participants", participants))
    }


def fitted(store: Store, name: str, metrics: dict[str, dict[str, float]]) -> FittedModel:
    record_version(store, name, metrics=dict(metrics))
    return FittedModel(name, Path(name), metrics, [])


def training(
    metrics: dict[str, dict[str, float]], stages: list[TrainingProgress]
) -> Callable[..., FittedModel]:
    """Stands for a training that goes through these stages and ends with these figures."""

    def train_from_store(store: Store, run: TrainingRun) -> FittedModel:
        for stage in stages:
            run.report(stage)
        return fitted(store, "v2", metrics)

    return train_from_store


def write_stand_in(
    logs: Logs, run: TrainingRun, models: Path, store: Store | None = None, version: str = ""
) -> FittedModel:
    """Stands for ``train.fit.fit``: leaves a checkpoint, and a bundle that is written, noted and renamed."""
    checkpoint = checkpoint_path(models, logs, run)
    write_atomically(checkpoint, b"the state of a training")
    run.report(TrainingProgress("start", "Reading the logs", 0.0, checkpoint=checkpoint.name))
    writer = BundleWriter(models, version or new_version("demo"))
    groups = pd.DataFrame({"initiator": ["ann"], "item": ["milk"]}, index=["g"])
    shop = Logs.from_frames(groups, pd.DataFrame({"group": ["g"], "participant": ["bea"]}))
    weights = {task: np.zeros(n, np.float32) for task, n in (("items", 2), ("participants", 3))}
    made = write_tiny(Tiny(shop, weights, version=writer.version), writer.folder)
    for path in made.iterdir():
        path.rename(writer.folder / path.name)
    made.rmdir()
    manifest = writer.folder / "manifest.json"
    metrics = figures(0.5, 0.4)
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"metrics": metrics}))
    if store is not None:
        Note.of(store, run.job, checkpoint.name).write(writer.folder)
    publish_folder(writer._part)
    return FittedModel(writer.version, models / writer.version, metrics, [])


class Import:
    """Holds the store's write lock, as a large import does, until ``done`` is set."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.done = threading.Event()
        self.thread = threading.Thread(target=self._write)
        self.writing = threading.Event()

    def start(self) -> None:
        self.thread.start()
        self.writing.wait()

    def _write(self) -> None:
        with self.store.write():
            self.writing.set()
            self.done.wait()
