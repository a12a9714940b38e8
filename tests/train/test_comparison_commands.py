"""A training is compared with the version that served before it; commands ask about later groups whenever one wants."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from recorded_versions import record_version
from small_shops import QUICK, random_shop

from db.logs import Logs
from db.models.later_comparison import read_comparison, read_recent
from db.store import Store
from engine.presets import preset
from train.command import main
from train.fit import FittedModel, train_from_store
from train.progress import TrainingProgress
from train.training_run import TrainingRun

START = np.datetime64("2025-01-01T09:00:00")


def launched_evenly(logs: Logs, days: int) -> Logs:
    seconds = np.linspace(0, days * 86_400, len(logs.group_item)).astype("timedelta64[s]")
    return replace(logs, group_launched_at=(START + seconds).astype("datetime64[s]"))


LOGS = launched_evenly(random_shop(3, groups=400), 100)


@dataclass(frozen=True)
class Trained:
    store: Store
    models: Path
    first: FittedModel
    second: FittedModel
    stages: list[TrainingProgress]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trained]:
    """A version of the first 60 days, which serves, and one of all days."""
    folder = tmp_path_factory.mktemp("shop")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MAMGBR_MODELS", str(folder / "models"))
        patch.setenv("MAMGBR_DB", f"sqlite:///{folder / 'shop.db'}")
        store = Store.open()
        settings = preset("default", [*QUICK, "question=any", "attention=false", "experts=1"])
        known = LOGS.known_before(START + np.timedelta64(60, "D"))
        patch.setattr("train.fit.read_logs", lambda _: known)
        patch.setattr("train.compare_versions.read_logs", lambda _: LOGS)
        first = train_from_store(store, TrainingRun(settings, device="cpu"), promote_it=True)
        patch.setattr("train.fit.read_logs", lambda _: LOGS)
        stages: list[TrainingProgress] = []
        run = TrainingRun(settings, device="cpu", report=stages.append)
        second = train_from_store(store, run)
        yield Trained(store, folder / "models", first, second, stages)


def test_the_first_version_is_compared_with_none_and_the_next_with_the_one_that_serves(
    trained: Trained,
) -> None:
    assert trained.first.compared is None
    found = trained.second.compared
    assert found is not None
    assert (found.new, found.old) == (trained.second.version, trained.first.version)
    assert found.asked is not None
    assert found.asked.count >= 50
    assert read_comparison(trained.models, found.new, found.old) == found
    manifest = json.loads((trained.second.folder / "manifest.json").read_text())
    assert manifest["last_event"] == str(LOGS.last_event)
    shares = [one.fraction for one in trained.stages if one.stage == "compare"]
    assert len(shares) > 2
    assert shares == sorted(shares)
    assert trained.stages[-1].stage == "done"


def test_the_comparison_is_kept_out_of_the_bundle_that_is_copied_elsewhere(
    trained: Trained, tmp_path: Path
) -> None:
    assert main(["export", trained.second.version, "--out", str(tmp_path / "copy")]) == 0
    assert not list((tmp_path / "copy").glob("compared*"))


def test_two_versions_are_compared_on_demand(
    trained: Trained, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["compare", trained.second.version, "--progress", "none"]
    assert main([*words, "--json"]) == 0  # with the serving version
    found = json.loads(capsys.readouterr().out)
    assert (found["new"], found["old"]) == (trained.second.version, trained.first.version)
    assert found["impossible"] is None
    assert found["tuned"] == [trained.second.version]
    assert set(found["metrics"]["items/mrr@100"]) == {
        "new",
        "old",
        "change",
        "low",
        "high",
        "lists",
    }
    assert main([*words, "--with", trained.first.version]) == 0
    said = capsys.readouterr().out
    assert f"on the same {found['asked']['count']} groups launched from" in said
    assert "participants/ndcg@100" in said
    assert f"{trained.second.version} was tuned on them" in said
    assert main(["compare", "nobody"]) == 2
    assert "no model version 'nobody'" in capsys.readouterr().err


def test_the_serving_version_is_checked_on_the_last_weeks(
    trained: Trained, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["recheck", "--progress", "none"]) == 0
    said = capsys.readouterr().out
    assert f"{trained.first.version} on " in said
    assert "what its validation reported" in said
    kept = read_recent(trained.models, trained.first.version)
    assert kept is not None
    assert set(kept.metrics) == {"items/mrr@100", "participants/mrr@100"}
    assert main(["recheck", trained.second.version, "--json", "--progress", "none"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert "Fewer than 50 successful groups" in found["impossible"]


def test_a_damaged_version_is_not_compared_and_says_why(
    trained: Trained, capsys: pytest.CaptureFixture[str]
) -> None:
    record_version(trained.store, "damaged")
    assert main(["compare", "damaged", "--progress", "none"]) == 0
    assert "cannot be compared on later groups" in capsys.readouterr().out
