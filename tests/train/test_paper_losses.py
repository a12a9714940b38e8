"""Eq. 18 to 25 of the paper: the losses agree with an independent reading in numpy."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from paper_equations import Example, Paper
from paper_reading import (
    ITEMS,
    USERS,
    assert_agrees,
    read,
)
from torch import Tensor

from train.nn.network import Batch

WRONG, CORRUPTED = 4, 2


def examples() -> list[Example]:
    """Triples, a few of which have an answer without a history."""
    rng = np.random.default_rng(5)
    return [
        Example(
            u,
            *rng.integers(0, (ITEMS, USERS)).tolist(),
            rng.integers(0, ITEMS, WRONG).tolist(),
            rng.integers(0, USERS, WRONG).tolist(),
            item_known=u != 1,
            participant_known=u != 2,
        )
        for u in range(6)
    ]


def batch_of(chosen: Sequence[Example]) -> Batch:
    """The examples as the network takes them."""
    count = len(chosen)
    nothing = torch.empty(count, 0, 0, dtype=torch.float64)
    return {
        "initiator": torch.tensor([t.u for t in chosen]),
        "items": torch.tensor([[t.i, *t.other_items] for t in chosen]),
        "participants": torch.tensor([[t.p, *t.other_people] for t in chosen]),
        "item_evidence": nothing,
        "participant_evidence": nothing,
        "swapped_evidence": nothing,
        "snapshot": torch.zeros(count, dtype=torch.int64),
        "known": torch.tensor([[t.item_known, t.participant_known] for t in chosen]),
    }


@dataclass(frozen=True)
class Trained:
    """The terms of the loss on the examples in training, and the equations to hold them against."""

    terms: dict[str, Tensor]
    paper: Paper


@pytest.fixture(scope="module")
def trained() -> Trained:
    reading = read(
        f"auxiliary_negatives={CORRUPTED}", "task_weight=0.7", "auxiliary_1=0.3", "auxiliary_2=0.2"
    )
    reading.network.train()
    return Trained(reading.network.losses(batch_of(examples())), reading.paper)


def test_l_1_is_bpr_between_the_item_and_the_others(trained: Trained) -> None:
    assert_agrees(trained.terms["items"], trained.paper.loss_1(examples()))  # eq. 18


def test_l_2_is_bpr_between_the_participant_and_the_others(trained: Trained) -> None:
    expected = 0.7 * trained.paper.loss_2(examples())  # eq. 19, with its weight in eq. 25
    assert_agrees(trained.terms["participants"], expected)


def test_the_auxiliary_loss_of_task_1_finds_the_item_relevant_whoever_joins(
    trained: Trained,
) -> None:
    expected = 0.3 * trained.paper.auxiliary_1(examples())  # eq. 20 and 21
    assert_agrees(trained.terms["auxiliary_items"], expected)


def test_the_auxiliary_loss_of_task_2_sets_the_item_against_others_for_the_true_participant(
    trained: Trained,
) -> None:
    expected = 0.2 * trained.paper.auxiliary_2(examples())  # eq. 22 and 24
    assert_agrees(trained.terms["auxiliary_participants"], expected)


def test_the_whole_loss_is_the_weighted_sum_of_the_four(trained: Trained) -> None:
    paper, batch = trained.paper, examples()
    expected = (  # eq. 25
        paper.loss_1(batch)
        + 0.7 * paper.loss_2(batch)
        + 0.3 * paper.auxiliary_1(batch)
        + 0.2 * paper.auxiliary_2(batch)
    )
    assert_agrees(torch.stack(list(trained.terms.values())).sum(), expected)
