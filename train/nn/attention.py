"""Multi-head attention over a candidate's tokens (eq. 7 to 10), for all experts of a bank at once.

Shapes: B queries, K candidates, T tokens of width w, E experts, h heads of width s = w/h. Features come first and
candidates last. There are two ways through the same mathematics. ``attend`` takes many queries, as in training.
``attend_one`` takes one query with very many candidates, as in serving: tokens that are the same for all candidates
meet the others in products of matrices, and there are few large steps, since onnxruntime pays for each.
"""

import functools
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Heads:
    """How the rows of the projection are laid out: [query, key, value] x [experts] x [heads] x [size]."""

    experts: int
    heads: int
    size: int

    @property
    def all(self) -> int:
        """Heads of all experts."""
        return self.experts * self.heads


def attend(weight: Tensor, tokens: list[Tensor], heads: Heads) -> tuple[list[Tensor], Tensor]:
    """Every token as a mixture of all, T times [E, w, B, K], and how much it takes of each, [T, T, E, h, B, K].

    ``weight`` [3*E*w, w] projects; tokens are [w, B, K], or [w, B, 1] where they are the same for all candidates and
    are projected once.
    """
    shape = (3, heads.experts, heads.heads, heads.size)
    projected = [
        (weight @ token.flatten(1)).view(*shape, *token.shape[1:]).unbind(0) for token in tokens
    ]  # for each token its query, key and value, [E, h, s, B, K or 1]
    queries, candidates = most(tokens)
    rows, mixed = [], []
    for query, _, _ in projected:
        scaled = query * heads.size**-0.5
        scores = [(scaled * key).sum(2) for _, key, _ in projected]  # eq. 8
        full = (heads.experts, heads.heads, queries, candidates)
        weights = torch.softmax(torch.stack([score.expand(full) for score in scores]), 0)  # eq. 9
        parts = [
            weight[:, :, None] * value
            for weight, (_, _, value) in zip(weights.unbind(0), projected, strict=True)
        ]
        mixed.append(functools.reduce(torch.add, parts).flatten(1, 2))  # [E, w, B, K], eq. 10
        rows.append(weights)
    return mixed, torch.stack(rows)


def attend_one(weight: Tensor, tokens: list[Tensor], heads: Heads) -> tuple[list[Tensor], Tensor]:
    """The same for one query, B = 1, of whose tokens at least one differs by candidate."""
    own = [place for place, token in enumerate(tokens) if token.shape[-1] > 1]
    same = [place for place in range(len(tokens)) if place not in own]
    query, key, value = weight.view(3, -1, weight.shape[1]).unbind(0)  # [E*w, w]
    query = query * heads.size**-0.5
    shape = (heads.all, 1, heads.size, -1)
    keys = torch.cat([(key @ tokens[place][:, 0]).view(shape) for place in own], 1)
    values = torch.cat([(value @ tokens[place][:, 0]).view(shape) for place in own], 1)
    # [E*h, own, s, K]
    if same:
        constant = torch.cat([tokens[place][:, 0] for place in same], 1)  # [w, same]
        same_queries, same_keys, same_values = (
            (matrix @ constant).view(heads.all, heads.size, -1) for matrix in (query, key, value)
        )  # [E*h, s, same]
        asked = same_queries.transpose(1, 2)
        to_own = asked[:, None] @ keys  # [E*h, own, same, K]
        to_same = asked @ same_keys  # [E*h, same, same]
    mixed, rows = [], []
    for place, token in enumerate(tokens):
        if place in own:
            asking = (query @ token[:, 0]).view(heads.all, 1, heads.size, -1)
            scores = (asking * keys).sum(2)  # [E*h, own, K]
            if same:
                more = same_keys.transpose(1, 2) @ asking[:, 0]  # [E*h, same, K]
                scores = torch.cat([scores, more], 1)
        else:
            at = same.index(place)
            scores = to_own[:, :, at]
            more = to_same[:, at, :, None].expand(-1, -1, scores.shape[-1])
            scores = torch.cat([scores, more], 1)
        weights = softmax(scores, 1)  # [E*h, T, K]
        attended = (weights[:, : len(own), None] * values).sum(1)  # [E*h, s, K]
        if same:
            attended = attended + same_values @ weights[:, len(own) :]
        mixed.append(attended.reshape(heads.experts, -1, 1, attended.shape[-1]))
        rows.append(weights)
    order = [(own + same).index(place) for place in range(len(tokens))]
    every = torch.stack(rows)[:, :, order]  # [T, E*h, T, K]
    full = every.view(len(tokens), heads.experts, heads.heads, len(tokens), 1, every.shape[-1])
    return mixed, full.permute(0, 3, 1, 2, 4, 5)


def softmax(scores: Tensor, axis: int) -> Tensor:
    """Softmax over any axis; spelt out for onnxruntime, which has a quick one for the last axis only."""
    if not torch.onnx.is_in_onnx_export():
        return torch.softmax(scores, axis)
    raised = torch.exp(scores - scores.amax(axis, keepdim=True))
    return raised / raised.sum(axis, keepdim=True)


def most(tokens: list[Tensor]) -> tuple[int, int]:
    """B, and K of the token with the most candidates."""
    return tokens[0].shape[-2], max(token.shape[-1] for token in tokens)
