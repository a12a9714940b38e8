"""Trainings that take no time: a store, versions with chosen figures, and an import that holds the store meanwhile."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from db.models import registry
from db.store import Store
from train.fit import FittedModel
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
    registry.record_ready(store, name, "demo", "abc", dict(metrics))
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
