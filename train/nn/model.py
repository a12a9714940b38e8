"""MAMGBR: tokens, experts with multi-head attention, gates and towers (eq. 7 to 17).

Shapes: B queries, K candidates of each, T tokens of width w, E experts of a bank, h heads of width w/h. Features come
first and candidates last, [w, B, K]: with so few tokens, attention is a handful of products over long rows of
candidates, ten times as fast as a batched product of tiny matrices. A token that is the same for all candidates of a
query has K = 1 and is projected once.

Everything is computed for each (query, candidate) apart, never across the batch, so that a candidate's score does not
depend on its neighbours in the list.


Dropout that can draw from a generator of its own.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.model_settings import ModelSettings
from train.nn.attention import Heads, attend, attend_one, most, softmax


class Dropout(nn.Module):
    """As ``nn.Dropout``; with a ``generator``, what is dropped does not hang on what else is drawn meanwhile."""

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share
        self.generator: torch.Generator | None = None

    def seed(self, seed: int) -> None:
        """Begins anew with the generator."""
        if self.generator is not None:
            self.generator.manual_seed(seed)

    def forward(self, x: Tensor) -> Tensor:
        """The same shape; what is kept grows so that the mean stays."""
        if self.generator is None or not self.training:
            return functional.dropout(x, self.share, self.training)
        kept = torch.empty_like(x).bernoulli_(1 - self.share, generator=self.generator)
        return x * kept.div_(1 - self.share)


TASKS = ("items", "participants")


@dataclass(frozen=True)
class TaskOutput:
    """A task's answer: ``score`` [B, K], ``gate`` [B, K, E] over its own and the shared experts, and ``attention``
    [B, K, E, h, T, T], whose last axis sums to 1: how much the row's token looks at the column's; without attention
    h is 0.
    """

    score: Tensor
    gate: Tensor
    attention: Tensor


class PerTask(nn.Module):
    """A module for each task, by the task's name (a ModuleDict takes no key "items")."""

    def __init__(self, make: Callable[[str], nn.Module]) -> None:
        super().__init__()
        self.first, self.second = make("items"), make("participants")

    def __getitem__(self, task: str) -> nn.Module:
        return self.first if task == "items" else self.second


class Affine(nn.Module):
    """A linear layer over the first axis: [inputs, ...] -> [outputs, ...]."""

    def __init__(self, inputs: int, outputs: int, bias: bool = True) -> None:
        super().__init__()
        self.weight = nn.Parameter(_uniform(inputs, outputs, inputs))
        self.bias = nn.Parameter(torch.zeros(outputs, 1)) if bias else None

    def forward(self, x: Tensor) -> Tensor:
        """[inputs, ...] -> [outputs, ...]."""
        flat = self.weight @ x.flatten(1)
        if self.bias is not None:
            flat = flat + self.bias
        # One query needs no shapes that onnxruntime would have to work out anew in every run.
        return flat[:, None] if x.shape[1] == 1 else flat.view(-1, *x.shape[1:])

    def last_to_first(self, x: Tensor) -> Tensor:
        """The same for inputs on the last axis, [B, K, inputs] -> [outputs, B, K]."""
        bias = None if self.bias is None else self.bias[:, 0]
        return functional.linear(x, self.weight, bias).permute(2, 0, 1)


