"""The dataset is the same whether this process prepares it, its workers, or this process after they were killed."""

import functools

import numpy as np
import pytest
from errands import HERE, unless_in_a_worker
from small_shops import quick, random_shop

from train.evaluate.sampled_ranking import draw_candidate_lists
from train.evaluate.splits import split_groups
from train.export.contents import serving_snapshot
from train.prepare import dataset as module
from train.prepare import pool
from train.prepare.dataset import Dataset, RowBuffer, build_dataset
from train.prepare.snapshot import take_snapshot
from train.training_run import TrainingRun

LOGS = random_shop(groups=300)
SETTINGS = quick("folds=3")


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shop counts as large, on two cores."""
    monkeypatch.setenv("MAMGBR_THREADS", "2")
    monkeypatch.setattr(pool, "LARGE_SHOP", 1)


def built(messages: list[str] | None = None) -> Dataset:
    messages = [] if messages is None else messages
    run = TrainingRun(SETTINGS, report=lambda progress: messages.append(progress.message))
    split = split_groups(LOGS, SETTINGS, 0)
    lists = draw_candidate_lists(LOGS, split.validation, 0)
    return build_dataset(LOGS, split, lists, run, for_serving=True)


def arrays(dataset: Dataset) -> list[np.ndarray]:
    """Every array that was computed."""
    snapshots = [dataset.seen, serving_snapshot(LOGS, SETTINGS, dataset)]
    found = [*vars(dataset.examples).values(), *dataset.evidence.values()]
    for snapshot in snapshots:
        assert snapshot.evidence is not None
        found += [snapshot.evidence.taste, snapshot.evidence.smooth_taste]
    for tables in (dataset.tables, *(snapshot.tables for snapshot in snapshots)):
        assert tables is not None
        found += vars(tables).values()
    return found


def assert_same(one: Dataset, other: Dataset) -> None:
    for mine, theirs in zip(arrays(one), arrays(other), strict=True):
        np.testing.assert_array_equal(mine, theirs)


@pytest.fixture(scope="module")
def alone() -> Dataset:
    """Prepared by this process."""
    return built()


def test_several_processes_prepare_the_dataset_that_one_prepares(
    large: None, alone: Dataset
) -> None:
    messages: list[str] = []
    assert_same(built(messages), alone)
    assert messages == [
        "Reading past groups",
        *(f"Finding taste vectors, part {part} of 5" for part in range(1, 6)),
        *(f"Computing evidence, part {part} of 3" for part in range(1, 4)),
    ]


@pytest.mark.parametrize("work", ["snapshot_taste_vectors", "_fold"])
def test_workers_that_are_killed_leave_the_work_to_this_process(
    work: str, large: None, alone: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(HERE, work, getattr(module, work))
    monkeypatch.setattr(module, work, functools.partial(unless_in_a_worker, work))
    messages: list[str] = []
    assert_same(built(messages), alone)
    assert "A worker process was killed, perhaps out of memory; continuing with one" in messages


def test_the_snapshot_that_serves_contains_every_group(alone: Dataset) -> None:
    expected = take_snapshot(LOGS, SETTINGS, None, alone.seen.item_vectors)
    served = serving_snapshot(LOGS, SETTINGS, alone)
    assert served.tables is not None
    assert expected.tables is not None
    np.testing.assert_array_equal(served.tables.joined, expected.tables.joined)
    assert served.graphs.history.sum() > alone.seen.graphs.history.sum()


def test_one_core_or_a_small_shop_starts_no_workers(
    large: None, alone: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "process_map", None)  # starting workers fails
    monkeypatch.setattr(pool, "LARGE_SHOP", len(LOGS.group_item) + 1)
    assert_same(built(), alone)
    monkeypatch.setattr(pool, "LARGE_SHOP", 1)
    monkeypatch.setenv("MAMGBR_THREADS", "1")
    assert_same(built(), alone)


def test_a_row_buffer_holds_its_parts_as_if_concatenated() -> None:
    rng = np.random.default_rng(0)
    parts = [
        {"ids": rng.integers(0, 9, rows), "evidence": rng.random((rows, 3, 2), np.float32)}
        for rows in (4, 0, 7)
    ]
    buffer = RowBuffer(20)
    for part in parts:
        buffer.add(part)
    filled = buffer.filled()
    assert list(filled) == ["ids", "evidence"]
    for name, array in filled.items():
        joined = np.concatenate([part[name] for part in parts])
        np.testing.assert_array_equal(array, joined)
        assert array.dtype == joined.dtype


def test_a_row_buffer_without_parts_is_empty() -> None:
    assert RowBuffer(3).filled() == {}


def test_a_part_with_arrays_of_different_lengths_is_refused_before_any_row_is_added() -> None:
    buffer = RowBuffer(5)
    with pytest.raises(ValueError, match="too many values"):
        buffer.add({"a": np.zeros(2), "b": np.zeros(3)})
    assert buffer.rows == 0
