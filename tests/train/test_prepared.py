"""What is counted is the same whoever counts it: this process, its helpers, or this one after they were killed."""

import functools

import numpy as np
import pytest
from errands import HERE, unless_in_a_helper
from small_shops import quick, random_shop

from train.evaluate.sampled_ranking import draw_candidate_lists
from train.export.onnx import serving_snapshot
from train.prepare import dataset as module
from train.prepare import pool
from train.prepare.dataset import Dataset, build_dataset
from train.prepare.snapshot import take_snapshot
from train.prepare.splits import split_groups

LOGS = random_shop(groups=300)
CONFIG = quick("folds=3")


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """A large shop on two cores, as the counting sees it."""
    monkeypatch.setenv("MAMGBR_THREADS", "2")
    monkeypatch.setattr(pool, "FEW_GROUPS", 1)


def counted(told: list[str]) -> Dataset:
    parts = split_groups(LOGS, CONFIG, 0)
    lists = draw_candidate_lists(LOGS, parts.validation, 0)
    return build_dataset(
        LOGS, CONFIG, parts, lists, 0, lambda stage: told.append(stage.message), serving=True
    )


def arrays(found: Dataset) -> list[np.ndarray]:
    """All that was counted."""
    worlds = [found.seen, serving_snapshot(LOGS, CONFIG, found)]
    counted = [*vars(found.examples).values(), *found.facts.values()]
    for one in worlds:
        assert one.evidence is not None
        counted += [one.evidence.taste, one.evidence.smooth_taste]
    for tables in (found.tables, *(one.tables for one in worlds)):
        assert tables is not None
        counted += vars(tables).values()
    return counted


def assert_same(one: Dataset, other: Dataset) -> None:
    for mine, theirs in zip(arrays(one), arrays(other), strict=True):
        np.testing.assert_array_equal(mine, theirs)


@pytest.fixture(scope="module")
def alone() -> Dataset:
    """Counted by this process."""
    return counted([])


def test_several_processes_count_what_one_counts(large: None, alone: Dataset) -> None:
    told: list[str] = []
    assert_same(counted(told), alone)
    assert told == [
        "Reading the past groups",
        *(f"Finding what goes together, part {part} of 5" for part in range(1, 6)),
        *(f"Counting evidence, part {part} of 3" for part in range(1, 4)),
    ]


@pytest.mark.parametrize("work", ["snapshot_taste_vectors", "_fold"])
def test_helpers_that_are_killed_leave_the_work_to_this_process(
    work: str, large: None, alone: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(HERE, work, getattr(module, work))
    monkeypatch.setattr(module, work, functools.partial(unless_in_a_helper, work))
    told: list[str] = []
    assert_same(counted(told), alone)
    assert "A helper was killed, as when memory runs out; counting alone" in told


def test_the_world_that_serves_knows_every_group(alone: Dataset) -> None:
    expected = take_snapshot(LOGS, CONFIG, None, alone.seen.item_vectors)
    served = serving_snapshot(LOGS, CONFIG, alone)
    assert served.tables is not None
    assert expected.tables is not None
    np.testing.assert_array_equal(served.tables.joined, expected.tables.joined)
    assert served.graphs.history.sum() > alone.seen.graphs.history.sum()


def test_one_core_and_a_small_shop_need_no_helper(
    large: None, alone: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "workers", None)  # whoever asks for some fails
    monkeypatch.setattr(pool, "FEW_GROUPS", len(LOGS.group_item) + 1)
    assert_same(counted([]), alone)
    monkeypatch.setattr(pool, "FEW_GROUPS", 1)
    monkeypatch.setenv("MAMGBR_THREADS", "1")
    assert_same(counted([]), alone)
