"""ONNX graphs of a trained network: a task with its embeddings in one file, and its head alone.

The head is what is learned of a task: it takes role vectors as inputs, so that an engine holds them once for all
graphs and can bring them up to date with the logs.
"""

import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from db.logs import Query, Task
from db.scratch import ScratchFolder, scratch_errors
from db.settings import settings as environment
from engine.bundle.files import ITEM_VIEWS, USER_VIEWS, Roles
from train.evaluate.sampled_ranking import CandidateLists
from train.nn.embeddings import BatchViews, FixedViews, Views
from train.nn.network import Network
from train.nn.tokens import (
    evidence_columns,
    item_inputs,
    item_tokens,
    participant_inputs,
    participant_tokens,
    token_inputs,
)
from train.prepare.snapshot import Snapshot

INPUTS = ("initiator", "candidates", "evidence", "item", "kept")
OUTPUTS = ("score", "gate", "attention")
OPSET = 18
BLOCK = (
    512  # candidates per run of a RankingHead: what the experts make of them fits a core's cache
)


class ServingModule(nn.Module):
    """One task for one query: positions or vectors and evidence in; score, gate and attention out.

    ``kept`` [T] is 1 for every token; a 0 replaces the token with its average, which shows what it contributes.
    Without ``kept`` only the scores come out, at much less cost: that is what ranks.
    """

    average_person: Tensor

    def __init__(self, network: Network, task: Task, views: Views, averages: list[Tensor]) -> None:
        """``averages`` replace the inputs of tokens that are not kept, each [1, 1, its width]."""
        super().__init__()
        self.network, self.task = network, task
        for index, average in enumerate(averages):
            self.register_buffer(f"average_{index}", average)
        self.register_buffer(
            "average_person", views.average.detach().clone()[:, None]
        )  # [1, 1, 2d]

    @property
    def tokens(self) -> int:
        """T, how many tokens the task has."""
        return len(token_inputs(self.network.settings)[self.task])

    @property
    def columns(self) -> int:
        """How many evidence columns the task takes."""
        return evidence_columns(self.network.settings, self.task)

    def outputs(
        self,
        initiator: list[Tensor],
        item: list[Tensor] | None,
        candidates: list[Tensor],
        evidence: Tensor,
        kept: Tensor | None,
    ) -> tuple[Tensor, ...]:
        """From views, each [1, 1 or N, d], and evidence [N, columns]."""
        settings, scaled = self.network.settings, self.network.scales[self.task](evidence)[None]
        if item is None:
            people = [*self.average_person.chunk(2, -1)]
            inputs = item_tokens(settings, initiator, candidates, people, scaled)
        else:
            inputs = participant_tokens(settings, initiator, item, candidates, scaled)
        if kept is None:
            return (self.network.mamgbr(self.task, inputs).score[0],)
        shown = {}
        for index, (name, value) in enumerate(inputs.items()):
            share = kept[index]
            shown[name] = share * value + (1 - share) * getattr(self, f"average_{index}")
        output = self.network.mamgbr(self.task, shown)
        return output.score[0], output.gate[0], output.attention[0]


class WholeGraph(ServingModule):
    """A task with its embeddings: takes positions, and needs nothing beside it but evidence."""

    def __init__(self, network: Network, task: Task, views: Views, averages: list[Tensor]) -> None:
        super().__init__(network, task, views, averages)
        for name in Views.__dataclass_fields__:
            self.register_buffer(f"view_{name}", getattr(views, name).detach().clone())

    def views(self) -> Views:
        """The views of the one snapshot that is served, [1, rows, d]."""
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

        Returns score [N], gate [N, E] and attention [N, E, h, T, T].
        """
        vectors = BatchViews(self.views(), torch.zeros(1, dtype=torch.long))
        u = vectors.users(initiator[None])
        if item is None:
            return self.outputs(u, None, vectors.items(candidates[None]), evidence, kept)
        i = vectors.items(item[None])
        return self.outputs(u, i, vectors.users(candidates[None]), evidence, kept)


class Head(ServingModule):
    """A task without its embeddings: takes role vectors."""

    def forward(
        self,
        initiator: Tensor,
        candidates: Tensor,
        evidence: Tensor,
        item: Tensor | None = None,
        kept: Tensor | None = None,
    ) -> tuple[Tensor, ...]:
        """``initiator`` [1, 3d], ``candidates`` [N, 2d], or [N, 3d] in Task II with ``item`` [1, 2d]; see ``Roles``."""
        return self.outputs(
            _split_views(initiator, USER_VIEWS),
            None if item is None else _split_views(item, ITEM_VIEWS),
            _split_views(candidates, ITEM_VIEWS if item is None else USER_VIEWS),
            evidence,
            kept,
        )


def _split_views(vectors: Tensor, names: tuple[str, ...]) -> list[Tensor]:
    """Vectors [N, views * d] as their views, each [1, N, d]."""
    return [*vectors[None].chunk(len(names), -1)]


@torch.no_grad()
def token_averages(
    network: Network, views: Views, lists: CandidateLists, evidence: Tensor
) -> list[Tensor]:
    """The mean input of each token over the candidates of some lists, whose raw evidence is [n, N, columns]."""
    vectors = BatchViews(views, torch.zeros(len(lists.initiator), dtype=torch.long))
    u = torch.from_numpy(lists.initiator)[:, None]
    candidates = torch.from_numpy(lists.candidates)
    scaled = network.scales[lists.task](evidence)
    if lists.item is None:
        inputs = item_inputs(network.settings, vectors, u, candidates, scaled)
    else:
        i = torch.from_numpy(lists.item)[:, None]
        inputs = participant_inputs(network.settings, vectors, u, i, candidates, scaled)
    return [value.mean((0, 1), keepdim=True) for value in inputs.values()]


def serving_views(network: Network, snapshot: Snapshot) -> Views:
    """The views of the one snapshot that is served, [1, rows, d]; learned ones are the network's own."""
    if snapshot.tables is not None and isinstance(network.views, FixedViews):
        fixed: Views = FixedViews.of_one_snapshot(snapshot.tables)()
        return fixed
    with torch.no_grad():
        learned: Views = network.views()
        return learned


