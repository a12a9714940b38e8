"""A dataset is prepared once, read again, and never mistaken for another."""

from pathlib import Path

import numpy as np
import pytest
from small_shops import quick, random_shop

from db.logs import Task
from engine.model_settings import ModelSettings
from train.evaluate.sampled_ranking import draw_candidate_lists
from train.evaluate.splits import split_groups
from train.learn.fit_network import fit_network
from train.prepare.dataset import Dataset
from train.prepare.dataset_cache import cached_dataset
from train.training_run import TrainingRun

LOGS = random_shop()
READ = ["Reading the dataset prepared earlier"]


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MAMGBR_MODELS", str(tmp_path))
    return tmp_path


def cached(settings: ModelSettings, seed: int = 0) -> tuple[Dataset, list[str]]:
    """The dataset, and the progress messages."""
    messages: list[str] = []
    run = TrainingRun(
        settings, seed=seed, report=lambda progress: messages.append(progress.message)
    )
    split = split_groups(LOGS, settings, seed)
    lists = draw_candidate_lists(LOGS, split.validation, seed)
    return cached_dataset(LOGS, split, lists, run), messages


def was_prepared(messages: list[str]) -> bool:
    return any("Computing evidence" in message for message in messages)


def folders(models: Path) -> list[str]:
    return sorted(path.name for path in (models / ".training").iterdir())


def scores(dataset: Dataset, settings: ModelSettings) -> np.ndarray:
    trained = fit_network(dataset, TrainingRun(settings, device="cpu"))
    lists, evidence = dataset.lists[Task.ITEMS], dataset.evidence[Task.ITEMS]
    return trained.network.score_lists(lists, evidence, trained.snapshot)


def test_a_dataset_that_is_read_again_trains_the_same_network(models: Path) -> None:
    settings = quick()
    first, preparing = cached(settings)
    second, reading = cached(settings)
    assert was_prepared(preparing)
    assert reading == READ
    assert len(folders(models)) == 1
    np.testing.assert_array_equal(scores(first, settings), scores(second, settings))


def test_different_networks_share_a_dataset_and_different_evidence_does_not(models: Path) -> None:
    cached(quick())
    for change in ("attention=false", "auxiliary_2=0", "heads=2", "epochs=3"):
        _, messages = cached(quick(change))
        assert messages == READ, change
    for change in ("negatives=4", "folds=3"):
        _, messages = cached(quick(change))
        assert was_prepared(messages), change
    _, messages = cached(quick(), seed=1)
    assert was_prepared(messages)


def test_only_the_latest_are_kept_and_unfinished_ones_are_removed(models: Path) -> None:
    unfinished = models / ".training" / ".prepared-half.7.part"
    unfinished.mkdir(parents=True)
    for seed in range(4):
        cached(quick(), seed)
    assert len(folders(models)) == 2
    assert not unfinished.exists()


def test_nothing_is_kept_where_the_views_are_learned(models: Path) -> None:
    found, _ = cached(quick("embeddings=gcn", "folds=1"))
    assert found.seen.tables is None
    assert not (models / ".training").exists()
