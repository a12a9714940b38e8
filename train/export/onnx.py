"""Exact ONNX: a task with its vectors in one file (no sparse product exports), and its head alone.

The world that a model serves with: it knows every group, those of validation too.
"""

import warnings
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from db.logs import Logs
from engine.bundle.roles import ITEM_VIEWS, USER_VIEWS, Roles
from engine.model_settings import ModelSettings
from train.evaluate.sampled_ranking import CandidateLists
from train.nn.embeddings import FixedViews, Views
from train.nn.network import Network
from train.nn.tokens import (
    item_inputs,
    item_tokens,
    participant_inputs,
    participant_tokens,
    views_of_items,
    views_of_users,
)
from train.prepare.dataset import Dataset
from train.prepare.snapshot import Snapshot, take_snapshot

PARAMETERS = ("initiator", "candidates", "evidence", "item", "kept")
OUTPUTS = ("score", "gate", "attention")
OPSET = 18


class Serving(nn.Module):
    """One task for one query: who and what, and evidence in; score, gate and attention out.

    ``kept`` [T] holds a 1 for every token; a 0 puts the token's average in its place, which shows what it is worth.
    Without ``kept`` it gives the scores alone, with much less to do: that is what ranks.
    """

    average_person: Tensor

    def __init__(self, network: Network, task: str, views: Views, averages: list[Tensor]) -> None:
        """``averages``: what stands in for each raw token where it is taken away, [1, 1, its width]."""
        super().__init__()
        self.network, self.task = network, task
        for place, average in enumerate(averages):
            self.register_buffer(f"average_{place}", average)
        self.register_buffer(
            "average_person", views.average.detach().clone()[:, None]
        )  # [1, 1, 2d]

    def scaled(self, evidence: Tensor) -> Tensor:
        """The evidence [N, columns] as the network takes it, [1, N, columns]."""
        return self.network.scales[self.task](evidence)[None]

    def answer(
        self,
        initiator: list[Tensor],
        item: list[Tensor] | None,
        candidates: list[Tensor],
        evidence: Tensor,
        kept: Tensor | None,
    ) -> tuple[Tensor, ...]:
        """From views, each [1, 1 or N, d]. With ``kept`` None all tokens are, and only the scores come back."""
        config, facts = self.network.config, self.scaled(evidence)
        if item is None:
            people = [*self.average_person.chunk(2, -1)]
            inputs = item_tokens(config, initiator, candidates, people, facts)
        else:
            inputs = participant_tokens(config, initiator, item, candidates, facts)
        if kept is None:
            return (self.network.mamgbr(self.task, inputs).score[0],)
        shown = {}
        for place, (name, value) in enumerate(inputs.items()):
            share = kept[place]
            shown[name] = share * value + (1 - share) * getattr(self, f"average_{place}")
        scored = self.network.mamgbr(self.task, shown)
        return scored.score[0], scored.gate[0], scored.attention[0]


class Whole(Serving):
    """A task complete with its embeddings: takes positions, and needs nothing beside it but evidence."""

    def __init__(self, network: Network, task: str, views: Views, averages: list[Tensor]) -> None:
        super().__init__(network, task, views, averages)
        for name in Views.__dataclass_fields__:
            self.register_buffer(f"view_{name}", getattr(views, name).detach().clone())

    def views(self) -> Views:
        """The tables of the one world that is served, [1, rows, d]."""
        return Views(**{name: getattr(self, f"view_{name}") for name in Views.__dataclass_fields__})

    def forward(
        self,
        initiator: Tensor,
        candidates: Tensor,
        evidence: Tensor,
        item: Tensor | None = None,
        kept: Tensor | None = None,
    ) -> tuple[Tensor, ...]:
        """``initiator`` [1], ``candidates`` [N], ``evidence`` [N, columns] and in Task II ``item`` [1].

        Gives [N], [N, E], [N, E, h, T, T].
        """
        world, views = torch.zeros(1, dtype=torch.long), self.views()
        u = views_of_users(views, world, initiator[None])
        if item is None:
            return self.answer(
                u, None, views_of_items(views, world, candidates[None]), evidence, kept
            )
        i = views_of_items(views, world, item[None])
        p = views_of_users(views, world, candidates[None])
        return self.answer(u, i, p, evidence, kept)


