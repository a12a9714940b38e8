"""MAMGBR: tokens, experts with multi-head attention, gates and towers (eq. 7 to 17).

Shapes: B queries, K candidates of each, T tokens of width w, E experts of a bank, h heads of width w/h. Features come
first and candidates last, [w, B, K]: with so few tokens, attention is a handful of products over long rows of
candidates, ten times as fast as a batched product of tiny matrices. A token that all candidates of a query share has
K = 1 and is projected once.

Each (query, candidate) is computed by itself, never across the batch, so that a candidate's score does not depend on
its neighbours in the list.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from db.logs import Task
from engine.model_settings import ModelSettings
from train.nn.attention import Heads, attend, attend_one_query, batch_shape, softmax


class Dropout(nn.Module):
    """As ``nn.Dropout``; with a ``generator``, what is dropped does not depend on other random numbers."""

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share
        self.generator: torch.Generator | None = None

    def seed(self, seed: int) -> None:
        """Seeds the generator, if there is one."""
        if self.generator is not None:
            self.generator.manual_seed(seed)

    def forward(self, x: Tensor) -> Tensor:
        """The same shape; the kept values are scaled up so that the mean stays."""
        if self.generator is None or not self.training:
            return functional.dropout(x, self.share, self.training)
        kept = torch.empty_like(x).bernoulli_(1 - self.share, generator=self.generator)
        return x * kept.div_(1 - self.share)


@dataclass(frozen=True)
class TaskOutput:
    """What the model says about the candidates of one task.

    ``score`` [B, K]; ``gate`` [B, K, E] over the task's own and the shared experts; ``attention``
    [B, K, E, h, T, T], whose last axis sums to 1: how much the row's token attends to the column's (h is 0 without
    attention).
    """

    score: Tensor
    gate: Tensor
    attention: Tensor


class PerTask(nn.Module):
    """A module for each task (``nn.ModuleDict`` cannot hold the key "items")."""

    def __init__(self, make: Callable[[Task], nn.Module]) -> None:
        super().__init__()
        self.first, self.second = make(Task.ITEMS), make(Task.PARTICIPANTS)

    def __getitem__(self, task: Task) -> nn.Module:
        return self.first if task == Task.ITEMS else self.second


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
        # Without shapes that onnxruntime would have to compute in every run.
        return flat[:, None] if x.shape[1] == 1 else flat.view(-1, *x.shape[1:])

    def last_to_first(self, x: Tensor) -> Tensor:
        """The same for inputs on the last axis: [B, K, inputs] -> [outputs, B, K]."""
        bias = None if self.bias is None else self.bias[:, 0]
        return functional.linear(x, self.weight, bias).permute(2, 0, 1)


class Experts(nn.Module):
    """All experts of a level: attention over the tokens, then E(x) of the paper (eq. 7 to 14).

    The experts are stacked on an axis of their own; a bank is a slice of it.
    """

    def __init__(
        self, settings: ModelSettings, experts: int, tokens: int, width: int, out: int
    ) -> None:
        super().__init__()
        self.heads, self.attends = settings.heads, settings.attention
        self.projects = settings.attention and settings.output_projection
        if self.attends:
            self.query_key_value = nn.Parameter(_uniform(width, 3, experts, width, width))
        if self.projects:
            self.output = nn.Parameter(_uniform(width, experts, width, width))
        self.first = nn.Parameter(
            _uniform(tokens * width, experts, settings.hidden, tokens * width)
        )
        self.first_bias = nn.Parameter(torch.zeros(experts, settings.hidden, 1))
        self.second = nn.Parameter(_uniform(settings.hidden, experts, out, settings.hidden))
        self.second_bias = nn.Parameter(torch.zeros(experts, out, 1))
        self.norms = nn.ModuleList(nn.BatchNorm1d(out) for _ in range(experts))
        self.dropout = Dropout(settings.dropout)

    def forward(self, tokens: list[Tensor], bank: slice) -> tuple[Tensor, Tensor]:
        """Tokens, each [w, B, K or 1] -> outputs [E, out, B, K] and attention [T, T, E, h, B, K] of the E experts."""
        count = len(self.first[bank])
        if self.attends:
            attended, weights = self._attend(tokens, bank)  # T times [E, w, B, K]
        else:
            attended = [token.expand(count, *token.shape) for token in tokens]
            weights = tokens[0].new_zeros(len(tokens), len(tokens), count, 0, *batch_shape(tokens))
        queries, candidates = batch_shape(attended)
        inputs = torch.cat([_expanded(token, queries, candidates) for token in attended], 1)
        inputs = inputs.flatten(2)  # [E, T*w, B*K]
        hidden = functional.relu(torch.baddbmm(self.first_bias[bank], self.first[bank], inputs))
        out = torch.baddbmm(self.second_bias[bank], self.second[bank], hidden)
        normed = self.dropout(self._norm(functional.relu(out), bank))
        return normed.view(count, -1, queries, candidates), weights

    def _attend(self, tokens: list[Tensor], bank: slice) -> tuple[list[Tensor], Tensor]:
        """Eq. 7 to 11: each token as a mixture of all, T times [E, w, B, K], and the attention weights."""
        queries, candidates = batch_shape(tokens)
        attention = attend_one_query if queries == 1 and candidates > 1 else attend
        chosen = self.query_key_value[:, bank]  # [3, E, w, w]
        heads = Heads(chosen.shape[1], self.heads, chosen.shape[2] // self.heads)
        mixed, weights = attention(chosen.flatten(0, 2), tokens, heads)
        if self.projects:
            output = self.output[bank]
            mixed = [(output @ flat.flatten(2)).view_as(flat) for flat in mixed]  # eq. 11
        return mixed, weights

    def _norm(self, out: Tensor, bank: slice) -> Tensor:
        """Each expert's own batch normalisation of [E, out, N]; a single step in evaluation mode."""
        norms = [norm for norm in self.norms[bank] if isinstance(norm, nn.BatchNorm1d)]
        if self.training:
            return torch.cat([norm(part[None]) for norm, part in zip(norms, out, strict=True)])
        scales, shifts = zip(*map(_scale_and_shift, norms), strict=True)
        return out * torch.stack(scales)[:, :, None] + torch.stack(shifts)[:, :, None]


