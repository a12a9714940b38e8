"""The losses of eq. 18 to 25, as pure functions of logits, averaged over pairs and lists.

Where it is told which lists are ``counted`` [B], the others lose nothing, and nor do no lists at all. They are left
out by weight and not by place, since a GPU would have to wait for the rank_range.
"""

import math

import torch
from torch import Tensor
from torch.nn import functional


def sampled_softmax(scores: Tensor, counted: Tensor | None = None) -> Tensor:
    """Softmax cross-entropy of lists [B, 1+N] whose first candidate is right."""
    return listnet(scores, 1, counted)


def bpr(right: Tensor, wrong: Tensor, on: str = "logit", counted: Tensor | None = None) -> Tensor:
    """BPR (eq. 18, 19 and 24) between ``right`` [B, 1] and ``wrong`` [B, N] logits.

    ``on="probability"`` compares sigmoids, as the paper writes it; each term then stays within 0.31 and 1.31.
    """
    if on == "probability":
        right, wrong = torch.sigmoid(right), torch.sigmoid(wrong)
    return _mean(-functional.logsigmoid(right - wrong), counted)


def listnet(scores: Tensor, relevant: int, counted: Tensor | None = None) -> Tensor:
    """ListNet (eq. 21) over lists [B, N] whose first ``relevant`` candidates share all relevance equally."""
    return _mean(-torch.log_softmax(scores, -1)[:, :relevant], counted)


def load_balancing(gate: Tensor) -> Tensor:
    """How far the experts' mean weights over gates [..., E] are from equal: 0 where they are, log E where one has all.

    It is the mean that counts. A candidate may lean on one expert alone, as long as others lean on the rest.
    """
    mean = gate.flatten(0, -2).mean(0)
    return math.log(len(mean)) + (mean * torch.log(mean.clamp(min=1e-12))).sum()


def backpropagate(terms: dict[str, Tensor]) -> dict[str, Tensor]:
    """The terms by name, once the gradients of their sum are with the weights."""
    torch.stack(list(terms.values())).sum().backward()
    return {name: term.detach() for name, term in terms.items()}


def sum_terms(*shares: dict[str, Tensor]) -> dict[str, Tensor]:
    """Terms by name, those of the same name added up."""
    terms: dict[str, Tensor] = {}
    for share in shares:
        for name, term in share.items():
            terms[name] = terms[name] + term if name in terms else term
    return terms


def _mean(terms: Tensor, counted: Tensor | None) -> Tensor:
    """The mean of terms [B, N] over the counted rows."""
    if counted is None:
        return terms.mean()
    weight = counted.to(terms.dtype)
    return (terms.mean(-1) * weight).sum() / weight.sum().clamp(min=1)