class Head(Serving):
    """What of a task is learned: takes role vectors, whosever they are.

    Whoever serves holds the vectors once for all graphs, and can bring them up to date with the logs.
    """

    def forward(
        self,
        initiator: Tensor,
        candidates: Tensor,
        evidence: Tensor,
        item: Tensor | None = None,
        kept: Tensor | None = None,
    ) -> tuple[Tensor, ...]:
        """``initiator`` [1, 3d], ``candidates`` [N, 2d] or in Task II [N, 3d] with ``item`` [1, 2d]; see ``Roles``."""
        theirs = ITEM_VIEWS if item is None else USER_VIEWS
        return self.answer(
            _apart(initiator, USER_VIEWS),
            None if item is None else _apart(item, ITEM_VIEWS),
            _apart(candidates, theirs),
            evidence,
            kept,
        )


def _apart(vectors: Tensor, names: tuple[str, ...]) -> list[Tensor]:
    """Vectors [N, views * d] as their views, each [1, N, d]."""
    return [*vectors[None].chunk(len(names), -1)]


@torch.no_grad()
def token_averages(
    network: Network, views: Views, lists: CandidateLists, facts: Tensor
) -> list[Tensor]:
    """Every raw token's mean over the candidates of some lists, whose raw evidence is ``facts`` [n, N, columns]."""
    place = torch.zeros(len(lists.initiator), dtype=torch.long)
    u = torch.from_numpy(lists.initiator)[:, None]
    candidates = torch.from_numpy(lists.candidates)
    scaled = network.scales[lists.task](facts)
    if lists.item is None:
        inputs = item_inputs(network.config, views, place, u, candidates, scaled)
    else:
        i = torch.from_numpy(lists.item)[:, None]
        inputs = participant_inputs(network.config, views, place, u, i, candidates, scaled)
    return [value.mean((0, 1), keepdim=True) for value in inputs.values()]


def served_roles(views: Views) -> Roles:
    """The whole role vectors of everybody in the one world that is served."""
    users, items = (
        torch.cat([getattr(views, name)[0] for name in names], 1).detach().numpy()
        for names in (USER_VIEWS, ITEM_VIEWS)
    )
    return Roles(users, items)


def write_onnx(
    module: Serving, roles: Roles, tokens: int, columns: int, path: Path, scores_only: bool = False
) -> None:
    """Writes one self-contained file: with ``kept`` and all outputs, or with the scores alone.

    Traced, not captured by dynamo: attention is unrolled over the tokens, and a graph of so many small steps takes
    dynamo 30 s where the tracer takes 2, for a model that runs as fast. The trace is held to torch by the canaries.
    """
    inputs = serving_inputs(module, roles, 0, 0, np.arange(3), torch.zeros(3, columns), tokens)
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
            dynamic_axes={name: {0: "candidates"} for name in ("candidates", "evidence", *outputs)},
        )


def serving_inputs(
    module: Serving,
    roles: Roles,
    initiator: int,
    item: int | None,
    candidates: NDArray[np.int64],
    evidence: Tensor,
    tokens: int,
) -> dict[str, Tensor]:
    """What ``module`` takes for a query at these positions, all tokens kept, in the order of its parameters."""
    asked = {"initiator": np.array([initiator]), "candidates": candidates}
    if module.task == "participants":
        asked["item"] = np.array([item])
    if isinstance(module, Head):
        users, items = roles.users, roles.items
        tables = {
            "initiator": users,
            "item": items,
            "candidates": items if module.task == "items" else users,
        }
        asked = {name: tables[name][rows] for name, rows in asked.items()}
    found = {name: torch.from_numpy(value) for name, value in asked.items()}
    found |= {"evidence": evidence, "kept": torch.ones(tokens)}
    return {name: found[name] for name in PARAMETERS if name in found}


def serving_snapshot(logs: Logs, config: ModelSettings, prepared: Dataset) -> Snapshot:
    """The world of all groups, its item vectors turned to agree with those that were learned on.

    Learned vectors stay as they are, and so does their world.
    """
    if config.embeddings == "gcn" or prepared.seen.evidence is None:
        return prepared.seen
    return take_snapshot(logs, config, None, prepared.seen.item_vectors, prepared.all_vectors)


def serving_views(network: Network, serving: Snapshot) -> Views:
    """The tables of the one world that is served, [1, rows, d]."""
    if serving.tables is not None and isinstance(network.views, FixedViews):
        views: Views = FixedViews.of(serving.tables)()
        return views
    with torch.no_grad():
        learned: Views = network.views()
        return learned