class Gate(nn.Module):
    """Two linear layers with a ReLU between them and a softmax over the experts (eq. 15)."""

    def __init__(self, tokens: int, width: int, hidden: int, experts: int) -> None:
        super().__init__()
        # One map for each token; their sum is a linear layer over the concatenated tokens.
        self.first = nn.ModuleList(
            Affine(width, hidden, bias=index == 0) for index in range(tokens)
        )
        self.second = Affine(hidden, experts)

    def forward(self, tokens: list[Tensor]) -> Tensor:
        """Tokens, each [w, B, K or 1] -> weights [E, B, K] that sum to 1."""
        hidden = sum(part(token) for part, token in zip(self.first, tokens, strict=True))
        return softmax(self.second(functional.relu(hidden)), 0)


class Level(nn.Module):
    """Three banks of experts (Task I, shared, Task II) and the gates that mix them."""

    def __init__(self, settings: ModelSettings, tokens: int, width: int, top: bool) -> None:
        super().__init__()
        own = settings.experts
        shared = settings.experts if settings.shared else 0
        every = 2 * own + shared
        # A task's own bank is next to the shared one, so that both are computed together.
        self.banks = {
            Task.ITEMS: slice(0, own + shared),
            Task.PARTICIPANTS: slice(own, every),
        }
        self.experts = Experts(settings, every, tokens, width, settings.out)
        self.gates = PerTask(lambda _: Gate(tokens, width, settings.gate_hidden, own + shared))
        if not top:
            self.common = Gate(tokens, width, settings.gate_hidden, every)

    def forward(self, task: Task, tokens: list[Tensor]) -> tuple[Tensor, Tensor, Tensor]:
        """The task's mixture [out, B, K], its gate [E, B, K], and attention [T, T, E, h, B, K]."""
        outputs, weights = self.experts(tokens, self.banks[task])
        gate = self.gates[task](tokens)
        return _mix(gate, outputs), gate, weights

    def mixtures(self, tokens: list[Tensor]) -> list[Tensor]:
        """The mixtures of Task I, of all experts and of Task II, each [out, B, K]: the tokens of the next level."""
        outputs, _ = self.experts(tokens, slice(None))
        first, second = (_mix(self.gates[task](tokens), outputs[self.banks[task]]) for task in Task)
        return [first, _mix(self.common(tokens), outputs), second]


