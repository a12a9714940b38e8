"""Multi-head attention over the tokens of a candidate (eq. 7 to 10), for all experts of a bank at once.

Shapes: B queries, K candidates, T tokens of width w, E experts, h heads of width s = w/h. Features come first and
candidates last. The same mathematics is implemented twice. ``attend`` takes many queries, as in training.
``attend_one_query`` takes one query with very many candidates, as in serving: tokens that all candidates share meet the
others in matrix products, in few large steps, because onnxruntime has a cost per step.
"""

import functools
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Heads:
    """The layout of the rows of the projection: [query, key, value] x [experts] x [heads] x [size]."""

    experts: int
    heads: int
    size: int

    @property
    def total(self) -> int:
        """Heads of all experts."""
        return self.experts * self.heads


def attend(weight: Tensor, tokens: list[Tensor], heads: Heads) -> tuple[list[Tensor], Tensor]:
    """Each token as a mixture of all, T times [E, w, B, K], and the attention weights [T, T, E, h, B, K].

    ``weight`` [3*E*w, w] is the projection. Tokens are [w, B, K], or [w, B, 1] where all candidates share them; these
    are projected once.
    """
    shape = (3, heads.experts, heads.heads, heads.size)
    projected = [
        (weight @ token.flatten(1)).view(*shape, *token.shape[1:]).unbind(0) for token in tokens
    ]  # query, key and value of each token, [E, h, s, B, K or 1]
    queries, candidates = batch_shape(tokens)
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


def attend_one_query(
    weight: Tensor, tokens: list[Tensor], heads: Heads
) -> tuple[list[Tensor], Tensor]:
    """The same as ``attend`` for B = 1, where at least one token differs between candidates."""
    own = [index for index, token in enumerate(tokens) if token.shape[-1] > 1]
    shared = [index for index in range(len(tokens)) if index not in own]
    query, key, value = weight.view(3, -1, weight.shape[1]).unbind(0)  # [E*w, w]
    query = query * heads.size**-0.5
    shape = (heads.total, 1, heads.size, -1)
    keys = torch.cat([(key @ tokens[index][:, 0]).view(shape) for index in own], 1)
    values = torch.cat([(value @ tokens[index][:, 0]).view(shape) for index in own], 1)
    # [E*h, own, s, K]
    if shared:
        constant = torch.cat([tokens[index][:, 0] for index in shared], 1)  # [w, shared]
        shared_queries, shared_keys, shared_values = (
            (matrix @ constant).view(heads.total, heads.size, -1) for matrix in (query, key, value)
        )  # [E*h, s, shared]
        transposed = shared_queries.transpose(1, 2)
        shared_to_own = transposed[:, None] @ keys  # [E*h, own, shared, K]
        shared_to_shared = transposed @ shared_keys  # [E*h, shared, shared]
    mixed, rows = [], []
    for index, token in enumerate(tokens):
        if index in own:
            own_query = (query @ token[:, 0]).view(heads.total, 1, heads.size, -1)
            scores = (own_query * keys).sum(2)  # [E*h, own, K]
            if shared:
                more = shared_keys.transpose(1, 2) @ own_query[:, 0]  # [E*h, shared, K]
                scores = torch.cat([scores, more], 1)
        else:
            at = shared.index(index)
            scores = shared_to_own[:, :, at]
            more = shared_to_shared[:, at, :, None].expand(-1, -1, scores.shape[-1])
            scores = torch.cat([scores, more], 1)
        weights = softmax(scores, 1)  # [E*h, T, K]
        attended = (weights[:, : len(own), None] * values).sum(1)  # [E*h, s, K]
        if shared:
            attended = attended + shared_values @ weights[:, len(own) :]
        mixed.append(attended.reshape(heads.experts, -1, 1, attended.shape[-1]))
        rows.append(weights)
    order = [(own + shared).index(index) for index in range(len(tokens))]
    every = torch.stack(rows)[:, :, order]  # [T, E*h, T, K]
    full = every.view(len(tokens), heads.experts, heads.heads, len(tokens), 1, every.shape[-1])
    return mixed, full.permute(0, 3, 1, 2, 4, 5)


def softmax(scores: Tensor, axis: int) -> Tensor:
    """Softmax over any axis; spelt out for onnxruntime, whose own is fast only over the last axis."""
    if not torch.onnx.is_in_onnx_export():
        return torch.softmax(scores, axis)
    raised = torch.exp(scores - scores.amax(axis, keepdim=True))
    return raised / raised.sum(axis, keepdim=True)


def batch_shape(tokens: list[Tensor]) -> tuple[int, int]:
    """B, and the K of the token that has the most candidates."""
    return tokens[0].shape[-2], max(token.shape[-1] for token in tokens)