class Experts(nn.Module):
    """All experts of a level side by side: attention over the tokens, then E(x) of the paper (eq. 7 to 14).

    They stand in one stack on an axis of their own, and a bank is a range of it.
    """

    def __init__(
        self, config: ModelSettings, experts: int, tokens: int, width: int, out: int
    ) -> None:
        super().__init__()
        self.heads, self.attends = config.heads, config.attention
        self.projects = config.attention and config.output_projection
        if self.attends:
            self.query_key_value = nn.Parameter(_uniform(width, 3, experts, width, width))
        if self.projects:
            self.output = nn.Parameter(_uniform(width, experts, width, width))
        self.first = nn.Parameter(_uniform(tokens * width, experts, config.hidden, tokens * width))
        self.first_bias = nn.Parameter(torch.zeros(experts, config.hidden, 1))
        self.second = nn.Parameter(_uniform(config.hidden, experts, out, config.hidden))
        self.second_bias = nn.Parameter(torch.zeros(experts, out, 1))
        self.norms = nn.ModuleList(nn.BatchNorm1d(out) for _ in range(experts))
        self.dropout = Dropout(config.dropout)

    def forward(self, tokens: list[Tensor], bank: slice) -> tuple[Tensor, Tensor]:
        """Tokens, each [w, B, K or 1] -> outputs [E, out, B, K] and attention [T, T, E, h, B, K] of one bank's E."""
        count = len(self.first[bank])
        if self.attends:
            attended, weights = self._attend(tokens, bank)  # T times [E, w, B, K]
        else:
            attended = [token.expand(count, *token.shape) for token in tokens]
            weights = tokens[0].new_zeros(len(tokens), len(tokens), count, 0, *most(tokens))
        queries, candidates = most(attended)
        side = torch.cat([_spread(token, queries, candidates) for token in attended], 1)
        side = side.flatten(2)  # [E, T*w, B*K]
        hidden = functional.relu(torch.baddbmm(self.first_bias[bank], self.first[bank], side))
        out = torch.baddbmm(self.second_bias[bank], self.second[bank], hidden)
        normed = self.dropout(self._norm(functional.relu(out), bank))
        return normed.view(count, -1, queries, candidates), weights

    def _attend(self, tokens: list[Tensor], bank: slice) -> tuple[list[Tensor], Tensor]:
        """Eq. 7 to 11: every token as a mixture of all, [E, w, B, K], and how much it takes of each."""
        queries, candidates = most(tokens)
        way = attend_one if queries == 1 and candidates > 1 else attend
        chosen = self.query_key_value[:, bank]  # [3, E, w, w]
        heads = Heads(chosen.shape[1], self.heads, chosen.shape[2] // self.heads)
        mixed, weights = way(chosen.flatten(0, 2), tokens, heads)
        if self.projects:
            output = self.output[bank]
            mixed = [(output @ flat.flatten(2)).view_as(flat) for flat in mixed]  # eq. 11
        return mixed, weights

    def _norm(self, out: Tensor, bank: slice) -> Tensor:
        """Each expert's own normalisation of [E, out, N]; as one step where nothing is learned from it."""
        norms = [norm for norm in self.norms[bank] if isinstance(norm, nn.BatchNorm1d)]
        if self.training:
            return torch.cat([norm(part[None]) for norm, part in zip(norms, out, strict=True)])
        scales, shifts = zip(*map(_settled, norms), strict=True)
        return out * torch.stack(scales)[:, :, None] + torch.stack(shifts)[:, :, None]


class Gate(nn.Module):
    """Two linear layers with a ReLU between, and a softmax over the experts (eq. 15)."""

    def __init__(self, tokens: int, width: int, hidden: int, experts: int) -> None:
        super().__init__()
        # One map for each token: together they are a linear layer over all tokens side by side.
        self.first = nn.ModuleList(
            Affine(width, hidden, bias=place == 0) for place in range(tokens)
        )
        self.second = Affine(hidden, experts)

    def forward(self, tokens: list[Tensor]) -> Tensor:
        """Tokens, each [w, B, K or 1] -> weights [E, B, K] that sum to 1."""
        hidden = sum(part(token) for part, token in zip(self.first, tokens, strict=True))
        return softmax(self.second(functional.relu(hidden)), 0)


class Level(nn.Module):
    """Three banks of experts (Task I, shared, Task II) and the gates that mix them."""

    def __init__(self, config: ModelSettings, tokens: int, width: int, top: bool) -> None:
        super().__init__()
        own = config.experts
        shared = config.experts if config.shared else 0
        every = 2 * own + shared
        # A task's own bank and the shared one lie side by side, and are worked out together.
        self.banks = {"items": slice(0, own + shared), "participants": slice(own, every)}
        self.experts = Experts(config, every, tokens, width, config.out)
        self.gates = PerTask(lambda _: Gate(tokens, width, config.gate_hidden, own + shared))
        if not top:
            self.common = Gate(tokens, width, config.gate_hidden, every)

    def forward(self, task: str, tokens: list[Tensor]) -> tuple[Tensor, Tensor, Tensor]:
        """The task's mixture [out, B, K], its gate [E, B, K], and attention [T, T, E, h, B, K]."""
        outputs, weights = self.experts(tokens, self.banks[task])
        gate = self.gates[task](tokens)
        return _mix(gate, outputs), gate, weights

    def mixtures(self, tokens: list[Tensor]) -> list[Tensor]:
        """Mixtures of Task I, of all experts and of Task II, each [out, B, K]: the next level's tokens."""
        outputs, _ = self.experts(tokens, slice(None))
        first, second = (
            _mix(self.gates[task](tokens), outputs[self.banks[task]]) for task in TASKS
        )
        return [first, _mix(self.common(tokens), outputs), second]


def expert_names(config: ModelSettings, task: str) -> list[str]:
    """The names of a task's experts, in the order of its gate: a bank and a number."""
    numbers = range(1, config.experts + 1)
    banks = {"items": ["Task I", "shared"], "participants": ["shared", "Task II"]}[task]
    kept = [bank for bank in banks if config.shared or bank != "shared"]
    return [f"{bank} {number}" for bank in kept for number in numbers]


class Mamgbr(nn.Module):
    """Tokens in, scores out: levels of experts and gates, then a tower for each task (eq. 16 and 17)."""

    def __init__(self, config: ModelSettings, inputs: dict[str, dict[str, int]]) -> None:
        """``inputs``: for each task its token names, in order, with the width of what each is made from."""
        super().__init__()
        self.names = {task: list(widths) for task, widths in inputs.items()}
        width = config.width or 2 * config.dim
        self.makers = PerTask(
            lambda task: nn.ModuleDict(
                {name: _maker(size, width, config) for name, size in inputs[task].items()}
            )
        )
        count = len(inputs["items"])
        self.levels = nn.ModuleList(
            Level(
                config,
                count if depth == 0 else 3,
                width if depth == 0 else config.out,
                top=depth == config.levels - 1,
            )
            for depth in range(config.levels)
        )
        self.towers = PerTask(
            lambda _: nn.Sequential(
                Affine(config.out, config.tower), nn.ReLU(), Affine(config.tower, 1)
            )
        )

    def forward(self, task: str, inputs: dict[str, Tensor]) -> TaskOutput:
        """From raw inputs by token name, each [B, K or 1, its width]."""
        makers = self.makers[task]
        assert isinstance(makers, nn.ModuleDict)  # noqa: S101  for the type checker
        tokens = [_made(makers[name], inputs[name]) for name in self.names[task]]
        *below, top = [level for level in self.levels if isinstance(level, Level)]
        for level in below:
            tokens = level.mixtures(tokens)
        mixture, gate, attention = top(task, tokens)
        score = self.towers[task](mixture)[0]  # [B, K]
        return TaskOutput(score, gate.permute(1, 2, 0), attention.permute(4, 5, 2, 3, 0, 1))


def side_by_side(parts: list[Tensor]) -> Tensor:
    """Parts, each [B, K or 1, width], as [B, K, sum of widths]."""
    candidates = max(part.shape[1] for part in parts)
    return torch.cat([part.expand(-1, candidates, -1) for part in parts], -1)


def _settled(norm: nn.BatchNorm1d) -> tuple[Tensor, Tensor]:
    """The scale and the shift, each [out], that a normalisation comes to once nothing is learned any more."""
    mean, variance = norm.running_mean, norm.running_var
    assert mean is not None  # noqa: S101  it keeps both
    assert variance is not None  # noqa: S101
    scale = norm.weight * torch.rsqrt(variance + norm.eps)
    return scale, norm.bias - scale * mean


def _mix(gate: Tensor, outputs: Tensor) -> Tensor:
    """Gate [E, B, K] over outputs [E, out, B, K] -> [out, B, K]."""
    return (gate[:, None] * outputs).sum(0)


def _spread(token: Tensor, queries: int, candidates: int) -> Tensor:
    """A token [E, w, B or 1, K or 1] laid out for every query and candidate."""
    if token.shape[2:] == (queries, candidates):
        return token
    return token.expand(-1, -1, queries, candidates)


def _made(maker: nn.Module, raw: Tensor) -> Tensor:
    """A token [w, B, K] from its raw input [B, K, size]."""
    return maker.last_to_first(raw) if isinstance(maker, Affine) else raw.permute(2, 0, 1)


def _maker(size: int, width: int, config: ModelSettings) -> nn.Module:
    """Makes a token; roles that are as wide as a token already stay as they are (the paper's tokens)."""
    return nn.Identity() if not config.width and size == width else Affine(size, width)


def _uniform(inputs: int, *shape: int) -> Tensor:
    """Weights of a layer with so many inputs, drawn as ``nn.Linear`` draws them."""
    return torch.empty(*shape).uniform_(-(inputs**-0.5), inputs**-0.5)
