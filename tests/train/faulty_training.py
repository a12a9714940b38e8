"""Faults at the end of a training: its model is recorded or gone all the same, and what its job says is true."""

import os
import shutil
from pathlib import Path
from unittest.mock import patch

import pytest
from faults import every_fault
from stand_in_training import write_stand_in

from db.jobs import queue as jobs
from db.jobs.queue import TrainingTask
from db.models import registry
from db.store import Store
from engine.bundle.unrecorded import record_left
from train import fit
from train.worker import work

STEPS = {"pwrite64": 4, "write": 7}  # of calls that a training makes too often to try each


def train(url: str, models: str) -> int:
    """A training that has learned everything: from its bundle on, all is as it always is."""
    os.environ["MAMGBR_DB"], os.environ["MAMGBR_MODELS"] = url, models
    store = Store.open(url)
    with patch.object(fit, "fit", write_stand_in):
        ran = work(store)
    store.close()
    return ran


class Shop:
    """A store with a queued training and no models, laid out anew for each fault."""

    def __init__(self, root: Path) -> None:
        self.folder, self.empty = root / "shop", root / "empty"
        self.models = self.folder / "models"
        self.url = f"sqlite:///{self.folder / 'shop.db'}"
        (self.empty / "models").mkdir(parents=True)
        store = Store.open(f"sqlite:///{self.empty / 'shop.db'}")
        self.job = jobs.enqueue(store, TrainingTask(preset="demo"))
        store.close()

    def fresh(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(self.empty, self.folder)

    def folders(self) -> list[str]:
        """The versions on disk."""
        return sorted(path.name for path in self.models.iterdir() if path.name[0] != ".")


def recorded(store: Store) -> list[str]:
    return sorted(one.version for one in registry.versions(store))


def check_every_fault(
    call: str, effect: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asserts it after the fault at each ``call``, and that the next training ends well."""
    shop = Shop(folder)
    monkeypatch.setenv("MAMGBR_MODELS", str(shop.models))
    monkeypatch.setattr(fit, "fit", write_stand_in)
    where = shop.url, str(shop.models)
    step = STEPS.get(call, 1)
    for nth, ending in every_fault(call, effect, shop.fresh, train, *where, step=step):
        store = Store.open(shop.url)
        record_left(store, shop.models)  # as any look at the trainings does
        job = jobs.find_job(store, shop.job)
        ready = recorded(store)
        assert (job.state == "done") == (len(ready) == 1), (nth, ending, job)
        assert ready == shop.folders(), (nth, ending)
        again = jobs.enqueue(store, TrainingTask(preset="demo", changes=("heads=2",)))
        assert work(store) == (2 if job.state == "queued" else 1)
        assert jobs.find_job(store, again).state == "done"
        assert recorded(store) == shop.folders()
        left = {path.suffix for path in shop.models.rglob("*")}
        assert not left & {".part", ".lock"}, (nth, ending)
        assert not list(shop.models.glob("*/unrecorded.json")), (nth, ending)
        if job.state == "done":  # another one may be resumed
            assert ".pt" not in left, (nth, ending)
        store.close()