def expert_names(settings: ModelSettings, task: Task) -> list[str]:
    """The names of a task's experts, a bank and a number, in the order of its gate."""
    numbers = range(1, settings.experts + 1)
    banks = ["Task I", "shared"] if task == Task.ITEMS else ["shared", "Task II"]
    kept = [bank for bank in banks if settings.shared or bank != "shared"]
    return [f"{bank} {number}" for bank in kept for number in numbers]


class Mamgbr(nn.Module):
    """From the inputs of tokens to scores: levels of experts and gates, then a tower for each task (eq. 16 and 17)."""

    def __init__(self, settings: ModelSettings, inputs: dict[Task, dict[str, int]]) -> None:
        """``inputs``: the tokens of each task by name, in order, with the width of each input."""
        super().__init__()
        self.names = {task: list(widths) for task, widths in inputs.items()}
        width = settings.token_width
        self.projections = PerTask(
            lambda task: nn.ModuleDict(
                {name: _projection(size, settings) for name, size in inputs[task].items()}
            )
        )
        count = len(inputs[Task.ITEMS])
        self.levels = nn.ModuleList(
            Level(
                settings,
                count if depth == 0 else 3,
                width if depth == 0 else settings.out,
                top=depth == settings.levels - 1,
            )
            for depth in range(settings.levels)
        )
        self.towers = PerTask(
            lambda _: nn.Sequential(
                Affine(settings.out, settings.tower), nn.ReLU(), Affine(settings.tower, 1)
            )
        )

    def forward(self, task: Task, inputs: dict[str, Tensor]) -> TaskOutput:
        """From the inputs by token name, each [B, K or 1, width of the input]."""
        projections = self.projections[task]
        assert isinstance(projections, nn.ModuleDict)  # noqa: S101  for the type checker
        tokens = [_token(projections[name], inputs[name]) for name in self.names[task]]
        *below, top = [level for level in self.levels if isinstance(level, Level)]
        for level in below:
            tokens = level.mixtures(tokens)
        mixture, gate, attention = top(task, tokens)
        score = self.towers[task](mixture)[0]  # [B, K]
        return TaskOutput(score, gate.permute(1, 2, 0), attention.permute(4, 5, 2, 3, 0, 1))


def concatenate(parts: list[Tensor]) -> Tensor:
    """Parts, each [B, K or 1, width], concatenated to [B, K, sum of the widths]."""
    candidates = max(part.shape[1] for part in parts)
    return torch.cat([part.expand(-1, candidates, -1) for part in parts], -1)


def _scale_and_shift(norm: nn.BatchNorm1d) -> tuple[Tensor, Tensor]:
    """The scale and the shift, each [out], that a batch normalisation applies in evaluation mode."""
    mean, variance = norm.running_mean, norm.running_var
    assert mean is not None  # noqa: S101  it keeps both
    assert variance is not None  # noqa: S101
    scale = norm.weight * torch.rsqrt(variance + norm.eps)
    return scale, norm.bias - scale * mean


def _mix(gate: Tensor, outputs: Tensor) -> Tensor:
    """Gate [E, B, K] over outputs [E, out, B, K] -> [out, B, K]."""
    return (gate[:, None] * outputs).sum(0)


def _expanded(token: Tensor, queries: int, candidates: int) -> Tensor:
    """A token [E, w, B or 1, K or 1] as [E, w, B, K]."""
    if token.shape[2:] == (queries, candidates):
        return token
    return token.expand(-1, -1, queries, candidates)


def _token(projection: nn.Module, values: Tensor) -> Tensor:
    """A token [w, B, K] from its input [B, K, size]."""
    if isinstance(projection, Affine):
        return projection.last_to_first(values)
    return values.permute(2, 0, 1)


def _projection(size: int, settings: ModelSettings) -> nn.Module:
    """From an input to its token; with ``width=0``, roles stay as they are, as in the paper."""
    width = settings.token_width
    return nn.Identity() if not settings.width and size == width else Affine(size, width)


def _uniform(inputs: int, *shape: int) -> Tensor:
    """The weights of a layer with ``inputs`` inputs, initialised as in ``nn.Linear``."""
    return torch.empty(*shape).uniform_(-(inputs**-0.5), inputs**-0.5)
