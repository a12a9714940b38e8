"""A new version serves unless it is worse: on later groups where both were asked about them, else by validation."""

from dataclasses import replace
from pathlib import Path

import pytest
from stand_in_training import figures, fitted, training
from stand_in_training import store as store  # a fixture

from db.jobs import queue as jobs
from db.jobs.queue import TrainingTask
from db.messages import Message
from db.models import registry
from db.models.later_comparison import (
    AskedGroups,
    LaterComparison,
    PairedMetric,
    write_comparison,
)
from db.store import Store
from train.fit import promote_unless_worse
from train.worker import work


def test_a_version_that_is_worse_in_one_task_is_not_promoted_by_itself(store: Store) -> None:
    first = fitted(store, "v1", figures(0.5, 0.4))
    assert promote_unless_worse(store, first) == (None, None)
    worse = fitted(store, "v2", figures(0.9, 0.3))
    serving, lost = promote_unless_worse(store, worse)
    assert serving is not None
    assert lost is not None
    assert serving.version == "v1"
    assert [str(one.metric) for one in lost.metrics] == ["participants/mrr@10"]
    assert lost.later is None
    assert registry.serving_name(store) == "v1"
    assert promote_unless_worse(store, fitted(store, "v3", figures(0.5, 0.395))) == (None, None)
    assert registry.serving_name(store) == "v3"


def compared(
    tmp_path: Path, change: float, impossible: Message | None = None, metric: str = "items/mrr@100"
) -> None:
    """v2 beside v1 on later groups, by so much better; or why they were not compared."""
    figures = PairedMetric(0.5 + change, 0.5, change, change - 0.01, change + 0.01, 80)
    found = LaterComparison("v2", "v1", "abc", impossible=impossible)
    if impossible is None:
        asked = AskedGroups(80, "2025-05-01T00:00:00", "2025-06-30T20:00:00")
        found = replace(found, asked=asked, metrics={metric: figures})
    (tmp_path / "models" / "v2").mkdir()
    write_comparison(tmp_path / "models", found)


def test_on_later_groups_a_version_is_worse_whatever_its_validation_says(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry.promote(store, fitted(store, "v1", figures(0.5, 0.4)).version)
    compared(tmp_path, -0.05)
    monkeypatch.setattr("train.worker.train_from_store", training(figures(0.9, 0.9), []))
    number = jobs.enqueue(store, TrainingTask(preset="demo", promote=True))
    assert work(store) == 1
    outcome = jobs.find_job(store, number).outcome
    assert outcome is not None
    assert (outcome.worse, outcome.later_groups) == (("items/mrr@100",), 80)
    assert "on the same 80 later groups it ranks worse than v1 in items/mrr@100" in str(
        outcome.message
    )
    assert registry.serving_name(store) == "v1"


def test_on_later_groups_a_version_serves_whatever_its_validation_says(
    store: Store, tmp_path: Path
) -> None:
    promote_unless_worse(store, fitted(store, "v1", figures(0.5, 0.4)))
    compared(tmp_path, 0.05)
    assert promote_unless_worse(store, fitted(store, "v2", figures(0.3, 0.3))) == (None, None)


def test_the_heads_of_the_lists_decide_nothing(store: Store, tmp_path: Path) -> None:
    promote_unless_worse(store, fitted(store, "v1", figures(0.5, 0.4)))
    compared(tmp_path, -0.05, metric="items/mrr@10")
    assert promote_unless_worse(store, fitted(store, "v2", figures(0.3, 0.3))) == (None, None)


def test_without_a_comparison_on_later_groups_the_validation_decides(
    store: Store, tmp_path: Path
) -> None:
    promote_unless_worse(store, fitted(store, "v1", figures(0.5, 0.4)))
    compared(tmp_path, 0.0, Message("train.compare.no_times"))
    serving, lost = promote_unless_worse(store, fitted(store, "v2", figures(0.3, 0.4)))
    assert serving is not None
    assert lost is not None
    assert lost.later is None
