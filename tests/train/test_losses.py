"""Losses against values computed by hand."""

import math
from collections.abc import Callable

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from train.nn.losses import bpr, listnet, load_balancing, sampled_softmax

LOGITS = st.floats(-30, 30, width=32)


def test_sampled_softmax_is_the_log_of_the_share_of_the_positive() -> None:
    scores = torch.tensor([[math.log(3.0), 0.0, 0.0], [0.0, 0.0, 0.0]])
    expected = (-math.log(3 / 5) - math.log(1 / 3)) / 2
    assert float(sampled_softmax(scores)) == pytest.approx(expected)


def test_bpr_compares_the_positive_with_each_negative() -> None:
    positive, negatives = torch.tensor([[2.0]]), torch.tensor([[1.0, 4.0]])
    expected = (math.log(1 + math.exp(-1)) + math.log(1 + math.exp(2))) / 2
    assert float(bpr(positive, negatives)) == pytest.approx(expected)
    assert float(bpr(positive, positive)) == pytest.approx(math.log(2))


@given(LOGITS, LOGITS)
def test_bpr_on_probabilities_stays_between_031_and_131(right: float, wrong: float) -> None:
    loss = float(bpr(torch.tensor([[right]]), torch.tensor([[wrong]]), "probability"))
    assert math.log(1 + math.exp(-1)) - 1e-6 <= loss <= math.log(1 + math.e) + 1e-6


def test_bpr_on_probabilities_has_hardly_a_gradient_where_logits_are_large() -> None:
    gradients = []
    for on in ("logit", "probability"):
        positive = torch.tensor([[-6.0]], requires_grad=True)
        bpr(positive, torch.tensor([[6.0]]), on).backward()
        assert positive.grad is not None
        gradients.append(abs(float(positive.grad)))
    assert gradients[1] < gradients[0] / 100


def test_listnet_shares_relevance_equally_among_the_first() -> None:
    scores = torch.tensor([[math.log(2.0), math.log(1.0), math.log(1.0)]])
    expected = -(math.log(2 / 4) + math.log(1 / 4)) / 2
    assert float(listnet(scores, 2)) == pytest.approx(expected)
    raised = scores + torch.tensor([[1.0, 1.0, 0.0]])
    assert float(listnet(raised, 2)) < float(listnet(scores, 2))


def test_the_load_balancing_loss_is_zero_for_equal_use_and_log_e_for_one_expert() -> None:
    apart = torch.eye(4)  # each candidate relies on one expert, and each expert has its candidate
    alone = torch.eye(4)[:1].expand(4, 4)
    assert float(load_balancing(apart)) == pytest.approx(0, abs=1e-6)
    assert float(load_balancing(torch.full((2, 3, 4), 0.25))) == pytest.approx(0, abs=1e-6)
    assert float(load_balancing(alone)) == pytest.approx(math.log(4))
    assert float(load_balancing(torch.tensor([[0.75, 0.25]]))) == pytest.approx(
        math.log(2) + 0.75 * math.log(0.75) + 0.25 * math.log(0.25)
    )


LISTS: dict[str, Callable[[torch.Tensor, torch.Tensor | None], torch.Tensor]] = {
    "softmax": sampled_softmax,
    "listnet": lambda scores, counted: listnet(scores, 2, counted),
    "bpr": lambda scores, counted: bpr(scores[:, :1], scores[:, 1:], "logit", counted),
}


@pytest.mark.parametrize("name", LISTS)
def test_lists_that_do_not_count_have_no_loss_and_no_gradient(name: str) -> None:
    torch.manual_seed(0)
    loss = LISTS[name]
    scores = torch.randn(6, 5, requires_grad=True)
    counted = torch.tensor([True, False, True, True, False, False])
    found = loss(scores, counted)
    found.backward()
    torch.testing.assert_close(found, loss(scores[counted], None))
    assert scores.grad is not None
    assert (scores.grad[~counted] == 0).all()
    assert (scores.grad[counted] != 0).all()


@pytest.mark.parametrize("name", LISTS)
def test_the_loss_is_zero_where_no_list_counts(name: str) -> None:
    scores = torch.randn(3, 5, requires_grad=True)
    found = LISTS[name](scores, torch.zeros(3, dtype=torch.bool))
    found.backward()
    assert found.item() == 0
