"""What is prepared is counted once and read again, never mistaken for something else."""

from pathlib import Path

import numpy as np
import pytest
from small_shops import quick, random_shop

from engine.model_settings import ModelSettings
from train.evaluate.sampled_ranking import draw_candidate_lists
from train.learn.fit_network import fit_network
from train.prepare.dataset import Dataset
from train.prepare.dataset_cache import cached_dataset
from train.prepare.splits import split_groups
from train.progress import ProgressCallback

LOGS = random_shop()


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MAMGBR_MODELS", str(tmp_path))
    return tmp_path


def prepared(config: ModelSettings, seed: int = 0) -> tuple[Dataset, list[str]]:
    """What comes back, and what was told meanwhile."""
    told: list[str] = []
    watch: ProgressCallback = lambda stage: told.append(stage.message)  # noqa: E731
    parts = split_groups(LOGS, config, seed)
    return cached_dataset(
        LOGS, config, parts, draw_candidate_lists(LOGS, parts.validation, seed), seed, watch
    ), told


def folders(models: Path) -> list[str]:
    return sorted(path.name for path in (models / ".training").iterdir())


def scores(found: Dataset, config: ModelSettings) -> np.ndarray:
    trained = fit_network(found, config, 0, "cpu", lambda stage: None)
    return trained.network.score_lists(found.lists["items"], found.facts["items"], trained.place)


def test_what_was_prepared_is_read_and_trains_the_same_network(models: Path) -> None:
    config = quick()
    first, counted = prepared(config)
    second, read = prepared(config)
    assert any("Counting evidence" in message for message in counted)
    assert read == ["Reading the evidence that was counted before"]
    assert len(folders(models)) == 1
    np.testing.assert_array_equal(scores(first, config), scores(second, config))


def test_networks_that_differ_share_it_and_other_evidence_does_not(models: Path) -> None:
    prepared(quick())
    for change in ("attention=false", "auxiliary_2=0", "heads=2", "epochs=3"):
        _, told = prepared(quick(change))
        assert told == ["Reading the evidence that was counted before"], change
    for change in ("negatives=4", "folds=3"):
        _, told = prepared(quick(change))
        assert any("Counting evidence" in message for message in told), change
    _, told = prepared(quick(), seed=1)
    assert any("Counting evidence" in message for message in told)


def test_only_the_latest_are_kept_and_what_a_kill_left_is_swept_away(models: Path) -> None:
    left = models / ".training" / ".prepared-half"
    left.mkdir(parents=True)
    for seed in range(4):
        prepared(quick(), seed)
    assert len(folders(models)) == 2
    assert not left.exists()


def test_learned_vectors_keep_nothing_on_disk(models: Path) -> None:
    config = quick("embeddings=gcn", "folds=1")
    found, _ = prepared(config)
    assert found.seen.tables is None
    assert not (models / ".training").exists()
