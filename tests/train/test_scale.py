"""Evidence that training never saw is taken as the nearest that it did."""

import numpy as np
import torch

from train.nn.tokens import Scale


def test_values_beyond_the_range_of_training_count_as_its_ends() -> None:
    seen = np.random.default_rng(0).uniform(1, 3, (200, 4, 2)).astype(np.float32)
    scale = Scale(2)
    scale.fit(seen)
    ends = torch.from_numpy(np.stack([seen.min((0, 1)), seen.max((0, 1))]))
    beyond = torch.tensor([[-5.0, 0.0], [3.5, 99.0]])
    assert torch.equal(scale(beyond), scale(ends))
    inside = torch.full((1, 2), 2.0)
    assert not torch.equal(scale(inside), scale(ends[:1]))


def test_before_it_is_fitted_a_scale_changes_nothing_but_outliers() -> None:
    values = torch.tensor([[-3.0, 0.5, 7.0]])
    assert torch.equal(Scale(3)(values), values)
