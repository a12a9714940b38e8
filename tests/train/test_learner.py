"""How much a training learns from: steps, batches and epochs, in large shops and in small ones."""

from typing import Any, cast

import numpy as np
import pytest
import torch

from engine.model_settings import ModelSettings
from engine.presets import preset
from train.learn.fit_network import MamgbrLearner
from train.nn.network import Network
from train.prepare.dataset import Dataset
from train.prepare.examples import Examples
from train.training_run import TrainingRun

DEFAULT = preset("default")


def learner(groups: int, settings: ModelSettings) -> MamgbrLearner:
    """With examples that hold nothing but their number, and a network that is never asked."""
    nothing = np.empty((groups, 0), np.float32)
    numbers = np.arange(groups)
    examples = Examples(numbers, nothing, nothing, nothing, nothing, nothing, numbers, nothing)
    unused = cast(Any, None)
    dataset = Dataset(unused, examples, None, unused, {}, {})
    network = Network.__new__(Network)
    return MamgbrLearner(network, dataset, TrainingRun(settings), 0, torch.device("cpu"))


@pytest.mark.parametrize(
    ("groups", "name", "steps", "epochs"),
    [
        (287_441, "default", 287_441 // 128, 2),  # Beibei: two epochs
        (25_868, "default", 25_868 // 128, 3),  # more epochs reach the steps
        (9_497, "default", 9_497 // 128, 7),
        (100, "default", 1, 500),  # fewer groups than a batch
        (287_441, "paper", 287_441 // 4096, 4),
        (100_000, "paper", 62, 5),  # smaller batches, as far as they reach the steps
        (9_497, "paper", 62, 5),
    ],
)
def test_a_small_shop_takes_smaller_batches_and_more_epochs(
    groups: int, name: str, steps: int, epochs: int
) -> None:
    found = learner(groups, preset(name))
    assert (found.steps(), found.epochs()) == (steps, epochs)


@pytest.mark.parametrize("groups", [1, 50, 129, 3_000, 40_000, 700_000])
def test_every_shop_takes_the_minimum_of_steps(groups: int) -> None:
    found = learner(groups, DEFAULT)
    assert found.steps() * found.epochs() >= DEFAULT.least_steps


def test_an_epoch_visits_no_group_twice_and_the_next_one_has_another_order() -> None:
    found = learner(1_000, DEFAULT)
    epochs = [
        np.concatenate([batch.initiator for batch in found.batches(epoch)]) for epoch in (0, 1)
    ]
    for visited in epochs:
        assert len(np.unique(visited)) == len(visited) == found.steps() * 128
    assert (epochs[0] != epochs[1]).any()


def test_groups_an_epoch_limit_the_epoch() -> None:
    found = learner(5_000, preset("default", ["groups_an_epoch=640"]))
    assert (found.steps(), found.epochs()) == (5, 100)
