"""Exact ONNX: the final vectors and the head in one file a task (no sparse product exports)."""

import warnings
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from train.embeddings import Views
from train.network import Network
from train.protocol import Lists
from train.tokens import column_tokens, item_inputs, participant_inputs, views_read

OUTPUTS = ("score", "gate", "attention")
OPSET = 18


@dataclass(frozen=True)
class Averages:
    """What stands in for an input that is taken away: the mean of every raw token, [1, 1, its width], and of the
    scaled evidence, [columns].
    """

    tokens: list[Tensor]
    facts: Tensor


class Serving(nn.Module):
    """One task for one initiator: positions, shifts and evidence in; score, gate and attention out.

    An entity's role vector is the one that is stored at its position plus its shift, so that whoever serves can bring
    it up to date, or give a vector of its own to somebody at the newcomer's position, whose stored one is zero. A shift
    holds the views that ``views_read`` names side by side, [1, views * d]; that of the candidates is [N, views * d],
    or one row for all of them.

    ``kept`` [T] holds a 1 for every token; a 0 puts the token's average in its place, which shows what it is worth.
    Without ``kept`` it gives the scores alone, with much less to do: that is what ranks.
    """

    average_facts: Tensor
    owners: Tensor

    def __init__(self, network: Network, task: str, views: Views, averages: Averages) -> None:
        super().__init__()
        self.network, self.task = network, task
        for name in Views.__dataclass_fields__:
            self.register_buffer(f"view_{name}", getattr(views, name).detach().clone())
        for place, average in enumerate(averages.tokens):
            self.register_buffer(f"average_{place}", average)
        self.register_buffer("average_facts", averages.facts)
        owners = torch.tensor(column_tokens(network.config, task), dtype=torch.long)
        self.register_buffer("owners", owners)

    def views(self) -> Views:
        """The tables of the one world that is served, [1, rows, d]."""
        return Views(**{name: getattr(self, f"view_{name}") for name in Views.__dataclass_fields__})

    def still(self) -> dict[str, Tensor]:
        """The shifts that leave everything as it is, by the name of their input."""
        config = self.network.config
        return {
            f"{place}_shift": torch.zeros(1, len(names) * config.dim)
            for place, names in views_read(config, self.task).items()
        }

    def scaled(self, evidence: Tensor) -> Tensor:
        """The evidence [N, columns] as the network takes it, [1, N, columns]."""
        return self.network.scales[self.task](evidence)[None]

    def answer(
        self, inputs: dict[str, Tensor], facts: Tensor, kept: Tensor | None
    ) -> tuple[Tensor, ...]:
        """Scores the raw tokens, those not ``kept`` averaged, on the straight path as well.

        With None all are kept, and only the scores come back.
        """
        if kept is None:
            return (self.network.mamgbr(self.task, inputs, facts).score[0],)
        shown = {}
        for place, (name, value) in enumerate(inputs.items()):
            share = kept[place]
            shown[name] = share * value + (1 - share) * getattr(self, f"average_{place}")
        if facts.shape[2]:
            shares = kept[self.owners]
            facts = shares * facts + (1 - shares) * self.average_facts
        scored = self.network.mamgbr(self.task, shown, facts)
        return scored.score[0], scored.gate[0], scored.attention[0]


class ItemServing(Serving):
    """Task I."""

    def forward(
        self,
        initiator: Tensor,
        candidates: Tensor,
        evidence: Tensor,
        initiator_shift: Tensor,
        candidate_shift: Tensor,
        kept: Tensor | None = None,
    ) -> tuple[Tensor, ...]:
        """``initiator`` [1], ``candidates`` [N], ``evidence`` [N, E1] -> [N], [N, E], [N, E, h, T, T]."""
        facts = self.scaled(evidence)
        world = torch.zeros(1, dtype=torch.long)
        u, i = initiator[None], candidates[None]
        shifts = {"initiator": initiator_shift, "candidate": candidate_shift}
        inputs = item_inputs(self.network.config, self.views(), world, u, i, facts, shifts=shifts)
        return self.answer(inputs, facts, kept)


class ParticipantServing(Serving):
    """Task II."""

    def forward(
        self,
        initiator: Tensor,
        item: Tensor,
        candidates: Tensor,
        evidence: Tensor,
        initiator_shift: Tensor,
        item_shift: Tensor,
        candidate_shift: Tensor,
        kept: Tensor | None = None,
    ) -> tuple[Tensor, ...]:
        """``initiator`` [1], ``item`` [1], ``candidates`` [N], ``evidence`` [N, E2] -> as in Task I."""
        facts = self.scaled(evidence)
        world = torch.zeros(1, dtype=torch.long)
        u, i, p = initiator[None], item[None], candidates[None]
        shifts = {
            "initiator": initiator_shift,
            "item": item_shift,
            "candidate": candidate_shift,
        }
        inputs = participant_inputs(
            self.network.config, self.views(), world, u, i, p, facts, shifts
        )
        return self.answer(inputs, facts, kept)


@torch.no_grad()
def token_averages(network: Network, views: Views, lists: Lists, facts: Tensor) -> Averages:
    """The means over the candidates of some lists, whose raw evidence is ``facts`` [n, N, columns]."""
    place = torch.zeros(len(lists.initiator), dtype=torch.long)
    u = torch.from_numpy(lists.initiator)[:, None]
    candidates = torch.from_numpy(lists.candidates)
    scaled = network.scales[lists.task](facts)
    if lists.item is None:
        inputs = item_inputs(network.config, views, place, u, candidates, scaled)
    else:
        i = torch.from_numpy(lists.item)[:, None]
        inputs = participant_inputs(network.config, views, place, u, i, candidates, scaled)
    tokens = [value.mean((0, 1), keepdim=True) for value in inputs.values()]
    return Averages(tokens, scaled.mean((0, 1)))


def serving_module(network: Network, views: Views, task: str, averages: Averages) -> Serving:
    """The module that is exported for a task, in evaluation mode; ``views`` hold the one world that is served."""
    kind = ItemServing if task == "items" else ParticipantServing
    return kind(network, task, views, averages).eval()


def example_inputs(module: Serving, tokens: int, columns: int) -> dict[str, Tensor]:
    """Inputs of the right shape for three candidates."""
    inputs = {"initiator": torch.zeros(1, dtype=torch.long)}
    if module.task == "participants":
        inputs["item"] = torch.zeros(1, dtype=torch.long)
    return inputs | {
        "candidates": torch.arange(3),
        "evidence": torch.zeros(3, columns),
        **module.still(),
        "kept": torch.ones(tokens),
    }


def write_onnx(
    module: Serving, tokens: int, columns: int, path: Path, scores_only: bool = False
) -> None:
    """Writes one self-contained file: with ``kept`` and all outputs, or with the scores alone.

    Traced, not captured by dynamo: attention is unrolled over the tokens, and a graph of so many small steps takes
    dynamo 30 s where the tracer takes 2, for a model that runs as fast. The trace is held to torch by the canaries.
    """
    inputs = example_inputs(module, tokens, columns)
    outputs = list(OUTPUTS)
    if scores_only:
        del inputs["kept"]
        outputs = outputs[:1]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # on shapes that it takes for constants: those of the model
        torch.onnx.export(
            module,
            args=(),
            kwargs=inputs,
            f=path,
            dynamo=False,
            opset_version=OPSET,
            input_names=list(inputs),
            output_names=outputs,
            dynamic_axes={name: {0: "candidates"} for name in ("candidates", "evidence", *outputs)}
            | {"candidate_shift": {0: "shifts"}},
        )
