"""The world of all groups is the same whoever finds its vectors, and wherever."""

import os
import signal

import numpy as np
import pytest
from small_shops import quick, random_shop

from train import serving_world as module
from train.config import Config
from train.prepared import Prepared, prepare
from train.protocol import draw_lists
from train.serving_world import serving_world
from train.splits import split
from train.stages import unwatched
from train.worlds import TasteVectors, World, world

LOGS = random_shop(groups=300)
CONFIG = quick()


@pytest.fixture
def found_apart(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """A large shop on two cores, as the module sees it; filled with whether vectors came from the other process."""
    monkeypatch.setenv("MAMGBR_THREADS", "2")
    monkeypatch.setattr(module, "FEW_GROUPS", 1)
    told: list[bool] = []
    ask = module._vectors

    def listening(logs: object, config: Config) -> TasteVectors | None:
        found = ask(LOGS, config)
        told.append(found is not None)
        return found

    monkeypatch.setattr(module, "_vectors", listening)
    return told


def prepared() -> Prepared:
    parts = split(LOGS, CONFIG, 0)
    lists = draw_lists(LOGS, parts.validation, 0)
    return prepare(LOGS, CONFIG, parts, lists, 0, unwatched)


def served() -> tuple[World, Prepared]:
    with serving_world(LOGS, CONFIG) as serving:
        counted = prepared()
        return serving(counted), counted


def same(one: World, other: World) -> bool:
    assert one.evidence is not None
    assert other.evidence is not None
    assert one.tables is not None
    assert other.tables is not None
    arrays = (
        (one.evidence.taste, other.evidence.taste),
        (one.tables.social, other.tables.social),
        (one.tables.joined, other.tables.joined),
    )
    return all(np.array_equal(*pair) for pair in arrays)


def test_vectors_found_by_another_process_are_those_that_this_one_finds(
    found_apart: list[bool],
) -> None:
    apart, counted = served()
    assert found_apart == [True]
    assert same(apart, world(LOGS, CONFIG, None, counted.seen.item_vectors))


def test_a_helper_that_is_killed_leaves_the_work_to_this_process(
    found_apart: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "vectors_of_all", killed)
    alone, counted = served()
    assert found_apart == [False]
    assert same(alone, world(LOGS, CONFIG, None, counted.seen.item_vectors))


def killed(logs: object, config: Config) -> TasteVectors:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def test_one_core_and_a_small_shop_need_no_helper(
    found_apart: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FEW_GROUPS", len(LOGS.group_item) + 1)
    served()
    monkeypatch.setattr(module, "FEW_GROUPS", 1)
    monkeypatch.setenv("MAMGBR_THREADS", "1")
    served()
    assert found_apart == []
