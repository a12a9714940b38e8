"""How much a training learns from: steps, batches and passes, in large shops and in small ones."""

import numpy as np
import pytest
import torch

from engine.model_settings import ModelSettings, preset
from train.learn.learner import MamgbrLearner
from train.nn.network import Network
from train.prepare.examples import Examples

DEFAULT = preset("default")


def learner(groups: int, config: ModelSettings) -> MamgbrLearner:
    """Over so many groups that hold nothing but their number; the network is never asked."""
    nothing = np.empty((groups, 0), np.float32)
    numbers = np.arange(groups)
    examples = Examples(numbers, nothing, nothing, nothing, nothing, nothing, numbers, nothing)
    return MamgbrLearner(
        Network.__new__(Network), config, examples, {}, {}, 0, 0, torch.device("cpu")
    )


@pytest.mark.parametrize(
    ("groups", "name", "steps", "passes"),
    [
        (287_441, "default", 287_441 // 128, 2),  # Beibei: two passes
        (25_868, "default", 25_868 // 128, 3),  # further passes make the steps
        (9_497, "default", 9_497 // 128, 7),
        (100, "default", 1, 500),  # fewer groups than a batch
        (287_441, "paper", 287_441 // 4096, 4),
        (100_000, "paper", 62, 5),  # smaller batches, as far as they bring the steps
        (9_497, "paper", 62, 5),
    ],
)
def test_a_small_shop_takes_smaller_batches_and_more_passes(
    groups: int, name: str, steps: int, passes: int
) -> None:
    small = learner(groups, preset(name))
    assert (small.steps(), small.passes()) == (steps, passes)


@pytest.mark.parametrize("groups", [1, 50, 129, 3_000, 40_000, 700_000])
def test_no_shop_takes_fewer_steps_than_it_must(groups: int) -> None:
    found = learner(groups, DEFAULT)
    assert found.steps() * found.passes() >= DEFAULT.least_steps


def test_a_pass_visits_no_group_twice_and_the_next_one_has_another_order() -> None:
    found = learner(1_000, DEFAULT)
    passes = [
        np.concatenate([batch.initiator for batch in found.batches(epoch)]) for epoch in (0, 1)
    ]
    for visited in passes:
        assert len(np.unique(visited)) == len(visited) == found.steps() * 128
    assert (passes[0] != passes[1]).any()


def test_groups_an_epoch_bound_the_pass() -> None:
    found = learner(5_000, preset("default", ["groups_an_epoch=640"]))
    assert (found.steps(), found.passes()) == (5, 100)
