"""The inputs of the tokens: role vectors, their products, and evidence on a common scale."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from db.logs import Task
from engine.evidence.columns import ITEM_TOKENS, PARTICIPANT_TOKENS
from engine.evidence.timed.columns import TOKENS as TIMED_TOKENS
from engine.model_settings import ModelSettings
from train.nn.embeddings import BatchViews
from train.nn.model import concatenate

ROLES = ("initiator", "item", "participant")
MIN_DEVIATION = 0.25  # the deviation of a rare column is nearly 0 and would inflate its values
CLIP = 8.0


class Scale(nn.Module):
    """Standardises evidence columns by their mean and deviation in training, and keeps them within what training saw.

    A group that is learned from is no evidence of its own, so the network never sees an initiator with all of their
    launches; serving does. Values that training never saw are taken as the nearest that it did.
    """

    mean: Tensor
    spread: Tensor
    least: Tensor
    most: Tensor

    def __init__(self, columns: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(columns))
        self.register_buffer("spread", torch.ones(columns))
        self.register_buffer("least", torch.full((columns,), -torch.inf))
        self.register_buffer("most", torch.full((columns,), torch.inf))

    def fit(self, evidence: NDArray[np.float32]) -> None:
        """Takes mean, deviation and range from ``evidence`` [..., columns]."""
        rows = evidence.reshape(-1, evidence.shape[-1])
        self.mean.copy_(torch.from_numpy(rows.mean(0)))
        self.least.copy_(torch.from_numpy(rows.min(0)))
        self.most.copy_(torch.from_numpy(rows.max(0)))
        spread = np.maximum(rows.std(0), MIN_DEVIATION).astype(np.float32)
        self.spread.copy_(torch.from_numpy(spread))

    def forward(self, evidence: Tensor) -> Tensor:
        """[..., columns] -> the same shape, mostly between -2 and 2."""
        seen = torch.maximum(torch.minimum(evidence, self.most), self.least)
        return ((seen - self.mean) / self.spread).clamp(-CLIP, CLIP)


def evidence_tokens(settings: ModelSettings, task: Task) -> dict[str, tuple[str, ...]]:
    """The tokens that read evidence columns, in the order of the columns, with the names of these."""
    if settings.knows_time:
        return TIMED_TOKENS[task]
    return ITEM_TOKENS if task is Task.ITEMS else PARTICIPANT_TOKENS


def token_inputs(settings: ModelSettings) -> dict[Task, dict[str, int]]:
    """The tokens of each task by name, in order, each with the width of its input."""
    d = settings.dim
    sides = (("", 2 * d),) if settings.tokens == "roles" else ((" I", d), (" II", d))
    inputs: dict[Task, dict[str, int]] = {}
    for task, products in ((Task.ITEMS, 3), (Task.PARTICIPANTS, 4)):
        widths = {f"{role}{side}": size for role in ROLES for side, size in sides}
        if settings.products:
            widths["match"] = products * d
        if settings.evidence:
            for token, columns in evidence_tokens(settings, task).items():
                carrier = _carrier(settings, token)
                widths[carrier] = widths.get(carrier, 0) + len(columns)
        inputs[task] = widths
    return inputs


def _carrier(settings: ModelSettings, token: str) -> str:
    """The token that the evidence of ``token`` goes into: that of a role goes with its first view."""
    return f"{token} I" if settings.tokens == "views" and token in ROLES else token


def evidence_columns(settings: ModelSettings, task: Task) -> int:
    """How many evidence columns the model takes."""
    return sum(map(len, evidence_tokens(settings, task).values())) if settings.evidence else 0


def item_inputs(
    settings: ModelSettings,
    vectors: BatchViews,
    u: Tensor,
    i: Tensor,
    evidence: Tensor,
    p: Tensor | None = None,
) -> dict[str, Tensor]:
    """The inputs of Task I's tokens for ``u`` [B, 1], ``i`` [B, K] and scaled ``evidence`` [B, K, E1].

    The participant is p-bar, or ``p`` [B, K] in the auxiliary loss.
    """
    people = vectors.average_participant() if p is None else vectors.participants(p)
    return item_tokens(settings, vectors.users(u), vectors.items(i), people, evidence)


def item_tokens(
    settings: ModelSettings,
    initiator: Sequence[Tensor],
    items: Sequence[Tensor],
    people: Sequence[Tensor],
    evidence: Tensor,
) -> dict[str, Tensor]:
    """The inputs of Task I's tokens from vectors.

    ``initiator`` by USER_VIEWS, each [B, 1, d]; ``items`` by ITEM_VIEWS, each [B, K, d]; ``people`` are the participant
    view and the social view of the participant, each [B, 1 or K, d].
    """
    as_initiator, as_participant, social = initiator
    launched, joined = items
    parts = {
        "initiator": [as_initiator, social],
        "item": [launched, joined],
        "participant": list(people),
    }
    if settings.products:
        products = [as_initiator * launched, as_participant * joined, social * joined]
        parts["match"] = [concatenate(products)]
    return _tokens(settings, Task.ITEMS, parts, evidence)


def participant_inputs(
    settings: ModelSettings,
    vectors: BatchViews,
    u: Tensor,
    i: Tensor,
    p: Tensor,
    evidence: Tensor,
) -> dict[str, Tensor]:
    """The inputs of Task II's tokens for ``u`` [B, 1], ``i`` [B, 1 or K], ``p`` [B, K or 1], scaled ``evidence``
    [B, K, E2].
    """
    initiator, people = vectors.users(u), vectors.users(p)
    return participant_tokens(settings, initiator, vectors.items(i), people, evidence)


def participant_tokens(
    settings: ModelSettings,
    initiator: Sequence[Tensor],
    item: Sequence[Tensor],
    people: Sequence[Tensor],
    evidence: Tensor,
) -> dict[str, Tensor]:
    """The inputs of Task II's tokens from vectors.

    ``initiator`` [B, 1, d] and ``people`` [B, K or 1, d] by USER_VIEWS, ``item`` [B, 1 or K, d] by ITEM_VIEWS.
    """
    initiator_launches, _, initiator_social = initiator
    launched, joined = item
    launches, joins, social = people
    parts = {
        "initiator": [initiator_launches, initiator_social],
        "item": [launched, joined],
        "participant": [joins, social],
    }
    if settings.products:
        parts["match"] = [
            concatenate(
                [
                    joins * joined,
                    launches * launched,
                    initiator_social * social,
                    initiator_launches * joins,
                ]
            )
        ]
    return _tokens(settings, Task.PARTICIPANTS, parts, evidence)


def _tokens(
    settings: ModelSettings, task: Task, parts: dict[str, list[Tensor]], evidence: Tensor
) -> dict[str, Tensor]:
    """Each token's parts and its evidence side by side; with ``tokens=views`` each view is a token of its own."""
    if settings.tokens == "views":
        halves: dict[str, list[Tensor]] = {}
        for name, values in parts.items():
            sides = ("",) if len(values) == 1 else (" I", " II")
            halves |= {f"{name}{side}": [value] for side, value in zip(sides, values, strict=True)}
        parts = halves
    if settings.evidence:
        start = 0
        for name, columns in evidence_tokens(settings, task).items():
            token, stop = _carrier(settings, name), start + len(columns)
            # A role that all candidates share has the same evidence for all: its token is computed once.
            shared = token in parts and all(part.shape[1] == 1 for part in parts[token])
            taken = evidence[:, :1] if shared else evidence
            parts.setdefault(token, []).append(taken[..., start:stop])
            start = stop
    return {name: concatenate(values) for name, values in parts.items()}