def served_roles(views: Views) -> Roles:
    """The role vectors of everybody in the one snapshot that is served."""
    users, items = (
        torch.cat([getattr(views, name)[0] for name in names], 1).detach().numpy()
        for names in (USER_VIEWS, ITEM_VIEWS)
    )
    return Roles(users, items)


def write_onnx(module: ServingModule, roles: Roles, path: Path, scores_only: bool = False) -> None:
    """Writes one self-contained file: with ``kept`` and all outputs, or with the scores alone.

    Traced rather than captured by dynamo: attention is unrolled over the tokens, and such a graph of many small steps
    takes dynamo 30 s and the tracer 2 s, for the same speed. The canaries hold the trace to torch.
    """
    evidence = torch.zeros(3, module.columns)
    traced = np.arange(3) % 2  # every shop has one item or user, and the cold-start row
    inputs = serving_inputs(module, roles, Query(0, 0), traced, evidence)
    outputs = list(OUTPUTS)
    if scores_only:
        del inputs["kept"]
        outputs = outputs[:1]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that shapes become constants: those of the model are
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
    module: ServingModule,
    roles: Roles,
    query: Query,
    candidates: NDArray[np.int64],
    evidence: Tensor,
) -> dict[str, Tensor]:
    """The inputs of ``module`` for a query, all tokens kept, in the order of its parameters."""
    values = {"initiator": np.array([query.initiator]), "candidates": candidates}
    if module.task == Task.PARTICIPANTS:
        values["item"] = np.array([query.item])
    if isinstance(module, Head):
        users, items = roles.users, roles.items
        tables = {
            "initiator": users,
            "item": items,
            "candidates": items if module.task == Task.ITEMS else users,
        }
        values = {name: tables[name][rows] for name, rows in values.items()}
    found = {name: torch.from_numpy(value) for name, value in values.items()}
    found |= {"evidence": evidence, "kept": torch.ones(module.tokens)}
    return {name: found[name] for name in INPUTS if name in found}


class RankingHead:
    """One task of a trained network as onnxruntime runs it: ranking everybody takes half as long as in torch."""

    def __init__(self, network: Network, task: Task, views: Views) -> None:
        """``views`` are those of one snapshot, [1, rows, d]."""
        unused = [torch.zeros(1, 1, 1)] * len(token_inputs(network.settings)[task])
        head = Head(network, task, views, unused).eval()
        self.roles = served_roles(views)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # whole runs are shared out, not the small steps of one
        options.log_severity_level = 3
        with ScratchFolder("onnx") as folder, scratch_errors():
            path = Path(folder) / "head.onnx"
            write_onnx(head, self.roles, path, scores_only=True)
            content = path.read_bytes()
        self._session = onnxruntime.InferenceSession(
            content, options, providers=["CPUExecutionProvider"]
        )
        self._inputs = [entry.name for entry in self._session.get_inputs()]

    def scores(self, query: Query, evidence: NDArray[np.float32]) -> NDArray[np.float32]:
        """The logits [N] of candidates 0 to N - 1 with their ``evidence`` [N, columns]."""
        candidates = self.roles.items if query.item is None else self.roles.users
        shared = {"initiator": self.roles.users[query.initiator : query.initiator + 1]}
        if query.item is not None:
            shared["item"] = self.roles.items[query.item : query.item + 1]

        def run(part: slice) -> NDArray[np.float32]:
            feed = shared | {"candidates": candidates[part], "evidence": evidence[part]}
            (found,) = self._session.run(None, {name: feed[name] for name in self._inputs})
            return np.asarray(found, np.float32)

        with ThreadPoolExecutor(environment().threads) as pool:
            return np.concatenate(list(pool.map(run, _blocks(len(evidence)))))


def _blocks(rows: int) -> Iterator[slice]:
    for start in range(0, rows, BLOCK):
        yield slice(start, min(start + BLOCK, rows))
