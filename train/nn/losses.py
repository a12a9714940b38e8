"""The losses of eq. 18 to 25, as pure functions of logits, averaged over pairs and lists.

With ``counted`` [B], only those lists count; where none does, the loss is 0. The others are left out by weight rather
than by position, because a GPU would have to wait for the positions.
"""

import math

import torch
from torch import Tensor
from torch.nn import functional


def sampled_softmax(scores: Tensor, counted: Tensor | None = None) -> Tensor:
    """Sampled softmax: the cross-entropy of lists [B, 1+N] whose first candidate is the positive."""
    return listnet(scores, 1, counted)


def bpr(
    positive: Tensor, negatives: Tensor, on: str = "logit", counted: Tensor | None = None
) -> Tensor:
    """BPR (Rendle et al., UAI 2009; eq. 18, 19 and 24) between ``positive`` [B, 1] and ``negatives`` [B, N] logits.

    ``on="probability"`` compares sigmoids, as the paper writes it; each term then stays between 0.31 and 1.31.
    """
    if on == "probability":
        positive, negatives = torch.sigmoid(positive), torch.sigmoid(negatives)
    return _mean(-functional.logsigmoid(positive - negatives), counted)


def listnet(scores: Tensor, relevant: int, counted: Tensor | None = None) -> Tensor:
    """ListNet (Cao et al., ICML 2007; eq. 21) over lists [B, N]; the first ``relevant`` share the relevance."""
    return _mean(-torch.log_softmax(scores, -1)[:, :relevant], counted)


def load_balancing(gate: Tensor) -> Tensor:
    """The load-balancing loss of gates [..., E]: log E minus the entropy of the experts' mean weights.

    0 where the experts are used equally, log E where one has all the weight. Because the mean counts, a candidate may
    rely on a single expert as long as others rely on the rest.
    """
    mean = gate.flatten(0, -2).mean(0)
    return math.log(len(mean)) + (mean * torch.log(mean.clamp(min=1e-12))).sum()


def backpropagate(terms: dict[str, Tensor]) -> dict[str, Tensor]:
    """Adds the gradients of the sum of the terms to the weights; returns the terms, detached."""
    torch.stack(list(terms.values())).sum().backward()
    return {name: term.detach() for name, term in terms.items()}


def sum_terms(*parts: dict[str, Tensor]) -> dict[str, Tensor]:
    """All terms by name; terms of the same name are added."""
    terms: dict[str, Tensor] = {}
    for part in parts:
        for name, term in part.items():
            terms[name] = terms[name] + term if name in terms else term
    return terms


def _mean(terms: Tensor, counted: Tensor | None) -> Tensor:
    """The mean of terms [B, N] over the counted rows."""
    if counted is None:
        return terms.mean()
    weight = counted.to(terms.dtype)
    return (terms.mean(-1) * weight).sum() / weight.sum().clamp(min=1)
