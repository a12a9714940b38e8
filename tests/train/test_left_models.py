"""A model whose training ended before it was recorded: any look at the trainings of its store finds it."""

import shutil
from pathlib import Path

import pytest
from recorded_versions import record_version
from stand_in_training import store as store  # a fixture
from stand_in_training import write_stand_in

from app.retraining.training import recent_jobs
from db.jobs import queue as jobs
from db.jobs.queue import ClaimedJob, TrainingTask
from db.messages import Message
from db.models import registry
from db.read_logs import read_logs
from db.settings import settings
from db.store import Store
from engine.bundle.unrecorded import CHECKPOINTS, NOTE, record_left
from train.training_run import TrainingRun


@pytest.fixture
def models(store: Store) -> Path:
    return settings().models


def left(store: Store, models: Path) -> tuple[ClaimedJob, Path]:
    """A job whose process has renamed its bundle, and the bundle."""
    jobs.enqueue(store, TrainingTask(preset="demo"))
    claimed = jobs.claim(store)
    assert claimed is not None
    run = TrainingRun(preset="demo", job=claimed.job.id)
    return claimed, write_stand_in(read_logs(store), run, models, store).folder


def test_it_is_recorded_its_job_is_done_and_its_checkpoint_goes(store: Store, models: Path) -> None:
    claimed, folder = left(store, models)
    assert recent_jobs(store)[0].state == "running"
    assert registry.versions(store) == []  # its process lives and will record it
    claimed.lock.release()
    [job] = recent_jobs(store)
    assert job.outcome is not None
    assert (job.state, job.outcome.version) == ("done", folder.name)
    assert job.outcome.message == Message("db.jobs.trained", {"version": folder.name})
    [version] = registry.versions(store)
    assert (version.version, len(version.manifests)) == (folder.name, 1)
    assert not (folder / NOTE).exists()
    assert not list((models / CHECKPOINTS).glob("*.pt"))
    assert recent_jobs(store) == [job]
    assert jobs.claim(store) is None  # which records the end
    assert jobs.find_job(store, job.id).finished_at is not None


def test_it_waits_while_another_process_writes(store: Store, models: Path) -> None:
    claimed, _ = left(store, models)
    claimed.lock.release()
    with store.write():
        assert recent_jobs(store)[0].state == "failed"
    assert recent_jobs(store)[0].state == "done"


def test_one_whose_files_are_damaged_is_removed(store: Store, models: Path) -> None:
    claimed, folder = left(store, models)
    (folder / "items.onnx").write_bytes(b"half")
    claimed.lock.release()
    assert recent_jobs(store)[0].state == "failed"
    assert registry.versions(store) == []
    assert not folder.exists()


def test_one_of_another_store_is_left_alone(store: Store, models: Path, tmp_path: Path) -> None:
    claimed, folder = left(store, models)
    claimed.lock.release()
    shutil.copyfile(store.path or "", tmp_path / "other.db")
    other = Store.open(f"sqlite:///{tmp_path / 'other.db'}")
    assert record_left(other, models) == []
    assert (folder / NOTE).exists()
    assert [one.folder for one in record_left(store, models)] == [folder]
    other.close()


def test_one_that_was_removed_since_does_not_come_back(store: Store, models: Path) -> None:
    claimed, folder = left(store, models)
    claimed.lock.release()
    record_version(store, folder.name)
    with store.write() as connection:
        registry.mark_removed(connection, folder.name)
    assert record_left(store, models) == []
    assert registry.versions(store) == []
    assert not folder.exists()
