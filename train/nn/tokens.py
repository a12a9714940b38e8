"""What each token is made from: role vectors, their products, and evidence on one scale."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from engine.bundle.roles import ITEM_VIEWS, USER_VIEWS
from engine.evidence.columns import ITEM_TOKENS, PARTICIPANT_TOKENS
from engine.model_settings import ModelSettings
from train.nn.embeddings import Views
from train.nn.model import side_by_side

EVIDENCE = {"items": ITEM_TOKENS, "participants": PARTICIPANT_TOKENS}
ROLES = ("initiator", "item", "participant")
LEAST_SPREAD = 0.25  # rare facts must not blow up: their deviation is nearly nothing
WIDEST = 8.0


class Scale(nn.Module):
    """Centres and scales evidence columns by their training mean and deviation, and clips what is far out."""

    mean: Tensor
    spread: Tensor

    def __init__(self, columns: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(columns))
        self.register_buffer("spread", torch.ones(columns))

    def fit(self, facts: NDArray[np.float32]) -> None:
        """Takes mean and deviation of ``facts`` [..., columns]."""
        rows = facts.reshape(-1, facts.shape[-1])
        self.mean.copy_(torch.from_numpy(rows.mean(0)))
        spread = np.maximum(rows.std(0), LEAST_SPREAD).astype(np.float32)
        self.spread.copy_(torch.from_numpy(spread))

    def forward(self, facts: Tensor) -> Tensor:
        """[..., columns] -> the same shape, mostly within -2 and 2."""
        return ((facts - self.mean) / self.spread).clamp(-WIDEST, WIDEST)


def token_inputs(config: ModelSettings) -> dict[str, dict[str, int]]:
    """For each task the names of its tokens, in order, and the width of what each is made from."""
    d = config.dim
    sides = (("", 2 * d),) if config.tokens == "roles" else ((" I", d), (" II", d))
    inputs: dict[str, dict[str, int]] = {}
    for task, products in (("items", 3), ("participants", 4)):
        widths = {f"{role}{side}": size for role in ROLES for side, size in sides}
        if config.products:
            widths["match"] = products * d
        if config.evidence:
            for token, columns in EVIDENCE[task].items():
                carrier = _carrier(config, token)
                widths[carrier] = widths.get(carrier, 0) + len(columns)
        inputs[task] = widths
    return inputs


def _carrier(config: ModelSettings, token: str) -> str:
    """The token that carries this evidence: a role's goes with the first of its views."""
    return f"{token} I" if config.tokens == "views" and token in ROLES else token


def evidence_columns(config: ModelSettings, task: str) -> int:
    """How many evidence columns the model takes."""
    return sum(map(len, EVIDENCE[task].values())) if config.evidence else 0


def item_inputs(
    config: ModelSettings,
    views: Views,
    world: Tensor,
    u: Tensor,
    i: Tensor,
    facts: Tensor,
    p: Tensor | None = None,
) -> dict[str, Tensor]:
    """Task I's raw tokens. ``world`` [B], ``u`` [B, 1], ``i`` [B, K], scaled ``facts`` [B, K, E1].

    The participant is p-bar, or ``p`` [B, K] where the auxiliary loss puts one there.
    """
    if p is None:
        people = [*views.average[world][:, None].chunk(2, -1)]  # [B, 1, d] each
    else:
        people = [looked_up(table, world, p) for table in (views.participant, views.social)]
    return item_tokens(
        config, views_of_users(views, world, u), views_of_items(views, world, i), people, facts
    )


def item_tokens(
    config: ModelSettings,
    initiator: Sequence[Tensor],
    items: Sequence[Tensor],
    people: Sequence[Tensor],
    facts: Tensor,
) -> dict[str, Tensor]:
    """Task I's raw tokens from vectors: ``initiator`` by USER_VIEWS, each [B, 1, d], ``items`` by ITEM_VIEWS, each
    [B, K, d], and the joiner's and social view of the participant, each [B, 1 or K, d].
    """
    launcher, joiner, social = initiator
    launched, joined = items
    parts = {
        "initiator": [launcher, social],
        "item": [launched, joined],
        "participant": list(people),
    }
    if config.products:
        parts["match"] = [side_by_side([launcher * launched, joiner * joined, social * joined])]
    return _tokens(config, "items", parts, facts)


def participant_inputs(
    config: ModelSettings,
    views: Views,
    world: Tensor,
    u: Tensor,
    i: Tensor,
    p: Tensor,
    facts: Tensor,
) -> dict[str, Tensor]:
    """Task II's raw tokens. ``world`` [B], ``u`` [B, 1], ``i`` [B, 1 or K], ``p`` [B, K or 1],
    scaled ``facts`` [B, K, E2].
    """
    initiator, people = (views_of_users(views, world, rows) for rows in (u, p))
    return participant_tokens(config, initiator, views_of_items(views, world, i), people, facts)


def participant_tokens(
    config: ModelSettings,
    initiator: Sequence[Tensor],
    item: Sequence[Tensor],
    people: Sequence[Tensor],
    facts: Tensor,
) -> dict[str, Tensor]:
    """Task II's raw tokens from vectors: ``initiator`` [B, 1, d] and ``people`` [B, K or 1, d] by USER_VIEWS, the
    ``item`` [B, 1 or K, d] by ITEM_VIEWS.
    """
    launcher, _, social = initiator
    launched, joined = item
    launches, joiner, theirs = people
    parts = {
        "initiator": [launcher, social],
        "item": [launched, joined],
        "participant": [joiner, theirs],
    }
    if config.products:
        products = [joiner * joined, launches * launched, social * theirs, launcher * joiner]
        parts["match"] = [side_by_side(products)]
    return _tokens(config, "participants", parts, facts)


def views_of_users(views: Views, world: Tensor, rows: Tensor) -> list[Tensor]:
    """The views of users [B, K] in each query's world [B], each [B, K, d], in the order of USER_VIEWS."""
    return [looked_up(getattr(views, name), world, rows) for name in USER_VIEWS]


def views_of_items(views: Views, world: Tensor, rows: Tensor) -> list[Tensor]:
    """The views of items [B, K], in the order of ITEM_VIEWS."""
    return [looked_up(getattr(views, name), world, rows) for name in ITEM_VIEWS]


def looked_up(table: Tensor, world: Tensor, rows: Tensor) -> Tensor:
    """Rows [B, K] of each query's world [B] out of ``table`` [W, N, d], as [B, K, d]."""
    if len(table) == 1:  # one world: a plain look-up, which is the quickest that ONNX has
        return functional.embedding(rows, table[0])
    return table[world[:, None], rows]


def _tokens(
    config: ModelSettings, task: str, parts: dict[str, list[Tensor]], facts: Tensor
) -> dict[str, Tensor]:
    """Each token's parts side by side with its evidence, or with views each half apart."""
    if config.tokens == "views":
        halves: dict[str, list[Tensor]] = {}
        for name, values in parts.items():
            sides = ("",) if len(values) == 1 else (" I", " II")
            halves |= {f"{name}{side}": [value] for side, value in zip(sides, values, strict=True)}
        parts = halves
    if config.evidence:
        start = 0
        for name, columns in EVIDENCE[task].items():
            token, stop = _carrier(config, name), start + len(columns)
            # Who is the same for all candidates has the same evidence: its token is made once.
            same = token in parts and all(part.shape[1] == 1 for part in parts[token])
            seen = facts[:, :1] if same else facts
            parts.setdefault(token, []).append(seen[..., start:stop])
            start = stop
    return {name: side_by_side(values) for name, values in parts.items()}
