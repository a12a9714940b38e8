"""Whatever call fails or kills a training at its end, its model is recorded or gone, and what its job says is true."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from faults import CALLS, FULL_DISK, KILL, Ending, every_fault, run_with_fault
from stand_in_training import write_stand_in

from db.jobs import queue as jobs
from db.jobs.queue import TrainingTask
from db.models import registry
from db.store import Store
from engine.bundle.unrecorded import record_left
from train import fit
from train.worker import work

MANY = ("pwrite64", "write")  # calls that a training makes too often to try each
SOME = (1, 34, 62, 65, 68)
FAULTS = [
    *((call, KILL) for call in CALLS),
    *((call, FULL_DISK) for call in ("write", "fdatasync", "fsync", "rename")),
]

pytestmark = pytest.mark.slow


def train(url: str, models: str) -> int:
    """A training that has learned everything: from its bundle on, all is as it always is."""
    os.environ["MAMGBR_DB"], os.environ["MAMGBR_MODELS"] = url, models
    fit.fit = write_stand_in  # type: ignore[assignment]
    store = Store.open(url)
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


@pytest.mark.parametrize(("call", "effect"), FAULTS)
def test_a_model_is_recorded_or_gone_and_its_job_says_so(
    call: str, effect: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = Shop(tmp_path)
    monkeypatch.setenv("MAMGBR_MODELS", str(shop.models))
    monkeypatch.setattr(fit, "fit", write_stand_in)
    for nth, ending in _faults(shop, call, effect):
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


def _faults(shop: Shop, call: str, effect: str) -> Iterator[tuple[int, Ending]]:
    if call not in MANY:
        yield from every_fault(call, effect, shop.fresh, train, shop.url, str(shop.models))
        return
    for nth in SOME:
        shop.fresh()
        ending = run_with_fault(call, nth, effect, train, shop.url, str(shop.models))
        if ending.reached:
            yield nth, ending
